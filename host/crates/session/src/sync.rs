//! The one way this crate takes a mutex: a panic of another holder does not spread.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`. Every critical section of this crate leaves its data whole before it can panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
