//! Whether every inode of a tree that is made again has as many names as it says, and every name leads somewhere.
//!
//! The template is known to be right, so only the directories that differ from its are read, as they are and as they
//! were in the template: what a name more or less does to an inode's count is all that can be wrong.

use std::collections::BTreeMap;

use super::{Inconsistent, Restore};
use crate::ino::Ino;
use crate::inode::Inode;
use crate::stat::Name;

/// What the changed directories say of one inode.
#[derive(Default)]
pub(super) struct Naming {
    /// Names it has gained against the template; negative for lost ones.
    gained: i64,
    /// The last of the names in changed directories.
    pub(super) place: Option<(Ino, Name)>,
}

impl Restore<'_> {
    /// Reads the names in changed directories and checks the count of every inode that they concern.
    pub(super) fn names(&self) -> Result<BTreeMap<Ino, Naming>, Inconsistent> {
        let mut named: BTreeMap<Ino, Naming> = BTreeMap::new();
        for (ino, inode) in &self.changed {
            let Ok(dir) = inode.dir() else { continue };
            for (name, link) in &dir.entries {
                let naming = named.entry(link.ino).or_default();
                naming.gained += 1;
                naming.place = Some((*ino, name.clone()));
            }
        }
        for ino in self.changed.keys().chain(&self.removed) {
            let Some(dir) = self.templates(*ino).and_then(|inode| inode.dir().ok()) else { continue };
            for link in dir.entries.values() {
                named.entry(link.ino).or_default().gained -= 1;
            }
        }
        for ino in named.keys().chain(self.changed.keys()).chain(&self.removed) {
            self.check_count(*ino, named.get(ino)).map_err(|what| Inconsistent { ino: *ino, what })?;
        }
        Ok(named)
    }

    fn templates(&self, ino: Ino) -> Option<&Inode> {
        self.template.and_then(|template| template.inodes.get(&ino)).map(|inode| &**inode)
    }

    fn check_count(&self, ino: Ino, naming: Option<&Naming>) -> Result<(), &'static str> {
        let before = self.templates(ino);
        let had = before.map_or(0, |inode| if inode.is_dir() { n_names_of_dir(ino) } else { i64::from(inode.nlink) });
        let count = had + naming.map_or(0, |naming| naming.gained);
        if self.removed.contains(&ino) {
            return match (before, count) {
                (None, _) => Err("gone, and never was there"),
                (Some(_), 0) if ino != Ino::ROOT => Ok(()),
                _ => Err("gone, and still has a name"),
            };
        }
        let Some(inode) = self.changed.get(&ino).or(before) else {
            return Err("a name leads to it, and it is not there");
        };
        if !inode.is_dir() {
            let right = count > 0 && count == i64::from(inode.nlink);
            return if right { Ok(()) } else { Err("another count of links than of names") };
        }
        if count != n_names_of_dir(ino) {
            return Err("a directory with no name or with two");
        }
        match (inode.dir(), naming.and_then(|naming| naming.place.as_ref())) {
            // One that has changed is told its place later.
            (Ok(dir), Some((parent, name))) if !self.changed.contains_key(&ino) => {
                let stays = (dir.parent, &dir.name) == (*parent, name);
                if stays { Ok(()) } else { Err("moved without knowing it") }
            }
            _ => Ok(()),
        }
    }
}

fn n_names_of_dir(ino: Ino) -> i64 {
    i64::from(ino != Ino::ROOT)
}
