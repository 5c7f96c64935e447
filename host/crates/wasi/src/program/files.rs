//! Files as POSIX has them and preview 1 has not: modes, owners, the working directory.

use base::{Errno, Timestamp};
use kernel::{At, FileStat, FileType};
use vfs::Follow;
use wasmtime::{Linker, Result};

use super::MODULE;
use crate::call::{Guest, call};
use crate::memory::GuestMemory;
use crate::state::GuestState;
use crate::system;

/// "Keep what there is", and for `umask` "only tell".
const UNCHANGED: u32 = u32::MAX;
/// The same for a time.
const TIME_UNCHANGED: u64 = u64::MAX;
/// "The present time".
const TIME_NOW: u64 = u64::MAX - 1;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    add_queries(linker)?;
    add_changes(linker)?;
    linker.func_wrap(MODULE, "getcwd", |mut caller: Guest<'_>, buffer: u32, len: u32, out: u32| {
        call(&mut caller, |memory, state| put_sized(memory, &state.process.getcwd()?, buffer, len, out))
    })?;
    linker.func_wrap(MODULE, "chdir", |mut caller: Guest<'_>, path: u32, len: u32| {
        call(&mut caller, |memory, state| state.process.chdir(At::Cwd, memory.path(path, len)?).map(drop))
    })?;
    linker.func_wrap(MODULE, "fchdir", |mut caller: Guest<'_>, fd: u32| {
        call(&mut caller, |_, state| state.process.chdir(state.at(fd), b".").map(drop))
    })?;
    linker.func_wrap(MODULE, "umask", |mut caller: Guest<'_>, mask: u32, out: u32| {
        call(&mut caller, |memory, state| {
            memory.check(out, 4)?;
            let before = state.process.umask((mask != UNCHANGED).then_some(mask));
            memory.put_u32(out, before)
        })
    })?;
    Ok(())
}

fn add_queries(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "stat", |mut caller: Guest<'_>, path: u32, len: u32, follow: u32, out: u32| {
        call(&mut caller, |memory, state| {
            let stat = state.process.stat(At::Cwd, memory.path(path, len)?, follows(follow))?;
            memory.put(out, &record(&stat))
        })
    })?;
    linker.func_wrap(MODULE, "fstat", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| {
            let stat = state.process.fd_stat(state.fd(fd))?;
            memory.put(out, &record(&stat))
        })
    })?;
    linker.func_wrap(MODULE, "access", |mut caller: Guest<'_>, path: u32, len: u32, mode: u32| {
        call(&mut caller, |memory, state| system::access(state, memory.path(path, len)?, mode))
    })?;
    linker.func_wrap(MODULE, "statfs", |mut caller: Guest<'_>, out: u32| {
        call(&mut caller, |memory, state| statfs(memory, state, out))
    })?;
    Ok(())
}

fn add_changes(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "chmod", |mut caller: Guest<'_>, path: u32, len: u32, mode: u32, follow: u32| {
        call(&mut caller, |memory, state| system::chmod(state, memory.path(path, len)?, mode, follows(follow)))
    })?;
    linker.func_wrap(
        MODULE,
        "chown",
        |mut caller: Guest<'_>, path: u32, len: u32, uid: u32, gid: u32, follow: u32| {
            call(&mut caller, |memory, state| {
                state.process.chown(At::Cwd, memory.path(path, len)?, (given(uid), given(gid)), follows(follow))
            })
        },
    )?;
    linker.func_wrap(MODULE, "fchmod", |mut caller: Guest<'_>, fd: u32, mode: u32| {
        call(&mut caller, |_, state| system::fchmod(state, state.fd(fd), mode))
    })?;
    linker.func_wrap(MODULE, "fchown", |mut caller: Guest<'_>, fd: u32, uid: u32, gid: u32| {
        call(&mut caller, |_, state| state.process.fd_chown(state.fd(fd), (given(uid), given(gid))))
    })?;
    linker.func_wrap(
        MODULE,
        "utimens",
        |mut caller: Guest<'_>, path: u32, len: u32, follow: u32, accessed: u64, modified: u64| {
            call(&mut caller, |memory, state| {
                let times = (time(state, accessed), time(state, modified));
                state.process.set_times(At::Cwd, memory.path(path, len)?, times, follows(follow))
            })
        },
    )?;
    Ok(())
}

fn given(id: u32) -> Option<u32> {
    (id != UNCHANGED).then_some(id)
}

fn time(state: &GuestState, nanos: u64) -> Option<Timestamp> {
    match nanos {
        TIME_UNCHANGED => None,
        TIME_NOW => Some(state.process.kernel().clock().wall()),
        nanos => Some(Timestamp(nanos)),
    }
}

/// Puts bytes whose length the guest may not know: `ERANGE` when they do not fit, with their length told.
pub(super) fn put_sized(
    memory: &mut GuestMemory<'_>,
    data: &[u8],
    buffer: u32,
    len: u32,
    out: u32,
) -> Result<(), Errno> {
    let needed = u32::try_from(data.len()).map_err(|_| Errno::EOVERFLOW)?;
    memory.put_u32(out, needed)?;
    if needed > len { Err(Errno::ERANGE) } else { memory.put(buffer, data) }
}

/// `st_mode`: type and permission bits with Linux's numbers.
fn mode(stat: &FileStat) -> u32 {
    let kind = match stat.kind {
        FileType::Fifo => 0o010_000,
        FileType::CharDevice => 0o020_000,
        FileType::Directory => 0o040_000,
        FileType::Regular => 0o100_000,
        FileType::Symlink => 0o120_000,
    };
    kind | stat.mode
}

fn record(stat: &FileStat) -> [u8; 80] {
    let mut record = [0; 80];
    let halves = [(8, mode(stat)), (12, stat.nlink), (16, stat.uid), (20, stat.gid)];
    for (at, half) in halves {
        record[at..at + 4].copy_from_slice(&half.to_le_bytes());
    }
    let words = [
        (0, stat.ino.0),
        (24, stat.size),
        (32, stat.atime.0),
        (40, stat.mtime.0),
        (48, stat.ctime.0),
        (56, stat.device),
        (64, system::stat_blocks(stat)),
    ];
    for (at, word) in words {
        record[at..at + 8].copy_from_slice(&word.to_le_bytes());
    }
    record
}

fn statfs(memory: &mut GuestMemory<'_>, state: &mut GuestState, out: u32) -> Result<(), Errno> {
    let stat = system::statfs(state);
    let words = [stat.block_size, stat.blocks, stat.free_blocks, stat.inodes, stat.free_inodes, stat.name_max];
    let mut record = [0; 48];
    for (target, word) in record.chunks_exact_mut(8).zip(words) {
        target.copy_from_slice(&word.to_le_bytes());
    }
    memory.put(out, &record)
}

fn follows(flag: u32) -> Follow {
    if flag == 0 { Follow::No } else { Follow::Yes }
}
