//! `Sys` over the real system, for tests and profiling of the shell without Wasm.
//!
//! Owns a descriptor table, a working directory and an umask of its own, so that subshells can copy them. It is no
//! product: signals from other processes end it as they end any program, and a pipe or a process group is what the
//! system makes of it.

mod descriptors;
mod files;
mod limits;
mod processes;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use rustix::time::{ClockId, clock_gettime};

use self::descriptors::Table;
use self::limits::Limits;
use self::processes::Capture;
use super::{
    DirectoryEntry, Disposition, Errno, Fd, FdMapping, FileStat, LimitKind, OpenFlags, Pid, SpawnRequest, Sys,
    WaitStatus, Whence,
};

/// The real system.
pub struct NativeSys {
    inner: RefCell<Inner>,
}

/// Everything that changes.
struct Inner {
    /// One level for the shell and one for each subshell it is in.
    levels: Vec<Level>,
    pending: VecDeque<u8>,
    dispositions: BTreeMap<u8, Disposition>,
    shell_program: PathBuf,
    next_subshell_pid: Pid,
}

/// What a subshell has of its own.
#[derive(Clone)]
struct Level {
    table: Table,
    cwd: PathBuf,
    umask: u32,
    limits: Limits,
    pid: Pid,
    children: Vec<Pid>,
    captures: Rc<RefCell<BTreeMap<Fd, Capture>>>,
}

impl NativeSys {
    /// Takes the process's descriptors 0 to 2 and working directory. `shell_program` is the executable that
    /// understands `--stage STATE STAGE`: the shell's native binary.
    ///
    /// # Errors
    /// What the system says when the descriptors or the directory cannot be had.
    pub fn new(shell_program: PathBuf) -> Result<NativeSys, Errno> {
        let cwd = rustix::process::getcwd(Vec::new()).map_err(errno)?;
        let level = Level {
            table: Table::of_process()?,
            cwd: files::path_buf(cwd.as_bytes()),
            umask: processes::current_umask(),
            limits: Limits::of_process(),
            pid: processes::own_pid(),
            children: Vec::new(),
            captures: Rc::default(),
        };
        Ok(NativeSys {
            inner: RefCell::new(Inner {
                levels: vec![level],
                pending: VecDeque::new(),
                dispositions: BTreeMap::new(),
                shell_program,
                next_subshell_pid: processes::own_pid().saturating_add(100_000),
            }),
        })
    }

    /// Replaces descriptor `fd` by a real one (tests catch the output so).
    pub fn install(&self, fd: Fd, real: std::os::fd::OwnedFd) {
        self.with(|level| level.table.insert(fd, real));
    }

    /// Sets the working directory without asking the process's own.
    pub fn enter(&self, directory: PathBuf) {
        self.with(|level| level.cwd = directory);
    }

    fn with<R>(&self, act: impl FnOnce(&mut Level) -> R) -> R {
        let mut inner = self.inner.borrow_mut();
        act(inner.levels.last_mut().expect("the first level is never left"))
    }

    /// Joins a path with this level's working directory.
    fn absolute(&self, path: &[u8]) -> PathBuf {
        self.with(|level| level.cwd.join(files::path_buf(path)))
    }
}

/// Translates an error of the system.
fn errno(error: rustix::io::Errno) -> Errno {
    errno_of_raw(error.raw_os_error())
}

