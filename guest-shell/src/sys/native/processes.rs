//! Processes of the real system behind `Sys`: children through `std::process`, never `fork`.

#![expect(clippy::disallowed_methods, reason = "this is the real system: it starts processes and sleeps")]

use std::ffi::OsString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::Mode;
use rustix::io::FdFlags;
use rustix::process::{Signal, WaitOptions};

use super::super::{Errno, Fd, FdMapping, Pid, SpawnRequest, WaitStatus};
use super::{Level, errno, errno_of_raw, files};

/// How often a wait for any of several children looks.
const WAIT_STEP: Duration = Duration::from_millis(1);

/// Bytes collected from a pipe until its last writer is gone.
pub(super) struct Capture {
    reader: JoinHandle<Result<Vec<u8>, Errno>>,
}

impl Capture {
    pub(super) fn begin() -> Result<(OwnedFd, Capture), Errno> {
        let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(errno)?;
        let collect = move || {
            let mut all = Vec::new();
            loop {
                let piece = files::read(&reader, 65536)?;
                if piece.is_empty() {
                    return Ok(all);
                }
                all.extend_from_slice(&piece);
            }
        };
        Ok((writer, Capture { reader: std::thread::spawn(collect) }))
    }

    pub(super) fn end(self) -> Result<Vec<u8>, Errno> {
        self.reader.join().unwrap_or(Err(Errno::EIO))
    }
}

pub(super) fn number(pid: rustix::process::Pid) -> Pid {
    Pid::try_from(pid.as_raw_nonzero().get()).unwrap_or(0)
}

pub(super) fn own_pid() -> Pid {
    number(rustix::process::getpid())
}

pub(super) fn current_umask() -> u32 {
    let mask = rustix::process::umask(Mode::from_raw_mode(0o022));
    rustix::process::umask(mask);
    mask.as_raw_mode()
}

pub(super) fn set_umask(mask: u32) {
    rustix::process::umask(Mode::from_raw_mode(mask));
}

pub(super) fn sleep(ns: u64) {
    std::thread::sleep(Duration::from_nanos(ns));
}

