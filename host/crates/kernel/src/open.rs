//! Opening a path: files, directories, devices, what is in /proc, and the /dev/fd links to a process's own descriptors.
//!
//! Owns the order of checks (a descriptor is found before a file is made or cut). Owns no state.

use base::{Errno, Pid, Timestamp};
use vfs::{Device, Follow, Ino, Kind};

use crate::cursor::DirCursor;
use crate::description::{DescId, Description, Target};
use crate::kernel::Kernel;
use crate::proc::Node;
use crate::process::Process;
use crate::state::{Effects, State};
use crate::types::{At, FdFlags, FileType, OpenFlags};
use crate::walk::stays_in_tree;

/// Bytes of a path that are kept for /proc: a longer one is not shown there, so that a session's descriptors stay small.
const OPENED_AS_MAX: usize = 255;

/// One call of `open(2)`: who opens, where the descriptor goes, and how.
struct Opening<'k> {
    kernel: &'k Kernel,
    pid: Pid,
    fd: u32,
    flags: OpenFlags,
    now: Timestamp,
}

impl Process {
    /// Opens a path at the lowest free descriptor not below `minimum`.
    ///
    /// `mode` is what a created file gets, less the umask. Opening a directory for reading is allowed.
    ///
    /// # Errors
    ///
    /// Those of `open(2)`; `ENXIO` for /dev/tty, since no session has a terminal yet; `EROFS` for writing in /proc.
    pub fn open(&self, at: At, path: &[u8], flags: OpenFlags, mode: u32, minimum: u32) -> Result<u32, Errno> {
        // As on Linux: `open` makes files, so that a directory cannot be both wanted and made.
        if flags.create && flags.directory {
            return Err(Errno::EINVAL);
        }
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, fx| {
            let base = state.base(self.entry, at)?;
            let fd = state.free_fd(self.entry, minimum)?;
            let mode = mode & 0o7777 & !state.frame(self.entry)?.umask;
            let (ino, crosses) = state.resolve_for_open(self.entry, (base, path), flags, mode, now)?;
            let opening = Opening { kernel: &self.kernel, pid: self.entry, fd, flags, now };
            let fd = state.open_inode(&opening, ino, fx)?;
            if crosses {
                // The path may mean something else to another process.
                let real = state.real_path(self.entry, base, path).unwrap_or_default();
                state.note_path(self.entry, fd, Ino::ROOT, &real);
            } else {
                state.note_path(self.entry, fd, base, path);
            }
            Ok(fd)
        })
    }
}

impl State {
    /// Finds the inode to open, making the file when that is asked for; tells, too, whether the path leads through /proc.
    fn resolve_for_open(
        &mut self,
        entry: Pid,
        (base, path): (Ino, &[u8]),
        flags: OpenFlags,
        mode: u32,
        now: Timestamp,
    ) -> Result<(Ino, bool), Errno> {
        let follow = if flags.no_follow || (flags.create && flags.exclusive) { Follow::No } else { Follow::Yes };
        if !flags.create {
            return match self.lookup_in_tree(base, path, follow) {
                Some(found) => found.map(|ino| (ino, false)),
                None => self.lookup(entry, base, path, follow).map(|ino| (ino, true)),
            };
        }
        if flags.no_follow {
            // `create` follows; a link in the last place is to be refused before anything is made behind it.
            match self.lookup(entry, base, path, Follow::No) {
                Ok(ino) if !flags.exclusive => return Ok((ino, true)),
                Ok(_) => return Err(Errno::EEXIST),
                Err(Errno::ENOENT) => {}
                Err(error) => return Err(error),
            }
        }
        if stays_in_tree(base, path) {
            match self.tree.change(|tree| tree.create(base, path, mode, flags.exclusive, now)) {
                Err(Errno::EXDEV) => {}
                done => return done.map(|ino| (ino, false)),
            }
        }
        match self.lookup(entry, base, path, follow) {
            Ok(_) if flags.exclusive => return Err(Errno::EEXIST),
            Err(Errno::ENOENT) => {}
            found => return found.map(|ino| (ino, true)),
        }
        let (dir, last) = self.parent_of(entry, base, path)?;
        if Node::of(dir).is_some() {
            return Err(Errno::EROFS);
        }
        let made = self.tree.change(|tree| tree.create(dir, &last, mode, flags.exclusive, now));
        // A link in the last place that leads to a name /proc has not.
        made.map(|ino| (ino, true)).map_err(|error| if error == Errno::EXDEV { Errno::EROFS } else { error })
    }

    fn open_inode(&mut self, opening: &Opening<'_>, ino: Ino, fx: &mut Effects) -> Result<u32, Errno> {
        let Opening { pid, fd, flags, .. } = *opening;
        if let Some(node) = Node::of(ino) {
            return self.open_node(opening, node, fx);
        }
        let link = match ino.fd() {
            Some(link) => Kind::FdLink(link),
            None => self.tree.stat(ino)?.kind,
        };
        if flags.directory && link != Kind::Dir {
            return Err(Errno::ENOTDIR);
        }
        match link {
            Kind::File => self.open_file(opening, ino, fx),
            Kind::Dir => self.open_directory(opening, ino, fx),
            Kind::Symlink => Err(Errno::ELOOP),
            Kind::FdLink(of) => self.open_link(opening, of, fx),
            Kind::Device(Device::Stdin) => self.open_link(opening, 0, fx),
            Kind::Device(Device::Stdout) => self.open_link(opening, 1, fx),
            Kind::Device(Device::Stderr) => self.open_link(opening, 2, fx),
            Kind::Device(Device::Tty) => Err(Errno::ENXIO),
            Kind::Device(device) => self.install(pid, fd, flags.into(), Target::Device(device), fx),
            _ => Err(Errno::ENODEV),
        }
    }

