//! `clock_res_get`, `clock_time_get`: the session's clocks.

use base::Errno;
use kernel::Process;
use wasmtime::{Linker, Result};

use super::abi;
use super::version::Version;
use crate::call::{Guest, call};
use crate::state::GuestState;

/// What all clocks claim to resolve, in nanoseconds.
const RESOLUTION_NANOS: u64 = 1;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    linker.func_wrap(module, "clock_res_get", |mut caller: Guest<'_>, clock: u32, out: u32| {
        call(&mut caller, |memory, _| match clock {
            abi::CLOCK_REALTIME..=abi::CLOCK_THREAD_CPUTIME => memory.put_u64(out, RESOLUTION_NANOS),
            _ => Err(Errno::EINVAL),
        })
    })?;
    linker.func_wrap(module, "clock_time_get", |mut caller: Guest<'_>, clock: u32, _precision: u64, out: u32| {
        call(&mut caller, |memory, state| memory.put_u64(out, now(&state.process, clock)?))
    })?;
    Ok(())
}

/// Reads a clock in nanoseconds.
pub(super) fn now(process: &Process, clock: u32) -> Result<u64, Errno> {
    match clock {
        abi::CLOCK_REALTIME => Ok(process.kernel().clock().wall().0),
        abi::CLOCK_MONOTONIC => Ok(process.kernel().clock().mono().0),
        abi::CLOCK_PROCESS_CPUTIME | abi::CLOCK_THREAD_CPUTIME => Ok(process.cpu_times().0),
        _ => Err(Errno::EINVAL),
    }
}
