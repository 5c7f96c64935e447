//! The calls of a guest: preview 1, and the program module for what preview 1 lacks.

use std::borrow::Cow;
use std::sync::Mutex;

use crate::world::Errno;

pub type Fd = u32;
pub const NO_FD: Fd = 999;

type Result<T> = std::result::Result<T, Errno>;

#[path = "words.rs"]
mod words;
pub use words::{CREATE, Flags, Stat, Time, Whence};

/// The preopened root.
const ROOT_FD: Fd = 3;
/// The rights a guest asks for beside those of its flags: all but reading, listing and the four of writing.
const RIGHTS: u64 = RIGHTS_ALL & !(RIGHTS_READ | RIGHTS_WRITE);
/// What is opened through a directory may have any.
const RIGHTS_ALL: u64 = (1 << 30) - 1;
const RIGHTS_READ: u64 = 1 << 1 | 1 << 14;
const RIGHTS_WRITE: u64 = 1 | 1 << 6 | 1 << 8 | 1 << 22;

#[repr(C)]
struct Iovec {
    data: *mut u8,
    len: usize,
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn path_open(
        at: Fd,
        lookup: u32,
        path: *const u8,
        len: usize,
        oflags: u16,
        rights: u64,
        inheriting: u64,
        flags: u16,
        out: *mut Fd,
    ) -> u16;
    fn path_create_directory(at: Fd, path: *const u8, len: usize) -> u16;
    fn path_remove_directory(at: Fd, path: *const u8, len: usize) -> u16;
    fn path_unlink_file(at: Fd, path: *const u8, len: usize) -> u16;
    fn path_rename(at: Fd, path: *const u8, len: usize, to: Fd, new: *const u8, new_len: usize) -> u16;
    fn path_link(at: Fd, lookup: u32, path: *const u8, len: usize, to: Fd, new: *const u8, new_len: usize) -> u16;
    fn path_symlink(target: *const u8, target_len: usize, at: Fd, path: *const u8, len: usize) -> u16;
    fn path_readlink(at: Fd, path: *const u8, len: usize, data: *mut u8, room: usize, out: *mut usize) -> u16;
    fn path_filestat_set_times(
        at: Fd,
        lookup: u32,
        path: *const u8,
        len: usize,
        atime: u64,
        mtime: u64,
        flags: u16,
    ) -> u16;
    fn fd_filestat_set_times(fd: Fd, atime: u64, mtime: u64, flags: u16) -> u16;
    fn fd_filestat_set_size(fd: Fd, len: u64) -> u16;
    fn fd_allocate(fd: Fd, offset: u64, len: u64) -> u16;
    fn fd_close(fd: Fd) -> u16;
    fn fd_read(fd: Fd, vectors: *const Iovec, count: usize, out: *mut usize) -> u16;
    fn fd_write(fd: Fd, vectors: *const Iovec, count: usize, out: *mut usize) -> u16;
    fn fd_pread(fd: Fd, vectors: *const Iovec, count: usize, offset: u64, out: *mut usize) -> u16;
    fn fd_pwrite(fd: Fd, vectors: *const Iovec, count: usize, offset: u64, out: *mut usize) -> u16;
    fn fd_seek(fd: Fd, offset: i64, whence: u8, out: *mut u64) -> u16;
    fn fd_readdir(fd: Fd, data: *mut u8, room: usize, cookie: u64, out: *mut usize) -> u16;
}

#[link(wasm_import_module = "sandshell_v1")]
unsafe extern "C" {
    #[link_name = "getcwd"]
    fn v1_getcwd(data: *mut u8, len: usize, out: *mut usize) -> i32;
    #[link_name = "chdir"]
    fn v1_chdir(path: *const u8, len: usize) -> i32;
    #[link_name = "stat"]
    fn v1_stat(path: *const u8, len: usize, follow: u32, out: *mut [u64; 10]) -> i32;
    #[link_name = "fstat"]
    fn v1_fstat(fd: Fd, out: *mut [u64; 10]) -> i32;
    #[link_name = "chmod"]
    fn v1_chmod(path: *const u8, len: usize, mode: u32, follow: u32) -> i32;
    #[link_name = "chown"]
    fn v1_chown(path: *const u8, len: usize, uid: u32, gid: u32, follow: u32) -> i32;
    #[link_name = "umask"]
    fn v1_umask(mask: u32, out: *mut u32) -> i32;
    #[link_name = "access"]
    fn v1_access(path: *const u8, len: usize, mode: u32) -> i32;
    #[link_name = "dup"]
    fn v1_dup(fd: Fd, minimum: u32, out: *mut Fd) -> i32;
    #[link_name = "pipe"]
    fn v1_pipe(out: *mut [Fd; 2]) -> i32;
}

