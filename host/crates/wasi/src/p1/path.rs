//! `path_*`: opening, making, naming and removing files. Attributes are `filestat`'s.

use base::Errno;
use kernel::OpenFlags;
use vfs::Follow;
use wasmtime::{Linker, Result};

use super::abi::{self, MODULE};
use crate::call::{Guest, call};
use crate::memory::GuestMemory;
use crate::state::GuestState;

/// wasi-libc drops the mode its callers give; these are what they nearly always give, less the umask.
const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: u32 = 0o777;

/// The arguments of `path_open`, the place for its answer left out.
struct OpenArgs {
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    oflags: u32,
    rights: u64,
    fdflags: u32,
}

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(
        MODULE,
        "path_open",
        |mut caller: Guest<'_>,
         fd: u32,
         lookup: u32,
         path: u32,
         len: u32,
         oflags: u32,
         rights: u64,
         _inheriting: u64,
         fdflags: u32,
         out: u32| {
            let args = OpenArgs { fd, lookup, path, len, oflags, rights, fdflags };
            call(&mut caller, |memory, state| open(memory, state, &args, out))
        },
    )?;
    add_one_path(linker)?;
    add_two_paths(linker)
}

fn add_one_path(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "path_create_directory", |mut caller: Guest<'_>, fd: u32, path: u32, len: u32| {
        call(&mut caller, |memory, state| state.process.mkdir(state.at(fd), memory.path(path, len)?, DIRECTORY_MODE))
    })?;
    linker.func_wrap(MODULE, "path_remove_directory", |mut caller: Guest<'_>, fd: u32, path: u32, len: u32| {
        call(&mut caller, |memory, state| state.process.rmdir(state.at(fd), memory.path(path, len)?))
    })?;
    linker.func_wrap(MODULE, "path_unlink_file", |mut caller: Guest<'_>, fd: u32, path: u32, len: u32| {
        call(&mut caller, |memory, state| state.process.unlink(state.at(fd), memory.path(path, len)?))
    })?;
    linker.func_wrap(
        MODULE,
        "path_readlink",
        |mut caller: Guest<'_>, fd: u32, path: u32, len: u32, buffer: u32, room: u32, out: u32| {
            call(&mut caller, |memory, state| {
                let target = state.process.read_link(state.at(fd), memory.path(path, len)?)?;
                // As in POSIX, a target that does not fit is cut.
                let n = target.len().min(room as usize);
                memory.put(buffer, &target[..n])?;
                memory.put_u32(out, u32::try_from(n).map_err(|_| Errno::EOVERFLOW)?)
            })
        },
    )?;
    Ok(())
}

fn add_two_paths(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(
        MODULE,
        "path_link",
        |mut caller: Guest<'_>,
         old_fd: u32,
         lookup: u32,
         old: u32,
         old_len: u32,
         new_fd: u32,
         new: u32,
         new_len: u32| {
            call(&mut caller, |memory, state| {
                let (old, new) = (memory.path(old, old_len)?, memory.path(new, new_len)?);
                state.process.link((state.at(old_fd), old), abi::follows(lookup), (state.at(new_fd), new))
            })
        },
    )?;
    linker.func_wrap(
        MODULE,
        "path_rename",
        |mut caller: Guest<'_>, old_fd: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32| {
            call(&mut caller, |memory, state| {
                let (old, new) = (memory.path(old, old_len)?, memory.path(new, new_len)?);
                state.process.rename((state.at(old_fd), old), (state.at(new_fd), new))
            })
        },
    )?;
    linker.func_wrap(
        MODULE,
        "path_symlink",
        |mut caller: Guest<'_>, target: u32, target_len: u32, fd: u32, path: u32, len: u32| {
            call(&mut caller, |memory, state| {
                let (target, path) = (memory.path(target, target_len)?, memory.path(path, len)?);
                state.process.symlink(target, state.at(fd), path)
            })
        },
    )?;
    Ok(())
}

fn open(memory: &mut GuestMemory<'_>, state: &mut GuestState, args: &OpenArgs, out: u32) -> Result<(), Errno> {
    let flags = open_flags(args)?;
    // No descriptor is opened that the guest could not be told of.
    memory.check(out, 4)?;
    let path = memory.path(args.path, args.len)?;
    let fd = state.process.open(state.at(args.fd), path, flags, FILE_MODE, 0)?;
    memory.put_u32(out, fd)
}

fn open_flags(args: &OpenArgs) -> Result<OpenFlags, Errno> {
    if args.oflags & !abi::OFLAGS_ALL != 0 || args.fdflags & !u32::from(abi::FDFLAGS_ALL) != 0 {
        return Err(Errno::EINVAL);
    }
    let write = args.rights & abi::RIGHT_FD_WRITE != 0;
    // Without either right a guest still wants to look at what it opened.
    let read = args.rights & abi::RIGHTS_READING != 0 || !write;
    Ok(OpenFlags {
        read,
        write,
        append: args.fdflags & u32::from(abi::FDFLAG_APPEND) != 0,
        create: args.oflags & abi::OFLAG_CREAT != 0,
        exclusive: args.oflags & abi::OFLAG_EXCL != 0,
        truncate: args.oflags & abi::OFLAG_TRUNC != 0,
        directory: args.oflags & abi::OFLAG_DIRECTORY != 0,
        no_follow: abi::follows(args.lookup) == Follow::No,
        nonblock: args.fdflags & u32::from(abi::FDFLAG_NONBLOCK) != 0,
    })
}
