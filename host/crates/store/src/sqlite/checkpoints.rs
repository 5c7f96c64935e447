//! The thread that moves the log into the file, so that no commit has to: soon after something was written, and wholly
//! when nothing has been written for a while.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::shared::Shared;
use super::writer::checkpoint;

/// How long what was written waits: commits of this time share the checkpoint's fsync.
const INTERVAL: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
struct State {
    written: bool,
    stop: bool,
}

/// What writer and checkpointer tell each other.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    state: Mutex<State>,
    changed: Condvar,
}

impl Checkpoints {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that something was written.
    pub(super) fn written(&self) {
        let mut state = self.lock();
        if !state.written {
            state.written = true;
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Ends the thread.
    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.changed.notify_one();
    }

    /// Waits for something to be written; false means stop.
    fn wait_written(&self) -> bool {
        let waits = |state: &mut State| !state.written && !state.stop;
        let state = self.changed.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner);
        !state.stop
    }

    /// Waits an interval, shorter if told to stop or, with `quiet`, if something is written. Tells which: nothing, or
    /// that.
    fn wait_interval(&self, quiet: bool) -> bool {
        let waits = |state: &mut State| !(state.stop || quiet && state.written);
        let waited = self.changed.wait_timeout_while(self.lock(), INTERVAL, waits);
        waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// Runs until stopped, or until a checkpoint fails: then the store is read-only.
pub(super) fn run(shared: &Arc<Shared>, connection: &Connection) {
    let checkpoints = &shared.checkpoint;
    while checkpoints.wait_written() {
        if !checkpoints.wait_interval(false) || shared.failure.reason().is_some() {
            return;
        }
        checkpoints.lock().written = false;
        let mut result = checkpoint(connection, "PASSIVE");
        if result.is_ok() && checkpoints.wait_interval(true) && shared.failure.reason().is_none() {
            result = checkpoint(connection, "TRUNCATE");
        }
        if let Err(error) = result {
            return shared.failure.note(&error.to_string());
        }
    }
}
