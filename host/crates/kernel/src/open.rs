//! Opening a path: files, directories, devices, and the /dev/fd links to a process's own descriptors.
//!
//! Owns the order of checks (a descriptor is found before a file is made or cut). Owns no state.

use base::{Errno, Pid, Timestamp};
use vfs::{Device, Follow, Ino, Kind};

use crate::cursor::DirCursor;
use crate::description::Target;
use crate::process::Process;
use crate::state::{Effects, State};
use crate::types::{At, FdFlags, OpenFlags};

impl Process {
    /// Opens a path at the lowest free descriptor not below `minimum`.
    ///
    /// `mode` is what a created file gets, less the umask. Opening a directory for reading is allowed.
    ///
    /// # Errors
    ///
    /// Those of `open(2)`; `ENXIO` for /dev/tty, since no session has a terminal yet.
    pub fn open(&self, at: At, path: &[u8], flags: OpenFlags, mode: u32, minimum: u32) -> Result<u32, Errno> {
        let limit = self.limits().fds_per_process;
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, fx| {
            let base = state.base(self.entry, at)?;
            let frame = state.frame(self.entry)?;
            let fd = frame.fds.lowest_free(minimum, limit)?;
            let mode = mode & 0o7777 & !frame.umask;
            let ino = state.resolve_for_open(base, path, flags, mode, now)?;
            state.open_inode(self.entry, fd, ino, flags, now, fx)
        })
    }
}

impl State {
    /// Finds the inode to open, making the file when that is asked for.
    fn resolve_for_open(
        &mut self,
        base: Ino,
        path: &[u8],
        flags: OpenFlags,
        mode: u32,
        now: Timestamp,
    ) -> Result<Ino, Errno> {
        let follow = if flags.no_follow || (flags.create && flags.exclusive) { Follow::No } else { Follow::Yes };
        if !flags.create || flags.directory {
            return self.tree.lookup(base, path, follow);
        }
        if flags.no_follow {
            // `create` follows; a link in the last place is to be refused before anything is made behind it.
            match self.tree.lookup(base, path, Follow::No) {
                Ok(ino) if !flags.exclusive => return Ok(ino),
                Ok(_) => return Err(Errno::EEXIST),
                Err(Errno::ENOENT) => {}
                Err(error) => return Err(error),
            }
        }
        self.tree.change(|tree| tree.create(base, path, mode, flags.exclusive, now))
    }

    fn open_inode(
        &mut self,
        pid: Pid,
        fd: u32,
        ino: Ino,
        flags: OpenFlags,
        now: Timestamp,
        fx: &mut Effects,
    ) -> Result<u32, Errno> {
        let link = match ino.fd() {
            Some(link) => Kind::FdLink(link),
            None => self.tree.stat(ino)?.kind,
        };
        if flags.directory && link != Kind::Dir {
            return Err(Errno::ENOTDIR);
        }
        match link {
            Kind::File => self.open_file(pid, fd, ino, flags, now, fx),
            Kind::Dir => {
                if flags.write || flags.create || flags.truncate {
                    return Err(Errno::EISDIR);
                }
                self.tree.retain(ino);
                self.install(pid, fd, flags.into(), Target::Dir { ino, cursor: DirCursor::default() }, fx)
            }
            Kind::Symlink => Err(Errno::ELOOP),
            Kind::FdLink(of) => self.open_link(pid, fd, of, flags, now, fx),
            Kind::Device(Device::Stdin) => self.open_link(pid, fd, 0, flags, now, fx),
            Kind::Device(Device::Stdout) => self.open_link(pid, fd, 1, flags, now, fx),
            Kind::Device(Device::Stderr) => self.open_link(pid, fd, 2, flags, now, fx),
            Kind::Device(Device::Tty) => Err(Errno::ENXIO),
            Kind::Device(device) => self.install(pid, fd, flags.into(), Target::Device(device), fx),
            _ => Err(Errno::ENODEV),
        }
    }

    fn open_file(
        &mut self,
        pid: Pid,
        fd: u32,
        ino: Ino,
        flags: OpenFlags,
        now: Timestamp,
        fx: &mut Effects,
    ) -> Result<u32, Errno> {
        if flags.truncate && flags.write {
            self.tree.change(|tree| tree.truncate(ino, 0, now))?;
        }
        self.tree.retain(ino);
        self.install(pid, fd, flags.into(), Target::File { ino, offset: 0 }, fx)
    }

    /// Opens /dev/fd/N: a file or directory anew, anything else as the same description.
    fn open_link(
        &mut self,
        pid: Pid,
        fd: u32,
        of: u32,
        flags: OpenFlags,
        now: Timestamp,
        fx: &mut Effects,
    ) -> Result<u32, Errno> {
        // What is not open is not in /dev/fd.
        let id = self.frame(pid)?.fds.get(of).map_err(|_| Errno::ENOENT)?;
        let description = self.descriptions.of(id);
        match description.target {
            Target::File { ino, .. } | Target::Dir { ino, .. } => self.open_inode(pid, fd, ino, flags, now, fx),
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
}

impl From<OpenFlags> for FdFlags {
    fn from(flags: OpenFlags) -> Self {
        Self { read: flags.read, write: flags.write, append: flags.append, nonblock: flags.nonblock }
    }
}
