//! `fd_readdir`: as many directory entries as the guest's buffer holds, the last one cut where the buffer ends.
//!
//! A full buffer tells the guest that there may be more; it then goes on from the cookie of the last whole entry. One
//! that is not full is the end, so a large buffer is filled in steps rather than in part.

use base::Errno;
use wasmtime::{Linker, Result};

use super::abi;
use super::filestat::filetype;
use super::rights;
use super::version::Version;
use crate::call::{Guest, call};
use crate::memory::GuestMemory;
use crate::state::GuestState;

/// Most entries asked of the kernel at once, so that its lock is not held for long.
const STEP_MAX: usize = 512;
/// An entry with a name of ordinary length, to ask for about as many as will fit.
const TYPICAL_ENTRY_BYTES: usize = 32;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    linker.func_wrap(
        version.module(),
        "fd_readdir",
        |mut caller: Guest<'_>, fd: u32, buffer: u32, len: u32, cookie: u64, out: u32| {
            call(&mut caller, |memory, state| {
                memory.check(out, 4)?;
                let n = read(memory, state, fd, buffer, len, cookie)?;
                state.fuel.charge_bytes(n.into());
                memory.put_u32(out, n)
            })
        },
    )?;
    Ok(())
}

fn read(
    memory: &mut GuestMemory<'_>,
    state: &GuestState,
    fd: u32,
    buffer: u32,
    len: u32,
    mut cookie: u64,
) -> Result<u32, Errno> {
    rights::require(state, fd, rights::FD_READDIR)?;
    let fd = state.fd(fd);
    let mut room = memory.slice_mut(buffer, len)?;
    let mut n = 0usize;
    loop {
        let max = (room.len() / TYPICAL_ENTRY_BYTES + 1).min(STEP_MAX);
        let steps = state.process.read_dir_after(fd, cookie, max)?;
        let at_end = steps.len() < max;
        for step in steps {
            let name_len = u32::try_from(step.row.name.len()).map_err(|_| Errno::EOVERFLOW)?;
            let head = abi::dirent(step.next, step.row.ino.0, name_len, filetype(step.row.kind));
            for part in [&head[..], &step.row.name] {
                let fits = part.len().min(room.len());
                let (target, rest) = std::mem::take(&mut room).split_at_mut(fits);
                target.copy_from_slice(&part[..fits]);
                room = rest;
                n += fits;
            }
            cookie = step.next;
            if room.is_empty() {
                break;
            }
        }
        if at_end || room.is_empty() {
            return u32::try_from(n).map_err(|_| Errno::EOVERFLOW);
        }
    }
}
