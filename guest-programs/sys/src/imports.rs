//! The imports themselves: the only unsafe code of the programs.
//!
//! One line a function in the table; the wrappers below it give each import Rust's types and nothing else.
#![expect(
    unsafe_code,
    reason = "foreign functions of the program module; each wrapper states why its pointers are valid"
)]

use std::fs::File;
use std::os::fd::FromRawFd;

use crate::errno::{Errno, Result};
use crate::stat::RECORD_BYTES;

/// Name of the module.
pub const MODULE: &str = "sandshell_v1";

/// Declares the functions of the module, and where there is none, functions of the same types that say so.
macro_rules! imports {
    ($(fn $name:ident($($argument:ident: $kind:ty),*);)*) => {
        #[cfg(target_arch = "wasm32")]
        mod raw {
            #[link(wasm_import_module = "sandshell_v1")]
            unsafe extern "C" {
                $(pub(super) fn $name($($argument: $kind),*) -> i32;)*
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        mod raw {
            $(pub(super) unsafe fn $name($($argument: $kind),*) -> i32 {
                let _ = ($($argument,)*);
                crate::errno::Errno::ENOSYS.0.into()
            })*
        }

        /// Every function of the module this crate can call, in alphabetical order.
        pub const IMPORTS: &[&str] = &[$(stringify!($name)),*];
    };
}

imports! {
    fn access(path: *const u8, path_len: usize, mode: u32);
    fn chdir(path: *const u8, path_len: usize);
    fn chmod(path: *const u8, path_len: usize, mode: u32, follow: u32);
    fn chown(path: *const u8, path_len: usize, uid: u32, gid: u32, follow: u32);
    fn dup(fd: u32, minimum: u32, out: *mut u32);
    fn fchdir(fd: u32);
    fn fchmod(fd: u32, mode: u32);
    fn fchown(fd: u32, uid: u32, gid: u32);
    fn fstat(fd: u32, out: *mut u8);
    fn getcwd(buf: *mut u8, len: usize, out_len: *mut u32);
    fn getpid(out: *mut u32);
    fn isatty(fd: u32, out: *mut u32);
    fn kill(pid: i32, signal: u32);
    fn pipe(out: *mut u32);
    fn priority(increment: i32, out: *mut i32);
    fn processes(buf: *mut u8, len: usize, out_len: *mut u32);
    fn sigaction(signal: u32, disposition: u32);
    fn sigpending(out: *mut u32);
    fn sigstate(signal: u32, out: *mut u32);
    fn spawn(request: *const u8, request_len: usize, out_pid: *mut u32);
    fn stat(path: *const u8, path_len: usize, follow: u32, out: *mut u8);
    fn statfs(out: *mut u64);
    fn times(out: *mut u64);
    fn umask(mask: u32, out: *mut u32);
    fn utimens(path: *const u8, path_len: usize, follow: u32, accessed: u64, modified: u64);
    fn wait(pid: u32, flags: u32, out: *mut u32);
    fn wait_for(target: i32, flags: u32, timeout_ns: u64, out: *mut u32);
    fn winsize(out: *mut u16);
}

/// "Keep what there is", and for `umask` "only tell".
const UNCHANGED: u32 = u32::MAX;

// SAFETY of every call below: a path, request or buffer is passed with its own length, an answer's pointer is to a live value
// of exactly the length `wit/program.md` gives; the host writes nowhere else and keeps no pointer after the call.

pub(crate) fn access(path: &[u8], mode: u32) -> Result<()> {
    // SAFETY: see above.
    Errno::check(unsafe { raw::access(path.as_ptr(), path.len(), mode) })
}

pub(crate) fn chdir(path: &[u8]) -> Result<()> {
    // SAFETY: see above.
    Errno::check(unsafe { raw::chdir(path.as_ptr(), path.len()) })
}

pub(crate) fn chmod(path: &[u8], mode: u32, follow: bool) -> Result<()> {
    // SAFETY: see above.
    Errno::check(unsafe { raw::chmod(path.as_ptr(), path.len(), mode, follow.into()) })
}

pub(crate) fn chown(path: &[u8], uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
    let (uid, gid) = (uid.unwrap_or(UNCHANGED), gid.unwrap_or(UNCHANGED));
    // SAFETY: see above.
    Errno::check(unsafe { raw::chown(path.as_ptr(), path.len(), uid, gid, follow.into()) })
}

pub(crate) fn dup(fd: u32, minimum: u32) -> Result<u32> {
    let mut out = 0;
    // SAFETY: see above.
    Errno::check(unsafe { raw::dup(fd, minimum, &raw mut out) })?;
    Ok(out)
}

pub(crate) fn fchdir(fd: u32) -> Result<()> {
    // SAFETY: no pointer is passed.
    Errno::check(unsafe { raw::fchdir(fd) })
}

pub(crate) fn fchmod(fd: u32, mode: u32) -> Result<()> {
    // SAFETY: no pointer is passed.
    Errno::check(unsafe { raw::fchmod(fd, mode) })
}

pub(crate) fn fchown(fd: u32, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
    // SAFETY: no pointer is passed.
    Errno::check(unsafe { raw::fchown(fd, uid.unwrap_or(UNCHANGED), gid.unwrap_or(UNCHANGED)) })
}

pub(crate) fn fstat(fd: u32, out: &mut [u8; RECORD_BYTES]) -> Result<()> {
    // SAFETY: see above.
    Errno::check(unsafe { raw::fstat(fd, out.as_mut_ptr()) })
}

/// Writes the working directory into `buf` and returns its length.
pub(crate) fn getcwd(buf: &mut [u8]) -> Result<usize> {
    let mut length = 0u32;
    // SAFETY: see above.
    Errno::check(unsafe { raw::getcwd(buf.as_mut_ptr(), buf.len(), &raw mut length) })?;
    Ok(buf.len().min(length as usize))
}

pub(crate) fn getpid() -> Result<[u32; 3]> {
    let mut out = [0; 3];
    // SAFETY: see above.
    Errno::check(unsafe { raw::getpid(out.as_mut_ptr()) })?;
    Ok(out)
}

pub(crate) fn isatty(fd: u32) -> Result<bool> {
    let mut out = 0;
    // SAFETY: see above.
    Errno::check(unsafe { raw::isatty(fd, &raw mut out) })?;
    Ok(out != 0)
}

pub(crate) fn kill(pid: i32, signal: u32) -> Result<()> {
    // SAFETY: no pointer is passed.
    Errno::check(unsafe { raw::kill(pid, signal) })
}

pub(crate) fn pipe() -> Result<[u32; 2]> {
    let mut out = [0; 2];
    // SAFETY: see above.
    Errno::check(unsafe { raw::pipe(out.as_mut_ptr()) })?;
    Ok(out)
}

pub(crate) fn pipe_files() -> Result<[File; 2]> {
    let [reader, writer] = pipe()?.map(u32::cast_signed);
    // SAFETY: the module has just made both descriptors, and nobody else knows their numbers.
    Ok(unsafe { [File::from_raw_fd(reader), File::from_raw_fd(writer)] })
}

pub(crate) fn priority(increment: i32) -> Result<i32> {
    let mut out = 0;
    // SAFETY: see above.
    Errno::check(unsafe { raw::priority(increment, &raw mut out) })?;
    Ok(out)
}

/// Writes the rows into `buf`; returns their length, also with `ERANGE` when `buf` is too small.
pub(crate) fn processes(buf: &mut [u8]) -> (usize, Result<()>) {
    let mut length = 0u32;
    // SAFETY: see above.
    let answer = unsafe { raw::processes(buf.as_mut_ptr(), buf.len(), &raw mut length) };
    (length as usize, Errno::check(answer))
}

pub(crate) fn sigaction(signal: u32, disposition: u32) -> Result<()> {
    // SAFETY: no pointer is passed.
    Errno::check(unsafe { raw::sigaction(signal, disposition) })
}

pub(crate) fn sigpending() -> Result<u32> {
    let mut out = 0;
    // SAFETY: see above.
    Errno::check(unsafe { raw::sigpending(&raw mut out) })?;
    Ok(out)
}

pub(crate) fn sigstate(signal: u32) -> Result<u32> {
    let mut out = 0;
    // SAFETY: see above.
    Errno::check(unsafe { raw::sigstate(signal, &raw mut out) })?;
    Ok(out)
}

pub(crate) fn spawn(request: &[u8]) -> Result<u32> {
    let mut out = 0;
    // SAFETY: see above.
    Errno::check(unsafe { raw::spawn(request.as_ptr(), request.len(), &raw mut out) })?;
    Ok(out)
}

pub(crate) fn stat(path: &[u8], follow: bool, out: &mut [u8; RECORD_BYTES]) -> Result<()> {
    // SAFETY: see above.
    Errno::check(unsafe { raw::stat(path.as_ptr(), path.len(), follow.into(), out.as_mut_ptr()) })
}

pub(crate) fn statfs() -> Result<[u64; 6]> {
    let mut out = [0; 6];
    // SAFETY: see above.
    Errno::check(unsafe { raw::statfs(out.as_mut_ptr()) })?;
    Ok(out)
}

pub(crate) fn times() -> Result<[u64; 2]> {
    let mut out = [0; 2];
    // SAFETY: see above.
    Errno::check(unsafe { raw::times(out.as_mut_ptr()) })?;
    Ok(out)
}

pub(crate) fn umask(mask: Option<u32>) -> Result<u32> {
    let mut out = 0;
    // SAFETY: see above.
    Errno::check(unsafe { raw::umask(mask.unwrap_or(UNCHANGED), &raw mut out) })?;
    Ok(out)
}

pub(crate) fn utimens(path: &[u8], follow: bool, accessed: u64, modified: u64) -> Result<()> {
    // SAFETY: see above.
    Errno::check(unsafe { raw::utimens(path.as_ptr(), path.len(), follow.into(), accessed, modified) })
}

pub(crate) fn wait(pid: u32, flags: u32) -> Result<[u32; 3]> {
    let mut out = [0; 3];
    // SAFETY: see above.
    Errno::check(unsafe { raw::wait(pid, flags, out.as_mut_ptr()) })?;
    Ok(out)
}

pub(crate) fn wait_for(target: i32, flags: u32, timeout_ns: u64) -> Result<[u32; 3]> {
    let mut out = [0; 3];
    // SAFETY: see above.
    Errno::check(unsafe { raw::wait_for(target, flags, timeout_ns, out.as_mut_ptr()) })?;
    Ok(out)
}

pub(crate) fn winsize() -> Result<[u16; 2]> {
    let mut out = [0; 2];
    // SAFETY: see above.
    Errno::check(unsafe { raw::winsize(out.as_mut_ptr()) })?;
    Ok(out)
}