    fn open_directory(&mut self, opening: &Opening<'_>, ino: Ino, fx: &mut Effects) -> Result<u32, Errno> {
        let Opening { pid, fd, flags, .. } = *opening;
        if flags.write || flags.create || flags.truncate {
            return Err(Errno::EISDIR);
        }
        self.tree.retain(ino);
        self.install(pid, fd, flags.into(), Target::Dir { ino, cursor: DirCursor::default() }, fx)
    }

    fn open_file(&mut self, opening: &Opening<'_>, ino: Ino, fx: &mut Effects) -> Result<u32, Errno> {
        let Opening { pid, fd, flags, now, .. } = *opening;
        if flags.truncate && flags.write {
            self.tree.change(|tree| tree.truncate(ino, 0, now))?;
        }
        self.tree.retain(ino);
        self.install(pid, fd, flags.into(), Target::File { ino, offset: 0 }, fx)
    }

    /// Opens what is in /proc: the content of a file is made now.
    fn open_node(&mut self, opening: &Opening<'_>, node: Node, fx: &mut Effects) -> Result<u32, Errno> {
        let Opening { kernel, pid, fd, flags, .. } = *opening;
        match node.kind() {
            FileType::Directory => self.open_directory(opening, node.ino(), fx),
            _ if flags.directory => Err(Errno::ENOTDIR),
            FileType::Symlink if flags.no_follow || !node.is_descriptor() => Err(Errno::ELOOP),
            FileType::Symlink => {
                let id = self.proc_description(node)?;
                self.open_description(opening, id, fx)
            }
            _ if flags.write || flags.truncate => Err(Errno::EROFS),
            _ => {
                let content = self.proc_content(kernel, pid, node)?;
                let charged = content.len() as u64;
                self.tree.charge(charged).map_err(|_| Errno::ENOMEM)?;
                let target = Target::Bytes { content, offset: 0, charged, generated: Some(node) };
                self.install(pid, fd, flags.into(), target, fx)
            }
        }
    }

    /// Opens /dev/fd/N.
    fn open_link(&mut self, opening: &Opening<'_>, of: u32, fx: &mut Effects) -> Result<u32, Errno> {
        // What is not open is not in /dev/fd.
        let id = self.frame(opening.pid)?.fds.get(of).map_err(|_| Errno::ENOENT)?;
        self.open_description(opening, id, fx)
    }

    /// Opens what a description is open on: a file or directory anew, anything else as the same description.
    fn open_description(&mut self, opening: &Opening<'_>, id: DescId, fx: &mut Effects) -> Result<u32, Errno> {
        let Opening { pid, fd, flags, .. } = *opening;
        let description = self.descriptions.of(id);
        match description.target {
            Target::File { ino, .. } => {
                let opened_as = description.opened_as.clone();
                let fd = self.open_inode(opening, ino, fx)?;
                if let Some(path) = opened_as {
                    self.keep_path(pid, fd, path);
                }
                Ok(fd)
            }
            Target::Dir { ino, .. } => self.open_inode(opening, ino, fx),
            Target::Bytes { generated: Some(node), .. } => self.open_node(opening, node, fx),
            Target::Device(device) => self.install(pid, fd, flags.into(), Target::Device(device), fx),
            _ => {
                let has = description.flags;
                if (flags.read && !has.read) || (flags.write && !has.write) {
                    return Err(Errno::EACCES);
                }
                let id = self.descriptions.share(id);
                let before = self.frame_mut(pid)?.fds.put(fd, id);
                debug_assert!(before.is_none(), "the descriptor was free");
                Ok(fd)
            }
        }
    }

    /// Remembers by which path a file was opened, unless that is known from another descriptor.
    fn note_path(&mut self, pid: Pid, fd: u32, base: Ino, path: &[u8]) {
        let is_new = |description: &Description| {
            description.opened_as.is_none() && matches!(description.target, Target::File { .. })
        };
        if path.len() > OPENED_AS_MAX || !self.description(pid, fd).is_ok_and(is_new) {
            return;
        }
        let full = if path.starts_with(b"/") {
            path.to_vec()
        } else {
            match self.path_of(base) {
                Ok(dir) if dir == b"/" => [b"/", path].concat(),
                Ok(dir) => [&dir, b"/".as_slice(), path].concat(),
                Err(_) => return,
            }
        };
        self.keep_path(pid, fd, full.into());
    }

    fn keep_path(&mut self, pid: Pid, fd: u32, path: Box<[u8]>) {
        if path.len() > OPENED_AS_MAX || self.tree.charge(path.len() as u64).is_err() {
            return;
        }
        match self.description_mut(pid, fd) {
            Ok(description) => description.opened_as = Some(path),
            Err(_) => self.tree.discharge(path.len() as u64),
        }
    }
}

impl From<OpenFlags> for FdFlags {
    fn from(flags: OpenFlags) -> Self {
        Self { read: flags.read, write: flags.write, append: flags.append, nonblock: flags.nonblock }
    }
}
