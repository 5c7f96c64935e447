//! An inode as data: what is kept of it durably, and what of its entries and chunks differs from an older tree's.
//!
//! Owns what belongs to a record and how differences are found without looking at what two trees share. In which bytes
//! records are written is not its business; making a tree of them is `restore`'s.

use std::sync::Arc;

use base::{Errno, Timestamp};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use crate::content::ChunkRef;
use crate::ino::Ino;
use crate::inode::{Inode, Link, Node};
use crate::stat::{Device, Name, ProgramTag};
use crate::tree::Tree;

/// The numbers that belong to a whole tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// The number the next new inode gets; no number is given out twice.
    pub next_ino: u64,
    /// The version of the last change (see [`Tree::version`]).
    pub version: u64,
    /// The version of the template when the tree was made from it.
    pub template_version: u64,
    /// The template's `next_ino` then.
    pub template_next_ino: u64,
}

/// An inode without its entries and chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InodeRecord {
    /// What it is.
    pub kind: RecordKind,
    /// Permission bits, 0 to 0o7777.
    pub mode: u32,
    /// As [`crate::Stat::nlink`].
    pub nlink: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last access.
    pub atime: Timestamp,
    /// Last change of content.
    pub mtime: Timestamp,
    /// Last change of content or attributes.
    pub ctime: Timestamp,
    /// The tree's version at its last change.
    pub version: u64,
    /// The same without changes of where it is linked: the session pays for it iff this lies beyond its template.
    pub paid: u64,
}

/// What an inode is, with what a record holds of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A regular file; its chunks are beside the record.
    File {
        /// Length in bytes.
        size: u64,
        /// Which shipped program it is.
        program: Option<ProgramTag>,
    },
    /// A directory; its entries are beside the record.
    Dir {
        /// It is `/dev/fd`.
        lists_fds: bool,
    },
    /// A symbolic link with its target.
    Symlink(Arc<[u8]>),
    /// A special file.
    Device(Device),
}

/// A directory entry as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRecord {
    /// Its number within the directory, which no other entry there has or will have. A name that is made to name
    /// another inode gets a new one; numbers made later are higher.
    pub number: u64,
    /// Its name.
    pub name: Name,
    /// The inode it names.
    pub ino: Ino,
}

/// What of a directory's entries differs from an older state of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryChanges {
    /// Entries that are new.
    pub put: Vec<EntryRecord>,
    /// The numbers of entries that are gone.
    pub removed: Vec<u64>,
}

/// What of a file's chunks differs from an older state of it.
pub struct ChunkChanges<'t> {
    /// Chunks that are new or have changed.
    pub put: Vec<ChunkRef<'t>>,
    /// The numbers of chunks that are holes now.
    pub removed: Vec<u32>,
}

impl Tree {
    /// Returns the numbers that belong to the whole tree.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        TreeHead {
            next_ino: self.next_ino,
            version: self.version,
            template_version: self.template.version,
            template_next_ino: self.template.next_ino,
        }
    }

    /// Returns an inode as data.
    ///
    /// # Errors
    /// ENOENT for a number that names nothing.
    pub fn record(&self, ino: Ino) -> Result<InodeRecord, Errno> {
        let inode = self.inode(ino)?;
        let kind = match &inode.node {
            Node::File(file) => RecordKind::File { size: file.content.size(), program: file.program },
            Node::Dir(dir) => RecordKind::Dir { lists_fds: dir.lists_fds },
            Node::Symlink(target) => RecordKind::Symlink(Arc::clone(target)),
            Node::Device(device) => RecordKind::Device(*device),
        };
        let Inode { mode, nlink, uid, gid, atime, mtime, ctime, version, paid, .. } = *inode;
        Ok(InodeRecord { kind, mode, nlink, uid, gid, atime, mtime, ctime, version, paid })
    }

    /// Tells what of a directory's entries differs from those it has in `base`, another state of the same session's
    /// tree; without one, or where it is not in `base`, all do. Costs what differs, not the directory.
    ///
    /// # Errors
    /// ENOTDIR.
    pub fn entry_changes(&self, dir: Ino, base: Option<&Self>) -> Result<EntryChanges, Errno> {
        let nothing = OrdMap::new();
        let before = base.and_then(|base| base.dir(dir).ok()).map_or(&nothing, |dir| &dir.entries);
        let mut changes = EntryChanges::default();
        let entry = |name: &Name, link: &Link| EntryRecord { number: link.since, name: name.clone(), ino: link.ino };
        for item in before.diff(&self.dir(dir)?.entries) {
            match item {
                DiffItem::Add(name, link) => changes.put.push(entry(name, link)),
                DiffItem::Remove(_, link) => changes.removed.push(link.since),
                DiffItem::Update { old, new } => {
                    changes.removed.push(old.1.since);
                    changes.put.push(entry(new.0, new.1));
                }
            }
        }
        Ok(changes)
    }

    /// Tells what of a file's chunks differs from those it has in `base`, another state of the same session's tree;
    /// without one, or where it is not in `base`, all do. Costs what differs, not the file.
    ///
    /// # Errors
    /// EISDIR for a directory, EINVAL for what has no content.
    pub fn chunk_changes(&self, file: Ino, base: Option<&Self>) -> Result<ChunkChanges<'_>, Errno> {
        let before = base.and_then(|base| base.inode(file).and_then(Inode::file).ok()).map(|file| &file.content);
        Ok(self.inode(file)?.file()?.content.changes_from(before))
    }
}
