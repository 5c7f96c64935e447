//! The shell's whole world as a trait: what `wit/shell/shell.wit` calls the kernel, in Rust.
//!
//! In the component every call goes to the host; natively to the real system (`native`), for tests and profiling.
//! Nothing else in the shell touches files, clocks, processes or chance.

mod errno;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;

pub use errno::Errno;

/// A descriptor number.
pub type Fd = u32;
/// A process number.
pub type Pid = u32;

/// Flags of `open(2)`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenFlags {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Each write goes to the end.
    pub append: bool,
    /// The file is made when it is absent.
    pub create: bool,
    /// With `create`: `EEXIST` when it is there.
    pub exclusive: bool,
    /// The content goes.
    pub truncate: bool,
}

impl OpenFlags {
    /// Opens for reading.
    pub const READ: OpenFlags =
        OpenFlags { read: true, write: false, append: false, create: false, exclusive: false, truncate: false };
    /// `>`: made or emptied.
    pub const WRITE: OpenFlags =
        OpenFlags { read: false, write: true, append: false, create: true, exclusive: false, truncate: true };
    /// `>>`: made or appended to.
    pub const APPEND: OpenFlags =
        OpenFlags { read: false, write: true, append: true, create: true, exclusive: false, truncate: false };
}

/// What kind of file a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharacterDevice,
    /// A pipe.
    Fifo,
}

/// What `stat(2)` tells; times are nanoseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// The inode's number.
    pub inode: u64,
    /// The kind of file.
    pub kind: FileKind,
    /// Permission bits, 0 to 0o7777.
    pub mode: u32,
    /// Number of hard links.
    pub links: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Length in bytes.
    pub size: u64,
    /// Last access.
    pub accessed: u64,
    /// Last change of the content.
    pub modified: u64,
    /// Last change of the inode.
    pub changed: u64,
    /// Which device this is, 0 for other files.
    pub device: u64,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name.
    pub name: Vec<u8>,
    /// What it is, without following links.
    pub kind: FileKind,
}

/// Where an offset counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whence {
    /// The begin of the file.
    Set,
    /// The present offset.
    Current,
    /// The end of the file.
    End,
}

/// How a child ended or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitStatus {
    /// It exited with this status.
    Exited(u8),
    /// This signal ended it.
    Signalled(u8),
    /// This signal stopped it.
    Stopped(u8),
    /// It was stopped and goes on.
    Continued,
}

impl WaitStatus {
    /// The status as `$?` shows it.
    pub fn shell_status(self) -> u8 {
        match self {
            WaitStatus::Exited(status) => status,
            WaitStatus::Continued => 0,
            WaitStatus::Signalled(signal) | WaitStatus::Stopped(signal) => signal.saturating_add(128),
        }
    }
}

/// What a signal does to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// What the system does by default.
    Default,
    /// Nothing.
    Ignore,
    /// It is queued for `take_signal`.
    Handle,
}

/// What a process can lower for itself and what it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// The length of files it writes, in bytes.
    FileSize,
    /// The numbers of its descriptors.
    OpenFiles,
    /// The processes of the session.
    Processes,
    /// The memory of a process, in bytes.
    Memory,
}

/// One descriptor of a child: the child's number and the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FdMapping {
    /// Its number in the child.
    pub child: Fd,
    /// Its number here.
    pub parent: Fd,
}

/// What `spawn` starts.
#[derive(Debug, Clone, Default)]
pub struct SpawnRequest {
    /// Path of the executable file.
    pub path: Vec<u8>,
    /// Arguments, the name first.
    pub argv: Vec<Vec<u8>>,
    /// `NAME=value` entries.
    pub env: Vec<Vec<u8>>,
    /// All the descriptors the child has.
    pub fds: Vec<FdMapping>,
    /// Signals the child ignores from the start.
    pub ignored: Vec<u8>,
    /// None: the caller's process group; 0: a new one; else that group.
    pub group: Option<Pid>,
}

