//! Processes: starting them, waiting for them, signalling them, listing them.

use base::{Errno, Pid, Signal};
use kernel::{ChildGroup, Disposition, KillTarget, SignalSet, SpawnRequest, TryIo, WaitFor, WaitStatus};
use wasmtime::{Linker, Result};

use super::MODULE;
use super::files::put_sized;
use super::request::{REQUEST_MAX, Request};
use crate::call::{Fault, Guest, call, errno, with_memory};
use crate::fuel;
use crate::memory::GuestMemory;
use crate::state::GuestState;
use crate::wait::{die_if_doomed, host_wait};

/// Where a command is searched when the environment has no `PATH`.
const DEFAULT_PATH: &[u8] = b"/usr/local/bin:/usr/bin:/bin";
/// `wait`'s flag not to wait.
const NO_HANG: u32 = 1;
/// What starting a process costs in fuel beside the call: the host's work for it.
const SPAWN_COST_BYTES: u64 = 1 << 20;

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
        call(&mut caller, |_, state| kill(state, target, signal))
    })?;
    linker.func_wrap(MODULE, "sigaction", |mut caller: Guest<'_>, signal: u32, disposition: u32| {
        call(&mut caller, |_, state| {
            let signal = Signal(u8::try_from(signal).map_err(|_| Errno::EINVAL)?);
            let disposition = match disposition {
                0 => Disposition::Default,
                1 => Disposition::Ignore,
                _ => return Err(Errno::EINVAL),
            };
            state.process.set_disposition(signal, disposition)
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
    state.fuel.charge_bytes(SPAWN_COST_BYTES + u64::from(len));
    memory.check(out, 4)?;
    let request = Request::decode(memory.slice(request, len)?)?;
    let path = match request.search_path {
        true => state.process.search_path(&request.path, request.variable(b"PATH").unwrap_or(DEFAULT_PATH))?,
        false => request.path.clone(),
    };
    let fds = request.descriptors();
    let pid = state.process.spawn(SpawnRequest {
        path,
        argv: request.argv,
        env: request.env,
        fds,
        ignored: ignored(state),
        group: if request.new_group { ChildGroup::New } else { ChildGroup::Inherit },
    })?;
    memory.put_u32(out, pid.0)
}

/// The signals this process ignores: as in POSIX, what it starts ignores them too.
fn ignored(state: &GuestState) -> SignalSet {
    let is_ignored = |signal: &Signal| state.process.disposition(*signal) == Disposition::Ignore;
    (1..=SIGNAL_MAX).map(Signal).filter(is_ignored).collect()
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

fn kill(state: &mut GuestState, target: i32, signal: u32) -> Result<(), Fault> {
    let signal = match u8::try_from(signal).map_err(|_| Errno::EINVAL)? {
        0 => None,
        number => Some(Signal(number)),
    };
    state.process.kill(KillTarget::from_raw(target), signal)?;
    die_if_doomed(state).map_err(Fault::from)
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

/// The last signal's number.
const SIGNAL_MAX: u8 = 64;
