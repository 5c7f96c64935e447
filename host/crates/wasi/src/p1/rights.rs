//! Rights: what a descriptor may be used for, and what is opened through it.
//!
//! Owns which rights a kind of file has at most. A guest gives rights up when it opens a file or by
//! `fd_fdstat_set_rights`; they never come back. What a descriptor could not do anyway is left to the kernel to refuse,
//! with POSIX's own errno; only what was given up is `ENOTCAPABLE`.

use base::Errno;
use kernel::{FdFlags, FileType};
use wasmtime::{Linker, Result};

use super::version::Version;
use crate::call::{Guest, call};
use crate::descriptors::Restriction;
use crate::state::GuestState;

pub(super) const FD_DATASYNC: u64 = 1 << 0;
pub(super) const FD_READ: u64 = 1 << 1;
pub(super) const FD_SEEK: u64 = 1 << 2;
pub(super) const FD_FDSTAT_SET_FLAGS: u64 = 1 << 3;
pub(super) const FD_SYNC: u64 = 1 << 4;
pub(super) const FD_TELL: u64 = 1 << 5;
pub(super) const FD_WRITE: u64 = 1 << 6;
pub(super) const FD_ADVISE: u64 = 1 << 7;
pub(super) const FD_ALLOCATE: u64 = 1 << 8;
pub(super) const PATH_CREATE_DIRECTORY: u64 = 1 << 9;
pub(super) const PATH_CREATE_FILE: u64 = 1 << 10;
pub(super) const PATH_LINK_SOURCE: u64 = 1 << 11;
pub(super) const PATH_LINK_TARGET: u64 = 1 << 12;
pub(super) const PATH_OPEN: u64 = 1 << 13;
pub(super) const FD_READDIR: u64 = 1 << 14;
pub(super) const PATH_READLINK: u64 = 1 << 15;
pub(super) const PATH_RENAME_SOURCE: u64 = 1 << 16;
pub(super) const PATH_RENAME_TARGET: u64 = 1 << 17;
pub(super) const PATH_FILESTAT_GET: u64 = 1 << 18;
pub(super) const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
pub(super) const PATH_FILESTAT_SET_TIMES: u64 = 1 << 20;
pub(super) const FD_FILESTAT_GET: u64 = 1 << 21;
pub(super) const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
pub(super) const FD_FILESTAT_SET_TIMES: u64 = 1 << 23;
pub(super) const PATH_SYMLINK: u64 = 1 << 24;
pub(super) const PATH_REMOVE_DIRECTORY: u64 = 1 << 25;
pub(super) const PATH_UNLINK_FILE: u64 = 1 << 26;
pub(super) const POLL_FD_READWRITE: u64 = 1 << 27;

/// What any descriptor has.
const COMMON: u64 =
    FD_FDSTAT_SET_FLAGS | FD_SYNC | FD_ADVISE | FD_FILESTAT_GET | FD_FILESTAT_SET_TIMES | POLL_FD_READWRITE;
/// What comes with being open for reading.
const READING: u64 = FD_READ;
/// What comes with being open for writing.
const WRITING: u64 = FD_DATASYNC | FD_WRITE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE;
/// What comes with having offsets. Without these a character device is a terminal: so wasi-libc's `isatty` decides.
const SEEKING: u64 = FD_SEEK | FD_TELL;
const DIRECTORY: u64 = COMMON
    | FD_READDIR
    | PATH_CREATE_DIRECTORY
    | PATH_CREATE_FILE
    | PATH_LINK_SOURCE
    | PATH_LINK_TARGET
    | PATH_OPEN
    | PATH_READLINK
    | PATH_RENAME_SOURCE
    | PATH_RENAME_TARGET
    | PATH_FILESTAT_GET
    | PATH_FILESTAT_SET_SIZE
    | PATH_FILESTAT_SET_TIMES
    | PATH_SYMLINK
    | PATH_REMOVE_DIRECTORY
    | PATH_UNLINK_FILE;
/// What may be opened through a directory: files and directories with all they have.
const INHERITING: u64 = DIRECTORY | READING | WRITING | SEEKING;

/// The rights of a descriptor, and those of what is opened through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rights {
    pub(super) base: u64,
    pub(super) inheriting: u64,
}

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    linker.func_wrap(
        version.module(),
        "fd_fdstat_set_rights",
        |mut caller: Guest<'_>, fd: u32, base: u64, inheriting: u64| {
            call(&mut caller, |_, state| give_up(state, fd, Rights { base, inheriting }))
        },
    )?;
    Ok(())
}

