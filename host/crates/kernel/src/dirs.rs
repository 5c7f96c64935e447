//! Directories as a process uses them: listing them whole or by cookies, and the working directory.
//!
//! Owns no state; a cookie's memory is the description's [`crate::cursor::DirCursor`].

use base::{Errno, Pid};
use vfs::{Follow, Ino};

use crate::description::Target;
use crate::proc::Node;
use crate::process::Process;
use crate::state::State;
use crate::types::{At, DirRow, DirStep, FileType};

/// `.` and `..`, which a whole listing leaves out.
const DOTS: usize = 2;

/// The cookie of descriptor 0 in /dev/fd, after those of `.` and `..`.
const FD_COOKIES: u64 = 3;

/// Entries a whole listing may have; `EOVERFLOW` beyond. Five times the inodes of a session with default limits.
const MAX_LISTING: usize = 1_000_000;

impl Process {
    /// Lists a directory: all entries but `.` and `..`, ordered by name.
    ///
    /// # Errors
    ///
    /// `ENOTDIR`; `EOVERFLOW` beyond 1,000,000 entries; those of path resolution.
    pub fn read_dir(&self, at: At, path: &[u8]) -> Result<Vec<DirRow>, Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let dir = state.resolve(self.entry, at, path, Follow::Yes)?;
            if let Some(node) = Node::of(dir) {
                let steps = state.proc_list(node)?.into_iter().skip(DOTS);
                let mut rows: Vec<DirRow> = steps.map(|step| step.row).collect();
                rows.sort_unstable_by(|one, other| one.name.cmp(&other.name));
                return Ok(rows);
            }
            if state.tree.lists_fds(dir) {
                return state.list_fds(self.entry);
            }
            if state.tree.entries_len(dir)? > MAX_LISTING {
                return Err(Errno::EOVERFLOW);
            }
            let entries = state.tree.read_dir(dir, None, MAX_LISTING)?;
            state.tree.note_access(dir, now);
            Ok(entries.into_iter().map(DirRow::from).collect())
        })
    }

    /// Reads up to `max` entries of an open directory after `cookie` (0: from the start), `.` and `..` first.
    ///
    /// A cookie resumes after the name it came with, whatever was added or removed since.
    ///
    /// # Errors
    ///
    /// `EBADF`, `ENOTDIR`.
    pub fn read_dir_after(&self, fd: u32, cookie: u64, max: usize) -> Result<Vec<DirStep>, Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let id = state.frame(self.entry)?.fds.get(fd)?;
            let Target::Dir { ino, cursor } = &mut state.descriptions.of_mut(id).target else {
                return Err(Errno::ENOTDIR);
            };
            let dir = *ino;
            if let Some(node) = Node::of(dir) {
                let steps = state.proc_list(node)?.into_iter();
                return Ok(steps.filter(|step| step.next > cookie).take(max).collect());
            }
            if !state.tree.lists_fds(dir) {
                let steps = cursor.read(&state.tree, dir, cookie, max);
                state.tree.note_access(dir, now);
                return steps;
            }
            // At most a table of descriptors, so each step lists it anew. A cookie is the number, after those of the dots.
            let parent = state.tree.parent(dir).unwrap_or(dir);
            let dots = [(&b"."[..], dir), (b"..", parent)].map(|(name, ino)| DirRow {
                name: name.to_vec(),
                ino,
                kind: FileType::Directory,
            });
            let fds = state.list_fds(self.entry)?.into_iter();
            let fds = fds.filter_map(|row| Some((u64::from(row.ino.fd()?) + FD_COOKIES, row)));
            let steps = (1..).zip(dots).chain(fds).map(|(next, row)| DirStep { next, row });
            Ok(steps.filter(|step| step.next > cookie).take(max).collect())
        })
    }

    /// Changes the working directory; answers its absolute path without symbolic links.
    ///
    /// # Errors
    ///
    /// `ENOTDIR`; those of path resolution.
    pub fn chdir(&self, at: At, path: &[u8]) -> Result<Vec<u8>, Errno> {
        self.kernel.locked(|state, _| {
            let dir = state.resolve(self.entry, at, path, Follow::Yes)?;
            state.enter_directory(self.entry, dir)
        })
    }

    /// The working directory's absolute path without symbolic links.
    ///
    /// # Errors
    ///
    /// `ENOENT` when it was removed.
    pub fn getcwd(&self) -> Result<Vec<u8>, Errno> {
        self.kernel.locked(|state, _| {
            let cwd = state.frame(self.entry)?.cwd;
            state.path_of(cwd)
        })
    }

    /// Sets the file mode creation mask when given; answers the one before.
    pub fn umask(&self, mask: Option<u32>) -> u32 {
        self.kernel.locked(|state, _| {
            let Ok(frame) = state.frame_mut(self.entry) else { return 0 };
            let before = frame.umask;
            frame.umask = mask.map_or(before, |mask| mask & 0o777);
            before
        })
    }
}

impl State {
    fn enter_directory(&mut self, pid: Pid, dir: Ino) -> Result<Vec<u8>, Errno> {
        if !self.is_directory(dir) {
            return Err(Errno::ENOTDIR);
        }
        let path = self.path_of(dir)?;
        self.tree.retain(dir);
        let before = std::mem::replace(&mut self.frame_mut(pid)?.cwd, dir);
        self.tree.release(before);
        Ok(path)
    }

    /// The rows of /dev/fd: the process's own descriptors.
    fn list_fds(&self, pid: Pid) -> Result<Vec<DirRow>, Errno> {
        let row =
            |(fd, _)| DirRow { name: u32::to_string(&fd).into_bytes(), ino: Ino::of_fd(fd), kind: FileType::Symlink };
        Ok(self.frame(pid)?.fds.iter().map(row).collect())
    }
}

impl From<vfs::DirEntry> for DirRow {
    fn from(entry: vfs::DirEntry) -> Self {
        Self { name: entry.name.to_vec(), ino: entry.ino, kind: entry.kind.into() }
    }
}
