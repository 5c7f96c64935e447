//! Processes: starting them, listing them, and what they are. Waiting for them is `waiting`'s, signals are `signals`'s.

use base::Errno;
use wasmtime::{Linker, Result};

use super::MODULE;
use super::files::put_sized;
use super::request::{self, REQUEST_MAX};
use crate::call::{Guest, call};
use crate::memory::GuestMemory;
use crate::state::GuestState;
use crate::system;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "spawn", |mut caller: Guest<'_>, request: u32, len: u32, out: u32| {
        call(&mut caller, |memory, state| spawn(memory, state, request, len, out))
    })?;
    linker.func_wrap(MODULE, "getpid", |mut caller: Guest<'_>, out: u32| {
        call(&mut caller, |memory, state| {
            let process = &state.process;
            put_three(memory, out, [process.pid().0, process.parent_pid().0, process.group().0])
        })
    })?;
    linker.func_wrap(MODULE, "times", |mut caller: Guest<'_>, out: u32| {
        call(&mut caller, |memory, state| {
            let (own, children) = state.process.cpu_times();
            memory.put(out, &[own, children].map(u64::to_le_bytes).concat())
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

/// Puts three numbers one after the other.
pub(super) fn put_three(memory: &mut GuestMemory<'_>, out: u32, values: [u32; 3]) -> Result<(), Errno> {
    memory.put(out, &values.map(u32::to_le_bytes).concat())
}