/// The kernel as the shell sees it. Every function acts for the calling shell process; each is documented in
/// `wit/shell/shell.wit`, whose contract this trait repeats in Rust.
pub trait Sys {
    /// Opens a file; a relative path is taken from the working directory.
    fn open(&self, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd, Errno>;
    /// Closes a descriptor.
    fn close(&self, fd: Fd) -> Result<(), Errno>;
    /// Duplicates to the lowest free descriptor not below `minimum`.
    fn dup(&self, fd: Fd, minimum: Fd) -> Result<Fd, Errno>;
    /// Makes `to` the same description as `fd`.
    fn dup2(&self, fd: Fd, to: Fd) -> Result<(), Errno>;
    /// Makes a pipe: (read end, write end), both at or above descriptor 10.
    fn pipe(&self) -> Result<(Fd, Fd), Errno>;
    /// Opens a descriptor (at or above 10) that reads the given bytes.
    fn open_bytes(&self, content: &[u8]) -> Result<Fd, Errno>;
    /// The open descriptors, ascending.
    fn open_fds(&self) -> Vec<Fd>;
    /// Reads up to `max` bytes; empty at the end of the file. Blocks.
    fn read(&self, fd: Fd, max: u32) -> Result<Vec<u8>, Errno>;
    /// Reads up to and including `delimiter`, at most `max` bytes. Blocks.
    fn read_until(&self, fd: Fd, delimiter: u8, max: u32) -> Result<Vec<u8>, Errno>;
    /// Writes all of `data`. Blocks.
    fn write(&self, fd: Fd, data: &[u8]) -> Result<(), Errno>;
    /// Moves the offset; answers the new one.
    fn seek(&self, fd: Fd, offset: i64, whence: Whence) -> Result<u64, Errno>;
    /// True when a read would not block; waits up to `timeout_ns`.
    fn poll_readable(&self, fd: Fd, timeout_ns: u64) -> Result<bool, Errno>;
    /// Whether the descriptor is a terminal.
    fn is_terminal(&self, fd: Fd) -> bool;
    /// (columns, rows) of the terminal, if there is one.
    fn window_size(&self) -> Option<(u16, u16)>;
    /// What a path stands for.
    fn stat(&self, path: &[u8], follow: bool) -> Result<FileStat, Errno>;
    /// What a descriptor stands for.
    fn fd_stat(&self, fd: Fd) -> Result<FileStat, Errno>;
    /// `access(2)` with R_OK 4, W_OK 2, X_OK 1.
    fn access(&self, path: &[u8], mode: u8) -> Result<(), Errno>;
    /// All entries but `.` and `..`, ordered by name.
    fn read_dir(&self, path: &[u8]) -> Result<Vec<DirectoryEntry>, Errno>;
    /// The target of a symbolic link.
    fn read_link(&self, path: &[u8]) -> Result<Vec<u8>, Errno>;
    /// Changes the working directory; answers its absolute path without symbolic links.
    fn chdir(&self, path: &[u8]) -> Result<Vec<u8>, Errno>;
    /// Absolute path of the working directory without symbolic links.
    fn getcwd(&self) -> Result<Vec<u8>, Errno>;
    /// Sets the file mode creation mask when given; answers the previous one.
    fn umask(&self, mask: Option<u32>) -> u32;
    /// The soft and the hard limit of this process; `u64::MAX` is none.
    fn limit(&self, kind: LimitKind) -> (u64, u64);
    /// Sets both limits.
    fn set_limit(&self, kind: LimitKind, soft: u64, hard: u64) -> Result<(), Errno>;
    /// This process (the innermost subshell).
    fn process_id(&self) -> Pid;
    /// Its parent.
    fn parent_id(&self) -> Pid;
    /// Copies descriptors, cwd and umask and takes a new process number until `leave_subshell`. Nests.
    fn enter_subshell(&self) -> Result<Pid, Errno>;
    /// Ends the innermost subshell.
    fn leave_subshell(&self);
    /// Starts a bounded capture; answers the descriptor (at or above 10) that writes to it.
    fn capture_begin(&self) -> Result<Fd, Errno>;
    /// Closes the descriptor, waits until no writer is left, answers what was written. Blocks.
    fn capture_end(&self, fd: Fd) -> Result<Vec<u8>, Errno>;
    /// Starts a program.
    fn spawn(&self, request: &SpawnRequest) -> Result<Pid, Errno>;
    /// Starts a process of this shell that loads `state` and executes `stage`.
    fn spawn_shell(&self, state: &[u8], stage: &[u8], fds: &[FdMapping], group: Option<Pid>) -> Result<Pid, Errno>;
    /// Waits for one child, or any; none when `no_hang` and nobody ended. Blocks.
    fn wait(&self, child: Option<Pid>, no_hang: bool) -> Result<Option<(Pid, WaitStatus)>, Errno>;
    /// Signals one process (> 0), the caller's group (0) or a group (< 0).
    fn kill(&self, target: i32, signal: u8) -> Result<(), Errno>;
    /// Sets what a signal does.
    fn set_disposition(&self, signal: u8, disposition: Disposition);
    /// Takes one pending handled signal.
    fn take_signal(&self) -> Option<u8>;
    /// Sleeps; `EINTR` when a signal arrives. Blocks.
    fn sleep(&self, ns: u64) -> Result<(), Errno>;
    /// Nanoseconds since the epoch.
    fn wall_clock(&self) -> u64;
    /// Nanoseconds since some start.
    fn monotonic_clock(&self) -> u64;
    /// CPU time in nanoseconds: (this shell, its waited-for children).
    fn cpu_times(&self) -> (u64, u64);
    /// 64 random bits.
    fn random_u64(&self) -> u64;
}