/// The most that a descriptor of this kind may have.
pub(super) fn most(kind: FileType, flags: FdFlags, is_terminal: bool) -> Rights {
    if kind == FileType::Directory {
        return Rights { base: DIRECTORY, inheriting: INHERITING };
    }
    let is_seekable = kind != FileType::Fifo && !is_terminal;
    let parts = [(true, COMMON), (flags.read, READING), (flags.write, WRITING), (is_seekable, SEEKING)];
    let base = parts.into_iter().filter(|(has, _)| *has).fold(0, |all, (_, part)| all | part);
    Rights { base, inheriting: 0 }
}

/// The rights that the guest's descriptor has.
pub(super) fn of(state: &GuestState, fd: u32) -> Result<Rights, Errno> {
    let number = state.fd(fd);
    let kind = state.process.fd_stat(number)?.kind;
    let most = most(kind, state.process.fd_flags(number)?, state.process.is_terminal(number));
    let given_up = state.descriptors.restriction(fd);
    Ok(Rights { base: most.base & !given_up.base, inheriting: most.inheriting & !given_up.inheriting })
}

/// What may be asked for when something is opened relative to the guest's descriptor.
pub(super) fn inheriting(state: &GuestState, fd: u32) -> u64 {
    INHERITING & !state.descriptors.restriction(fd).inheriting
}

/// The restriction of a descriptor that was opened with these flags and is to have no more than `rights`.
pub(super) fn restriction(flags: FdFlags, rights: Rights, sync_flags: u16) -> Restriction {
    let mut possible = INHERITING;
    if !flags.read {
        possible &= !READING;
    }
    if !flags.write {
        possible &= !WRITING;
    }
    Restriction { base: possible & !rights.base, inheriting: INHERITING & !rights.inheriting, sync_flags }
}

/// Refuses with `ENOTCAPABLE` what the guest has given up for this descriptor: any one of `rights`.
pub(super) fn require(state: &GuestState, fd: u32, rights: u64) -> Result<(), Errno> {
    if state.descriptors.restriction(fd).base & rights == 0 { Ok(()) } else { Err(Errno::ENOTCAPABLE) }
}

/// The same for moving an offset; the right to move it includes the right to know it.
pub(super) fn require_seek(state: &GuestState, fd: u32, moves: bool) -> Result<(), Errno> {
    let given_up = state.descriptors.restriction(fd).base;
    let may = given_up & FD_SEEK == 0 || (!moves && given_up & FD_TELL == 0);
    if may { Ok(()) } else { Err(Errno::ENOTCAPABLE) }
}

fn give_up(state: &mut GuestState, fd: u32, rights: Rights) -> Result<(), Errno> {
    let has = of(state, fd)?;
    if rights.base & !has.base != 0 || rights.inheriting & !has.inheriting != 0 {
        return Err(Errno::ENOTCAPABLE);
    }
    let mut restriction = state.descriptors.restriction(fd);
    restriction.base |= has.base & !rights.base;
    restriction.inheriting |= has.inheriting & !rights.inheriting;
    state.descriptors.restrict(fd, restriction);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: FdFlags = FdFlags { read: true, write: false, append: false, nonblock: false };

    #[test]
    fn a_kind_has_only_the_rights_that_mean_something_for_it() {
        let file = most(FileType::Regular, FLAGS, false);
        assert_eq!(file.base & (FD_READ | FD_WRITE | FD_SEEK | PATH_OPEN), FD_READ | FD_SEEK);
        let directory = most(FileType::Directory, FLAGS, false);
        assert_eq!(directory.base & (FD_SEEK | FD_READ | FD_FILESTAT_SET_SIZE | FD_READDIR), FD_READDIR);
        assert_eq!(directory.inheriting & file.base, file.base);
        assert_eq!(most(FileType::CharDevice, FLAGS, true).base & SEEKING, 0);
        assert_eq!(most(FileType::Fifo, FLAGS, false).base & SEEKING, 0);
    }

    #[test]
    fn what_a_file_is_not_open_for_is_not_given_up() {
        let restriction = restriction(FLAGS, Rights { base: FD_READ, inheriting: 0 }, 0);
        assert_eq!(restriction.base & (FD_READ | FD_WRITE | FD_SEEK), FD_SEEK);
    }
}
