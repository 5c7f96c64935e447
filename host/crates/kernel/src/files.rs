//! System calls on paths and inodes: stat, access, making, linking and removing names, attributes.
//!
//! Owns the translation of the tree's words into those of `stat(2)`; the operations themselves are `vfs`'s.

use base::{Errno, Timestamp};
use vfs::{Device, Follow, Ino, Kind, Tree, TreeUsage};

use crate::crossing::Change;
use crate::description::{DescId, Target};
use crate::proc::Node;
use crate::process::Process;
use crate::rlimits::Resource;
use crate::state::State;
use crate::types::{At, FileStat, FileType};

/// Permission bits `access` asks for.
const X_OK: u8 = 1;
const W_OK: u8 = 2;

/// What names pipes and the like in `FileStat::ino`: above the numbers of inodes and of /dev/fd links.
const PIPE_INOS: u64 = 0b11 << 62;

/// What `statfs` tells of the session's file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FsStat {
    /// Bytes its files may occupy.
    pub total_bytes: u64,
    /// Bytes of them that are free.
    pub free_bytes: u64,
    /// Inodes it may have.
    pub total_inodes: u64,
    /// Inodes of them that are free.
    pub free_inodes: u64,
}

impl Process {
    /// `stat`, or `lstat` when the last link is not followed.
    ///
    /// # Errors
    ///
    /// Those of path resolution.
    pub fn stat(&self, at: At, path: &[u8], follow: Follow) -> Result<FileStat, Errno> {
        self.kernel.locked(|state, _| {
            let ino = state.resolve(self.entry, at, path, follow)?;
            state.stat_inode(self.entry, ino, follow)
        })
    }

    /// `fstat`.
    ///
    /// # Errors
    ///
    /// `EBADF`; `EIO` for a file that a rollback took away.
    pub fn fd_stat(&self, fd: u32) -> Result<FileStat, Errno> {
        self.kernel.locked(|state, _| {
            let id = state.frame(self.entry)?.fds.get(fd)?;
            state.stat_description(id)
        })
    }

    /// `access(2)`: root passes everything but `X_OK` on a file without any x bit.
    ///
    /// # Errors
    ///
    /// `EACCES`, `EROFS` for writing in /proc, `EINVAL` for an unknown bit, those of path resolution.
    pub fn access(&self, at: At, path: &[u8], mode: u8) -> Result<(), Errno> {
        if mode > 7 {
            return Err(Errno::EINVAL);
        }
        let stat = self.stat(at, path, Follow::Yes)?;
        if mode & W_OK != 0 && Node::of(stat.ino).is_some() {
            return Err(Errno::EROFS);
        }
        let executable = stat.kind == FileType::Directory || stat.mode & 0o111 != 0;
        if mode & X_OK == 0 || executable { Ok(()) } else { Err(Errno::EACCES) }
    }

