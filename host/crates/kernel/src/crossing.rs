//! Changing names by paths that may lead into /proc, where nothing changes: it is mounted read-only.
//!
//! Owns which error says so. The changes themselves are `vfs`'s; most paths never come near /proc and are left to it.

use base::{Errno, Pid};
use vfs::{Follow, Ino, Tree};

use crate::proc::Node;
use crate::state::State;
use crate::types::At;
use crate::walk::stays_in_tree;

/// What an operation does to the name it is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It must not be there.
    Make,
    /// It must be there.
    Remove,
}

impl State {
    /// Makes or removes a name of the tree; `op` is given the directory and the path from there.
    ///
    /// # Errors
    ///
    /// `EROFS` in /proc, `EEXIST` there for what is to be made and is there; those of `op`.
    pub(crate) fn change_name(
        &mut self,
        entry: Pid,
        (at, path): (At, &[u8]),
        change: Change,
        op: impl Fn(&mut Tree, Ino, &[u8]) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let base = self.base(entry, at)?;
        if stays_in_tree(base, path) {
            match self.tree.change(|tree| op(tree, base, path)) {
                Err(Errno::EXDEV) => {}
                done => return done,
            }
        }
        let (dir, last) = self.parent_of(entry, base, path)?;
        if Node::of(dir).is_none() {
            return self.tree.change(|tree| op(tree, dir, &last));
        }
        let is_there = change == Change::Make && self.lookup(entry, base, path, Follow::No).is_ok();
        Err(if is_there { Errno::EEXIST } else { Errno::EROFS })
    }

    /// The same for an operation on two names, as `rename` and `link` are.
    ///
    /// # Errors
    ///
    /// `EXDEV` when one of them is in /proc, `EROFS` when both are; those of `op`.
    pub(crate) fn change_names(
        &mut self,
        entry: Pid,
        old: (At, &[u8]),
        new: (At, &[u8]),
        op: impl Fn(&mut Tree, (Ino, &[u8]), (Ino, &[u8])) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let (from, to) = (self.base(entry, old.0)?, self.base(entry, new.0)?);
        if stays_in_tree(from, old.1) && stays_in_tree(to, new.1) {
            match self.tree.change(|tree| op(tree, (from, old.1), (to, new.1))) {
                Err(Errno::EXDEV) => {}
                done => return done,
            }
        }
        let (from, old) = self.parent_of(entry, from, old.1)?;
        let (to, new) = self.parent_of(entry, to, new.1)?;
        match (Node::of(from), Node::of(to)) {
            (None, None) => self.tree.change(|tree| op(tree, (from, &old), (to, &new))),
            (Some(_), Some(_)) => Err(Errno::EROFS),
            _ => Err(Errno::EXDEV),
        }
    }

    /// Changes an inode of the tree that a path names.
    ///
    /// # Errors
    ///
    /// `EROFS` for what is in /proc; those of `op`.
    pub(crate) fn change_inode(
        &mut self,
        ino: Ino,
        op: impl Fn(&mut Tree, Ino) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        if Node::of(ino).is_some() {
            return Err(Errno::EROFS);
        }
        self.tree.change(|tree| op(tree, ino))
    }
}
