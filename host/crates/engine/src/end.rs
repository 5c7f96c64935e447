//! What the end of a guest call means: an exit, a signal, a limit or a trap, told from Wasmtime's errors.
//!
//! A guest's end is never an error of the host here; what cannot be told is a trap, with a line in the log.

use base::{Outcome, Signal};
use kernel::{Run, WaitStatus};
use wasi::GuestExit;
use wasmtime::Trap;

/// How a guest call ended without returning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It called `exit`.
    Exited(u8),
    /// A signal ended it, or a trap that stands for one.
    Signalled(Signal),
    /// Its run met a limit.
    Limit(Outcome),
    /// It did what WebAssembly does not allow.
    Trapped(Signal),
}

impl End {
    /// Reads the error of a guest call; `memory_refused` tells whether the guest was refused memory before.
    pub(crate) fn of(error: &wasmtime::Error, memory_refused: bool) -> Self {
        if let Some(exit) = GuestExit::of(error) {
            return match exit {
                GuestExit::Exited(code) => Self::Exited(code),
                GuestExit::Signalled(signal) => Self::Signalled(signal),
                GuestExit::Limit(outcome) => Self::Limit(outcome),
            };
        }
        let trap = error.downcast_ref::<Trap>();
        if trap == Some(&Trap::OutOfFuel) {
            return Self::Limit(Outcome::OutOfFuel);
        }
        if memory_refused {
            return Self::Limit(Outcome::OutOfMemory);
        }
        match trap {
            Some(trap) => Self::Trapped(signal_of(*trap)),
            None => {
                tracing::warn!("a guest ended by a failure of the host: {error:#}");
                Self::Trapped(Signal::ABRT)
            }
        }
    }

    /// The status a parent process sees.
    pub(crate) fn wait_status(self) -> WaitStatus {
        match self {
            Self::Exited(code) => WaitStatus::Exited(code),
            Self::Signalled(signal) | Self::Trapped(signal) => WaitStatus::Signalled(signal),
            Self::Limit(Outcome::OutOfFuel) => WaitStatus::Signalled(Signal::XCPU),
            Self::Limit(_) => WaitStatus::Signalled(Signal::KILL),
        }
    }

    /// The outcome of a run whose shell ended so; a run that was stopped from outside ended for that reason.
    pub(crate) fn outcome(self, run: &Run) -> Outcome {
        if let Some(reason) = run.stopped_by() {
            return reason;
        }
        match self {
            Self::Exited(code) => Outcome::Exited(code),
            Self::Signalled(signal) => Outcome::Signalled(signal),
            Self::Limit(outcome) => outcome,
            Self::Trapped(_) => Outcome::Trapped,
        }
    }
}

/// The signal that ends a native program which does the same.
fn signal_of(trap: Trap) -> Signal {
    match trap {
        Trap::IntegerDivisionByZero | Trap::IntegerOverflow | Trap::BadConversionToInteger => Signal::FPE,
        Trap::UnreachableCodeReached => Signal::ABRT,
        _ => Signal::SEGV,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_guest_is_told_from_its_error() {
        let check = |error: wasmtime::Error, refused: bool, expected: End| {
            assert_eq!(End::of(&error.context("while running"), refused), expected);
        };
        check(GuestExit::Exited(3).into(), false, End::Exited(3));
        check(GuestExit::Signalled(Signal::PIPE).into(), true, End::Signalled(Signal::PIPE));
        check(GuestExit::Limit(Outcome::TimedOut).into(), false, End::Limit(Outcome::TimedOut));
        check(Trap::OutOfFuel.into(), true, End::Limit(Outcome::OutOfFuel));
        check(Trap::UnreachableCodeReached.into(), false, End::Trapped(Signal::ABRT));
        check(Trap::UnreachableCodeReached.into(), true, End::Limit(Outcome::OutOfMemory));
        check(Trap::StackOverflow.into(), false, End::Trapped(Signal::SEGV));
        check(wasmtime::Error::msg("?"), false, End::Trapped(Signal::ABRT));
    }
}
