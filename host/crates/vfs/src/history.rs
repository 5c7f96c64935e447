//! Versions: which inodes have changed since when, and what a commit has to write.
//!
//! Owns the index of inodes by the version of their last change. Asking what has changed costs what has changed, not
//! the tree. It keeps no list of what was removed long ago: a removal is a change of the directory that held the name,
//! and [`Tree::changes_from`] finds it exactly against an older tree, [`Tree::take_changes`] against the last commit.

use std::collections::BTreeSet;
use std::ops::Bound;

use base::Errno;
use imbl::ordmap::DiffItem;
use imbl::shared_ptr::DefaultSharedPtr;
use imbl::{GenericHashSet, OrdMap};

use crate::ino::{FibBuild, Ino};
use crate::tree::Tree;

/// What differs between two states of a tree, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Inodes that are new or have changed.
    pub changed: Vec<Ino>,
    /// Inodes that were there and have no name any more.
    pub removed: Vec<Ino>,
}

/// Inodes whose changes are not in the index yet: more than one operation or a busy pipeline of files touches, so that
/// most changes move nothing in the index, and few enough to look through.
const RECENT_MAX: usize = 16;

/// The inodes that have a name, by the version of their last change; no two changes share a version.
#[derive(Clone)]
pub(crate) struct History {
    /// All that changed before every one of `recent`. What is in `recent` may still be here, at its older version.
    by_version: OrdMap<u64, Ino>,
    /// The inodes that were changed last.
    recent: [Recent; RECENT_MAX],
}

#[derive(Clone, Copy, Default)]
struct Recent {
    /// The version of its last change; 0 is a free place.
    version: u64,
    ino: Ino,
    /// The version at which the index has it; 0 if it has not.
    indexed: u64,
}

impl History {
    pub(crate) fn of_root() -> Self {
        let mut recent = [Recent::default(); RECENT_MAX];
        recent[0] = Recent { version: 1, ino: Ino::ROOT, indexed: 0 };
        Self { by_version: OrdMap::new(), recent }
    }

    /// Returns the history of a tree that has no inode.
    pub(crate) fn of_nothing() -> Self {
        Self { by_version: OrdMap::new(), recent: [Recent::default(); RECENT_MAX] }
    }

    /// Notes a change of an inode whose last change was at `before`; 0 is a new inode.
    pub(crate) fn note_change(&mut self, ino: Ino, before: u64, version: u64) {
        if let Some(known) = self.recent.iter_mut().find(|recent| recent.ino == ino) {
            known.version = version;
            return;
        }
        // A free place counts as the oldest.
        let Some(oldest) = self.recent.iter_mut().min_by_key(|recent| recent.version) else { return };
        let gone = std::mem::replace(oldest, Recent { version, ino, indexed: before });
        if gone.version > 0 {
            self.by_version.remove(&gone.indexed);
            self.by_version.insert(gone.version, gone.ino);
        }
    }

    /// Forgets an inode that has no name any more and was changed last at `version`.
    pub(crate) fn note_removal(&mut self, ino: Ino, version: u64) {
        match self.recent.iter_mut().find(|recent| recent.ino == ino) {
            Some(known) => {
                let indexed = std::mem::take(known).indexed;
                self.by_version.remove(&indexed);
            }
            None => {
                self.by_version.remove(&version);
            }
        }
    }

    /// Returns the inodes changed after `version`, the oldest change first.
    fn since(&self, version: u64) -> impl Iterator<Item = Ino> + '_ {
        let earlier = self.by_version.range((Bound::Excluded(version), Bound::Unbounded)).map(|(_, ino)| *ino);
        let mut recent: Vec<Recent> = self.recent.iter().copied().filter(|recent| recent.version > version).collect();
        recent.sort_unstable_by_key(|recent| recent.version);
        earlier.filter(|ino| !self.is_recent(*ino)).chain(recent.into_iter().map(|recent| recent.ino))
    }

    fn is_recent(&self, ino: Ino) -> bool {
        self.recent.iter().any(|recent| recent.ino == ino)
    }

    fn recent_inos(&self) -> impl Iterator<Item = Ino> + '_ {
        self.recent.iter().filter(|recent| recent.version > 0).map(|recent| recent.ino)
    }

    /// Returns all with their versions, for `Tree::check_invariants`.
    pub(crate) fn all(&self) -> BTreeSet<(u64, Ino)> {
        let earlier = self.by_version.iter().map(|(version, ino)| (*version, *ino));
        let recent = self.recent.iter().filter(|recent| recent.version > 0);
        let recent = recent.map(|recent| (recent.version, recent.ino));
        earlier.filter(|(_, ino)| !self.is_recent(*ino)).chain(recent).collect()
    }
}