    /// Answers what a symbolic link points to.
    ///
    /// # Errors
    ///
    /// `EINVAL` when it is none; those of path resolution.
    pub fn read_link(&self, at: At, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let ino = state.resolve(self.entry, at, path, Follow::No)?;
            match (Node::of(ino), ino.fd()) {
                (Some(node), _) => state.proc_link_text(self.entry, node),
                (None, Some(fd)) => state.fd_link_text(self.entry, fd),
                (None, None) => {
                    let target = state.tree.read_link(ino)?.to_vec();
                    state.tree.note_access(ino, now);
                    Ok(target)
                }
            }
        })
    }

    /// Makes a directory with `mode` less the umask.
    ///
    /// # Errors
    ///
    /// Those of `mkdir(2)`.
    pub fn mkdir(&self, at: At, path: &[u8], mode: u32) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let mode = mode & 0o7777 & !state.frame(self.entry)?.umask;
            state.change_name(self.entry, (at, path), Change::Make, |tree, base, path| {
                tree.mkdir(base, path, mode, now).map(drop)
            })
        })
    }

    /// Makes a symbolic link to `target`.
    ///
    /// # Errors
    ///
    /// Those of `symlink(2)`.
    pub fn symlink(&self, target: &[u8], at: At, path: &[u8]) -> Result<(), Errno> {
        self.changing((at, path), Change::Make, |tree, base, path, now| tree.symlink(target, base, path, now).map(drop))
    }

    /// Makes a hard link.
    ///
    /// # Errors
    ///
    /// Those of `link(2)`.
    pub fn link(&self, old: (At, &[u8]), follow: Follow, new: (At, &[u8])) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            state.change_names(self.entry, old, new, |tree, (from, old), (to, new)| {
                tree.link(from, old, follow, to, new, now)
            })
        })
    }

    /// Removes a name that is no directory's.
    ///
    /// # Errors
    ///
    /// Those of `unlink(2)`.
    pub fn unlink(&self, at: At, path: &[u8]) -> Result<(), Errno> {
        self.changing((at, path), Change::Remove, |tree, base, path, now| tree.unlink(base, path, now))
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    ///
    /// Those of `rmdir(2)`.
    pub fn rmdir(&self, at: At, path: &[u8]) -> Result<(), Errno> {
        self.changing((at, path), Change::Remove, |tree, base, path, now| tree.rmdir(base, path, now))
    }

    /// Renames, over what was there.
    ///
    /// # Errors
    ///
    /// Those of `rename(2)`.
    pub fn rename(&self, old: (At, &[u8]), new: (At, &[u8])) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            state
                .change_names(self.entry, old, new, |tree, (from, old), (to, new)| tree.rename(from, old, to, new, now))
        })
    }

    /// Sets the permission bits.
    ///
    /// # Errors
    ///
    /// Those of path resolution.
    pub fn chmod(&self, at: At, path: &[u8], mode: u32, follow: Follow) -> Result<(), Errno> {
        self.changing_inode(at, path, follow, |tree, ino, now| tree.set_mode(ino, mode & 0o7777, now))
    }

    /// Sets owner and group, which are data only; `None` keeps one.
    ///
    /// # Errors
    ///
    /// Those of path resolution.
    pub fn chown(&self, at: At, path: &[u8], owner: (Option<u32>, Option<u32>), follow: Follow) -> Result<(), Errno> {
        self.changing_inode(at, path, follow, |tree, ino, now| tree.set_owner(ino, owner.0, owner.1, now))
    }

    /// Sets the times of last access and change; `None` keeps one.
    ///
    /// # Errors
    ///
    /// Those of path resolution.
    pub fn set_times(
        &self,
        at: At,
        path: &[u8],
        times: (Option<Timestamp>, Option<Timestamp>),
        follow: Follow,
    ) -> Result<(), Errno> {
        self.changing_inode(at, path, follow, |tree, ino, now| tree.set_times(ino, times.0, times.1, now))
    }

    /// `futimens`: as [`Process::set_times`].
    ///
    /// # Errors
    ///
    /// `EBADF`; `EINVAL` for what is no file or directory.
    pub fn fd_set_times(&self, fd: u32, times: (Option<Timestamp>, Option<Timestamp>)) -> Result<(), Errno> {
        self.changing_open(fd, |tree, ino, now| tree.set_times(ino, times.0, times.1, now))
    }

    /// `fchmod`.
    ///
    /// # Errors
    ///
    /// `EBADF`; `EINVAL` for what is no file or directory.
    pub fn fd_chmod(&self, fd: u32, mode: u32) -> Result<(), Errno> {
        self.changing_open(fd, |tree, ino, now| tree.set_mode(ino, mode & 0o7777, now))
    }

    /// `fchown`: as [`Process::chown`].
    ///
    /// # Errors
    ///
    /// `EBADF`; `EINVAL` for what is no file or directory.
    pub fn fd_chown(&self, fd: u32, owner: (Option<u32>, Option<u32>)) -> Result<(), Errno> {
        self.changing_open(fd, |tree, ino, now| tree.set_owner(ino, owner.0, owner.1, now))
    }

    /// `posix_fallocate`: the range is paid for, whatever it held stays, and the file is at least as long as it.
    ///
    /// # Errors
    ///
    /// `EBADF` when it is not open for writing; `ESPIPE` for a pipe, `ENODEV` for what is no regular file; `EINVAL` for
    /// no bytes; `EDQUOT`, `ENOSPC`, `EFBIG`, and then nothing has changed.
    pub fn fd_allocate(&self, fd: u32, offset: u64, len: u64) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let description = state.description(self.entry, fd)?;
            match description.target {
                Target::File { ino, .. } if description.flags.write => {
                    state.tree.change(|tree| tree.allocate(ino, offset, len, now))
                }
                Target::File { .. } | Target::Dir { .. } => Err(Errno::EBADF),
                Target::PipeReader(_) | Target::PipeWriter(_) => Err(Errno::ESPIPE),
                Target::Gone => Err(Errno::EIO),
                _ => Err(Errno::ENODEV),
            }
        })
    }

    /// `ftruncate`.
    ///
    /// # Errors
    ///
    /// `EBADF` when it is not open for writing; `EINVAL` for what is no regular file; `EDQUOT`, `ENOSPC`, `EFBIG`.
    pub fn fd_truncate(&self, fd: u32, len: u64) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let description = state.description(self.entry, fd)?;
            match description.target {
                Target::File { ino, .. } if description.flags.write => {
                    if len > state.frame(self.entry)?.rlimits.of(Resource::FileSize).0 {
                        return Err(Errno::EFBIG);
                    }
                    state.tree.change(|tree| tree.truncate(ino, len, now))
                }
                Target::File { .. } => Err(Errno::EBADF),
                _ => Err(Errno::EINVAL),
            }
        })
    }

    /// What is occupied and free in the session's file system.
    #[must_use]
    pub fn statfs(&self) -> FsStat {
        let (quota, usage) = self.kernel.locked(|state, _| (state.tree.quota(), state.tree.usage()));
        let TreeUsage { files, bytes, footprint } = usage;
        let free_footprint = quota.footprint_bytes.saturating_sub(footprint);
        let free_bytes = quota.max_bytes.map_or(free_footprint, |max| free_footprint.min(max.saturating_sub(bytes)));
        let max_files = quota.max_files.unwrap_or(u64::MAX).min(quota.inodes);
        FsStat {
            total_bytes: quota.max_bytes.unwrap_or(u64::MAX).min(quota.footprint_bytes),
            free_bytes,
            total_inodes: max_files,
            free_inodes: max_files.saturating_sub(files),
        }
    }

    fn changing(
        &self,
        name: (At, &[u8]),
        change: Change,
        op: impl Fn(&mut Tree, Ino, &[u8], Timestamp) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            state.change_name(self.entry, name, change, |tree, base, path| op(tree, base, path, now))
        })
    }

    fn changing_inode(
        &self,
        at: At,
        path: &[u8],
        follow: Follow,
        change: impl Fn(&mut Tree, Ino, Timestamp) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let ino = state.resolve(self.entry, at, path, follow)?;
            state.change_inode(ino, |tree, ino| change(tree, ino, now))
        })
    }

    /// Changes the file or directory a descriptor is open on.
    fn changing_open(
        &self,
        fd: u32,
        change: impl Fn(&mut Tree, Ino, Timestamp) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| match state.description(self.entry, fd)?.target {
            Target::File { ino, .. } | Target::Dir { ino, .. } => {
                state.change_inode(ino, |tree, ino| change(tree, ino, now))
            }
            Target::Bytes { generated: Some(_), .. } => Err(Errno::EROFS),
            _ => Err(Errno::EINVAL),
        })
    }
}

