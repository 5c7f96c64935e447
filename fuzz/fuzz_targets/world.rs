//! A place for a shell under test: an empty folder, its output in a file, and a bound on its steps.

use std::cell::Cell;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::rc::Rc;

use guest_shell::sys::native::NativeSys;
use guest_shell::sys::{
    DirectoryEntry, Disposition, Errno, Fd, FdMapping, FileStat, LimitKind, OpenFlags, Pid, SpawnRequest, Sys,
    WaitStatus, Whence,
};

/// After so many looks at the signals the shell is told that its time is over.
const POLLS_MAX: u32 = 2_000;
/// The signal that says so.
const SIGXCPU: u8 = 24;
/// The most that is kept of what a script prints.
const OUTPUT_MAX: u64 = 4 << 20;

/// The folder and the output.
pub struct World {
    folder: tempfile::TempDir,
    output: std::fs::File,
}

impl World {
    pub fn new() -> World {
        let folder = tempfile::tempdir().expect("a folder");
        World { folder, output: tempfile::tempfile().expect("a file for the output") }
    }

    /// A shell's way to this place.
    pub fn sys(&self) -> Bounded {
        let sys = NativeSys::new(PathBuf::from("/nonexistent")).expect("the real system");
        sys.enter(self.folder.path().to_path_buf());
        let null: OwnedFd = std::fs::File::open("/dev/null").expect("a null device").into();
        sys.install(0, null);
        let output: OwnedFd = self.output.try_clone().expect("a copy of the output").into();
        sys.install(1, output);
        let _ = sys.close(2);
        Bounded { sys: Rc::new(sys), polls: Cell::new(0), inside: self.folder.path().to_path_buf() }
    }

    /// What was printed.
    #[allow(dead_code, reason = "not every target reads it")]
    pub fn output(&self) -> Vec<u8> {
        use std::os::unix::fs::FileExt;
        let length = self.output.metadata().map_or(0, |metadata| metadata.len()).min(OUTPUT_MAX);
        let mut text = vec![0; usize::try_from(length).unwrap_or(0)];
        let read = self.output.read_at(&mut text, 0).unwrap_or(0);
        text.truncate(read);
        text
    }
}

/// The real system without programs, without other processes, and with nothing written outside of the folder.
pub struct Bounded {
    sys: Rc<NativeSys>,
    polls: Cell<u32>,
    inside: PathBuf,
}

impl Bounded {
    /// Whether a path is surely one of the folder: a name in it, or a device that swallows.
    fn allows(&self, path: &[u8], flags: OpenFlags) -> bool {
        let writes = flags.write || flags.create || flags.truncate;
        let here = self.sys.getcwd().is_ok_and(|cwd| cwd == self.inside.as_os_str().as_encoded_bytes());
        !writes && path.starts_with(b"/dev/null") || here && !path.is_empty() && !path.contains(&b'/')
    }
}

/// Passes calls on unchanged.
macro_rules! pass {
    ($($name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&self, $($arg: $type),*) -> $answer { self.sys.$name($($arg),*) })*
    };
}

impl Sys for Bounded {
    pass! {
        close(fd: Fd) -> Result<(), Errno>;
        dup(fd: Fd, minimum: Fd) -> Result<Fd, Errno>;
        dup2(fd: Fd, to: Fd) -> Result<(), Errno>;
        open_bytes(content: &[u8]) -> Result<Fd, Errno>;
        open_fds() -> Vec<Fd>;
        seek(fd: Fd, offset: i64, whence: Whence) -> Result<u64, Errno>;
        is_terminal(fd: Fd) -> bool;
        window_size() -> Option<(u16, u16)>;
        stat(path: &[u8], follow: bool) -> Result<FileStat, Errno>;
        fd_stat(fd: Fd) -> Result<FileStat, Errno>;
        access(path: &[u8], mode: u8) -> Result<(), Errno>;
        read_link(path: &[u8]) -> Result<Vec<u8>, Errno>;
        chdir(path: &[u8]) -> Result<Vec<u8>, Errno>;
        getcwd() -> Result<Vec<u8>, Errno>;
        umask(mask: Option<u32>) -> u32;
        limit(kind: LimitKind) -> (u64, u64);
        process_id() -> Pid;
        parent_id() -> Pid;
        enter_subshell() -> Result<Pid, Errno>;
        leave_subshell() -> ();
        capture_begin() -> Result<Fd, Errno>;
        capture_end(fd: Fd) -> Result<Vec<u8>, Errno>;
        wall_clock() -> u64;
        monotonic_clock() -> u64;
        cpu_times() -> (u64, u64);
        random_u64() -> u64;
    }

    fn open(&self, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd, Errno> {
        if self.allows(path, flags) { self.sys.open(path, flags, mode) } else { Err(Errno::EACCES) }
    }

    fn pipe(&self) -> Result<(Fd, Fd), Errno> {
        // Nobody would be at the other end.
        Err(Errno::EMFILE)
    }

    fn read(&self, fd: Fd, max: u32) -> Result<Vec<u8>, Errno> {
        self.sys.read(fd, max.min(1 << 20))
    }

    fn read_until(&self, fd: Fd, delimiter: u8, max: u32) -> Result<Vec<u8>, Errno> {
        self.sys.read_until(fd, delimiter, max.min(1 << 20))
    }

    fn write(&self, fd: Fd, data: &[u8]) -> Result<(), Errno> {
        let full = self.sys.seek(fd, 0, Whence::End).is_ok_and(|length| length > OUTPUT_MAX);
        if full { Err(Errno::ENOSPC) } else { self.sys.write(fd, data) }
    }

    fn poll_readable(&self, _: Fd, _: u64) -> Result<bool, Errno> {
        Ok(true)
    }

    fn read_dir(&self, path: &[u8]) -> Result<Vec<DirectoryEntry>, Errno> {
        let here = path == b"." || path == self.inside.as_os_str().as_encoded_bytes();
        if here { self.sys.read_dir(path) } else { Err(Errno::EACCES) }
    }

    fn set_limit(&self, _: LimitKind, _: u64, _: u64) -> Result<(), Errno> {
        Err(Errno::EPERM)
    }

    fn spawn(&self, _: &SpawnRequest) -> Result<Pid, Errno> {
        Err(Errno::EAGAIN)
    }

    fn spawn_shell(&self, _: &[u8], _: &[u8], _: &[FdMapping], _: Option<Pid>) -> Result<Pid, Errno> {
        Err(Errno::EAGAIN)
    }

    fn wait(&self, _: Option<Pid>, _: bool) -> Result<Option<(Pid, WaitStatus)>, Errno> {
        Err(Errno::ECHILD)
    }

    fn kill(&self, _: i32, _: u8) -> Result<(), Errno> {
        Err(Errno::ESRCH)
    }

    fn set_disposition(&self, _: u8, _: Disposition) {}

    fn take_signal(&self) -> Option<u8> {
        self.polls.set(self.polls.get() + 1);
        (self.polls.get() > POLLS_MAX).then_some(SIGXCPU)
    }

    fn sleep(&self, _: u64) -> Result<(), Errno> {
        Err(Errno::EINTR)
    }
}