type InoSet = GenericHashSet<Ino, FibBuild, DefaultSharedPtr>;

/// The last commit, and what has been removed since.
#[derive(Clone)]
pub(crate) struct Commit {
    pub(crate) version: u64,
    next_ino: u64,
    pub(crate) removed: InoSet,
}

impl Commit {
    /// Returns the record of a tree committed at `version`, when `next_ino` was the next free number.
    pub(crate) fn at(version: u64, next_ino: u64) -> Self {
        Self { version, next_ino, removed: InoSet::default() }
    }

    pub(crate) fn note_removal(&mut self, ino: Ino) {
        if ino.0 < self.next_ino {
            self.removed.insert(ino);
        }
    }
}

impl Tree {
    /// Returns the tree's version, which grows with every change of an inode. Reading moves a time of last access
    /// and is no change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Makes later changes get versions beyond `past`: when an older tree takes the place of a newer one (a
    /// rollback), the versions of the changes that were lost are not given out again.
    pub fn raise_version(&mut self, past: u64) {
        self.version = self.version.max(past);
    }

    /// Returns the inodes with a name that have changed since the tree was at `version`, the oldest change first.
    /// Costs what has changed. What was removed since shows as a change of the directory that named it.
    pub fn changes_since(&self, version: u64) -> impl Iterator<Item = Ino> + '_ {
        self.history.since(version)
    }

    /// Returns what differs from `base`, another state of the same session's tree: an earlier or a later one, or one
    /// that was rolled back. Costs what differs.
    #[must_use]
    pub fn changes_from(&self, base: &Self) -> Changes {
        let mut touched: BTreeSet<Ino> = BTreeSet::new();
        touched.extend(self.history.recent_inos().chain(base.history.recent_inos()));
        for item in base.history.by_version.diff(&self.history.by_version) {
            match item {
                DiffItem::Add(_, ino) | DiffItem::Remove(_, ino) => {
                    touched.insert(*ino);
                }
                DiffItem::Update { old, new } => touched.extend([*old.1, *new.1]),
            }
        }
        let mut changes = Changes::default();
        for ino in touched {
            match (base.inodes.get(&ino), self.inodes.get(&ino)) {
                (Some(_), None) => changes.removed.push(ino),
                (before, Some(after)) if before.is_none_or(|before| before.version != after.version) => {
                    changes.changed.push(ino);
                }
                _ => {}
            }
        }
        changes
    }

    /// Tells whether anything has changed since the last [`Tree::take_changes`].
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.commit.removed.is_empty() || self.changes_since(self.commit.version).next().is_some()
    }

    /// Returns what has changed since the last call and starts a new record. A tree starts with none.
    #[must_use = "the record is gone afterwards"]
    pub fn take_changes(&mut self) -> Changes {
        let mut changed: Vec<Ino> = self.changes_since(self.commit.version).collect();
        changed.sort_unstable();
        let commit = std::mem::replace(&mut self.commit, Commit::at(self.version, self.next_ino));
        let mut removed: Vec<Ino> = commit.removed.iter().copied().collect();
        removed.sort_unstable();
        Changes { changed, removed }
    }

    /// Tells whether the inode differs from the template's, or is not in it.
    ///
    /// # Errors
    /// ENOENT for a number that names nothing.
    pub fn changed_from_template(&self, ino: Ino) -> Result<bool, Errno> {
        Ok(self.inode(ino)?.version > self.template.version)
    }
}
