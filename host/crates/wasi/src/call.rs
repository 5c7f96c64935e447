//! The frame of a host call of a core module: find the memory, charge fuel, turn the result into an errno.
//!
//! Every function of `p1` and `program` goes through [`call`] (it cannot wait) or [`errno`] (it awaited). Neither
//! knows what the function does.

use base::Errno;
use wasmtime::Caller;

use crate::exit::GuestExit;
use crate::fuel;
use crate::memory::{self, GuestMemory};
use crate::state::GuestState;

/// The calling guest.
pub(crate) type Guest<'a> = Caller<'a, GuestState>;

/// What a host function answers: an errno, or an error that ends the guest.
pub(crate) type Answer = wasmtime::Result<u32>;

/// Why a host function that may end the guest failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The guest is told.
    Errno(Errno),
    /// The guest does not go on.
    Exit(GuestExit),
    /// The host failed.
    Host(wasmtime::Error),
}

impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<GuestExit> for Fault {
    fn from(exit: GuestExit) -> Self {
        Self::Exit(exit)
    }
}

/// Runs a host function that does not wait.
pub(crate) fn call<E: Into<Fault>>(
    caller: &mut Guest<'_>,
    function: impl FnOnce(&mut GuestMemory<'_>, &mut GuestState) -> Result<(), E>,
) -> Answer {
    caller.data_mut().fuel.charge_call();
    let result = with_memory(caller, function);
    fuel::settle_when_due(caller)?;
    errno(result)
}

/// Runs one step of a host function on the guest's memory and state; charges nothing.
pub(crate) fn with_memory<T, E: Into<Fault>>(
    caller: &mut Guest<'_>,
    step: impl FnOnce(&mut GuestMemory<'_>, &mut GuestState) -> Result<T, E>,
) -> Result<T, Fault> {
    // The engine refuses modules without a memory, so this is a module that bypassed it: all its pointers are bad.
    let Some(memory) = memory::exported(caller) else { return Err(Fault::Errno(Errno::EFAULT)) };
    let (bytes, state) = memory.data_and_store_mut(caller);
    step(&mut GuestMemory::new(bytes), state).map_err(Into::into)
}

/// Turns the result of a host function into what the guest gets.
pub(crate) fn errno(result: Result<(), Fault>) -> Answer {
    match result {
        Ok(()) => Ok(0),
        Err(Fault::Errno(errno)) => Ok(u32::from(errno.wasi())),
        Err(Fault::Exit(exit)) => Err(exit.into()),
        Err(Fault::Host(error)) => Err(error),
    }
}