impl State {
    /// Finds the inode a path names; one of /dev/fd and a node of /proc are answered as such.
    pub(crate) fn resolve(&self, pid: base::Pid, at: At, path: &[u8], follow: Follow) -> Result<Ino, Errno> {
        let base = self.base(pid, at)?;
        self.lookup(pid, base, path, follow)
    }

    fn stat_inode(&self, pid: base::Pid, ino: Ino, follow: Follow) -> Result<FileStat, Errno> {
        if let Some(node) = Node::of(ino) {
            // Where the walk ends at a link that is followed, the link stands for what it is open on.
            let id = if follow == Follow::Yes { self.proc_description(node).ok() } else { None };
            return match id {
                Some(id) if node.is_descriptor() => self.stat_description(id),
                _ => self.proc_stat(node),
            };
        }
        let link = match (ino.fd(), follow) {
            (Some(fd), Follow::No) => {
                // What is not open is not in /dev/fd; what is is there as a link.
                self.frame(pid)?.fds.get(fd).map_err(|_| Errno::ENOENT)?;
                None
            }
            (Some(fd), Follow::Yes) => Some(fd),
            (None, Follow::Yes) => standard_fd(self.tree.stat(ino)?.kind),
            (None, Follow::No) => None,
        };
        let Some(fd) = link else { return self.tree.stat(ino).map(FileStat::from) };
        // What is not open is not in /dev/fd.
        let id = self.frame(pid)?.fds.get(fd).map_err(|_| Errno::ENOENT)?;
        self.stat_description(id)
    }

