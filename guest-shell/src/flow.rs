//! How evaluation ends before its end: loops left, functions returned from, the run ended.
//!
//! Everything that evaluates returns [`Flow`], so `?` carries these through the interpreter. An [`Unwind`] is no
//! error message: whoever creates one has printed what there was to print.

/// Why evaluation stopped early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwind {
    /// `break n`: leaves this many loops.
    Break(u32),
    /// `continue n`: goes on with the n-th enclosing loop.
    Continue(u32),
    /// `return`: leaves the innermost function or sourced file with this status.
    Return(u8),
    /// `exit`, `set -e`, or an error that ends a shell without a user: ends the (sub)shell with this status.
    Exit(u8),
    /// An error in an expansion: the current command line is given up with this status, the shell goes on with the
    /// next line. The message has been printed.
    Discard(u8),
    /// The run's deadline or fuel is over: unwinds everything at once; no trap runs.
    Deadline,
}

/// The result of evaluating something.
pub type Flow<T = ()> = Result<T, Unwind>;
