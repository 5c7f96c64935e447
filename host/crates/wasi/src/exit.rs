//! How a guest ends inside a host call: a value that travels as a `wasmtime::Error`.
//!
//! A host function cannot return to a guest that called `exit`, was killed or met a limit. It returns one of these
//! instead; the engine downcasts the error and turns it into a wait status and an outcome. A real failure of the
//! host is any other error.

use std::fmt;

use base::{Outcome, Signal};

/// Why the guest does not go on after this host call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestExit {
    /// It called `exit`; 0 to 255.
    Exited(u8),
    /// A signal with the default disposition ended it.
    Signalled(Signal),
    /// Its run met a limit or was cancelled.
    Limit(Outcome),
}

impl GuestExit {
    /// Finds the guest's end in the error of a guest call, if that is what it is.
    #[must_use]
    pub fn of(error: &wasmtime::Error) -> Option<Self> {
        error.downcast_ref::<Self>().copied()
    }
}

impl fmt::Display for GuestExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exited with status {code}"),
            Self::Signalled(signal) => write!(f, "ended by signal {}", signal.0),
            Self::Limit(outcome) => write!(f, "ended by a limit: {}", outcome.reason()),
        }
    }
}

impl std::error::Error for GuestExit {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guests_end_is_found_again_in_the_error_that_carried_it() {
        let carried = wasmtime::Error::from(GuestExit::Exited(7)).context("while calling fd_write");
        assert_eq!(GuestExit::of(&carried), Some(GuestExit::Exited(7)));
        assert_eq!(GuestExit::of(&wasmtime::Error::msg("the disk is on fire")), None);
    }
}
