//! `proc_exit`, `proc_raise`, `sched_yield`.

use base::{Errno, Signal};
use kernel::KillTarget;
use wasmtime::{Linker, Result};

use super::version::Version;
use crate::call::{Fault, Guest, call, errno};
use crate::exit::GuestExit;
use crate::state::GuestState;
use crate::wait::{die_if_doomed, host_wait};

/// Preview 1 numbers signals as Linux does up to here; it leaves out 16 and closes the gap.
const LAST_COMMON_SIGNAL: u32 = 15;
/// Preview 1's last signal, SIGSYS.
const LAST_SIGNAL: u32 = 30;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    linker.func_wrap(module, "proc_exit", |code: u32| -> Result<()> {
        // As in POSIX, the parent sees the lowest eight bits.
        Err(GuestExit::Exited(code.to_le_bytes()[0]).into())
    })?;
    linker.func_wrap(module, "proc_raise", |mut caller: Guest<'_>, signal: u32| {
        call(&mut caller, |_, state| raise(state, signal))
    })?;
    linker.func_wrap_async(module, "sched_yield", |mut caller: Guest<'_>, (): ()| {
        Box::new(async move {
            caller.data_mut().fuel.charge_call();
            let waited = host_wait(&mut caller, tokio::task::yield_now()).await;
            // A pending signal is no reason for `sched_yield` to fail.
            match waited.map_err(Fault::from) {
                Err(Fault::Errno(_)) => Ok(0),
                other => errno(other),
            }
        })
    })?;
    Ok(())
}

fn raise(state: &mut GuestState, signal: u32) -> Result<(), Fault> {
    let number = match signal {
        0..=LAST_COMMON_SIGNAL => signal,
        _ if signal <= LAST_SIGNAL => signal + 1,
        _ => return Err(Errno::EINVAL.into()),
    };
    let signal = match u8::try_from(number).map_err(|_| Errno::EINVAL)? {
        0 => None,
        number => Some(Signal(number)),
    };
    state.process.kill(KillTarget::Pid(state.process.pid()), signal)?;
    die_if_doomed(state).map_err(Fault::from)
}
