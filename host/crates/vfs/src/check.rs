//! The invariants of a tree, recounted from nothing; for tests.

use std::collections::{BTreeSet, HashMap};

use crate::depth::DEPTH_MAX;
use crate::ino::Ino;
use crate::inode::{Inode, Node, name_cost};
use crate::ledger::Amount;
use crate::tree::Tree;

impl Tree {
    /// Recounts everything the tree keeps as sums or in two places.
    ///
    /// # Errors
    /// Says in words what does not hold.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.check_names()?;
        self.check_sums()?;
        self.check_open()?;
        self.check_history()
    }

    /// Every inode is reached from the root, as often as its link count says, and directories know their place.
    fn check_names(&self) -> Result<(), String> {
        let mut names: HashMap<Ino, u32> = HashMap::new();
        // Each with its depth and the most levels that may lie below it.
        let mut open = vec![(Ino::ROOT, 0, DEPTH_MAX)];
        while let Some((ino, depth, most)) = open.pop() {
            let inode = self.inodes.get(&ino).ok_or(format!("{ino:?} is missing"))?;
            let dir = inode.dir().map_err(|_| format!("{ino:?} is no directory"))?;
            if dir.height > most || depth > DEPTH_MAX {
                return Err(format!("{ino:?} is {depth} deep, of height {} below one of {}", dir.height, most + 1));
            }
            let (mut subdirs, dir_height) = (0, dir.height);
            for (name, link) in &dir.entries {
                let child = &link.ino;
                let inode = self.inodes.get(child).ok_or(format!("{name:?} in {ino:?} names nothing"))?;
                *names.entry(*child).or_insert(0) += 1;
                if let Node::Dir(dir) = &inode.node {
                    if (dir.parent, &dir.name) != (ino, name) || names[child] > 1 {
                        return Err(format!("{child:?} is in {ino:?} as {name:?} and does not know it"));
                    }
                    subdirs += 1;
                    let below = dir_height.checked_sub(1).ok_or(format!("{ino:?} has no height for {child:?}"))?;
                    open.push((*child, depth + 1, below));
                }
            }
            if inode.nlink != 2 + subdirs {
                return Err(format!("{ino:?} has {subdirs} subdirectories and {} links", inode.nlink));
            }
        }
        for (ino, inode) in &self.inodes {
            let found = names.get(ino).copied().unwrap_or(0);
            if *ino != Ino::ROOT && (found == 0 || !inode.is_dir() && found != inode.nlink) {
                return Err(format!("{ino:?} has {found} names and {} links", inode.nlink));
            }
            if ino.0 >= self.next_ino || inode.version > self.version || inode.paid > inode.version {
                return Err(format!("{ino:?} is from the future"));
            }
        }
        Ok(())
    }

    fn check_sums(&self) -> Result<(), String> {
        let mut image = Amount::default();
        for (ino, inode) in &self.inodes {
            check_inode(inode).map_err(|error| format!("{ino:?}: {error}"))?;
            image += self.owned_cost(*ino, inode);
        }
        let mut unlinked = Amount::default();
        for (ino, inode) in &self.unlinked {
            check_inode(inode).map_err(|error| format!("{ino:?}: {error}"))?;
            unlinked += self.owned_cost(*ino, inode);
        }
        if (image, unlinked) != (self.ledger.image, self.ledger.unlinked) {
            return Err(format!("the ledger says {:?}, a recount {image:?} and {unlinked:?}", self.ledger));
        }
        Ok(())
    }

    fn check_open(&self) -> Result<(), String> {
        for (ino, inode) in &self.unlinked {
            if inode.nlink != 0 || self.inodes.contains_key(ino) || !self.opens.contains_key(ino) {
                return Err(format!("{ino:?} is kept though it has a name or is not open"));
            }
        }
        match self.opens.iter().find(|(ino, count)| **count == 0 || self.inode(**ino).is_err()) {
            Some((ino, count)) => Err(format!("{ino:?} is open {count} times and not there")),
            None => Ok(()),
        }
    }

    fn check_history(&self) -> Result<(), String> {
        let by_version: BTreeSet<(u64, Ino)> = self.inodes.iter().map(|(ino, inode)| (inode.version, *ino)).collect();
        let recorded = self.history.all();
        if by_version != recorded {
            return Err(format!("the versions are {by_version:?}, recorded are {recorded:?}"));
        }
        match self.commit.removed.iter().find(|ino| self.inodes.contains_key(ino)) {
            Some(ino) => Err(format!("{ino:?} is recorded as removed")),
            None => Ok(()),
        }
    }
}

fn check_inode(inode: &Inode) -> Result<(), String> {
    match &inode.node {
        Node::File(file) => file.content.check(),
        Node::Dir(dir) => {
            let recount: u64 = dir.entries.keys().map(|name| name_cost(name)).sum();
            if recount != dir.names_bytes {
                return Err("the names are miscounted".to_owned());
            }
            let mut numbers = BTreeSet::new();
            match dir.entries.values().all(|link| link.since <= inode.version && numbers.insert(link.since)) {
                true => Ok(()),
                false => Err("two entries have one number, or one from the future".to_owned()),
            }
        }
        Node::Symlink(_) | Node::Device(_) => Ok(()),
    }
}
