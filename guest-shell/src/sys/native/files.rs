//! Files of the real system behind `Sys`.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, FileType, Mode, OFlags, SeekFrom};

use super::super::{DirectoryEntry, Errno, FileKind, FileStat, OpenFlags, Whence};
use super::errno;

/// The largest single read, so that a wild `max` allocates nothing big.
const READ_MAX: u32 = 1 << 20;

pub(super) fn path_buf(path: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(path.to_vec()))
}

pub(super) fn open(path: &Path, flags: OpenFlags, mode: u32) -> Result<OwnedFd, Errno> {
    let mut real = match (flags.read, flags.write) {
        (true, true) => OFlags::RDWR,
        (_, true) => OFlags::WRONLY,
        _ => OFlags::RDONLY,
    } | OFlags::CLOEXEC;
    real.set(OFlags::APPEND, flags.append);
    real.set(OFlags::CREATE, flags.create);
    real.set(OFlags::EXCL, flags.exclusive);
    real.set(OFlags::TRUNC, flags.truncate);
    rustix::fs::open(path, real, Mode::from_raw_mode(mode)).map_err(errno)
}

/// A readable descriptor over the bytes: an unnamed file.
pub(super) fn bytes_as_file(content: &[u8]) -> Result<OwnedFd, Errno> {
    let real = rustix::fs::memfd_create("here-document", rustix::fs::MemfdFlags::CLOEXEC).map_err(errno)?;
    write(&real, content)?;
    seek(&real, 0, Whence::Set)?;
    Ok(real)
}

pub(super) fn read(real: &OwnedFd, max: u32) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; max.min(READ_MAX) as usize];
    let got = loop {
        match rustix::io::read(real, &mut buffer[..]) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.map_err(errno)?,
        }
    };
    buffer.truncate(got);
    Ok(buffer)
}

pub(super) fn read_until(real: &OwnedFd, delimiter: u8, max: u32) -> Result<Vec<u8>, Errno> {
    let mut line = Vec::new();
    let seekable = rustix::fs::tell(real).is_ok();
    while line.len() < max as usize {
        let want = if seekable { 4096.min(max - u32::try_from(line.len()).unwrap_or(max)) } else { 1 };
        let piece = read(real, want)?;
        if piece.is_empty() {
            break;
        }
        let end = piece.iter().position(|byte| *byte == delimiter).map(|at| at + 1);
        line.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
        if let Some(end) = end {
            let beyond = i64::try_from(piece.len() - end).unwrap_or(0);
            if beyond > 0 {
                seek(real, -beyond, Whence::Current)?;
            }
            break;
        }
    }
    Ok(line)
}

pub(super) fn write(real: &OwnedFd, mut data: &[u8]) -> Result<(), Errno> {
    while !data.is_empty() {
        match rustix::io::write(real, data) {
            Ok(count) => data = data.get(count..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(errno(error)),
        }
    }
    Ok(())
}

pub(super) fn seek(real: &OwnedFd, offset: i64, whence: Whence) -> Result<u64, Errno> {
    let position = match whence {
        Whence::Set => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::EINVAL)?),
        Whence::Current => SeekFrom::Current(offset),
        Whence::End => SeekFrom::End(offset),
    };
    rustix::fs::seek(real, position).map_err(errno)
}

pub(super) fn poll_readable(real: &OwnedFd, timeout_ns: u64) -> Result<bool, Errno> {
    use rustix::event::{PollFd, PollFlags, poll};
    let timeout = rustix::event::Timespec {
        tv_sec: i64::try_from(timeout_ns / 1_000_000_000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(timeout_ns % 1_000_000_000).unwrap_or(0),
    };
    poll(&mut [PollFd::new(real, PollFlags::IN)], Some(&timeout)).map(|ready| ready > 0).map_err(errno)
}

pub(super) fn stat(path: &Path, follow: bool) -> Result<FileStat, Errno> {
    let answer = if follow { rustix::fs::stat(path) } else { rustix::fs::lstat(path) };
    answer.map(|raw| file_stat(&raw)).map_err(errno)
}

pub(super) fn fd_stat(real: &OwnedFd) -> Result<FileStat, Errno> {
    rustix::fs::fstat(real).map(|raw| file_stat(&raw)).map_err(errno)
}

fn file_stat(raw: &rustix::fs::Stat) -> FileStat {
    let time = |seconds: i64, nanoseconds: u64| u64::try_from(seconds).unwrap_or(0) * 1_000_000_000 + nanoseconds;
    FileStat {
        inode: raw.st_ino,
        kind: kind(FileType::from_raw_mode(raw.st_mode)),
        mode: raw.st_mode & 0o7777,
        links: u32::try_from(raw.st_nlink).unwrap_or(u32::MAX),
        uid: raw.st_uid,
        gid: raw.st_gid,
        size: u64::try_from(raw.st_size).unwrap_or(0),
        accessed: time(raw.st_atime, raw.st_atime_nsec),
        modified: time(raw.st_mtime, raw.st_mtime_nsec),
        changed: time(raw.st_ctime, raw.st_ctime_nsec),
        device: raw.st_rdev,
    }
}

fn kind(real: FileType) -> FileKind {
    match real {
        FileType::Directory => FileKind::Directory,
        FileType::Symlink => FileKind::Symlink,
        FileType::CharacterDevice | FileType::BlockDevice => FileKind::CharacterDevice,
        FileType::Fifo | FileType::Socket => FileKind::Fifo,
        _ => FileKind::Regular,
    }
}

pub(super) fn access(path: &Path, mode: u8) -> Result<(), Errno> {
    let mut wanted = Access::EXISTS;
    wanted.set(Access::READ_OK, mode & 4 != 0);
    wanted.set(Access::WRITE_OK, mode & 2 != 0);
    wanted.set(Access::EXEC_OK, mode & 1 != 0);
    rustix::fs::access(path, wanted).map_err(errno)
}

pub(super) fn read_dir(path: &Path) -> Result<Vec<DirectoryEntry>, Errno> {
    let directory =
        rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(errno)?;
    let mut entries = Vec::new();
    for entry in rustix::fs::Dir::new(directory).map_err(errno)? {
        let entry = entry.map_err(errno)?;
        let name = entry.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            entries.push(DirectoryEntry { name, kind: kind(entry.file_type()) });
        }
    }
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

pub(super) fn read_link(path: &Path) -> Result<Vec<u8>, Errno> {
    rustix::fs::readlink(path, Vec::new()).map(|target| target.into_bytes()).map_err(errno)
}

/// The absolute path of a directory without symbolic links.
pub(super) fn real_directory(path: &Path) -> Result<Vec<u8>, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open(path, flags, Mode::empty()).map_err(errno)?;
    let link = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&directory));
    let real = read_link(Path::new(&link))?;
    let gone = real.ends_with(b" (deleted)") && stat(Path::new(std::ffi::OsStr::from_bytes(&real)), true).is_err();
    if gone { Err(Errno::ENOENT) } else { Ok(real) }
}
