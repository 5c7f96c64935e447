//! Listing: a directory's entries, a directory's path, and the walk over the whole tree.

use std::ops::Bound;

use base::Errno;
use imbl::shared_ptr::DefaultSharedPtr;

use crate::ino::Ino;
use crate::inode::Link;
use crate::path::PATH_MAX;
use crate::stat::{DirEntry, Kind, Name, Stat};
use crate::tree::Tree;

impl Tree {
    /// Returns at most `max` entries of a directory in the order of their names, those after the name `after`, which
    /// need not be there any more. `.` and `..` are not among them, nor are the links of `/dev/fd`.
    ///
    /// # Errors
    /// ENOTDIR.
    pub fn read_dir(&self, dir: Ino, after: Option<&[u8]>, max: usize) -> Result<Vec<DirEntry>, Errno> {
        let entries = &self.dir(dir)?.entries;
        let mut list = Vec::with_capacity(max.min(entries.len()));
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        for (name, link) in entries.range::<_, [u8]>((start, Bound::Unbounded)).take(max) {
            list.push(DirEntry { name: name.clone(), ino: link.ino, kind: self.inode(link.ino)?.kind() });
        }
        Ok(list)
    }

    /// Returns the name of the entry with this number in the order of names, 0 being the first; the last one's if there
    /// are not so many, none in an empty directory. Costs the number, and copies no other name.
    ///
    /// # Errors
    /// ENOTDIR.
    pub fn nth_name(&self, dir: Ino, n: usize) -> Result<Option<Name>, Errno> {
        let entries = &self.dir(dir)?.entries;
        let name = if n < entries.len() { entries.keys().nth(n) } else { entries.get_max().map(|(name, _)| name) };
        Ok(name.cloned())
    }

    /// Returns how many entries [`Tree::read_dir`] has in all.
    ///
    /// # Errors
    /// ENOTDIR.
    pub fn entries_len(&self, dir: Ino) -> Result<usize, Errno> {
        Ok(self.dir(dir)?.entries.len())
    }

    /// Tells whether a directory is `/dev/fd`, whose entries only the reading process knows.
    #[must_use]
    pub fn lists_fds(&self, dir: Ino) -> bool {
        self.dir(dir).is_ok_and(|dir| dir.lists_fds)
    }

    /// Returns the directory that holds a directory; the root is its own parent.
    ///
    /// # Errors
    /// ENOTDIR; ENOENT if that one is gone.
    pub fn parent(&self, dir: Ino) -> Result<Ino, Errno> {
        let parent = self.dir(dir)?.parent;
        self.dir(parent).map(|_| parent)
    }

    /// Returns the absolute path of a directory, without symbolic links (`getcwd`).
    ///
    /// # Errors
    /// ENOTDIR; ENOENT if it has been removed; ENAMETOOLONG if no path of [`PATH_MAX`] bytes leads to it.
    pub fn path_of(&self, dir: Ino) -> Result<Vec<u8>, Errno> {
        if self.unlinked.contains_key(&dir) {
            return Err(Errno::ENOENT);
        }
        let mut names: Vec<&Name> = Vec::new();
        let (mut at, mut len) = (self.dir(dir)?, 0);
        let mut ino = dir;
        while ino != Ino::ROOT {
            len += at.name.len() + 1;
            if len > PATH_MAX {
                return Err(Errno::ENAMETOOLONG);
            }
            names.push(&at.name);
            ino = at.parent;
            at = self.dir(ino)?;
        }
        let mut path = Vec::with_capacity(len.max(1));
        for name in names.iter().rev() {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        if path.is_empty() {
            path.push(b'/');
        }
        Ok(path)
    }

    /// Walks over everything that has a name, the root first, then each directory's entries in the order of their
    /// names, a directory's own entries right after it.
    #[must_use]
    pub fn walk(&self) -> Walk<'_> {
        Walk { tree: self, path: Vec::new(), open: Vec::new(), started: false, skipped: 0 }
    }
}

type Entries<'t> = imbl::ordmap::Iter<'t, Name, Link, DefaultSharedPtr>;

/// An iterator over the paths and attributes of a tree; see [`Tree::walk`].
///
/// What no path of [`PATH_MAX`] bytes leads to is skipped and counted: its paths would be quadratic in the depth.
pub struct Walk<'t> {
    tree: &'t Tree,
    /// The path of the innermost open directory, without a slash at its end.
    path: Vec<u8>,
    /// The open directories from the root on, each with the length of its parent's path. At most half of `PATH_MAX`.
    open: Vec<(Entries<'t>, usize)>,
    started: bool,
    skipped: u64,
}

impl Walk<'_> {
    /// Returns how many entries have been skipped so far; what is below them is not counted.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    fn start(&mut self) -> Option<(Vec<u8>, Stat)> {
        self.started = true;
        let stat = self.tree.stat(Ino::ROOT).ok()?;
        self.open.push((self.tree.dir(Ino::ROOT).ok()?.entries.iter(), 0));
        Some((b"/".to_vec(), stat))
    }
}

impl Iterator for Walk<'_> {
    type Item = (Vec<u8>, Stat);

    fn next(&mut self) -> Option<Self::Item> {
        if !self.started {
            return self.start();
        }
        loop {
            let (entries, parent_len) = self.open.last_mut()?;
            let Some((name, link)) = entries.next() else {
                self.path.truncate(*parent_len);
                self.open.pop();
                continue;
            };
            if self.path.len() + 1 + name.len() > PATH_MAX {
                self.skipped += 1;
                continue;
            }
            let Ok(stat) = self.tree.stat(link.ino) else { continue };
            let mut path = Vec::with_capacity(self.path.len() + 1 + name.len());
            path.extend_from_slice(&self.path);
            path.push(b'/');
            path.extend_from_slice(name);
            if stat.kind == Kind::Dir
                && let Ok(dir) = self.tree.dir(link.ino)
            {
                self.open.push((dir.entries.iter(), self.path.len()));
                self.path.clone_from(&path);
            }
            return Some((path, stat));
        }
    }
}
