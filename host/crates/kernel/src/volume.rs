//! The session's file system: its tree, and the host's memory that is reserved for what the tree holds.
//!
//! Owns the one way to change the tree. The host's budget is asked for a portion at a time, so that most operations
//! touch no counter that sessions share; the tree's own footprint quota is what the session has reserved, never beyond
//! its limit. Who only reads gets the tree by `Deref`.

use std::ops::Deref;

use base::{Errno, Timestamp};
use vfs::{Ino, Quota, Tree};

use crate::budget::{FootprintReservation, HostBudget};

/// Least that is reserved beyond the need, in bytes: a pipe's worth, so that a small idle session holds little.
const MIN_HEADROOM: u64 = 64 << 10;
/// Most that is reserved beyond the need, in bytes: one more portion for a MiB written is nothing.
const MAX_HEADROOM: u64 = 1 << 20;
/// A reservation is cut when this many headrooms of it are unused: what comes and goes (pipes, processes, temporary
/// files) moves nothing.
const UNUSED_HEADROOMS: u64 = 4;

/// Where the generated file system is.
const PROC_PATH: &[u8] = b"/proc";

/// A session's tree and what is reserved for it.
#[derive(Debug)]
pub(crate) struct Volume {
    // Its quota's footprint is the smaller of `limit` and what is reserved.
    tree: Tree,
    limit: u64,
    // Never less than the tree's footprint.
    reserved: FootprintReservation,
    // Something of it is from beyond the share of files: nothing is kept in hand then, since files could use that.
    is_beyond_share: bool,
}

impl Deref for Volume {
    type Target = Tree;
    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl Volume {
    /// Takes over a tree that may hold up to `limit` bytes, if its own quota does not say less.
    ///
    /// # Errors
    ///
    /// `ENOSPC` when the host has no room for what it holds.
    pub(crate) fn new(tree: Tree, limit: u64, budget: &HostBudget) -> Result<Self, Errno> {
        let limit = limit.min(tree.quota().footprint_bytes);
        let mut reserved = FootprintReservation::none(budget);
        if !reserved.grow(tree.usage().footprint) {
            return Err(Errno::ENOSPC);
        }
        let mut volume = Self { tree, limit, reserved, is_beyond_share: false };
        volume.cover();
        volume.apply();
        Ok(volume)
    }

    /// Makes one change of the tree, reserving what it lacks. `op` is called again after it was refused for want of
    /// footprint: it then must have changed nothing, as is so with a single operation.
    pub(crate) fn change<R>(&mut self, mut op: impl FnMut(&mut Tree) -> Result<R, Errno>) -> Result<R, Errno> {
        let mut answer = op(&mut self.tree);
        while matches!(answer, Err(Errno::ENOSPC)) && self.make_room_for_all() {
            answer = op(&mut self.tree);
        }
        self.settle();
        answer
    }

    /// Writes at an offset; fewer bytes than all only at a limit of the session, of the host or of files.
    pub(crate) fn write_at(&mut self, ino: Ino, offset: u64, data: &[u8], now: Timestamp) -> Result<usize, Errno> {
        let mut done = 0;
        let refusal = loop {
            match self.tree.write_at(ino, offset + done as u64, &data[done..], now) {
                Ok(n) => done += n,
                Err(Errno::ENOSPC) => {}
                Err(error) => break Some(error),
            }
            if done == data.len() {
                break None;
            }
            if !self.make_room_for_some() {
                break Some(Errno::ENOSPC);
            }
        };
        self.settle();
        match refusal {
            Some(error) if done == 0 => Err(error),
            _ => Ok(done),
        }
    }

    /// Writes at the end; answers the offset it began at, too.
    pub(crate) fn append(&mut self, ino: Ino, data: &[u8], now: Timestamp) -> Result<(u64, usize), Errno> {
        let end = self.tree.stat(ino)?.size;
        Ok((end, self.write_at(ino, end, data, now)?))
    }

    /// Charges content that the kernel holds as long as a descriptor is open, like a file.
    pub(crate) fn charge_content(&mut self, footprint: u64) -> Result<(), Errno> {
        self.change(|tree| tree.charge(footprint))
    }

    /// Charges what processes take beside files: their entries, pipes and captures. That they can run does not depend on
    /// the files of other sessions: when these have their share, the rest of the host's memory serves.
    pub(crate) fn charge(&mut self, footprint: u64) -> Result<(), Errno> {
        let mut answer = self.tree.charge(footprint);
        if answer.is_err()
            && let Some(needed) = self.tree.take_shortage().filter(|needed| *needed <= self.limit)
            && (self.grow(needed) || self.grow_beyond_share(needed))
        {
            answer = self.tree.charge(footprint);
        }
        self.settle();
        answer
    }

    /// Gives back what was charged.
    pub(crate) fn discharge(&mut self, footprint: u64) {
        self.tree.discharge(footprint);
        self.settle();
    }

    /// Notes that an inode has been read, which moves its time of last access and costs nothing.
    pub(crate) fn note_access(&mut self, ino: Ino, now: Timestamp) {
        self.tree.note_access(ino, now);
    }

    /// Counts one who holds an inode.
    pub(crate) fn retain(&mut self, ino: Ino) {
        self.tree.retain(ino);
    }

    /// Counts one less who holds an inode.
    pub(crate) fn release(&mut self, ino: Ino) {
        self.tree.release(ino);
        self.settle();
    }

    /// The session's quota; the tree's own is lower while less is reserved.
    pub(crate) fn quota(&self) -> Quota {
        Quota { footprint_bytes: self.limit, ..self.tree.quota() }
    }

    /// Answers a copy of the tree with the session's quota.
    pub(crate) fn fork(&self) -> Tree {
        let mut tree = self.tree.clone();
        tree.set_quota(self.quota());
        tree
    }

    /// Reserves what is needed to put `tree` in the place of the present one.
    ///
    /// # Errors
    ///
    /// `ENOSPC` when the host has no room for it.
    pub(crate) fn admit(&mut self, tree: &Tree) -> Result<(), Errno> {
        let needed = tree.usage().footprint.saturating_add(self.tree.charged());
        let enough = needed <= self.reserved.bytes() || self.reserved.grow(needed);
        self.apply();
        if enough { Ok(()) } else { Err(Errno::ENOSPC) }
    }

    /// Puts an admitted tree in the place of the present one. The session's quota, the kernel's charges and the count
    /// of versions go on; what is held stays held even if it is over the quota by it: only growth is refused then.
    pub(crate) fn replace(&mut self, mut tree: Tree) {
        tree.set_quota(Quota::UNLIMITED);
        let charged = tree.charge(self.tree.charged());
        debug_assert!(charged.is_ok(), "the footprint has no bound at this moment");
        tree.set_quota(self.quota());
        tree.raise_version(self.tree.version());
        debug_assert!(tree.usage().footprint <= self.reserved.bytes(), "the tree was admitted");
        self.tree = tree;
        self.cover();
        self.apply();
        self.settle();
    }

    /// What is reserved for it, in bytes.
    pub(crate) fn reserved(&self) -> u64 {
        self.reserved.bytes()
    }

    /// Says in words what does not hold between tree, limit and reservation.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.tree.check_invariants()?;
        let (used, reserved, quota) = (self.tree.usage().footprint, self.reserved.bytes(), self.tree.quota());
        if used > reserved || reserved - used > UNUSED_HEADROOMS * headroom(used) {
            return Err(format!("{reserved} bytes are reserved, {used} used"));
        }
        let expected = reserved.min(self.limit);
        if quota.footprint_bytes == expected { Ok(()) } else { Err(format!("{quota:?} is not {expected}")) }
    }

