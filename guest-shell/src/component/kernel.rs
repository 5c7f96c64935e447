//! [`Sys`] over the imported kernel: types are translated, nothing is decided.

use crate::sys::{
    DirectoryEntry, Disposition, Errno, Fd, FdMapping, FileKind, FileStat, OpenFlags, Pid, SpawnRequest, Sys,
    WaitStatus, Whence,
};

use super::sandshell::shell::kernel as wit;

/// The host's kernel.
pub(super) struct WitSys;

fn errno(error: wit::Errno) -> Errno {
    Errno::ALL.get(error as usize).copied().unwrap_or(Errno::EIO)
}

fn kind(kind: wit::FileType) -> FileKind {
    match kind {
        wit::FileType::Regular => FileKind::Regular,
        wit::FileType::Directory => FileKind::Directory,
        wit::FileType::Symlink => FileKind::Symlink,
        wit::FileType::CharacterDevice => FileKind::CharacterDevice,
        wit::FileType::Fifo => FileKind::Fifo,
    }
}

fn stat(stat: wit::FileStat) -> FileStat {
    FileStat {
        inode: stat.inode,
        kind: kind(stat.kind),
        mode: stat.mode,
        links: stat.links,
        uid: stat.uid,
        gid: stat.gid,
        size: stat.size,
        accessed: stat.accessed,
        modified: stat.modified,
        changed: stat.changed,
        device: stat.device,
    }
}

fn open_flags(flags: OpenFlags) -> wit::OpenFlags {
    let mut all = wit::OpenFlags::empty();
    all.set(wit::OpenFlags::READ, flags.read);
    all.set(wit::OpenFlags::WRITE, flags.write);
    all.set(wit::OpenFlags::APPEND, flags.append);
    all.set(wit::OpenFlags::CREATE, flags.create);
    all.set(wit::OpenFlags::EXCLUSIVE, flags.exclusive);
    all.set(wit::OpenFlags::TRUNCATE, flags.truncate);
    all
}

fn mappings(fds: &[FdMapping]) -> Vec<wit::FdMapping> {
    fds.iter().map(|map| wit::FdMapping { child: map.child, parent: map.parent }).collect()
}

fn wait_status(status: wit::WaitStatus) -> WaitStatus {
    match status {
        wit::WaitStatus::Exited(status) => WaitStatus::Exited(status),
        wit::WaitStatus::Signalled(signal) => WaitStatus::Signalled(signal),
        wit::WaitStatus::Stopped(signal) => WaitStatus::Stopped(signal),
    }
}

