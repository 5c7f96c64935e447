//! `fd_*` calls about descriptors themselves: flags, rights, offsets, the preopened directory, closing, renumbering.
//!
//! Rights are told as wasi-libc derives its answers from them and are not enforced: a guest may do through any
//! descriptor what it may do by path. Reading and writing are `io`'s.

use base::Errno;
use kernel::{FdFlags, FileType, Whence};
use wasmtime::{Linker, Result};

use super::abi::{self, MODULE};
use super::filestat::filetype;
use crate::call::{Guest, call};
use crate::memory::GuestMemory;
use crate::state::{GuestState, PREOPEN_FD};

/// The name of the preopened directory.
const PREOPEN_NAME: &[u8] = b"/";
/// `prestat`'s only tag.
const PREOPEN_DIRECTORY: u32 = 0;
/// `advice` has six values.
const ADVICE_MAX: u32 = 5;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    add_queries(linker)?;
    add_changes(linker)?;
    linker.func_wrap(MODULE, "fd_prestat_get", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| prestat(memory, state, fd, out))
    })?;
    linker.func_wrap(MODULE, "fd_prestat_dir_name", |mut caller: Guest<'_>, fd: u32, name: u32, len: u32| {
        call(&mut caller, |memory, state| prestat_name(memory, state, fd, name, len))
    })?;
    Ok(())
}

fn add_queries(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "fd_fdstat_get", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| fdstat(memory, state, fd, out))
    })?;
    linker.func_wrap(MODULE, "fd_seek", |mut caller: Guest<'_>, fd: u32, offset: i64, whence: u32, out: u32| {
        call(&mut caller, |memory, state| seek(memory, state, fd, offset, whence, out))
    })?;
    linker.func_wrap(MODULE, "fd_tell", |mut caller: Guest<'_>, fd: u32, out: u32| {
        const CURRENT: u32 = 1;
        call(&mut caller, |memory, state| seek(memory, state, fd, 0, CURRENT, out))
    })?;
    // Files live in memory: there is nothing to write through.
    for name in ["fd_sync", "fd_datasync"] {
        linker.func_wrap(MODULE, name, |mut caller: Guest<'_>, fd: u32| {
            call(&mut caller, |_, state| state.process.fd_stat(state.fd(fd)).map(drop))
        })?;
    }
    linker.func_wrap(MODULE, "fd_advise", |mut caller: Guest<'_>, fd: u32, _offset: u64, _len: u64, advice: u32| {
        call(&mut caller, |_, state| advise(state, fd, advice))
    })?;
    Ok(())
}

fn add_changes(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "fd_close", |mut caller: Guest<'_>, fd: u32| {
        call(&mut caller, |_, state| close(state, fd))
    })?;
    linker.func_wrap(MODULE, "fd_renumber", |mut caller: Guest<'_>, from: u32, to: u32| {
        call(&mut caller, |_, state| renumber(state, from, to))
    })?;
    linker.func_wrap(MODULE, "fd_fdstat_set_flags", |mut caller: Guest<'_>, fd: u32, flags: u32| {
        call(&mut caller, |_, state| set_flags(state, fd, flags))
    })?;
    linker.func_wrap(
        MODULE,
        "fd_fdstat_set_rights",
        |mut caller: Guest<'_>, fd: u32, _base: u64, _inheriting: u64| {
            call(&mut caller, |_, state| unsupported(state, fd))
        },
    )?;
    // Reserving space is refused, not pretended: a hole is charged when it is filled.
    linker.func_wrap(MODULE, "fd_allocate", |mut caller: Guest<'_>, fd: u32, _offset: u64, _len: u64| {
        call(&mut caller, |_, state| unsupported(state, fd))
    })?;
    Ok(())
}

fn fdstat(memory: &mut GuestMemory<'_>, state: &mut GuestState, fd: u32, out: u32) -> Result<(), Errno> {
    let fd = state.fd(fd);
    let kind = state.process.fd_stat(fd)?.kind;
    let flags = state.process.fd_flags(fd)?;
    let seekable = match kind {
        FileType::Regular | FileType::Directory | FileType::Symlink => true,
        FileType::CharDevice => !state.process.is_terminal(fd),
        FileType::Fifo => false,
    };
    let (rights, inheriting) = match kind {
        FileType::Directory => (abi::RIGHTS_ALL & !abi::RIGHTS_WRITING, abi::RIGHTS_ALL),
        _ => (file_rights(flags, seekable), 0),
    };
    let append = if flags.append { abi::FDFLAG_APPEND } else { 0 };
    let nonblock = if flags.nonblock { abi::FDFLAG_NONBLOCK } else { 0 };
    memory.put(out, &abi::fdstat(filetype(kind), append | nonblock, rights, inheriting))
}

fn file_rights(flags: FdFlags, seekable: bool) -> u64 {
    let mut rights = abi::RIGHTS_ALL;
    if !flags.read {
        rights &= !abi::RIGHTS_READING;
    }
    if !flags.write {
        rights &= !abi::RIGHTS_WRITING;
    }
    if !seekable {
        rights &= !abi::RIGHTS_SEEKING;
    }
    rights
}

fn seek(
    memory: &mut GuestMemory<'_>,
    state: &mut GuestState,
    fd: u32,
    offset: i64,
    whence: u32,
    out: u32,
) -> Result<(), Errno> {
    let whence = match whence {
        0 => Whence::Set,
        1 => Whence::Current,
        2 => Whence::End,
        _ => return Err(Errno::EINVAL),
    };
    // The offset must not move when the answer cannot be given.
    memory.check(out, 8)?;
    let at = state.process.seek(state.fd(fd), offset, whence)?;
    memory.put_u64(out, at)
}

fn advise(state: &mut GuestState, fd: u32, advice: u32) -> Result<(), Errno> {
    match state.process.fd_stat(state.fd(fd))?.kind {
        FileType::Fifo => Err(Errno::ESPIPE),
        _ if advice > ADVICE_MAX => Err(Errno::EINVAL),
        _ => Ok(()),
    }
}

fn close(state: &mut GuestState, fd: u32) -> Result<(), Errno> {
    let closed = state.process.close(state.fd(fd));
    if fd == PREOPEN_FD {
        state.preopen = None;
    }
    closed
}

fn renumber(state: &mut GuestState, from: u32, to: u32) -> Result<(), Errno> {
    state.process.renumber(state.fd(from), state.fd(to))?;
    // A moved directory is reached under its new number; what replaced it is an ordinary descriptor.
    if from != to && from == PREOPEN_FD {
        state.preopen = None;
    }
    if from != to && to == PREOPEN_FD && state.preopen == Some(PREOPEN_FD) {
        state.preopen = None;
    }
    Ok(())
}

fn set_flags(state: &mut GuestState, fd: u32, flags: u32) -> Result<(), Errno> {
    if flags & !u32::from(abi::FDFLAGS_ALL) != 0 {
        return Err(Errno::EINVAL);
    }
    let append = flags & u32::from(abi::FDFLAG_APPEND) != 0;
    let nonblock = flags & u32::from(abi::FDFLAG_NONBLOCK) != 0;
    state.process.set_fd_flags(state.fd(fd), append, nonblock)
}

fn unsupported(state: &mut GuestState, fd: u32) -> Result<(), Errno> {
    state.process.fd_stat(state.fd(fd))?;
    Err(Errno::ENOTSUP)
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
    if fd == PREOPEN_FD && state.preopen.is_some() { Ok(()) } else { Err(Errno::EBADF) }
}
