//! One inode: its attributes, what it holds, and what it costs.

use std::sync::Arc;

use base::{Errno, Timestamp};
use imbl::OrdMap;

use crate::content::Content;
use crate::ino::Ino;
use crate::ledger::{Amount, DIRECTORY_BYTES, INODE_BYTES, NAME_BYTES, signed};
use crate::stat::{Device, Kind, Name, ProgramTag, Stat};

pub(crate) const SET_USER_ID: u32 = 0o4000;
pub(crate) const SET_GROUP_ID: u32 = 0o2000;

/// Reading moves the time of last access at least this often, as Linux's `relatime` does.
const ACCESS_NOTED_NANOS: u64 = 24 * 3600 * 1_000_000_000;

/// An inode. Shared between trees; a change copies it first.
#[derive(Clone)]
pub(crate) struct Inode {
    pub(crate) node: Node,
    pub(crate) mode: u32,
    pub(crate) nlink: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) atime: Timestamp,
    pub(crate) mtime: Timestamp,
    pub(crate) ctime: Timestamp,
    /// The tree's version at the last change.
    pub(crate) version: u64,
    /// The same, but a change of where the inode is linked does not count: removing one of a program's many names
    /// must not charge the whole program. The session owns the inode's cost iff this lies beyond its template.
    pub(crate) paid: u64,
}

#[derive(Clone)]
pub(crate) enum Node {
    File(File),
    Dir(Directory),
    Symlink(Arc<[u8]>),
    Device(Device),
}

#[derive(Clone, Default)]
pub(crate) struct File {
    pub(crate) content: Content,
    /// Set while the content is a shipped program's.
    pub(crate) program: Option<ProgramTag>,
}

#[derive(Clone)]
pub(crate) struct Directory {
    /// The directory that names this one; the root is its own. Kept when this one has been removed.
    pub(crate) parent: Ino,
    /// The name there; empty for the root.
    pub(crate) name: Name,
    pub(crate) entries: OrdMap<Name, Link>,
    /// Sum of [`name_cost`] over the entries.
    pub(crate) names_bytes: u64,
    /// Levels of directories below this one, or more: removing one lowers it only when none is left.
    pub(crate) height: u32,
    /// `/dev/fd`: every number is an entry.
    pub(crate) lists_fds: bool,
}

/// A directory entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) ino: Ino,
    /// The directory's version when the entry was made: its number within the directory, never given out again.
    pub(crate) since: u64,
}

impl Directory {
    pub(crate) fn new(parent: Ino, name: Name) -> Self {
        Self { parent, name, entries: OrdMap::new(), names_bytes: 0, height: 0, lists_fds: false }
    }

    /// Returns the inode that `name` names here; `.` and `..` are not names.
    pub(crate) fn child(&self, name: &[u8]) -> Option<Ino> {
        match self.entries.get(name) {
            Some(link) => Some(link.ino),
            None if self.lists_fds => fd_number(name).map(Ino::of_fd),
            None => None,
        }
    }

    pub(crate) fn insert(&mut self, name: Name, link: Link) {
        let cost = name_cost(&name);
        if self.entries.insert(name, link).is_none() {
            self.names_bytes += cost;
        }
    }

    pub(crate) fn remove(&mut self, name: &[u8]) {
        if self.entries.remove(name).is_some() {
            self.names_bytes = self.names_bytes.saturating_sub(name_cost(name));
        }
    }
}

/// Returns what an entry of this name adds to its directory's footprint.
pub(crate) fn name_cost(name: &[u8]) -> u64 {
    NAME_BYTES + name.len() as u64
}

fn fd_number(name: &[u8]) -> Option<u32> {
    let canonical = name == b"0" || name.first().is_some_and(|digit| (b'1'..=b'9').contains(digit));
    if !canonical || !name.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(name).ok()?.parse().ok()
}