    fn stat_description(&self, id: DescId) -> Result<FileStat, Errno> {
        let description = self.descriptions.of(id);
        let number = match &description.target {
            Target::PipeReader(pipe) | Target::PipeWriter(pipe) if pipe.number() != 0 => pipe.number(),
            _ => description.number,
        };
        let (kind, mode, size, device) = match &description.target {
            Target::File { ino, .. } | Target::Dir { ino, .. } => {
                return match Node::of(*ino) {
                    Some(node) => self.proc_stat(node),
                    None => self.tree.stat(*ino).map(FileStat::from),
                };
            }
            Target::Bytes { generated: Some(node), .. } => return Ok(self.proc_stat_of_open(*node)),
            Target::Gone => return Err(Errno::EIO),
            Target::Bytes { content, .. } => (FileType::Regular, 0o600, content.len() as u64, 0),
            Target::Device(device) => (FileType::CharDevice, 0o666, 0, device_number(*device)),
            Target::PipeReader(_) | Target::PipeWriter(_) | Target::Capture { .. } | Target::Output { .. } => {
                (FileType::Fifo, 0o600, 0, 0)
            }
        };
        let time = Timestamp(0);
        Ok(FileStat {
            ino: Ino(PIPE_INOS | number),
            kind,
            mode,
            nlink: 1,
            uid: 0,
            gid: 0,
            size,
            allocated_bytes: 0,
            atime: time,
            mtime: time,
            ctime: time,
            device,
        })
    }
}

impl From<vfs::Stat> for FileStat {
    fn from(stat: vfs::Stat) -> Self {
        let device = match stat.kind {
            Kind::Device(device) => device_number(device),
            _ => 0,
        };
        Self {
            ino: stat.ino,
            kind: stat.kind.into(),
            mode: stat.mode,
            nlink: stat.nlink,
            uid: stat.uid,
            gid: stat.gid,
            size: stat.size,
            allocated_bytes: stat.blocks_bytes,
            atime: stat.atime,
            mtime: stat.mtime,
            ctime: stat.ctime,
            device,
        }
    }
}

impl From<Kind> for FileType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Dir => Self::Directory,
            Kind::Symlink | Kind::FdLink(_) => Self::Symlink,
            Kind::Device(_) => Self::CharDevice,
            // `Kind` may grow; what is nothing special is a file.
            _ => Self::Regular,
        }
    }
}

fn standard_fd(kind: Kind) -> Option<u32> {
    match kind {
        Kind::Device(Device::Stdin) => Some(0),
        Kind::Device(Device::Stdout) => Some(1),
        Kind::Device(Device::Stderr) => Some(2),
        _ => None,
    }
}

/// `makedev(major, minor)` with Linux's numbers.
fn device_number(device: Device) -> u64 {
    let (major, minor): (u64, u64) = match device {
        Device::Null => (1, 3),
        Device::Zero => (1, 5),
        Device::Full => (1, 7),
        Device::Random => (1, 8),
        Device::Urandom => (1, 9),
        Device::Tty => (5, 0),
        // The links to descriptors, and what may be added: numbers Linux reserves for local use.
        _ => (60, 0),
    };
    major << 8 | minor
}
