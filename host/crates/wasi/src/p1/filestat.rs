//! `*_filestat_*`: what files are, their sizes and times.

use base::{Errno, Timestamp};
use kernel::{FileStat, FileType};
use wasmtime::{Linker, Result};

use super::abi::{self, Filestat, MODULE};
use crate::call::{Guest, call};
use crate::state::GuestState;

/// The one file system all files are in.
const DEVICE: u64 = 1;

/// The times of a `*_set_times` call: seconds are the guest's, `None` leaves a time as it is.
type Times = (Option<Timestamp>, Option<Timestamp>);

/// What preview 1 calls this kind; it knows no pipes.
pub(super) fn filetype(kind: FileType) -> u8 {
    match kind {
        FileType::Regular => abi::FILETYPE_REGULAR_FILE,
        FileType::Directory => abi::FILETYPE_DIRECTORY,
        FileType::Symlink => abi::FILETYPE_SYMBOLIC_LINK,
        FileType::CharDevice => abi::FILETYPE_CHARACTER_DEVICE,
        FileType::Fifo => abi::FILETYPE_UNKNOWN,
    }
}

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "fd_filestat_get", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| {
            let stat = state.process.fd_stat(state.fd(fd))?;
            memory.put(out, &filestat(&stat).encode())
        })
    })?;
    linker.func_wrap(
        MODULE,
        "path_filestat_get",
        |mut caller: Guest<'_>, fd: u32, lookup: u32, path: u32, len: u32, out: u32| {
            call(&mut caller, |memory, state| {
                let follow = abi::follows(lookup);
                let stat = state.process.stat(state.at(fd), memory.path(path, len)?, follow)?;
                memory.put(out, &filestat(&stat).encode())
            })
        },
    )?;
    linker.func_wrap(MODULE, "fd_filestat_set_size", |mut caller: Guest<'_>, fd: u32, size: u64| {
        call(&mut caller, |_, state| state.process.fd_truncate(state.fd(fd), size))
    })?;
    linker.func_wrap(
        MODULE,
        "fd_filestat_set_times",
        |mut caller: Guest<'_>, fd: u32, accessed: u64, modified: u64, flags: u32| {
            call(&mut caller, |_, state| {
                let times = times(state, accessed, modified, flags)?;
                state.process.fd_set_times(state.fd(fd), times)
            })
        },
    )?;
    linker.func_wrap(
        MODULE,
        "path_filestat_set_times",
        |mut caller: Guest<'_>, fd: u32, lookup: u32, path: u32, len: u32, accessed: u64, modified: u64, flags: u32| {
            call(&mut caller, |memory, state| {
                let times = times(state, accessed, modified, flags)?;
                let follow = abi::follows(lookup);
                state.process.set_times(state.at(fd), memory.path(path, len)?, times, follow)
            })
        },
    )?;
    Ok(())
}

fn filestat(stat: &FileStat) -> Filestat {
    Filestat {
        device: DEVICE,
        inode: stat.ino.0,
        filetype: filetype(stat.kind),
        links: u64::from(stat.nlink),
        size: stat.size,
        accessed: stat.atime.0,
        modified: stat.mtime.0,
        changed: stat.ctime.0,
    }
}

fn times(state: &GuestState, accessed: u64, modified: u64, flags: u32) -> Result<Times, Errno> {
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
