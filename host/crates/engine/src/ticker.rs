//! The epoch ticker: one thread that advances the engine's epoch at a fixed pace.
//!
//! It measures no deadlines: a tick only makes computing guests look at the clock (see `arm`). The thread ends when the
//! engine is dropped.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The running ticker; dropping it stops the thread and waits for it.
pub(crate) struct Ticker {
    stop: Option<mpsc::SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts the thread that increments `engine`'s epoch every `tick`.
    pub(crate) fn start(engine: &wasmtime::Engine, tick: Duration) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::sync_channel::<()>(0);
        let engine = engine.weak();
        let thread = std::thread::Builder::new().name("epoch".to_owned()).spawn(move || {
            while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread holds no lock and runs no foreign code: it cannot have panicked.
            let _ = thread.join();
        }
    }
}
