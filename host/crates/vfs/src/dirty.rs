//! Versions, and which inodes have changed since the last commit.
//!
//! An inode carries the version of its last change, so that most changes of a busy file find it dirty already and
//! touch no set.

use imbl::GenericHashSet;
use imbl::shared_ptr::DefaultSharedPtr;

use base::Errno;

use crate::ino::{FibBuild, Ino};
use crate::tree::Tree;

/// What has changed since the last [`Tree::take_dirty`], in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dirty {
    /// Inodes that are new or have changed.
    pub changed: Vec<Ino>,
    /// Inodes that were there then and have no name any more.
    pub removed: Vec<Ino>,
}

type InoSet = GenericHashSet<Ino, FibBuild, DefaultSharedPtr>;

/// The tree's record of changes since a commit.
#[derive(Clone)]
pub(crate) struct DirtySet {
    /// Exactly the named inodes whose version lies beyond `version`.
    pub(crate) changed: InoSet,
    pub(crate) removed: InoSet,
    pub(crate) version: u64,
    next_ino: u64,
}

impl DirtySet {
    /// Returns the empty record of a tree committed at `version`, when `next_ino` was the next free number.
    pub(crate) fn clean_at(version: u64, next_ino: u64) -> Self {
        Self { changed: InoSet::default(), removed: InoSet::default(), version, next_ino }
    }

    /// Notes a change of an inode whose last change was at `before`.
    pub(crate) fn note_change(&mut self, ino: Ino, before: u64) {
        if before <= self.version {
            self.changed.insert(ino);
        }
    }

    pub(crate) fn note_removal(&mut self, ino: Ino) {
        self.changed.remove(&ino);
        if ino.0 < self.next_ino {
            self.removed.insert(ino);
        }
    }
}

impl Tree {
    /// Returns the tree's version, which grows with every change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Makes later changes get versions beyond `past`: when an older tree takes the place of a newer one (a
    /// rollback), the versions of the changes that were lost are not given out again.
    pub fn raise_version(&mut self, past: u64) {
        self.version = self.version.max(past);
    }

    /// Tells whether anything has changed since the last [`Tree::take_dirty`].
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !(self.dirty.changed.is_empty() && self.dirty.removed.is_empty())
    }

    /// Returns what has changed since the last call and starts a new record. A tree starts with none.
    #[must_use = "the record is gone afterwards"]
    pub fn take_dirty(&mut self) -> Dirty {
        let clean = DirtySet::clean_at(self.version, self.next_ino);
        let dirty = std::mem::replace(&mut self.dirty, clean);
        let sorted = |set: &InoSet| {
            let mut inos: Vec<Ino> = set.iter().copied().collect();
            inos.sort_unstable();
            inos
        };
        Dirty { changed: sorted(&dirty.changed), removed: sorted(&dirty.removed) }
    }

    /// Tells whether the inode differs from the template's, or is not in it.
    ///
    /// # Errors
    /// ENOENT for a number that names nothing.
    pub fn changed_from_template(&self, ino: Ino) -> Result<bool, Errno> {
        Ok(self.inode(ino)?.version > self.template.version)
    }
}
