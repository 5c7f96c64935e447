//! Processes: starting them, waiting for them, signalling them, listing them.

use base::{Errno, Pid};
use kernel::{TryIo, WaitFor, WaitStatus};
use wasmtime::{Linker, Result};

use super::MODULE;
use super::files::put_sized;
use super::request::{self, REQUEST_MAX};
use crate::call::{Fault, Guest, call, errno, with_memory};
use crate::fuel;
use crate::memory::GuestMemory;
use crate::state::GuestState;
use crate::system;
use crate::wait::host_wait;

/// `wait`'s flag not to wait.
const NO_HANG: u32 = 1;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "spawn", |mut caller: Guest<'_>, request: u32, len: u32, out: u32| {
        call(&mut caller, |memory, state| spawn(memory, state, request, len, out))
    })?;
    linker.func_wrap_async(MODULE, "wait", |mut caller: Guest<'_>, args: (u32, u32, u32)| {
        Box::new(async move {
            caller.data_mut().fuel.charge_call();
            let done = wait(&mut caller, args).await;
            fuel::settle_when_due(&mut caller)?;
            errno(done)
        })
    })?;
    linker.func_wrap(MODULE, "kill", |mut caller: Guest<'_>, target: i32, signal: u32| {
        call(&mut caller, |_, state| system::kill(state, target, signal))
    })?;
    linker.func_wrap(MODULE, "sigaction", |mut caller: Guest<'_>, signal: u32, disposition: u32| {
        call(&mut caller, |_, state| {
            let ignore = match disposition {
                0 => false,
                1 => true,
                _ => return Err(Errno::EINVAL),
            };
            system::sigaction(state, signal, ignore)
        })
    })?;
    linker.func_wrap(MODULE, "getpid", |mut caller: Guest<'_>, out: u32| {
        call(&mut caller, |memory, state| {
            let process = &state.process;
            put_three(memory, out, [process.pid().0, process.parent_pid().0, process.group().0])
        })
    })?;
    linker.func_wrap(MODULE, "processes", |mut caller: Guest<'_>, buffer: u32, len: u32, out: u32| {
        call(&mut caller, |memory, state| {
            let rows = process_rows(state)?;
            state.fuel.charge_bytes(rows.len() as u64);
            put_sized(memory, &rows, buffer, len, out)
        })
    })?;
    Ok(())
}

fn spawn(memory: &mut GuestMemory<'_>, state: &mut GuestState, request: u32, len: u32, out: u32) -> Result<(), Errno> {
    if len > REQUEST_MAX {
        return Err(Errno::E2BIG);
    }
    memory.check(out, 4)?;
    let request = request::decode(memory.slice(request, len)?)?;
    memory.put_u32(out, system::spawn(state, request)?.0)
}

async fn wait(caller: &mut Guest<'_>, (pid, flags, out): (u32, u32, u32)) -> Result<(), Fault> {
    if flags & !NO_HANG != 0 {
        return Err(Errno::EINVAL.into());
    }
    let which = if pid == 0 { WaitFor::Any } else { WaitFor::Pid(Pid(pid)) };
    loop {
        let done = with_memory(caller, |memory, state| {
            // The child is gone from the table once it is taken: there must be a place to tell.
            memory.check(out, 12)?;
            match state.process.try_wait(which)? {
                TryIo::Done((pid, WaitStatus::Exited(code))) => put_three(memory, out, [pid.0, 0, code.into()])?,
                TryIo::Done((pid, WaitStatus::Signalled(signal))) => {
                    put_three(memory, out, [pid.0, 1, signal.0.into()])?;
                }
                TryIo::WouldBlock if flags & NO_HANG != 0 => put_three(memory, out, [0; 3])?,
                TryIo::WouldBlock => return Ok::<bool, Errno>(false),
            }
            Ok(true)
        })?;
        if done {
            return Ok(());
        }
        let ended = caller.data().process.child_ended(which);
        host_wait(&mut *caller, ended).await?;
    }
}

/// Rows of number, parent, group, state (0 alive, 1 ended), CPU time, and the name with its length.
fn process_rows(state: &GuestState) -> Result<Vec<u8>, Errno> {
    let mut rows = Vec::new();
    for process in state.process.processes() {
        let ended = u32::from(process.status.is_some());
        for half in [process.pid.0, process.parent.0, process.group.0, ended] {
            rows.extend(half.to_le_bytes());
        }
        rows.extend(process.cpu_ns.to_le_bytes());
        rows.extend(u32::try_from(process.name.len()).map_err(|_| Errno::EOVERFLOW)?.to_le_bytes());
        rows.extend(process.name);
    }
    Ok(rows)
}

fn put_three(memory: &mut GuestMemory<'_>, out: u32, values: [u32; 3]) -> Result<(), Errno> {
    memory.put(out, &values.map(u32::to_le_bytes).concat())
}