/// The descriptor of the working directory, for preview 1's relative paths.
static CWD: Mutex<Fd> = Mutex::new(ROOT_FD);

fn checked(errno: impl Into<i64>) -> Result<()> {
    Err(Errno(match errno.into() {
        0 => return Ok(()),
        2 => "EACCES",
        8 => "EBADF",
        10 => "EBUSY",
        19 => "EDQUOT",
        20 => "EEXIST",
        22 => "EFBIG",
        28 => "EINVAL",
        31 => "EISDIR",
        32 => "ELOOP",
        34 => "EMLINK",
        37 => "ENAMETOOLONG",
        44 => "ENOENT",
        51 => "ENOSPC",
        54 => "ENOTDIR",
        55 => "ENOTEMPTY",
        58 => "ENOTSUP",
        60 => "ENXIO",
        61 => "EOVERFLOW",
        63 => "EPERM",
        64 => "EPIPE",
        68 => "ERANGE",
        69 => "EROFS",
        70 => "ESPIPE",
        75 => "EXDEV",
        76 => "ENOTCAPABLE",
        _ => "ESOMETHING",
    }))
}

/// Where a path starts and what is left of it: preview 1 has no absolute paths, and a path from a directory other than
/// the root stays below it as it is written.
fn at(path: &[u8]) -> (Fd, Cow<'_, [u8]>) {
    if path.starts_with(b"/") {
        let start = path.iter().position(|byte| *byte != b'/').unwrap_or(path.len());
        (ROOT_FD, Cow::Borrowed(if start == path.len() { b"." } else { &path[start..] }))
    } else if leads_out(path) {
        (ROOT_FD, Cow::Owned(from_root(path)))
    } else {
        (*CWD.lock().expect("one thread"), Cow::Borrowed(path))
    }
}

/// A path of the working directory as one of the root.
fn from_root(path: &[u8]) -> Vec<u8> {
    match getcwd() {
        Ok(cwd) if cwd.len() > 1 => [&cwd[1..], b"/", path].concat(),
        _ => path.to_vec(),
    }
}

