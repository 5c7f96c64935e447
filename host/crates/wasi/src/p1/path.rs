//! `path_*`: opening, making, naming and removing files. Attributes are `filestat`'s.

use base::Errno;
use kernel::OpenFlags;
use vfs::Follow;
use wasmtime::{Linker, Result};

use super::abi;
use super::place::PathArg;
use super::rights::{self, Rights};
use super::version::Version;
use crate::call::{Guest, call};
use crate::memory::GuestMemory;
use crate::state::GuestState;

/// wasi-libc drops the mode its callers give; these are what they nearly always give, less the umask.
const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: u32 = 0o777;

/// The arguments of `path_open`, the place for its answer left out.
struct OpenArgs {
    path: PathArg,
    lookup: u32,
    oflags: u32,
    rights: Rights,
    fdflags: u32,
}

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    linker.func_wrap(
        module,
        "path_open",
        |mut caller: Guest<'_>,
         fd: u32,
         lookup: u32,
         at: u32,
         len: u32,
         oflags: u32,
         base: u64,
         inheriting: u64,
         fdflags: u32,
         out: u32| {
            let rights = Rights { base, inheriting };
            let args = OpenArgs { path: PathArg { fd, at, len }, lookup, oflags, rights, fdflags };
            call(&mut caller, |memory, state| open(memory, state, &args, out))
        },
    )?;
    add_one_path(linker, module)?;
    add_two_paths(linker, module)
}

fn add_one_path(linker: &mut Linker<GuestState>, module: &str) -> Result<()> {
    linker.func_wrap(module, "path_create_directory", |mut caller: Guest<'_>, fd: u32, at: u32, len: u32| {
        call(&mut caller, |memory, state| {
            let (base, path) = PathArg { fd, at, len }.resolve(memory, state, rights::PATH_CREATE_DIRECTORY)?;
            state.process.mkdir(base, path, DIRECTORY_MODE)
        })
    })?;
    linker.func_wrap(module, "path_remove_directory", |mut caller: Guest<'_>, fd: u32, at: u32, len: u32| {
        call(&mut caller, |memory, state| {
            let (base, path) = PathArg { fd, at, len }.resolve(memory, state, rights::PATH_REMOVE_DIRECTORY)?;
            state.process.rmdir(base, path)
        })
    })?;
    linker.func_wrap(module, "path_unlink_file", |mut caller: Guest<'_>, fd: u32, at: u32, len: u32| {
        call(&mut caller, |memory, state| {
            let (base, path) = PathArg { fd, at, len }.resolve(memory, state, rights::PATH_UNLINK_FILE)?;
            state.process.unlink(base, path)
        })
    })?;
    linker.func_wrap(
        module,
        "path_readlink",
        |mut caller: Guest<'_>, fd: u32, at: u32, len: u32, buffer: u32, room: u32, out: u32| {
            call(&mut caller, |memory, state| {
                let (base, path) = PathArg { fd, at, len }.resolve(memory, state, rights::PATH_READLINK)?;
                let target = state.process.read_link(base, path)?;
                // As in POSIX, a target that does not fit is cut.
                let n = target.len().min(room as usize);
                memory.put(buffer, &target[..n])?;
                memory.put_u32(out, u32::try_from(n).map_err(|_| Errno::EOVERFLOW)?)
            })
        },
    )?;
    Ok(())
}

fn add_two_paths(linker: &mut Linker<GuestState>, module: &str) -> Result<()> {
    linker.func_wrap(
        module,
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
                let follow = abi::follows(lookup)?;
                let old = PathArg { fd: old_fd, at: old, len: old_len };
                let new = PathArg { fd: new_fd, at: new, len: new_len };
                let old = old.resolve(memory, state, rights::PATH_LINK_SOURCE)?;
                state.process.link(old, follow, new.resolve(memory, state, rights::PATH_LINK_TARGET)?)
            })
        },
    )?;
    linker.func_wrap(
        module,
        "path_rename",
        |mut caller: Guest<'_>, old_fd: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32| {
            call(&mut caller, |memory, state| {
                let old = PathArg { fd: old_fd, at: old, len: old_len };
                let new = PathArg { fd: new_fd, at: new, len: new_len };
                let old = old.resolve(memory, state, rights::PATH_RENAME_SOURCE)?;
                state.process.rename(old, new.resolve(memory, state, rights::PATH_RENAME_TARGET)?)
            })
        },
    )?;
    linker.func_wrap(
        module,
        "path_symlink",
        |mut caller: Guest<'_>, target: u32, target_len: u32, fd: u32, at: u32, len: u32| {
            call(&mut caller, |memory, state| {
                let target = memory.path(target, target_len)?;
                // Below a directory that is all a program was handed, no link may be made that starts elsewhere.
                if target.starts_with(b"/") && !state.descriptors.is_preopen(fd) {
                    return Err(Errno::EPERM);
                }
                let (base, path) = PathArg { fd, at, len }.resolve(memory, state, rights::PATH_SYMLINK)?;
                state.process.symlink(target, base, path)
            })
        },
    )?;
    Ok(())
}

fn open(memory: &mut GuestMemory<'_>, state: &mut GuestState, args: &OpenArgs, out: u32) -> Result<(), Errno> {
    let may = rights::inheriting(state, args.path.fd);
    let rights = Rights { base: args.rights.base & may, inheriting: args.rights.inheriting & may };
    let (flags, sync_flags) = open_flags(args, rights)?;
    // No descriptor is opened that the guest could not be told of.
    memory.check(out, 4)?;
    let makes = if flags.create { rights::PATH_CREATE_FILE } else { 0 };
    let (base, path) = args.path.resolve(memory, state, rights::PATH_OPEN | makes)?;
    if flags.truncate {
        // The one right whose lack programs of the time of rights know as `EPERM`.
        rights::require(state, args.path.fd, rights::PATH_FILESTAT_SET_SIZE).map_err(|_| Errno::EPERM)?;
    }
    let fd = state.told(state.process.open(base, path, flags, FILE_MODE, 0)?);
    state.descriptors.restrict(fd, rights::restriction(flags.into(), rights, sync_flags));
    memory.put_u32(out, fd)
}

/// What to open the file for: what the rights say, and writing to cut it. Flags about writing through come beside.
fn open_flags(args: &OpenArgs, rights: Rights) -> Result<(OpenFlags, u16), Errno> {
    if args.oflags & !abi::OFLAGS_ALL != 0 {
        return Err(Errno::EINVAL);
    }
    let fdflags = abi::fdflags(args.fdflags)?;
    let truncate = args.oflags & abi::OFLAG_TRUNC != 0;
    let write = truncate || rights.base & rights::FD_WRITE != 0;
    // Without either right a guest still wants to look at what it opened.
    let read = !write || rights.base & rights::FD_READ != 0;
    let flags = OpenFlags {
        read,
        write,
        append: fdflags & abi::FDFLAG_APPEND != 0,
        create: args.oflags & abi::OFLAG_CREAT != 0,
        exclusive: args.oflags & abi::OFLAG_EXCL != 0,
        truncate,
        directory: args.oflags & abi::OFLAG_DIRECTORY != 0,
        no_follow: abi::follows(args.lookup)? == Follow::No,
        nonblock: fdflags & abi::FDFLAG_NONBLOCK != 0,
    };
    Ok((flags, fdflags & abi::FDFLAGS_SYNC))
}
