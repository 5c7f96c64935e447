//! `wasi:io/error`, and how the end of a stream's operation is told.

use base::Errno;
use wasmtime::component::Resource;

use super::super::bindings::program::wasi::io::streams::StreamError;
use super::super::interface::Interface;
use super::super::transfer::Stop;
use crate::state::GuestState;
use crate::wait::die_if_doomed;

/// Why an operation on a stream failed; `filesystem-error-code` finds the code again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoError(pub(crate) Errno);

/// How an operation on a stream ends that does not succeed.
#[derive(Debug)]
pub(super) enum Failed {
    /// There is nothing more to read.
    Closed,
    /// An errno, or the guest's end.
    Stop(Stop),
}

impl<E: Into<Stop>> From<E> for Failed {
    fn from(stop: E) -> Self {
        Self::Stop(stop.into())
    }
}

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.resource::<IoError>("error")?;
    interface.ending("[method]error.to-debug-string", |state, (error,): (Resource<IoError>,)| {
        Ok(state.table.get(&error)?.0.to_string())
    })
}

/// Turns the end of an operation on a stream into what the guest gets.
pub(super) fn answer<T>(state: &mut GuestState, done: Result<T, Failed>) -> wasmtime::Result<Result<T, StreamError>> {
    let errno = match done {
        Ok(value) => return Ok(Ok(value)),
        Err(Failed::Closed) => return Ok(Err(StreamError::Closed)),
        Err(Failed::Stop(Stop::End(error))) => return Err(error),
        Err(Failed::Stop(Stop::Errno(errno))) => errno,
    };
    if errno == Errno::EPIPE {
        // Unless it ignores the signal of it, the process ends by its write.
        die_if_doomed(state)?;
        return Ok(Err(StreamError::Closed));
    }
    Ok(Err(StreamError::LastOperationFailed(state.table.push(IoError(errno))?)))
}
