//! The lock and the bell every part of the kernel is built with.
//!
//! A [`Lock`] is held for one group of statements and never across an await. A [`Bell`] is rung after the lock that
//! guards its condition is free; waiting is level-triggered, so no order of ring and wait loses a wake-up.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A mutex that a panic elsewhere does not poison: every group of statements under it leaves whole data.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells waiters that their condition may have changed.
#[derive(Debug, Default)]
pub(crate) struct Bell(Notify);

impl Bell {
    /// Wakes all that wait now; call it without holding a lock.
    pub(crate) fn ring(&self) {
        self.0.notify_waiters();
    }

    /// Completes as soon as `ready` answers true; asks at once and after every ring.
    pub(crate) async fn until(&self, mut ready: impl FnMut() -> bool) {
        loop {
            let mut rung = pin!(self.0.notified());
            // Listening starts before the question, so a ring between question and wait is heard.
            rung.as_mut().enable();
            if ready() {
                return;
            }
            rung.await;
        }
    }
}
