//! `*_filestat_*`: what files are, their sizes and times.

use base::{Errno, Timestamp};
use kernel::{FileStat, FileType};
use wasmtime::{Linker, Result};

use super::abi::{self, Filestat};
use super::place::PathArg;
use super::rights;
use super::version::Version;
use crate::call::{Guest, call};
use crate::state::GuestState;

/// The times of a `*_set_times` call: seconds are the guest's, `None` leaves a time as it is.
type Times = (Option<Timestamp>, Option<Timestamp>);

/// What preview 1 calls this kind. It knows no pipes: with `unknown`, wasi-libc finds neither a terminal nor a socket.
pub(super) fn filetype(kind: FileType) -> u8 {
    match kind {
        FileType::Regular => abi::FILETYPE_REGULAR_FILE,
        FileType::Directory => abi::FILETYPE_DIRECTORY,
        FileType::Symlink => abi::FILETYPE_SYMBOLIC_LINK,
        FileType::CharDevice => abi::FILETYPE_CHARACTER_DEVICE,
        FileType::Fifo => abi::FILETYPE_UNKNOWN,
    }
}

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    add_queries(linker, version)?;
    let module = version.module();
    linker.func_wrap(module, "fd_filestat_set_size", |mut caller: Guest<'_>, fd: u32, size: u64| {
        call(&mut caller, |_, state| {
            rights::require(state, fd, rights::FD_FILESTAT_SET_SIZE)?;
            state.process.fd_truncate(state.fd(fd), size)
        })
    })?;
    linker.func_wrap(
        module,
        "fd_filestat_set_times",
        |mut caller: Guest<'_>, fd: u32, accessed: u64, modified: u64, flags: u32| {
            call(&mut caller, |_, state| {
                let times = times(state, accessed, modified, flags)?;
                rights::require(state, fd, rights::FD_FILESTAT_SET_TIMES)?;
                state.process.fd_set_times(state.fd(fd), times)
            })
        },
    )?;
    linker.func_wrap(
        module,
        "path_filestat_set_times",
        |mut caller: Guest<'_>, fd: u32, lookup: u32, at: u32, len: u32, accessed: u64, modified: u64, flags: u32| {
            call(&mut caller, |memory, state| {
                let times = times(state, accessed, modified, flags)?;
                let follow = abi::follows(lookup)?;
                let arg = PathArg { fd, at, len };
                let (base, path) = arg.resolve(memory, state, rights::PATH_FILESTAT_SET_TIMES)?;
                state.process.set_times(base, path, times, follow)
            })
        },
    )?;
    Ok(())
}

fn add_queries(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    linker.func_wrap(module, "fd_filestat_get", move |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| {
            rights::require(state, fd, rights::FD_FILESTAT_GET)?;
            let stat = state.process.fd_stat(state.fd(fd))?;
            memory.put(out, &version.filestat(&filestat(&stat)))
        })
    })?;
    linker.func_wrap(
        module,
        "path_filestat_get",
        move |mut caller: Guest<'_>, fd: u32, lookup: u32, at: u32, len: u32, out: u32| {
            call(&mut caller, |memory, state| {
                let follow = abi::follows(lookup)?;
                let (base, path) = PathArg { fd, at, len }.resolve(memory, state, rights::PATH_FILESTAT_GET)?;
                let stat = state.process.stat(base, path, follow)?;
                memory.put(out, &version.filestat(&filestat(&stat)))
            })
        },
    )?;
    Ok(())
}

fn filestat(stat: &FileStat) -> Filestat {
    Filestat {
        device: stat.file_system(),
        inode: stat.ino.0,
        filetype: filetype(stat.kind),
        links: stat.nlink,
        size: stat.size,
        accessed: stat.atime.0,
        modified: stat.mtime.0,
        changed: stat.ctime.0,
    }
}

fn times(state: &GuestState, accessed: u64, modified: u64, flags: u32) -> Result<Times, Errno> {
    if flags & !abi::FSTFLAGS_ALL != 0 {
        return Err(Errno::EINVAL);
    }
    let now = state.process.kernel().clock().wall();
    let choose = |given: u64, is_given: u32, is_now: u32| match (flags & is_given != 0, flags & is_now != 0) {
        (true, true) => Err(Errno::EINVAL),
        (true, false) => Ok(Some(Timestamp(given))),
        (false, true) => Ok(Some(now)),
        (false, false) => Ok(None),
    };
    let atime = choose(accessed, abi::FSTFLAG_ATIM, abi::FSTFLAG_ATIM_NOW)?;
    let mtime = choose(modified, abi::FSTFLAG_MTIM, abi::FSTFLAG_MTIM_NOW)?;
    Ok((atime, mtime))
}
