//! The small words of the kernel's interface: results of non-blocking calls, open flags, statuses, stats.
//!
//! Plain data without behaviour beyond naming itself.

use base::{Errno, Pid, Signal, Timestamp};
use vfs::Ino;

/// What a non-blocking operation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryIo<T> {
    /// It is done.
    Done(T),
    /// Nothing happened; wait for the matching future and try again.
    WouldBlock,
}

/// Where a relative path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The process's working directory.
    Cwd,
    /// The root (preview 1's one preopen).
    Root,
    /// An open directory.
    Fd(u32),
}

/// Flags of `open(2)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent flags of open(2)")]
pub struct OpenFlags {
    /// The descriptor may be read.
    pub read: bool,
    /// The descriptor may be written.
    pub write: bool,
    /// Every write goes to the end of the file.
    pub append: bool,
    /// Make the file when it is not there.
    pub create: bool,
    /// With `create`: fail with `EEXIST` when it is there.
    pub exclusive: bool,
    /// Cut a regular file to nothing.
    pub truncate: bool,
    /// Fail with `ENOTDIR` unless it is a directory.
    pub directory: bool,
    /// Fail with `ELOOP` when the last component is a symbolic link.
    pub no_follow: bool,
    /// Reads and writes answer `EAGAIN` instead of blocking (kept for the ABI; [`TryIo`] never blocks anyway).
    pub nonblock: bool,
}

/// The flags of an open file description that can be asked for and, in part, changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent flags of fcntl(2)")]
pub struct FdFlags {
    /// It may be read.
    pub read: bool,
    /// It may be written.
    pub write: bool,
    /// Every write goes to the end of the file.
    pub append: bool,
    /// The ABI answers `EAGAIN` instead of waiting.
    pub nonblock: bool,
}

/// Where `seek` counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The start of the file.
    Set,
    /// The present offset.
    Current,
    /// The end of the file.
    End,
}

/// What kind of thing a path or descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharDevice,
    /// A pipe, or the host's end of one.
    Fifo,
}

/// What `stat(2)` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// The inode; pipes and the like, which have none, get numbers above 2^63.
    pub ino: Ino,
    /// The kind.
    pub kind: FileType,
    /// Permission, set-id and sticky bits: 0 to 0o7777.
    pub mode: u32,
    /// Number of names.
    pub nlink: u32,
    /// Owner, as data.
    pub uid: u32,
    /// Group, as data.
    pub gid: u32,
    /// Length in bytes.
    pub size: u64,
    /// Bytes of memory its content occupies.
    pub allocated_bytes: u64,
    /// Last access.
    pub atime: Timestamp,
    /// Last change of content.
    pub mtime: Timestamp,
    /// Last change of anything.
    pub ctime: Timestamp,
    /// `makedev(major, minor)` of a device, else 0.
    pub device: u64,
}

impl FileStat {
    /// The number of the file system it is in (`st_dev`): 1 for the session's tree, 2 for /proc, 3 for what has no name.
    #[must_use]
    pub fn file_system(&self) -> u64 {
        // The two highest bits tell them apart: see `proc::Node` and the numbers of pipes.
        match self.ino.0 >> 62 {
            0 => 1,
            1 => 2,
            _ => 3,
        }
    }
}

/// One row of a whole-directory listing, without `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirRow {
    /// The name.
    pub name: Vec<u8>,
    /// The inode.
    pub ino: Ino,
    /// The kind.
    pub kind: FileType,
}

/// One row of a directory read with cookies, `.` and `..` included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirStep {
    /// The cookie that resumes after this row.
    pub next: u64,
    /// The row.
    pub row: DirRow,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitStatus {
    /// It returned or called `exit`.
    Exited(u8),
    /// A signal ended it.
    Signalled(Signal),
}

impl WaitStatus {
    /// Returns the number `waitpid(2)` gives on Linux.
    pub(crate) fn raw(self) -> u32 {
        match self {
            Self::Exited(code) => u32::from(code) << 8,
            Self::Signalled(signal) => u32::from(signal.0),
        }
    }

    /// Returns `$?` as a shell shows it: the status, or 128 + signal.
    #[must_use]
    pub fn shell_status(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Signalled(signal) => 128u8.saturating_add(signal.0),
        }
    }
}

/// Returns `$?` for a command that could not be started: 127 when it is not there, else 126.
#[must_use]
pub fn exec_failure_status(error: Errno) -> u8 {
    if matches!(error, Errno::ENOENT | Errno::ENOTDIR) { 127 } else { 126 }
}

/// What `wait` tells of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildEvent {
    /// It has ended, and is gone from the table.
    Ended(WaitStatus),
    /// A signal has stopped it.
    Stopped(Signal),
    /// SIGCONT lets it go on.
    Continued,
}

/// What `wait` tells beside ends (`WUNTRACED`, `WCONTINUED`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitEvents {
    /// Children that were stopped.
    pub stopped: bool,
    /// Children that go on.
    pub continued: bool,
}

/// Which children `wait` waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// Any child.
    Any,
    /// This child.
    Pid(Pid),
    /// A child in this process group.
    Group(Pid),
}

/// Whom `kill` signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillTarget {
    /// One process.
    Pid(Pid),
    /// The caller's process group.
    OwnGroup,
    /// A process group.
    Group(Pid),
    /// All processes but the session's shell and the caller.
    All,
}

impl KillTarget {
    /// Translates the first argument of `kill(2)`.
    #[must_use]
    pub fn from_raw(target: i32) -> Self {
        match target {
            0 => Self::OwnGroup,
            -1 => Self::All,
            n if n < 0 => Self::Group(Pid(n.unsigned_abs())),
            n => Self::Pid(Pid(n.unsigned_abs())),
        }
    }
}

/// The process group of a child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChildGroup {
    /// The caller's.
    #[default]
    Inherit,
    /// A new one led by the child.
    New,
    /// An existing one.
    Join(Pid),
}

/// Which descriptors a future or a poll asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// A read would not block.
    Read,
    /// A write would not block.
    Write,
}

/// Size of a terminal in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSize {
    /// Width.
    pub columns: u16,
    /// Height.
    pub rows: u16,
}

/// One row of the process list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its number.
    pub pid: Pid,
    /// Its parent's.
    pub parent: Pid,
    /// Its process group.
    pub group: Pid,
    /// Whether and how it ended (a zombie).
    pub status: Option<WaitStatus>,
    /// Time it spent executing guest code, in nanoseconds.
    pub cpu_ns: u64,
    /// `argv[0]`.
    pub name: Vec<u8>,
}