impl Inode {
    /// Returns an inode with one name (a directory counts its own `.` too), unversioned.
    pub(crate) fn new(node: Node, mode: u32, now: Timestamp) -> Self {
        let nlink = if matches!(node, Node::Dir(_)) { 2 } else { 1 };
        Self {
            node,
            mode: mode & 0o7777,
            nlink,
            uid: 0,
            gid: 0,
            atime: now,
            mtime: now,
            ctime: now,
            version: 0,
            paid: 0,
        }
    }

    /// Returns what the inode costs its owner; its own name is its directory's cost.
    pub(crate) fn cost(&self) -> Amount {
        let (bytes, held) = match &self.node {
            Node::File(file) => (file.content.stored(), file.content.footprint()),
            Node::Dir(dir) => (0, DIRECTORY_BYTES + dir.names_bytes),
            Node::Symlink(target) => (0, target.len() as u64),
            Node::Device(_) => (0, 0),
        };
        Amount { files: 1, bytes: signed(bytes), footprint: signed(INODE_BYTES + held) }
    }

    pub(crate) fn is_dir(&self) -> bool {
        matches!(self.node, Node::Dir(_))
    }

    pub(crate) fn dir(&self) -> Result<&Directory, Errno> {
        if let Node::Dir(dir) = &self.node { Ok(dir) } else { Err(Errno::ENOTDIR) }
    }

    /// Returns the file, EISDIR for a directory, EINVAL for what has no content.
    pub(crate) fn file(&self) -> Result<&File, Errno> {
        match &self.node {
            Node::File(file) => Ok(file),
            Node::Dir(_) => Err(Errno::EISDIR),
            Node::Symlink(_) | Node::Device(_) => Err(Errno::EINVAL),
        }
    }

    pub(crate) fn dir_mut(&mut self) -> &mut Directory {
        let dir = if let Node::Dir(dir) = &mut self.node { Some(dir) } else { None };
        dir.expect("the operation has checked that this is a directory")
    }

    pub(crate) fn file_mut(&mut self) -> &mut File {
        let file = if let Node::File(file) = &mut self.node { Some(file) } else { None };
        file.expect("the operation has checked that this is a file")
    }

    /// Counts one directory less in this one.
    pub(crate) fn lose_subdir(&mut self) {
        self.nlink -= 1;
        if self.nlink == 2 {
            self.dir_mut().height = 0;
        }
    }

    /// Tells whether being read at `now` moves the time of last access: when nothing has been read since the last
    /// change, or for a day. Programs learn whether a file was read after it was written, and reading stays cheap.
    pub(crate) fn access_counts(&self, now: Timestamp) -> bool {
        self.atime <= self.mtime.max(self.ctime) || now.0.saturating_sub(self.atime.0) >= ACCESS_NOTED_NANOS
    }

    pub(crate) fn kind(&self) -> Kind {
        match &self.node {
            Node::File(_) => Kind::File,
            Node::Dir(_) => Kind::Dir,
            Node::Symlink(_) => Kind::Symlink,
            Node::Device(device) => Kind::Device(*device),
        }
    }

    pub(crate) fn stat(&self, ino: Ino) -> Stat {
        let (size, blocks_bytes) = match &self.node {
            Node::File(file) => (file.content.size(), file.content.footprint()),
            Node::Symlink(target) => (target.len() as u64, 0),
            Node::Dir(_) | Node::Device(_) => (0, 0),
        };
        Stat {
            ino,
            kind: self.kind(),
            mode: self.mode,
            nlink: self.nlink,
            uid: self.uid,
            gid: self.gid,
            size,
            atime: self.atime,
            mtime: self.mtime,
            ctime: self.ctime,
            blocks_bytes,
            version: self.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_decimal_number_names_a_descriptor() {
        assert_eq!(fd_number(b"0"), Some(0));
        assert_eq!(fd_number(b"63"), Some(63));
        for name in [&b""[..], b"00", b"07", b"+1", b"-1", b"1a", b"4294967296"] {
            assert_eq!(fd_number(name), None, "{name:?}");
        }
    }
}