fn os(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

pub(super) fn spawn(level: &Level, request: &SpawnRequest) -> Result<Pid, Errno> {
    let path = level.cwd.join(files::path_buf(&request.path));
    check_executable(&path)?;
    let needs_wrapper = !request.ignored.is_empty()
        || request.fds.iter().any(|map| map.child > 2)
        || (0..3).any(|fd| !request.fds.iter().any(|map| map.child == fd));
    let passed = Passed::of(level, &request.fds)?;
    let mut command = if needs_wrapper { wrapped(request, &passed) } else { Command::new(os(&request.path)) };
    if !needs_wrapper {
        command.arg0(os(request.argv.first().map_or(&[][..], |name| name)));
        command.args(request.argv.iter().skip(1).map(|argument| os(argument)));
    }
    command.env_clear().current_dir(&level.cwd);
    for entry in &request.env {
        if let Some(at) = entry.iter().position(|byte| *byte == b'=') {
            command.env(os(&entry[..at]), os(&entry[at + 1..]));
        }
    }
    start(level, command, &request.fds, passed, request.group)
}

/// Starts the shell's own binary as `--stage STATE STAGE`, both read from descriptors.
pub(super) fn spawn_shell(
    level: &Level,
    program: &Path,
    (state, stage): (&[u8], &[u8]),
    fds: &[FdMapping],
    group: Option<Pid>,
) -> Result<Pid, Errno> {
    let state = files::bytes_as_file(state)?;
    let stage = files::bytes_as_file(stage)?;
    let passed = Passed::of(level, fds)?;
    let mut script = redirections(fds, &passed);
    script.push_str("exec -a bash \"$0\" --stage \"$1\" \"$2\"");
    let own = std::process::id();
    let name = |real: &OwnedFd| format!("/proc/{own}/fd/{}", real.as_raw_fd());
    let mut command = Command::new("/bin/bash");
    command.arg("-c").arg(script).arg(program).arg(name(&state)).arg(name(&stage)).current_dir(&level.cwd);
    let pid = start(level, command, fds, passed, group)?;
    // The child opens both by this process's descriptors: they stay open for the life of the test shell.
    std::mem::forget((state, stage));
    Ok(pid)
}

/// A command that gives descriptors beyond 2 and ignored signals to the program, which `std` cannot.
fn wrapped(request: &SpawnRequest, passed: &Passed) -> Command {
    let mut script = redirections(&request.fds, passed);
    for signal in &request.ignored {
        script.push_str(&format!("trap '' {signal}; "));
    }
    script.push_str("exec -a \"$0\" \"$@\"");
    let mut command = Command::new("/bin/bash");
    command.arg("-c").arg(script).arg(os(request.argv.first().map_or(&[][..], |name| name)));
    command.arg(os(&request.path)).args(request.argv.iter().skip(1).map(|argument| os(argument)));
    command
}

/// Descriptors beyond 2 on their way to a wrapper, each under the number the system gave its copy.
struct Passed {
    copies: Vec<(Fd, OwnedFd)>,
}

impl Passed {
    /// Copies them above every number a wrapper may have to make, so that moving one never closes another.
    fn of(level: &Level, fds: &[FdMapping]) -> Result<Passed, Errno> {
        let beyond = fds.iter().filter(|map| map.child > 2);
        let highest = beyond.clone().map(|map| map.child).max().unwrap_or(0);
        let minimum = i32::try_from(highest).map_err(|_| Errno::EBADF)?.saturating_add(1);
        let copies = beyond.map(|map| {
            let source = level.table.get(map.parent)?;
            Ok((map.child, rustix::io::fcntl_dupfd_cloexec(&*source, minimum).map_err(errno)?))
        });
        Ok(Passed { copies: copies.collect::<Result<_, Errno>>()? })
    }
}

/// Held from making a copy inheritable to closing it: no other child of this process may get it.
static INHERITABLE: Mutex<()> = Mutex::new(());

/// The redirections that move what was passed to the numbers it is wanted at.
fn redirections(fds: &[FdMapping], passed: &Passed) -> String {
    let mut script = String::new();
    for (child, copy) in &passed.copies {
        script.push_str(&format!("exec {child}<&{}- ; ", copy.as_raw_fd()));
    }
    for fd in (0..3).filter(|fd| !fds.iter().any(|map| map.child == *fd)) {
        script.push_str(&format!("exec {fd}<&- ; "));
    }
    script
}

fn start(
    level: &Level,
    mut command: Command,
    fds: &[FdMapping],
    passed: Passed,
    group: Option<Pid>,
) -> Result<Pid, Errno> {
    let real = |fd| level.table.get(fd).ok().and_then(|real| rustix::io::dup(&*real).ok());
    let standard = |fd: u32| {
        let map = fds.iter().find(|map| map.child == fd);
        map.and_then(|map| real(map.parent)).map_or(Stdio::null(), Stdio::from)
    };
    command.stdin(standard(0)).stdout(standard(1)).stderr(standard(2));
    if let Some(group) = group {
        command.process_group(i32::try_from(group).unwrap_or(0));
    }
    let _only_one = INHERITABLE.lock().unwrap_or_else(PoisonError::into_inner);
    for (_, copy) in &passed.copies {
        rustix::io::fcntl_setfd(copy, FdFlags::empty()).map_err(errno)?;
    }
    let child = command.spawn().map_err(|error| errno_of_raw(error.raw_os_error().unwrap_or(5)))?;
    drop(passed);
    Ok(child.id())
}

/// Says what `execve` would say, and `ENOEXEC` for what it would hand to `sh`.
fn check_executable(path: &Path) -> Result<(), Errno> {
    let stat = files::stat(path, true)?;
    if stat.kind == super::super::FileKind::Directory {
        return Err(Errno::EACCES);
    }
    if stat.mode & 0o111 == 0 {
        return Err(Errno::EACCES);
    }
    let real = files::open(path, super::super::OpenFlags::READ, 0)?;
    let head = files::read(&real, 4)?;
    if head.starts_with(b"#!") || head == b"\x7fELF" { Ok(()) } else { Err(Errno::ENOEXEC) }
}

pub(super) fn wait(children: &[Pid], child: Option<Pid>, no_hang: bool) -> Result<Option<(Pid, WaitStatus)>, Errno> {
    if let Some(child) = child {
        return if children.contains(&child) { wait_one(child, no_hang) } else { Err(Errno::ECHILD) };
    }
    if children.is_empty() {
        return Err(Errno::ECHILD);
    }
    loop {
        for child in children {
            if let Some(ended) = wait_one(*child, true)? {
                return Ok(Some(ended));
            }
        }
        if no_hang {
            return Ok(None);
        }
        std::thread::sleep(WAIT_STEP);
    }
}

fn wait_one(child: Pid, no_hang: bool) -> Result<Option<(Pid, WaitStatus)>, Errno> {
    let pid = i32::try_from(child).ok().and_then(rustix::process::Pid::from_raw).ok_or(Errno::ECHILD)?;
    let mut options = WaitOptions::UNTRACED | WaitOptions::CONTINUED;
    options.set(WaitOptions::NOHANG, no_hang);
    let ended = loop {
        match rustix::process::waitpid(Some(pid), options) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.map_err(errno)?,
        }
    };
    Ok(ended.map(|(_, status)| {
        let low = |value: i32| u8::try_from(value & 0xff).unwrap_or(0);
        let status = match (status.exit_status(), status.terminating_signal()) {
            (Some(exit), _) => WaitStatus::Exited(low(exit)),
            (None, Some(signal)) => WaitStatus::Signalled(low(signal)),
            _ if status.continued() => WaitStatus::Continued,
            _ => WaitStatus::Stopped(low(status.stopping_signal().unwrap_or(0))),
        };
        (child, status)
    }))
}

pub(super) fn kill(target: i32, signal: u8) -> Result<(), Errno> {
    let group = target <= 0;
    let pid = rustix::process::Pid::from_raw(target.saturating_abs());
    let Some(signal) = Signal::from_named_raw(i32::from(signal)) else {
        return match pid {
            Some(pid) if !group => rustix::process::test_kill_process(pid).map_err(errno),
            Some(pid) => rustix::process::test_kill_process_group(pid).map_err(errno),
            None => Ok(()),
        };
    };
    match pid {
        Some(pid) if group => rustix::process::kill_process_group(pid, signal).map_err(errno),
        Some(pid) => rustix::process::kill_process(pid, signal).map_err(errno),
        None => rustix::process::kill_current_process_group(signal).map_err(errno),
    }
}
