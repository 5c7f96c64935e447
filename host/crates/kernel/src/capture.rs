//! Captures: what `$(...)` reads. A bounded byte buffer with one writing description, taken whole after its end.
//!
//! Owns the bytes. The session's ledger is charged by the caller before it writes.

use std::sync::Arc;

use base::Errno;

use crate::sync::{Bell, Lock};

/// Bytes one capture holds; a write beyond is `ENOSPC`. Four times what a shell's state may hold, and well below the
/// default footprint of a session, so that one runaway `$(yes)` ends before it takes all of it.
pub const CAPTURE_MAX_BYTES: usize = 64 << 20;

#[derive(Debug, Default)]
pub(crate) struct Capture {
    state: Lock<State>,
    ended: Bell,
}

#[derive(Debug, Default)]
struct State {
    content: Vec<u8>,
    writer_gone: bool,
    abandoned: bool,
}

impl Capture {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Appends what fits; never blocks.
    pub(crate) fn write(&self, data: &[u8]) -> Result<usize, Errno> {
        let mut state = self.state.lock();
        if state.abandoned {
            return Err(Errno::EPIPE);
        }
        let n = data.len().min(CAPTURE_MAX_BYTES - state.content.len());
        if n == 0 && !data.is_empty() {
            return Err(Errno::ENOSPC);
        }
        state.content.extend_from_slice(&data[..n]);
        Ok(n)
    }

    pub(crate) fn close_writer(&self) {
        self.state.lock().writer_gone = true;
        self.ended.ring();
    }
}

/// A capture whose beginner has closed its descriptor and waits for the other writers.
///
/// Dropping it abandons the capture: who still writes gets `EPIPE`.
#[derive(Debug)]
pub struct CaptureEnd(Arc<Capture>);

impl CaptureEnd {
    pub(crate) fn new(capture: Arc<Capture>) -> Self {
        Self(capture)
    }

    /// Takes what was written once no writer is left; `None` before.
    #[must_use]
    pub fn try_take(&self) -> Option<Vec<u8>> {
        let mut state = self.0.state.lock();
        state.writer_gone.then(|| std::mem::take(&mut state.content))
    }

    /// Completes when [`CaptureEnd::try_take`] answers something.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let capture = Arc::clone(&self.0);
        async move { capture.ended.until(|| capture.state.lock().writer_gone).await }
    }
}

impl Drop for CaptureEnd {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.abandoned = true;
        state.content = Vec::new();
    }
}
