//! The places of directories in a tree that is made again: parents, counts of subdirectories, depth and height.
//!
//! All of that follows from the entries. Directories of the template that have not changed keep what it says; what has
//! changed is worked out from the innermost outwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Inconsistent;
use super::names::Naming;
use crate::depth::DEPTH_MAX;
use crate::ino::Ino;
use crate::inode::{Inode, Node};
use crate::tree::Tree;

/// Tells every changed directory where it lies and returns their numbers.
pub(super) fn give_places(
    changed: &mut BTreeMap<Ino, Inode>,
    named: &BTreeMap<Ino, Naming>,
    template: Option<&Tree>,
) -> Vec<Ino> {
    let mut dirs = Vec::new();
    for (ino, inode) in changed {
        let Node::Dir(dir) = &mut inode.node else { continue };
        dirs.push(*ino);
        if let Some((parent, name)) = named.get(ino).and_then(|naming| naming.place.clone()) {
            (dir.parent, dir.name) = (parent, name);
        } else if let Some(before) = template.and_then(|template| template.dir(*ino).ok()) {
            (dir.parent, dir.name) = (before.parent, before.name.clone());
        }
    }
    dirs
}

/// Checks that every directory is reached from the root, not too deep, and counts its subdirectories rightly; and notes
/// the heights.
pub(super) fn check_places(tree: &mut Tree, dirs: &[Ino]) -> Result<(), Inconsistent> {
    if !tree.is_dir(Ino::ROOT) {
        return Err(Inconsistent { ino: Ino::ROOT, what: "no root directory" });
    }
    let mut depths = BTreeMap::from([(Ino::ROOT, 0)]);
    for dir in dirs {
        note_depth(tree, *dir, &mut depths)?;
    }
    let mut innermost_first: Vec<(u32, Ino)> = dirs.iter().map(|dir| (depths[dir], *dir)).collect();
    innermost_first.sort_unstable_by(|one, other| other.cmp(one));
    for (depth, ino) in innermost_first {
        let height = checked_height(tree, ino, depth).map_err(|what| Inconsistent { ino, what })?;
        let Some(slot) = tree.inodes.get_mut(&ino) else { continue };
        let dir = Arc::make_mut(slot).dir_mut();
        dir.height = height;
        let parent = dir.parent;
        if ino != Ino::ROOT {
            tree.raise_height(parent, height);
        }
    }
    Ok(())
}

/// Notes how deep a directory lies, and those above it.
fn note_depth(tree: &Tree, dir: Ino, depths: &mut BTreeMap<Ino, u32>) -> Result<(), Inconsistent> {
    let wrong = |what| Inconsistent { ino: dir, what };
    let mut below = Vec::new();
    let mut at = dir;
    let mut depth = loop {
        if let Some(depth) = depths.get(&at) {
            break *depth;
        }
        below.push(at);
        if below.len() > DEPTH_MAX as usize {
            return Err(wrong("too deep, or in a cycle"));
        }
        at = tree.dir(at).map_err(|_| wrong("below what is no directory"))?.parent;
    };
    for dir in below.into_iter().rev() {
        depth += 1;
        depths.insert(dir, depth);
    }
    if depth > DEPTH_MAX { Err(wrong("too deep, or in a cycle")) } else { Ok(()) }
}

/// Returns the height of a directory from those of the directories in it, which it counts.
fn checked_height(tree: &Tree, ino: Ino, depth: u32) -> Result<u32, &'static str> {
    let inode = tree.inode(ino).map_err(|_| "not there")?;
    let dir = inode.dir().map_err(|_| "no directory")?;
    let (mut n_subdirs, mut height) = (0, 0);
    for link in dir.entries.values() {
        if let Ok(inner) = tree.dir(link.ino) {
            n_subdirs += 1;
            height = height.max(inner.height + 1);
        }
    }
    if inode.nlink != 2 + n_subdirs {
        return Err("another count of links than of directories in it");
    }
    if depth + height > DEPTH_MAX {
        return Err("what is below it is too deep");
    }
    Ok(height)
}