/// Translates an error number of Linux.
fn errno_of_raw(raw: i32) -> Errno {
    let known: &[(i32, Errno)] = &[
        (1, Errno::EPERM),
        (2, Errno::ENOENT),
        (3, Errno::ESRCH),
        (4, Errno::EINTR),
        (5, Errno::EIO),
        (7, Errno::E2BIG),
        (8, Errno::ENOEXEC),
        (9, Errno::EBADF),
        (10, Errno::ECHILD),
        (11, Errno::EAGAIN),
        (12, Errno::ENOMEM),
        (13, Errno::EACCES),
        (16, Errno::EBUSY),
        (17, Errno::EEXIST),
        (20, Errno::ENOTDIR),
        (21, Errno::EISDIR),
        (22, Errno::EINVAL),
        (24, Errno::EMFILE),
        (25, Errno::ENOTTY),
        (26, Errno::ETXTBSY),
        (27, Errno::EFBIG),
        (28, Errno::ENOSPC),
        (29, Errno::ESPIPE),
        (30, Errno::EROFS),
        (32, Errno::EPIPE),
        (36, Errno::ENAMETOOLONG),
        (40, Errno::ELOOP),
    ];
    known.iter().find(|(number, _)| *number == raw).map_or(Errno::EIO, |(_, errno)| *errno)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let now = clock_gettime(clock);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

impl Sys for NativeSys {
    fn open(&self, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd, Errno> {
        if let Some(fd) = descriptors::fd_of_path(path) {
            return self.dup(fd, 0);
        }
        let real = files::open(&self.absolute_or_empty(path)?, flags, mode)?;
        Ok(self.with(|level| level.table.add(real.into(), 0)))
    }

    fn close(&self, fd: Fd) -> Result<(), Errno> {
        self.with(|level| level.table.remove(fd))
    }

    fn dup(&self, fd: Fd, minimum: Fd) -> Result<Fd, Errno> {
        self.with(|level| level.table.get(fd).map(|real| level.table.add(real, minimum)))
    }

    fn dup2(&self, fd: Fd, to: Fd) -> Result<(), Errno> {
        self.with(|level| level.table.get(fd).map(|real| level.table.put(to, real)))
    }

    fn pipe(&self) -> Result<(Fd, Fd), Errno> {
        let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(errno)?;
        Ok(self.with(|level| (level.table.add(reader.into(), 10), level.table.add(writer.into(), 10))))
    }

    fn open_bytes(&self, content: &[u8]) -> Result<Fd, Errno> {
        let real = files::bytes_as_file(content)?;
        Ok(self.with(|level| level.table.add(real.into(), 10)))
    }

    fn open_fds(&self) -> Vec<Fd> {
        self.with(|level| level.table.numbers())
    }

    fn read(&self, fd: Fd, max: u32) -> Result<Vec<u8>, Errno> {
        files::read(&*self.with(|level| level.table.get(fd))?, max)
    }

    fn read_until(&self, fd: Fd, delimiter: u8, max: u32) -> Result<Vec<u8>, Errno> {
        files::read_until(&*self.with(|level| level.table.get(fd))?, delimiter, max)
    }

    fn write(&self, fd: Fd, data: &[u8]) -> Result<(), Errno> {
        files::write(&*self.with(|level| level.table.get(fd))?, data)
    }

    fn seek(&self, fd: Fd, offset: i64, whence: Whence) -> Result<u64, Errno> {
        files::seek(&*self.with(|level| level.table.get(fd))?, offset, whence)
    }

    fn poll_readable(&self, fd: Fd, timeout_ns: u64) -> Result<bool, Errno> {
        files::poll_readable(&*self.with(|level| level.table.get(fd))?, timeout_ns)
    }

    fn is_terminal(&self, fd: Fd) -> bool {
        self.with(|level| level.table.get(fd)).is_ok_and(|real| rustix::termios::isatty(&*real))
    }

    fn window_size(&self) -> Option<(u16, u16)> {
        let real = self.with(|level| level.table.get(0)).ok()?;
        let size = rustix::termios::tcgetwinsize(&*real).ok()?;
        Some((size.ws_col, size.ws_row))
    }

    fn stat(&self, path: &[u8], follow: bool) -> Result<FileStat, Errno> {
        if let Some(fd) = descriptors::fd_of_path(path) {
            return self.fd_stat(fd);
        }
        files::stat(&self.absolute_or_empty(path)?, follow)
    }

    fn fd_stat(&self, fd: Fd) -> Result<FileStat, Errno> {
        files::fd_stat(&*self.with(|level| level.table.get(fd))?)
    }

    fn access(&self, path: &[u8], mode: u8) -> Result<(), Errno> {
        files::access(&self.absolute_or_empty(path)?, mode)
    }

    fn read_dir(&self, path: &[u8]) -> Result<Vec<DirectoryEntry>, Errno> {
        files::read_dir(&self.absolute_or_empty(path)?)
    }

    fn read_link(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        files::read_link(&self.absolute_or_empty(path)?)
    }

    fn chdir(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let real = files::real_directory(&self.absolute_or_empty(path)?)?;
        self.with(|level| level.cwd = files::path_buf(&real));
        Ok(real)
    }

    fn getcwd(&self) -> Result<Vec<u8>, Errno> {
        files::real_directory(&self.absolute(b"."))
    }

    fn limit(&self, kind: LimitKind) -> (u64, u64) {
        self.with(|level| level.limits.of(kind))
    }

    fn set_limit(&self, kind: LimitKind, soft: u64, hard: u64) -> Result<(), Errno> {
        self.with(|level| level.limits.set(kind, (soft, hard)))
    }

    fn umask(&self, mask: Option<u32>) -> u32 {
        if let Some(mask) = mask {
            processes::set_umask(mask);
        }
        self.with(|level| {
            let new = mask.unwrap_or(level.umask);
            std::mem::replace(&mut level.umask, new)
        })
    }

    fn process_id(&self) -> Pid {
        self.with(|level| level.pid)
    }

    fn parent_id(&self) -> Pid {
        rustix::process::getppid().map_or(0, processes::number)
    }

    fn enter_subshell(&self) -> Result<Pid, Errno> {
        let mut inner = self.inner.borrow_mut();
        inner.next_subshell_pid += 1;
        let pid = inner.next_subshell_pid;
        let mut level = inner.levels.last().expect("the first level is never left").clone();
        level.pid = pid;
        level.children.clear();
        level.captures = Rc::default();
        inner.levels.push(level);
        Ok(pid)
    }

    fn leave_subshell(&self) {
        let mut inner = self.inner.borrow_mut();
        debug_assert!(inner.levels.len() > 1, "left the shell itself");
        if inner.levels.len() > 1 {
            let left = inner.levels.pop();
            let umask = inner.levels.last().map_or(0o022, |level| level.umask);
            if left.is_some_and(|level| level.umask != umask) {
                processes::set_umask(umask);
            }
        }
    }

    fn capture_begin(&self) -> Result<Fd, Errno> {
        let (writer, capture) = Capture::begin()?;
        let mut inner = self.inner.borrow_mut();
        let level = inner.levels.last_mut().expect("the first level is never left");
        let fd = level.table.add(writer.into(), 10);
        level.captures.borrow_mut().insert(fd, capture);
        Ok(fd)
    }

    fn capture_end(&self, fd: Fd) -> Result<Vec<u8>, Errno> {
        let capture = self.with(|level| level.captures.borrow_mut().remove(&fd)).ok_or(Errno::EBADF)?;
        self.close(fd)?;
        capture.end()
    }

    fn spawn(&self, request: &SpawnRequest) -> Result<Pid, Errno> {
        let pid = self.with(|level| processes::spawn(level, request))?;
        self.with(|level| level.children.push(pid));
        Ok(pid)
    }

    fn spawn_shell(&self, state: &[u8], stage: &[u8], fds: &[FdMapping], group: Option<Pid>) -> Result<Pid, Errno> {
        let program = self.inner.borrow().shell_program.clone();
        let pid = self.with(|level| processes::spawn_shell(level, &program, (state, stage), fds, group))?;
        self.with(|level| level.children.push(pid));
        Ok(pid)
    }

    fn wait(&self, child: Option<Pid>, no_hang: bool) -> Result<Option<(Pid, WaitStatus)>, Errno> {
        let children = self.with(|level| level.children.clone());
        let ended = processes::wait(&children, child, no_hang)?;
        if let Some((pid, WaitStatus::Exited(_) | WaitStatus::Signalled(_))) = ended {
            self.with(|level| level.children.retain(|known| *known != pid));
        }
        Ok(ended)
    }

    fn kill(&self, target: i32, signal: u8) -> Result<(), Errno> {
        let own = self.inner.borrow().levels.iter().any(|level| i32::try_from(level.pid) == Ok(target));
        let disposition = self.inner.borrow().dispositions.get(&signal).copied().unwrap_or(Disposition::Default);
        match disposition {
            Disposition::Handle if own => self.inner.borrow_mut().pending.push_back(signal),
            Disposition::Ignore if own => {}
            _ if own => return processes::kill(i32::try_from(processes::own_pid()).unwrap_or(0), signal),
            _ => return processes::kill(target, signal),
        }
        Ok(())
    }

    fn set_disposition(&self, signal: u8, disposition: Disposition) {
        self.inner.borrow_mut().dispositions.insert(signal, disposition);
    }

    fn take_signal(&self) -> Option<u8> {
        self.inner.borrow_mut().pending.pop_front()
    }

    fn sleep(&self, ns: u64) -> Result<(), Errno> {
        processes::sleep(ns);
        Ok(())
    }

    fn wall_clock(&self) -> u64 {
        nanoseconds(ClockId::Realtime)
    }

    fn monotonic_clock(&self) -> u64 {
        nanoseconds(ClockId::Monotonic)
    }

    fn cpu_times(&self) -> (u64, u64) {
        (nanoseconds(ClockId::ProcessCPUTime), 0)
    }

    fn random_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        let _ = rustix::rand::getrandom(&mut bytes[..], rustix::rand::GetRandomFlags::empty());
        u64::from_ne_bytes(bytes)
    }
}

impl NativeSys {
    /// As `absolute`, but the empty path is no file.
    fn absolute_or_empty(&self, path: &[u8]) -> Result<PathBuf, Errno> {
        if path.is_empty() { Err(Errno::ENOENT) } else { Ok(self.absolute(path)) }
    }
}
