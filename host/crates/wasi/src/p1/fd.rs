//! `fd_*` calls about descriptors themselves: flags, offsets, room, the preopened directory, closing, renumbering.
//!
//! Reading and writing are `io`'s, rights `rights`'s.

use base::Errno;
use kernel::{FileType, Whence};
use wasmtime::{Linker, Result};

use super::abi;
use super::filestat::filetype;
use super::rights;
use super::version::Version;
use crate::call::{Guest, call};
use crate::memory::GuestMemory;
use crate::state::GuestState;

/// The name of the preopened directory.
const PREOPEN_NAME: &[u8] = b"/";
/// `prestat`'s only tag.
const PREOPEN_DIRECTORY: u32 = 0;
/// `advice` has six values.
const ADVICE_MAX: u32 = 5;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    add_queries(linker, version)?;
    add_changes(linker, module)?;
    linker.func_wrap(module, "fd_prestat_get", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| prestat(memory, state, fd, out))
    })?;
    linker.func_wrap(module, "fd_prestat_dir_name", |mut caller: Guest<'_>, fd: u32, name: u32, len: u32| {
        call(&mut caller, |memory, state| prestat_name(memory, state, fd, name, len))
    })?;
    Ok(())
}

fn add_queries(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    linker.func_wrap(module, "fd_fdstat_get", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| fdstat(memory, state, fd, out))
    })?;
    linker.func_wrap(
        module,
        "fd_seek",
        move |mut caller: Guest<'_>, fd: u32, offset: i64, whence: u32, out: u32| {
            call(&mut caller, |memory, state| seek(memory, state, fd, (offset, version.whence(whence)?), out))
        },
    )?;
    linker.func_wrap(module, "fd_tell", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| seek(memory, state, fd, (0, Whence::Current), out))
    })?;
    // Files live in memory: there is nothing to write through.
    for (name, right) in [("fd_sync", rights::FD_SYNC), ("fd_datasync", rights::FD_DATASYNC)] {
        linker.func_wrap(module, name, move |mut caller: Guest<'_>, fd: u32| {
            call(&mut caller, |_, state| {
                rights::require(state, fd, right)?;
                state.process.fd_stat(state.fd(fd)).map(drop)
            })
        })?;
    }
    linker.func_wrap(module, "fd_advise", |mut caller: Guest<'_>, fd: u32, _offset: u64, _len: u64, advice: u32| {
        call(&mut caller, |_, state| advise(state, fd, advice))
    })?;
    Ok(())
}

fn add_changes(linker: &mut Linker<GuestState>, module: &str) -> Result<()> {
    linker.func_wrap(module, "fd_close", |mut caller: Guest<'_>, fd: u32| {
        call(&mut caller, |_, state| close(state, fd))
    })?;
    linker.func_wrap(module, "fd_renumber", |mut caller: Guest<'_>, from: u32, to: u32| {
        call(&mut caller, |_, state| renumber(state, from, to))
    })?;
    linker.func_wrap(module, "fd_fdstat_set_flags", |mut caller: Guest<'_>, fd: u32, flags: u32| {
        call(&mut caller, |_, state| set_flags(state, fd, flags))
    })?;
    linker.func_wrap(module, "fd_allocate", |mut caller: Guest<'_>, fd: u32, offset: u64, len: u64| {
        call(&mut caller, |_, state| {
            rights::require(state, fd, rights::FD_ALLOCATE)?;
            state.process.fd_allocate(state.fd(fd), offset, len)
        })
    })?;
    Ok(())
}

fn fdstat(memory: &mut GuestMemory<'_>, state: &mut GuestState, fd: u32, out: u32) -> Result<(), Errno> {
    let number = state.fd(fd);
    let kind = state.process.fd_stat(number)?.kind;
    let flags = state.process.fd_flags(number)?;
    let rights = rights::of(state, fd)?;
    let append = if flags.append { abi::FDFLAG_APPEND } else { 0 };
    let nonblock = if flags.nonblock { abi::FDFLAG_NONBLOCK } else { 0 };
    let told = append | nonblock | state.descriptors.restriction(fd).sync_flags;
    memory.put(out, &abi::fdstat(filetype(kind), told, rights.base, rights.inheriting))
}

fn seek(
    memory: &mut GuestMemory<'_>,
    state: &mut GuestState,
    fd: u32,
    (offset, whence): (i64, Whence),
    out: u32,
) -> Result<(), Errno> {
    // The offset must not move when the answer cannot be given.
    memory.check(out, 8)?;
    rights::require_seek(state, fd, (offset, whence) != (0, Whence::Current))?;
    let at = state.process.seek(state.fd(fd), offset, whence)?;
    memory.put_u64(out, at)
}

fn advise(state: &mut GuestState, fd: u32, advice: u32) -> Result<(), Errno> {
    rights::require(state, fd, rights::FD_ADVISE)?;
    match state.process.fd_stat(state.fd(fd))?.kind {
        FileType::Fifo => Err(Errno::ESPIPE),
        _ if advice > ADVICE_MAX => Err(Errno::EINVAL),
        _ => Ok(()),
    }
}

fn close(state: &mut GuestState, fd: u32) -> Result<(), Errno> {
    state.process.close(state.fd(fd))?;
    state.descriptors.closed(fd);
    Ok(())
}

/// Unlike `dup2`, it takes only a number that is in use: so no descriptor appears where the guest expects none.
fn renumber(state: &mut GuestState, from: u32, to: u32) -> Result<(), Errno> {
    let (source, target) = (state.fd(from), state.fd(to));
    state.process.fd_flags(target)?;
    state.process.renumber(source, target)?;
    if from != to {
        state.descriptors.moved(from, to);
    }
    Ok(())
}

fn set_flags(state: &mut GuestState, fd: u32, flags: u32) -> Result<(), Errno> {
    let flags = abi::fdflags(flags)?;
    rights::require(state, fd, rights::FD_FDSTAT_SET_FLAGS)?;
    let (append, nonblock) = (flags & abi::FDFLAG_APPEND != 0, flags & abi::FDFLAG_NONBLOCK != 0);
    state.process.set_fd_flags(state.fd(fd), append, nonblock)?;
    let mut restriction = state.descriptors.restriction(fd);
    restriction.sync_flags = flags & abi::FDFLAGS_SYNC;
    state.descriptors.restrict(fd, restriction);
    Ok(())
}

fn prestat(memory: &mut GuestMemory<'_>, state: &mut GuestState, fd: u32, out: u32) -> Result<(), Errno> {
    preopened(state, fd)?;
    let mut record = [0; 8];
    record[..4].copy_from_slice(&PREOPEN_DIRECTORY.to_le_bytes());
    record[4] = 1;
    memory.put(out, &record)
}

fn prestat_name(
    memory: &mut GuestMemory<'_>,
    state: &mut GuestState,
    fd: u32,
    name: u32,
    len: u32,
) -> Result<(), Errno> {
    preopened(state, fd)?;
    if (len as usize) < PREOPEN_NAME.len() {
        return Err(Errno::ENAMETOOLONG);
    }
    memory.put(name, PREOPEN_NAME)
}

fn preopened(state: &GuestState, fd: u32) -> Result<(), Errno> {
    if state.descriptors.is_preopen(fd) { Ok(()) } else { Err(Errno::EBADF) }
}
