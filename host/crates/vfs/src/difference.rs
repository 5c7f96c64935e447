//! Which paths differ between two states of a session's tree.
//!
//! Directories in which nothing has changed, at any depth, are not entered. An inode does not know its names, so that
//! finding the path of a changed file looks through the directories, once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use imbl::ordmap::DiffItem;

use crate::ino::Ino;
use crate::inode::{Inode, Node};
use crate::path::PATH_MAX;
use crate::stat::Name;
use crate::tree::Tree;

/// The paths that differ between two states of a tree, each list in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathDiff {
    /// Only in the newer state.
    pub added: Vec<Vec<u8>>,
    /// In both, with another content, target, kind, mode, owner or time of modification, or naming another inode. A
    /// directory is changed by its mode and owner alone: what happens in it has paths of its own.
    pub changed: Vec<Vec<u8>>,
    /// Only in the older state.
    pub removed: Vec<Vec<u8>>,
    /// There is more than was asked for, or what no path of [`PATH_MAX`] bytes leads to.
    pub truncated: bool,
}

impl Tree {
    /// Tells which paths differ from those of `base`, another state of the same session's tree, at most `max` of them.
    /// Costs what differs and, when a file that both have has changed, the names of the tree.
    #[must_use]
    pub fn path_diff(&self, base: &Self, max: usize) -> PathDiff {
        let below = self.touched_names(base);
        let mut compared =
            Compared { before: base, now: self, below, open: Vec::new(), max, diff: PathDiff::default() };
        compared.run();
        let PathDiff { added, changed, removed, .. } = &mut compared.diff;
        [added, changed, removed].into_iter().for_each(|paths| paths.sort_unstable());
        compared.diff
    }

    /// Returns, by directory, the names that lead to what both trees have and what has changed, or has changes below.
    fn touched_names(&self, base: &Self) -> BTreeMap<Ino, BTreeSet<Name>> {
        let changes = self.changes_from(base);
        let mut below: BTreeMap<Ino, BTreeSet<Name>> = BTreeMap::new();
        let is_file = |ino: &Ino| base.inodes.contains_key(ino) && !self.is_dir(*ino);
        let files: BTreeSet<Ino> = changes.changed.iter().copied().filter(is_file).collect();
        let mut dirs: Vec<Ino> = changes.changed.into_iter().filter(|ino| self.is_dir(*ino)).collect();
        for (dir, name) in self.names_of(&files) {
            dirs.push(dir);
            below.entry(dir).or_default().insert(name);
        }
        let mut seen = BTreeSet::new();
        for mut at in dirs {
            while at != Ino::ROOT
                && seen.insert(at)
                && let Ok(dir) = self.dir(at)
            {
                below.entry(dir.parent).or_default().insert(dir.name.clone());
                at = dir.parent;
            }
        }
        below
    }

    /// Finds the directories and names of files.
    fn names_of(&self, files: &BTreeSet<Ino>) -> Vec<(Ino, Name)> {
        let links = |ino: &Ino| self.inodes.get(ino).map_or(0, |inode| u64::from(inode.nlink));
        let mut missing: u64 = files.iter().map(links).sum();
        let mut names = Vec::new();
        for (ino, inode) in &self.inodes {
            if missing == 0 {
                break;
            }
            let Ok(dir) = inode.dir() else { continue };
            for (name, _) in dir.entries.iter().filter(|(_, link)| files.contains(&link.ino)) {
                names.push((*ino, name.clone()));
                missing = missing.saturating_sub(1);
            }
        }
        names
    }
}

/// What is at one path in both trees; not both are nothing.
struct Pair {
    path: Vec<u8>,
    before: Option<Ino>,
    now: Option<Ino>,
}

struct Compared<'t> {
    before: &'t Tree,
    now: &'t Tree,
    below: BTreeMap<Ino, BTreeSet<Name>>,
    /// What is still to be compared.
    open: Vec<Pair>,
    max: usize,
    diff: PathDiff,
}

impl Compared<'_> {
    fn run(&mut self) {
        if differ(self.before, Ino::ROOT, self.now, Ino::ROOT) {
            self.diff.changed.push(b"/".to_vec());
        }
        self.enter(&[], Some(Ino::ROOT), Some(Ino::ROOT));
        while let Some(pair) = self.open.pop() {
            let PathDiff { added, changed, removed, truncated } = &mut self.diff;
            let n_found = added.len() + changed.len() + removed.len();
            let list = match (pair.before, pair.now) {
                (None, _) => Some(added),
                (_, None) => Some(removed),
                (Some(before), Some(now)) => differ(self.before, before, self.now, now).then_some(changed),
            };
            if let Some(list) = list {
                if n_found >= self.max {
                    *truncated = true;
                    return;
                }
                list.push(pair.path.clone());
            }
            self.enter(&pair.path, pair.before, pair.now);
        }
    }

    /// Opens what may differ in a directory, or in what is one in only one of the trees.
    fn enter(&mut self, path: &[u8], before: Option<Ino>, now: Option<Ino>) {
        let nothing = imbl::OrdMap::new();
        let entries = |tree: &'_ Tree, ino: Option<Ino>| match ino.and_then(|ino| tree.dir(ino).ok()) {
            Some(dir) => dir.entries.clone(),
            None => nothing.clone(),
        };
        let (old, new) = (entries(self.before, before), entries(self.now, now));
        let mut pairs: BTreeMap<Name, (Option<Ino>, Option<Ino>)> = BTreeMap::new();
        // Each is a path to be told, so that the rest is beyond the limit.
        for item in old.diff(&new).take(self.max.saturating_add(1)) {
            let (name, pair) = match item {
                DiffItem::Add(name, link) => (name, (None, Some(link.ino))),
                DiffItem::Remove(name, link) => (name, (Some(link.ino), None)),
                DiffItem::Update { old, new } => (old.0, (Some(old.1.ino), Some(new.1.ino))),
            };
            pairs.insert(name.clone(), pair);
        }
        for name in now.and_then(|now| self.below.get(&now)).into_iter().flatten() {
            if let (Some(before), Some(now)) = (old.get(name), new.get(name)) {
                pairs.insert(name.clone(), (Some(before.ino), Some(now.ino)));
            }
        }
        for (name, (before, now)) in pairs.into_iter().rev() {
            let path = [path, b"/", &*name].concat();
            match path.len() {
                0..=PATH_MAX => self.open.push(Pair { path, before, now }),
                _ => self.diff.truncated = true,
            }
        }
    }
}

fn differ(old: &Tree, before: Ino, new: &Tree, now: Ino) -> bool {
    let (Ok(one), Ok(other)) = (old.inode(before), new.inode(now)) else { return true };
    let attributes = |inode: &Inode| (inode.kind(), inode.mode, inode.uid, inode.gid);
    if attributes(one) != attributes(other) {
        return true;
    }
    match (&one.node, &other.node) {
        (Node::Dir(_), Node::Dir(_)) => false,
        _ if before != now || one.mtime != other.mtime => true,
        (Node::File(one), Node::File(other)) => {
            let changes = other.content.changes_from(Some(&one.content));
            one.content.size() != other.content.size() || !changes.put.is_empty() || !changes.removed.is_empty()
        }
        _ => false,
    }
}
