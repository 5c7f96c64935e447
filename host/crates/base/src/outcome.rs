//! How a run or a process ended: a value, never an error.

use crate::id::Signal;

/// How guest code ended. A failure of the host is an `Err` of the layer that met it, not an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returned or called `exit`; 0 to 255.
    Exited(u8),
    /// A signal ended it.
    Signalled(Signal),
    /// Its wall-clock limit passed.
    TimedOut,
    /// It used all of its fuel.
    OutOfFuel,
    /// It needed more memory than it may have.
    OutOfMemory,
    /// It wrote more output than a run may.
    OutputLimit,
    /// Its client or an operator ended it.
    Cancelled,
    /// The guest did what WebAssembly does not allow (an `unreachable`, an access out of bounds).
    Trapped,
}

impl Outcome {
    /// Returns the exit status a shell or an HTTP client sees for this outcome.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Signalled(signal) => 128u8.saturating_add(signal.0),
            Self::TimedOut => 124,
            Self::OutOfFuel => 152,
            Self::OutOfMemory => 137,
            Self::OutputLimit => 153,
            Self::Cancelled => 130,
            Self::Trapped => 134,
        }
    }

    /// Returns the word for this outcome in the `reason` field of the HTTP API.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Exited(_) => "exited",
            Self::Signalled(_) => "signalled",
            Self::TimedOut => "timeout",
            Self::OutOfFuel => "fuel",
            Self::OutOfMemory => "memory",
            Self::OutputLimit => "output",
            Self::Cancelled => "cancelled",
            Self::Trapped => "trapped",
        }
    }
}