impl Sys for WitSys {
    fn open(&self, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd, Errno> {
        wit::open(path, open_flags(flags), mode).map_err(errno)
    }

    fn close(&self, fd: Fd) -> Result<(), Errno> {
        wit::close(fd).map_err(errno)
    }

    fn dup(&self, fd: Fd, minimum: Fd) -> Result<Fd, Errno> {
        wit::dup(fd, minimum).map_err(errno)
    }

    fn dup2(&self, fd: Fd, to: Fd) -> Result<(), Errno> {
        wit::dup2(fd, to).map_err(errno)
    }

    fn pipe(&self) -> Result<(Fd, Fd), Errno> {
        wit::pipe().map_err(errno)
    }

    fn open_bytes(&self, content: &[u8]) -> Result<Fd, Errno> {
        wit::open_bytes(content).map_err(errno)
    }

    fn open_fds(&self) -> Vec<Fd> {
        wit::open_fds()
    }

    fn read(&self, fd: Fd, max: u32) -> Result<Vec<u8>, Errno> {
        wit::read(fd, max).map_err(errno)
    }

    fn read_until(&self, fd: Fd, delimiter: u8, max: u32) -> Result<Vec<u8>, Errno> {
        wit::read_until(fd, delimiter, max).map_err(errno)
    }

    fn write(&self, fd: Fd, data: &[u8]) -> Result<(), Errno> {
        wit::write(fd, data).map_err(errno)
    }

    fn seek(&self, fd: Fd, offset: i64, whence: Whence) -> Result<u64, Errno> {
        let whence = match whence {
            Whence::Set => wit::Whence::Set,
            Whence::Current => wit::Whence::Current,
            Whence::End => wit::Whence::End,
        };
        wit::seek(fd, offset, whence).map_err(errno)
    }

    fn poll_readable(&self, fd: Fd, timeout_ns: u64) -> Result<bool, Errno> {
        wit::poll_readable(fd, timeout_ns).map_err(errno)
    }

    fn is_terminal(&self, fd: Fd) -> bool {
        wit::is_terminal(fd)
    }

    fn window_size(&self) -> Option<(u16, u16)> {
        wit::window_size()
    }

    fn stat(&self, path: &[u8], follow: bool) -> Result<FileStat, Errno> {
        wit::stat(path, follow).map(stat).map_err(errno)
    }

    fn fd_stat(&self, fd: Fd) -> Result<FileStat, Errno> {
        wit::fd_stat(fd).map(stat).map_err(errno)
    }

    fn access(&self, path: &[u8], mode: u8) -> Result<(), Errno> {
        wit::access(path, mode).map_err(errno)
    }

    fn read_dir(&self, path: &[u8]) -> Result<Vec<DirectoryEntry>, Errno> {
        let entries = wit::read_dir(path).map_err(errno)?;
        Ok(entries.into_iter().map(|entry| DirectoryEntry { name: entry.name, kind: kind(entry.kind) }).collect())
    }

    fn read_link(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        wit::read_link(path).map_err(errno)
    }

    fn chdir(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        wit::chdir(path).map_err(errno)
    }

    fn getcwd(&self) -> Result<Vec<u8>, Errno> {
        wit::getcwd().map_err(errno)
    }

    fn umask(&self, mask: Option<u32>) -> u32 {
        wit::umask(mask)
    }

    fn process_id(&self) -> Pid {
        wit::process_id()
    }

    fn parent_id(&self) -> Pid {
        wit::parent_id()
    }

    fn enter_subshell(&self) -> Result<Pid, Errno> {
        wit::enter_subshell().map_err(errno)
    }

    fn leave_subshell(&self) {
        wit::leave_subshell();
    }

    fn capture_begin(&self) -> Result<Fd, Errno> {
        wit::capture_begin().map_err(errno)
    }

    fn capture_end(&self, fd: Fd) -> Result<Vec<u8>, Errno> {
        wit::capture_end(fd).map_err(errno)
    }

    fn spawn(&self, request: &SpawnRequest) -> Result<Pid, Errno> {
        wit::spawn(&wit::SpawnRequest {
            path: request.path.clone(),
            argv: request.argv.clone(),
            env: request.env.clone(),
            fds: mappings(&request.fds),
            ignored: request.ignored.clone(),
            group: request.group,
        })
        .map_err(errno)
    }

    fn spawn_shell(&self, state: &[u8], stage: &[u8], fds: &[FdMapping], group: Option<Pid>) -> Result<Pid, Errno> {
        wit::spawn_shell(state, stage, &mappings(fds), group).map_err(errno)
    }

    fn wait(&self, child: Option<Pid>, no_hang: bool) -> Result<Option<(Pid, WaitStatus)>, Errno> {
        let ended = wit::wait(child, no_hang).map_err(errno)?;
        Ok(ended.map(|(pid, status)| (pid, wait_status(status))))
    }

    fn kill(&self, target: i32, signal: u8) -> Result<(), Errno> {
        wit::kill(target, signal).map_err(errno)
    }

    fn set_disposition(&self, signal: u8, disposition: Disposition) {
        let disposition = match disposition {
            Disposition::Default => wit::Disposition::Default,
            Disposition::Ignore => wit::Disposition::Ignore,
            Disposition::Handle => wit::Disposition::Handle,
        };
        wit::set_disposition(signal, disposition);
    }

    fn take_signal(&self) -> Option<u8> {
        wit::take_signal()
    }

    fn sleep(&self, ns: u64) -> Result<(), Errno> {
        wit::sleep(ns).map_err(errno)
    }

    fn wall_clock(&self) -> u64 {
        wit::wall_clock()
    }

    fn monotonic_clock(&self) -> u64 {
        wit::monotonic_clock()
    }

    fn cpu_times(&self) -> (u64, u64) {
        wit::cpu_times()
    }

    fn random_u64(&self) -> u64 {
        wit::random_u64()
    }
}
