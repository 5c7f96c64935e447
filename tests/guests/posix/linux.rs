//! The calls on Linux, through the C library and the standard one: what the case files are checked against.

use std::ffi::{CString, OsStr, c_char, c_int};
use std::fs::{File, Metadata};
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::world::Errno;

pub type Fd = c_int;
pub const NO_FD: Fd = 999;

type Result<T> = std::result::Result<T, Errno>;

#[path = "words.rs"]
mod words;
pub use words::{CREATE, Flags, Stat, Time, Whence};

const AT_FDCWD: c_int = -100;
const AT_SYMLINK_NOFOLLOW: c_int = 0x100;
const AT_SYMLINK_FOLLOW: c_int = 0x400;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

unsafe extern "C" {
    #[link_name = "open"]
    fn c_open(path: *const c_char, flags: c_int, mode: u32) -> c_int;
    #[link_name = "close"]
    fn c_close(fd: c_int) -> c_int;
    #[link_name = "read"]
    fn c_read(fd: c_int, data: *mut u8, len: usize) -> isize;
    #[link_name = "write"]
    fn c_write(fd: c_int, data: *const u8, len: usize) -> isize;
    #[link_name = "pread"]
    fn c_pread(fd: c_int, data: *mut u8, len: usize, offset: i64) -> isize;
    #[link_name = "pwrite"]
    fn c_pwrite(fd: c_int, data: *const u8, len: usize, offset: i64) -> isize;
    fn lseek(fd: c_int, offset: i64, whence: c_int) -> i64;
    #[link_name = "dup"]
    fn c_dup(fd: c_int) -> c_int;
    #[link_name = "pipe"]
    fn c_pipe(fds: *mut c_int) -> c_int;
    #[link_name = "mkdir"]
    fn c_mkdir(path: *const c_char, mode: u32) -> c_int;
    #[link_name = "rmdir"]
    fn c_rmdir(path: *const c_char) -> c_int;
    #[link_name = "unlink"]
    fn c_unlink(path: *const c_char) -> c_int;
    #[link_name = "rename"]
    fn c_rename(old: *const c_char, new: *const c_char) -> c_int;
    fn linkat(from: c_int, old: *const c_char, to: c_int, new: *const c_char, flags: c_int) -> c_int;
    #[link_name = "symlink"]
    fn c_symlink(target: *const c_char, path: *const c_char) -> c_int;
    #[link_name = "readlink"]
    fn c_readlink(path: *const c_char, data: *mut u8, len: usize) -> isize;
    fn fchmodat(at: c_int, path: *const c_char, mode: u32, flags: c_int) -> c_int;
    fn fchownat(at: c_int, path: *const c_char, uid: u32, gid: u32, flags: c_int) -> c_int;
    #[link_name = "access"]
    fn c_access(path: *const c_char, mode: c_int) -> c_int;
    #[link_name = "umask"]
    fn c_umask(mask: u32) -> u32;
    fn utimensat(at: c_int, path: *const c_char, times: *const Timespec, flags: c_int) -> c_int;
    #[link_name = "futimens"]
    fn c_futimens(fd: c_int, times: *const Timespec) -> c_int;
    #[link_name = "ftruncate"]
    fn c_ftruncate(fd: c_int, len: i64) -> c_int;
    fn posix_fallocate(fd: c_int, offset: i64, len: i64) -> c_int;
    #[link_name = "chdir"]
    fn c_chdir(path: *const c_char) -> c_int;
}

fn name_of(number: i32) -> Errno {
    Errno(match number {
        1 => "EPERM",
        2 => "ENOENT",
        6 => "ENXIO",
        9 => "EBADF",
        13 => "EACCES",
        16 => "EBUSY",
        17 => "EEXIST",
        18 => "EXDEV",
        20 => "ENOTDIR",
        21 => "EISDIR",
        22 => "EINVAL",
        27 => "EFBIG",
        28 => "ENOSPC",
        29 => "ESPIPE",
        31 => "EMLINK",
        32 => "EPIPE",
        34 => "ERANGE",
        36 => "ENAMETOOLONG",
        39 => "ENOTEMPTY",
        40 => "ELOOP",
        75 => "EOVERFLOW",
        95 => "ENOTSUP",
        _ => "ESOMETHING",
    })
}

