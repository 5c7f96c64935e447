//! The component's world: the kernel of `wit/shell/shell.wit` as the shell's [`Sys`].
//!
//! A translation and nothing more: each method is one import, with its types spelled as the shell spells them.

use super::bindings::sandshell::shell::kernel as host;
use crate::sys::{
    DirectoryEntry, Disposition, Errno, Fd, FdMapping, FileKind, FileStat, LimitKind, OpenFlags, Pid, SpawnRequest,
    Sys, WaitStatus, Whence,
};

/// The session's kernel, through the imports.
pub(super) struct World;

impl Sys for World {
    fn open(&self, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Fd, Errno> {
        host::open(path, open_flags(flags), mode).map_err(errno)
    }

    fn close(&self, fd: Fd) -> Result<(), Errno> {
        host::close(fd).map_err(errno)
    }

    fn dup(&self, fd: Fd, minimum: Fd) -> Result<Fd, Errno> {
        host::dup(fd, minimum).map_err(errno)
    }

    fn dup2(&self, fd: Fd, to: Fd) -> Result<(), Errno> {
        host::dup2(fd, to).map_err(errno)
    }

    fn pipe(&self) -> Result<(Fd, Fd), Errno> {
        host::pipe().map_err(errno)
    }

    fn open_bytes(&self, content: &[u8]) -> Result<Fd, Errno> {
        host::open_bytes(content).map_err(errno)
    }

    fn open_fds(&self) -> Vec<Fd> {
        host::open_fds()
    }

    fn read(&self, fd: Fd, max: u32) -> Result<Vec<u8>, Errno> {
        host::read(fd, max).map_err(errno)
    }

    fn read_until(&self, fd: Fd, delimiter: u8, max: u32) -> Result<Vec<u8>, Errno> {
        host::read_until(fd, delimiter, max).map_err(errno)
    }

    fn write(&self, fd: Fd, data: &[u8]) -> Result<(), Errno> {
        host::write(fd, data).map_err(errno)
    }

    fn seek(&self, fd: Fd, offset: i64, whence: Whence) -> Result<u64, Errno> {
        let whence = match whence {
            Whence::Set => host::Whence::Set,
            Whence::Current => host::Whence::Current,
            Whence::End => host::Whence::End,
        };
        host::seek(fd, offset, whence).map_err(errno)
    }

    fn poll_readable(&self, fd: Fd, timeout_ns: u64) -> Result<bool, Errno> {
        host::poll_readable(fd, timeout_ns).map_err(errno)
    }

    fn is_terminal(&self, fd: Fd) -> bool {
        host::is_terminal(fd)
    }

    fn window_size(&self) -> Option<(u16, u16)> {
        host::window_size()
    }

    fn stat(&self, path: &[u8], follow: bool) -> Result<FileStat, Errno> {
        host::stat(path, follow).map(file_stat).map_err(errno)
    }

    fn fd_stat(&self, fd: Fd) -> Result<FileStat, Errno> {
        host::fd_stat(fd).map(file_stat).map_err(errno)
    }

    fn access(&self, path: &[u8], mode: u8) -> Result<(), Errno> {
        host::access(path, mode).map_err(errno)
    }

    fn read_dir(&self, path: &[u8]) -> Result<Vec<DirectoryEntry>, Errno> {
        let entry = |entry: host::DirectoryEntry| DirectoryEntry { name: entry.name, kind: file_kind(entry.kind) };
        host::read_dir(path).map(|entries| entries.into_iter().map(entry).collect()).map_err(errno)
    }

    fn read_link(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        host::read_link(path).map_err(errno)
    }

    fn chdir(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        host::chdir(path).map_err(errno)
    }

    fn getcwd(&self) -> Result<Vec<u8>, Errno> {
        host::getcwd().map_err(errno)
    }

    fn umask(&self, mask: Option<u32>) -> u32 {
        host::umask(mask)
    }

    fn limit(&self, kind: LimitKind) -> (u64, u64) {
        host::limit(limit_kind(kind))
    }

    fn set_limit(&self, kind: LimitKind, soft: u64, hard: u64) -> Result<(), Errno> {
        host::set_limit(limit_kind(kind), soft, hard).map_err(errno)
    }

    fn process_id(&self) -> Pid {
        host::process_id()
    }

    fn parent_id(&self) -> Pid {
        host::parent_id()
    }

    fn enter_subshell(&self) -> Result<Pid, Errno> {
        host::enter_subshell().map_err(errno)
    }

    fn leave_subshell(&self) {
        host::leave_subshell();
    }

    fn capture_begin(&self) -> Result<Fd, Errno> {
        host::capture_begin().map_err(errno)
    }

    fn capture_end(&self, fd: Fd) -> Result<Vec<u8>, Errno> {
        host::capture_end(fd).map_err(errno)
    }

    fn spawn(&self, request: &SpawnRequest) -> Result<Pid, Errno> {
        let request = host::SpawnRequest {
            path: request.path.clone(),
            argv: request.argv.clone(),
            env: request.env.clone(),
            fds: request.fds.iter().map(mapping).collect(),
            ignored: request.ignored.clone(),
            group: request.group,
        };
        host::spawn(&request).map_err(errno)
    }

    fn spawn_shell(&self, state: &[u8], stage: &[u8], fds: &[FdMapping], group: Option<Pid>) -> Result<Pid, Errno> {
        let fds: Vec<host::FdMapping> = fds.iter().map(mapping).collect();
        host::spawn_shell(state, stage, &fds, group).map_err(errno)
    }

    fn wait(&self, child: Option<Pid>, no_hang: bool) -> Result<Option<(Pid, WaitStatus)>, Errno> {
        let ended = host::wait(child, no_hang).map_err(errno)?;
        Ok(ended.map(|(pid, status)| {
            let status = match status {
                host::WaitStatus::Exited(code) => WaitStatus::Exited(code),
                host::WaitStatus::Signalled(signal) => WaitStatus::Signalled(signal),
                host::WaitStatus::Stopped(signal) => WaitStatus::Stopped(signal),
                host::WaitStatus::Continued => WaitStatus::Continued,
            };
            (pid, status)
        }))
    }

    fn kill(&self, target: i32, signal: u8) -> Result<(), Errno> {
        host::kill(target, signal).map_err(errno)
    }

    fn set_disposition(&self, signal: u8, disposition: Disposition) {
        let disposition = match disposition {
            Disposition::Default => host::Disposition::Default,
            Disposition::Ignore => host::Disposition::Ignore,
            Disposition::Handle => host::Disposition::Handle,
        };
        host::set_disposition(signal, disposition);
    }

    fn take_signal(&self) -> Option<u8> {
        host::take_signal()
    }

    fn sleep(&self, ns: u64) -> Result<(), Errno> {
        host::sleep(ns).map_err(errno)
    }

    fn wall_clock(&self) -> u64 {
        host::wall_clock()
    }

    fn monotonic_clock(&self) -> u64 {
        host::monotonic_clock()
    }

    fn cpu_times(&self) -> (u64, u64) {
        host::cpu_times()
    }

    fn random_u64(&self) -> u64 {
        host::random_u64()
    }
}

fn open_flags(flags: OpenFlags) -> host::OpenFlags {
    let bits = [
        (flags.read, host::OpenFlags::READ),
        (flags.write, host::OpenFlags::WRITE),
        (flags.append, host::OpenFlags::APPEND),
        (flags.create, host::OpenFlags::CREATE),
        (flags.exclusive, host::OpenFlags::EXCLUSIVE),
        (flags.truncate, host::OpenFlags::TRUNCATE),
    ];
    bits.into_iter().filter(|(on, _)| *on).fold(host::OpenFlags::empty(), |all, (_, bit)| all | bit)
}

fn mapping(mapping: &FdMapping) -> host::FdMapping {
    host::FdMapping { child: mapping.child, parent: mapping.parent }
}

fn limit_kind(kind: LimitKind) -> host::LimitKind {
    match kind {
        LimitKind::FileSize => host::LimitKind::FileSize,
        LimitKind::OpenFiles => host::LimitKind::OpenFiles,
        LimitKind::Processes => host::LimitKind::Processes,
        LimitKind::Memory => host::LimitKind::Memory,
    }
}

fn file_kind(kind: host::FileType) -> FileKind {
    match kind {
        host::FileType::Regular => FileKind::Regular,
        host::FileType::Directory => FileKind::Directory,
        host::FileType::Symlink => FileKind::Symlink,
        host::FileType::CharacterDevice => FileKind::CharacterDevice,
        host::FileType::Fifo => FileKind::Fifo,
    }
}

fn file_stat(stat: host::FileStat) -> FileStat {
    FileStat {
        inode: stat.inode,
        kind: file_kind(stat.kind),
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

fn errno(error: host::Errno) -> Errno {
    match error {
        host::Errno::E2big => Errno::E2BIG,
        host::Errno::Eacces => Errno::EACCES,
        host::Errno::Eagain => Errno::EAGAIN,
        host::Errno::Ebadf => Errno::EBADF,
        host::Errno::Ebusy => Errno::EBUSY,
        host::Errno::Ecanceled => Errno::ECANCELED,
        host::Errno::Echild => Errno::ECHILD,
        host::Errno::Edom => Errno::EDOM,
        host::Errno::Edquot => Errno::EDQUOT,
        host::Errno::Eexist => Errno::EEXIST,
        host::Errno::Efault => Errno::EFAULT,
        host::Errno::Efbig => Errno::EFBIG,
        host::Errno::Eilseq => Errno::EILSEQ,
        host::Errno::Eintr => Errno::EINTR,
        host::Errno::Einval => Errno::EINVAL,
        host::Errno::Eio => Errno::EIO,
        host::Errno::Eisdir => Errno::EISDIR,
        host::Errno::Eloop => Errno::ELOOP,
        host::Errno::Emfile => Errno::EMFILE,
        host::Errno::Emlink => Errno::EMLINK,
        host::Errno::Enametoolong => Errno::ENAMETOOLONG,
        host::Errno::Enfile => Errno::ENFILE,
        host::Errno::Enodev => Errno::ENODEV,
        host::Errno::Enoent => Errno::ENOENT,
        host::Errno::Enoexec => Errno::ENOEXEC,
        host::Errno::Enomem => Errno::ENOMEM,
        host::Errno::Enospc => Errno::ENOSPC,
        host::Errno::Enosys => Errno::ENOSYS,
        host::Errno::Enotdir => Errno::ENOTDIR,
        host::Errno::Enotempty => Errno::ENOTEMPTY,
        host::Errno::Enotsup => Errno::ENOTSUP,
        host::Errno::Enotty => Errno::ENOTTY,
        host::Errno::Enxio => Errno::ENXIO,
        host::Errno::Eoverflow => Errno::EOVERFLOW,
        host::Errno::Eperm => Errno::EPERM,
        host::Errno::Epipe => Errno::EPIPE,
        host::Errno::Erange => Errno::ERANGE,
        host::Errno::Erofs => Errno::EROFS,
        host::Errno::Espipe => Errno::ESPIPE,
        host::Errno::Esrch => Errno::ESRCH,
        host::Errno::Etimedout => Errno::ETIMEDOUT,
        host::Errno::Etxtbsy => Errno::ETXTBSY,
        host::Errno::Exdev => Errno::EXDEV,
        host::Errno::Enotcapable => Errno::ENOTCAPABLE,
    }
}