fn leads_out(path: &[u8]) -> bool {
    let mut depth = 0;
    path.split(|byte| *byte == b'/').any(|name| {
        match name {
            b"" | b"." => {}
            b".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    })
}

pub fn open(path: &[u8], flags: &Flags) -> Result<Fd> {
    let (at, path) = at(path);
    let choices =
        [(flags.create, 1 << 0), (flags.directory, 1 << 1), (flags.exclusive, 1 << 2), (flags.truncate, 1 << 3)];
    let oflags = choices.iter().filter(|choice| choice.0).fold(0, |bits, choice| bits | choice.1);
    let mut rights = RIGHTS;
    if flags.read || !flags.write {
        rights |= RIGHTS_READ;
    }
    if flags.write {
        rights |= RIGHTS_WRITE;
    }
    let mut fd = 0;
    let lookup = u32::from(!flags.no_follow);
    let append = u16::from(flags.append);
    checked(unsafe { path_open(at, lookup, path.as_ptr(), path.len(), oflags, rights, RIGHTS_ALL, append, &mut fd) })?;
    Ok(fd)
}

pub fn close(fd: Fd) -> Result<()> {
    checked(unsafe { fd_close(fd) })
}

fn reading(count: usize, call: impl FnOnce(*const Iovec, *mut usize) -> u16) -> Result<Vec<u8>> {
    let mut data = vec![0; count];
    let vector = Iovec { data: data.as_mut_ptr(), len: count };
    let mut n = 0;
    checked(call(&vector, &mut n))?;
    data.truncate(n);
    Ok(data)
}

fn writing(data: &[u8], call: impl FnOnce(*const Iovec, *mut usize) -> u16) -> Result<u64> {
    let vector = Iovec { data: data.as_ptr().cast_mut(), len: data.len() };
    let mut n = 0;
    checked(call(&vector, &mut n))?;
    Ok(n as u64)
}

pub fn read(fd: Fd, count: usize) -> Result<Vec<u8>> {
    reading(count, |vector, n| unsafe { fd_read(fd, vector, 1, n) })
}

pub fn pread(fd: Fd, count: usize, offset: u64) -> Result<Vec<u8>> {
    reading(count, |vector, n| unsafe { fd_pread(fd, vector, 1, offset, n) })
}

pub fn write(fd: Fd, data: &[u8]) -> Result<u64> {
    writing(data, |vector, n| unsafe { fd_write(fd, vector, 1, n) })
}

pub fn pwrite(fd: Fd, data: &[u8], offset: u64) -> Result<u64> {
    writing(data, |vector, n| unsafe { fd_pwrite(fd, vector, 1, offset, n) })
}

pub fn seek(fd: Fd, offset: i64, whence: Whence) -> Result<u64> {
    let mut at = 0;
    checked(unsafe { fd_seek(fd, offset, whence as u8, &mut at) })?;
    Ok(at)
}

pub fn dup(fd: Fd) -> Result<Fd> {
    let mut copy = 0;
    checked(unsafe { v1_dup(fd, 0, &mut copy) })?;
    Ok(copy)
}

pub fn pipe() -> Result<(Fd, Fd)> {
    let mut ends = [0; 2];
    checked(unsafe { v1_pipe(&mut ends) })?;
    Ok((ends[0], ends[1]))
}

/// Preview 1 gives no mode; the host's is what everybody gives, 0777.
pub fn mkdir(path: &[u8], _mode: u32) -> Result<()> {
    let (at, path) = at(path);
    checked(unsafe { path_create_directory(at, path.as_ptr(), path.len()) })
}

pub fn rmdir(path: &[u8]) -> Result<()> {
    let (at, path) = at(path);
    checked(unsafe { path_remove_directory(at, path.as_ptr(), path.len()) })
}

pub fn unlink(path: &[u8]) -> Result<()> {
    let (at, path) = at(path);
    checked(unsafe { path_unlink_file(at, path.as_ptr(), path.len()) })
}

pub fn rename(old: &[u8], new: &[u8]) -> Result<()> {
    let ((from, old), (to, new)) = (at(old), at(new));
    checked(unsafe { path_rename(from, old.as_ptr(), old.len(), to, new.as_ptr(), new.len()) })
}

pub fn link(old: &[u8], follow: bool, new: &[u8]) -> Result<()> {
    let ((from, old), (to, new)) = (at(old), at(new));
    checked(unsafe { path_link(from, follow.into(), old.as_ptr(), old.len(), to, new.as_ptr(), new.len()) })
}

pub fn symlink(target: &[u8], path: &[u8]) -> Result<()> {
    // Preview 1 makes a link that starts at the root only through the directory that is the root.
    let absolute = target.starts_with(b"/") && !path.starts_with(b"/") && !path.is_empty();
    let (at, path) = if absolute { (ROOT_FD, Cow::Owned(from_root(path))) } else { at(path) };
    checked(unsafe { path_symlink(target.as_ptr(), target.len(), at, path.as_ptr(), path.len()) })
}

pub fn readlink(path: &[u8], size: usize) -> Result<Vec<u8>> {
    let (at, path) = at(path);
    let mut data = vec![0; size];
    let mut n = 0;
    checked(unsafe { path_readlink(at, path.as_ptr(), path.len(), data.as_mut_ptr(), size, &mut n) })?;
    data.truncate(n);
    Ok(data)
}

pub fn chmod(path: &[u8], mode: u32, follow: bool) -> Result<()> {
    checked(unsafe { v1_chmod(path.as_ptr(), path.len(), mode, follow.into()) })
}

pub fn chown(path: &[u8], uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
    let kept = u32::MAX;
    let (uid, gid) = (uid.unwrap_or(kept), gid.unwrap_or(kept));
    checked(unsafe { v1_chown(path.as_ptr(), path.len(), uid, gid, follow.into()) })
}

pub fn access(path: &[u8], mode: u32) -> Result<()> {
    checked(unsafe { v1_access(path.as_ptr(), path.len(), mode) })
}

pub fn umask(mask: u32) -> Result<u32> {
    let mut before = 0;
    checked(unsafe { v1_umask(mask, &mut before) })?;
    Ok(before)
}

/// Both times and preview 1's flags that say which count.
fn times(atime: Time, mtime: Time) -> (u64, u64, u16) {
    let word = |time: Time, shift: u16| match time {
        Time::At(at) => (at, 1 << shift),
        Time::Now => (0, 2 << shift),
        Time::Omit => (0, 0),
    };
    let ((atime, a), (mtime, m)) = (word(atime, 0), word(mtime, 2));
    (atime, mtime, a | m)
}

pub fn utimens(path: &[u8], follow: bool, atime: Time, mtime: Time) -> Result<()> {
    let (at, path) = at(path);
    let (atime, mtime, flags) = times(atime, mtime);
    checked(unsafe { path_filestat_set_times(at, follow.into(), path.as_ptr(), path.len(), atime, mtime, flags) })
}

pub fn futimens(fd: Fd, atime: Time, mtime: Time) -> Result<()> {
    let (atime, mtime, flags) = times(atime, mtime);
    checked(unsafe { fd_filestat_set_times(fd, atime, mtime, flags) })
}

pub fn ftruncate(fd: Fd, len: u64) -> Result<()> {
    checked(unsafe { fd_filestat_set_size(fd, len) })
}

pub fn allocate(fd: Fd, offset: u64, len: u64) -> Result<()> {
    checked(unsafe { fd_allocate(fd, offset, len) })
}

pub fn chdir(path: &[u8]) -> Result<()> {
    checked(unsafe { v1_chdir(path.as_ptr(), path.len()) })?;
    let directory = open(&getcwd()?, &Flags { read: true, directory: true, ..Flags::default() })?;
    let before = std::mem::replace(&mut *CWD.lock().expect("one thread"), directory);
    if before == ROOT_FD { Ok(()) } else { close(before) }
}

pub fn getcwd() -> Result<Vec<u8>> {
    let mut data = vec![0; 4096];
    let mut n = 0;
    checked(unsafe { v1_getcwd(data.as_mut_ptr(), data.len(), &mut n) })?;
    data.truncate(n);
    Ok(data)
}

pub fn stat(path: &[u8], follow: bool) -> Result<Stat> {
    let mut record = [0; 10];
    checked(unsafe { v1_stat(path.as_ptr(), path.len(), follow.into(), &mut record) })?;
    Ok(of_record(&record))
}

pub fn fstat(fd: Fd) -> Result<Stat> {
    let mut record = [0; 10];
    checked(unsafe { v1_fstat(fd, &mut record) })?;
    Ok(of_record(&record))
}

fn of_record(record: &[u64; 10]) -> Stat {
    let halves = |word: u64| (word as u32, (word >> 32) as u32);
    let ((mode, nlink), (uid, gid)) = (halves(record[1]), halves(record[2]));
    Stat {
        ino: record[0],
        mode,
        nlink: nlink.into(),
        uid,
        gid,
        size: record[3],
        blocks: record[8],
        atime: record[4].into(),
        mtime: record[5].into(),
        ctime: record[6].into(),
    }
}

/// Calls `each` for every entry as it is read with a buffer of `size` bytes.
pub fn read_dir(path: &[u8], size: usize, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let fd = open(path, &Flags { read: true, directory: true, ..Flags::default() })?;
    let done = read_entries(fd, size, &mut each);
    close(fd)?;
    done
}

fn read_entries(fd: Fd, size: usize, each: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut cookie = 0;
    loop {
        let mut data = vec![0; size];
        let mut n = 0;
        checked(unsafe { fd_readdir(fd, data.as_mut_ptr(), size, cookie, &mut n) })?;
        let mut rest = &data[..n];
        while let Some((head, tail)) = rest.split_first_chunk::<24>() {
            let name_len = u32::from_le_bytes([head[16], head[17], head[18], head[19]]) as usize;
            // What the end of the buffer has cut is read again.
            let Some(name) = tail.get(..name_len) else { break };
            each(name)?;
            cookie = u64::from_le_bytes(std::array::from_fn(|at| head[at]));
            rest = &tail[name_len..];
        }
        if n < size {
            return Ok(());
        }
    }
}