    /// After a refusal: reserves all that the operation lacks; false when that was not it, or the host has not so much.
    fn make_room_for_all(&mut self) -> bool {
        match self.tree.take_shortage() {
            Some(needed) if needed <= self.limit => self.grow(needed),
            _ => false,
        }
    }

    /// After a write that was refused or cut short: reserves what the rest lacks, or as much of it as there is.
    fn make_room_for_some(&mut self) -> bool {
        let Some(needed) = self.tree.take_shortage() else { return false };
        let (before, mut needed) = (self.reserved.bytes(), needed.min(self.limit));
        while needed > before {
            if self.grow(needed) {
                return true;
            }
            let half = (needed - before) / 2;
            if half < MIN_HEADROOM {
                return false;
            }
            needed = before + half;
        }
        false
    }

    fn grow(&mut self, needed: u64) -> bool {
        if needed <= self.reserved.bytes() {
            return false;
        }
        let generous = needed.saturating_add(headroom(needed)).min(self.limit);
        let grown = self.reserved.grow(generous) || self.reserved.grow(needed);
        self.apply();
        grown
    }

    fn grow_beyond_share(&mut self, needed: u64) -> bool {
        let grown = self.reserved.grow_beyond_share(needed);
        self.is_beyond_share |= grown;
        self.apply();
        grown
    }

    /// Gives back what has been unused for long enough.
    fn settle(&mut self) {
        let used = self.tree.usage().footprint;
        let room = headroom(used);
        if self.is_beyond_share {
            self.reserved.cut(used);
            self.is_beyond_share = self.reserved.is_share_used();
            self.apply();
        } else if self.reserved.bytes().saturating_sub(used) > UNUSED_HEADROOMS * room {
            self.reserved.cut(used.saturating_add(room));
            self.apply();
        }
    }

    /// Puts /proc over the directory of that name; a tree without one has no /proc.
    fn cover(&mut self) {
        let _covered = self.tree.cover(PROC_PATH);
    }

    fn apply(&mut self) {
        let footprint_bytes = self.limit.min(self.reserved.bytes());
        self.tree.set_quota(Quota { footprint_bytes, ..self.tree.quota() });
    }
}

/// What to reserve beyond `used` bytes: an eighth of them, within bounds.
fn headroom(used: u64) -> u64 {
    (used / 8).clamp(MIN_HEADROOM, MAX_HEADROOM)
}