fn last_error() -> Errno {
    name_of(io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

fn errno(error: &io::Error) -> Errno {
    name_of(error.raw_os_error().unwrap_or(0))
}

fn checked(answer: c_int) -> Result<c_int> {
    if answer < 0 { Err(last_error()) } else { Ok(answer) }
}

fn length(answer: isize) -> Result<usize> {
    usize::try_from(answer).map_err(|_| last_error())
}

fn c(path: &[u8]) -> CString {
    CString::new(path).expect("a path of a case has no NUL")
}

pub fn open(path: &[u8], flags: &Flags) -> Result<Fd> {
    let mut bits = match (flags.read, flags.write) {
        (_, false) => 0,
        (false, true) => 1,
        (true, true) => 2,
    };
    let choices = [
        (flags.create, 0o100),
        (flags.exclusive, 0o200),
        (flags.truncate, 0o1000),
        (flags.append, 0o2000),
        (flags.directory, 0o200_000),
        (flags.no_follow, 0o400_000),
    ];
    bits |= choices.iter().filter(|choice| choice.0).fold(0, |bits, choice| bits | choice.1);
    checked(unsafe { c_open(c(path).as_ptr(), bits, 0o666) })
}

pub fn close(fd: Fd) -> Result<()> {
    checked(unsafe { c_close(fd) }).map(drop)
}

pub fn read(fd: Fd, count: usize) -> Result<Vec<u8>> {
    let mut data = vec![0; count];
    let n = length(unsafe { c_read(fd, data.as_mut_ptr(), count) })?;
    data.truncate(n);
    Ok(data)
}

pub fn pread(fd: Fd, count: usize, offset: u64) -> Result<Vec<u8>> {
    let mut data = vec![0; count];
    let n = length(unsafe { c_pread(fd, data.as_mut_ptr(), count, offset.cast_signed()) })?;
    data.truncate(n);
    Ok(data)
}

pub fn write(fd: Fd, data: &[u8]) -> Result<u64> {
    length(unsafe { c_write(fd, data.as_ptr(), data.len()) }).map(|n| n as u64)
}

pub fn pwrite(fd: Fd, data: &[u8], offset: u64) -> Result<u64> {
    length(unsafe { c_pwrite(fd, data.as_ptr(), data.len(), offset.cast_signed()) }).map(|n| n as u64)
}

pub fn seek(fd: Fd, offset: i64, whence: Whence) -> Result<u64> {
    u64::try_from(unsafe { lseek(fd, offset, whence as c_int) }).map_err(|_| last_error())
}

pub fn dup(fd: Fd) -> Result<Fd> {
    checked(unsafe { c_dup(fd) })
}

pub fn pipe() -> Result<(Fd, Fd)> {
    let mut fds = [0; 2];
    checked(unsafe { c_pipe(fds.as_mut_ptr()) })?;
    Ok((fds[0], fds[1]))
}

pub fn mkdir(path: &[u8], mode: u32) -> Result<()> {
    checked(unsafe { c_mkdir(c(path).as_ptr(), mode) }).map(drop)
}

pub fn rmdir(path: &[u8]) -> Result<()> {
    checked(unsafe { c_rmdir(c(path).as_ptr()) }).map(drop)
}

pub fn unlink(path: &[u8]) -> Result<()> {
    checked(unsafe { c_unlink(c(path).as_ptr()) }).map(drop)
}

pub fn rename(old: &[u8], new: &[u8]) -> Result<()> {
    checked(unsafe { c_rename(c(old).as_ptr(), c(new).as_ptr()) }).map(drop)
}

pub fn link(old: &[u8], follow: bool, new: &[u8]) -> Result<()> {
    let flags = if follow { AT_SYMLINK_FOLLOW } else { 0 };
    checked(unsafe { linkat(AT_FDCWD, c(old).as_ptr(), AT_FDCWD, c(new).as_ptr(), flags) }).map(drop)
}

pub fn symlink(target: &[u8], path: &[u8]) -> Result<()> {
    checked(unsafe { c_symlink(c(target).as_ptr(), c(path).as_ptr()) }).map(drop)
}

pub fn readlink(path: &[u8], size: usize) -> Result<Vec<u8>> {
    let mut data = vec![0; size];
    let n = length(unsafe { c_readlink(c(path).as_ptr(), data.as_mut_ptr(), size) })?;
    data.truncate(n);
    Ok(data)
}

pub fn chmod(path: &[u8], mode: u32, follow: bool) -> Result<()> {
    let flags = if follow { 0 } else { AT_SYMLINK_NOFOLLOW };
    checked(unsafe { fchmodat(AT_FDCWD, c(path).as_ptr(), mode, flags) }).map(drop)
}

pub fn chown(path: &[u8], uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
    let flags = if follow { 0 } else { AT_SYMLINK_NOFOLLOW };
    let kept = u32::MAX;
    checked(unsafe { fchownat(AT_FDCWD, c(path).as_ptr(), uid.unwrap_or(kept), gid.unwrap_or(kept), flags) }).map(drop)
}

pub fn access(path: &[u8], mode: u32) -> Result<()> {
    checked(unsafe { c_access(c(path).as_ptr(), mode.cast_signed()) }).map(drop)
}

pub fn umask(mask: u32) -> Result<u32> {
    Ok(unsafe { c_umask(mask) })
}

fn timespec(time: Time) -> Timespec {
    match time {
        Time::Now => Timespec { seconds: 0, nanoseconds: (1 << 30) - 1 },
        Time::Omit => Timespec { seconds: 0, nanoseconds: (1 << 30) - 2 },
        Time::At(at) => {
            let parts = (at / 1_000_000_000, at % 1_000_000_000);
            Timespec { seconds: parts.0.cast_signed(), nanoseconds: parts.1.cast_signed() }
        }
    }
}

pub fn utimens(path: &[u8], follow: bool, atime: Time, mtime: Time) -> Result<()> {
    let times = [timespec(atime), timespec(mtime)];
    let flags = if follow { 0 } else { AT_SYMLINK_NOFOLLOW };
    checked(unsafe { utimensat(AT_FDCWD, c(path).as_ptr(), times.as_ptr(), flags) }).map(drop)
}

pub fn futimens(fd: Fd, atime: Time, mtime: Time) -> Result<()> {
    let times = [timespec(atime), timespec(mtime)];
    checked(unsafe { c_futimens(fd, times.as_ptr()) }).map(drop)
}

pub fn ftruncate(fd: Fd, len: u64) -> Result<()> {
    checked(unsafe { c_ftruncate(fd, len.cast_signed()) }).map(drop)
}

pub fn allocate(fd: Fd, offset: u64, len: u64) -> Result<()> {
    match unsafe { posix_fallocate(fd, offset.cast_signed(), len.cast_signed()) } {
        0 => Ok(()),
        error => Err(name_of(error)),
    }
}

pub fn chdir(path: &[u8]) -> Result<()> {
    checked(unsafe { c_chdir(c(path).as_ptr()) }).map(drop)
}

pub fn getcwd() -> Result<Vec<u8>> {
    let path = std::env::current_dir().map_err(|error| errno(&error))?;
    Ok(path.as_os_str().as_bytes().to_vec())
}

pub fn stat(path: &[u8], follow: bool) -> Result<Stat> {
    let path = Path::new(OsStr::from_bytes(path));
    let metadata = if follow { path.metadata() } else { path.symlink_metadata() };
    metadata.map(|metadata| of_metadata(&metadata)).map_err(|error| errno(&error))
}

pub fn fstat(fd: Fd) -> Result<Stat> {
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
    file.metadata().map(|metadata| of_metadata(&metadata)).map_err(|error| errno(&error))
}

fn of_metadata(metadata: &Metadata) -> Stat {
    let time = |seconds: i64, nanoseconds: i64| {
        u128::from(seconds.cast_unsigned()) * 1_000_000_000 + u128::from(nanoseconds.cast_unsigned())
    };
    Stat {
        ino: metadata.ino(),
        mode: metadata.mode(),
        nlink: metadata.nlink(),
        uid: metadata.uid(),
        gid: metadata.gid(),
        size: metadata.size(),
        blocks: metadata.blocks(),
        atime: time(metadata.atime(), metadata.atime_nsec()),
        mtime: time(metadata.mtime(), metadata.mtime_nsec()),
        ctime: time(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// Calls `each` for every entry as it is read. The buffer is the C library's, whatever `_size` asks for.
pub fn read_dir(path: &[u8], _size: usize, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let entries = std::fs::read_dir(OsStr::from_bytes(path)).map_err(|error| errno(&error))?;
    each(b".")?;
    each(b"..")?;
    for entry in entries {
        each(entry.map_err(|error| errno(&error))?.file_name().as_bytes())?;
    }
    Ok(())
}
