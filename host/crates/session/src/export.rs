//! The files of a session as they leave it: a walk over a frozen clone of its tree, without what the template brought.

use bytes::Bytes;
use vfs::Follow;
use vfs::{Ino, Kind, Tree};

use crate::import::within;

/// A session's files at one instant. Content is read when asked for, piece by piece.
pub struct Export {
    tree: Tree,
    template: Tree,
    /// The session's working directory.
    pub cwd: Vec<u8>,
}

/// One file on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedEntry {
    /// Its absolute path.
    pub path: Vec<u8>,
    /// Permission bits, 0 to 0o7777.
    pub mode: u32,
    /// What it is.
    pub content: ExportedContent,
}

/// What a file on its way out is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportedContent {
    /// A directory.
    Dir,
    /// A regular file; read it with [`Export::read`].
    File {
        /// Its inode in this export.
        ino: Ino,
        /// Its length in bytes.
        size: u64,
    },
    /// A symbolic link and its target, without what would climb above the root.
    Symlink(Vec<u8>),
}

impl Export {
    pub(crate) fn new(tree: Tree, template: Tree, cwd: Vec<u8>) -> Self {
        Self { tree, template, cwd }
    }

    /// Returns the session's own files in lexical order of their paths, parents first; the root is not listed, nor what
    /// is as in the template, nor a special file.
    #[must_use]
    pub fn entries(&self) -> Vec<ExportedEntry> {
        self.tree.walk().filter_map(|(path, stat)| self.entry(path, &stat)).collect()
    }

    fn entry(&self, path: Vec<u8>, stat: &vfs::Stat) -> Option<ExportedEntry> {
        let same_directory = || {
            let there = self.template.lookup(Ino::ROOT, &path, Follow::No).and_then(|ino| self.template.stat(ino));
            there.is_ok_and(|there| there.kind == Kind::Dir && there.mode == stat.mode)
        };
        if stat.ino == Ino::ROOT || !self.tree.changed_from_template(stat.ino).unwrap_or(false) {
            return None;
        }
        let content = match stat.kind {
            Kind::Dir if same_directory() => return None,
            Kind::Dir => ExportedContent::Dir,
            Kind::File => ExportedContent::File { ino: stat.ino, size: stat.size },
            Kind::Symlink => {
                let target = self.tree.read_link(stat.ino).ok()?.to_vec();
                ExportedContent::Symlink(within(&path, target))
            }
            _ => return None,
        };
        Some(ExportedEntry { path, mode: stat.mode, content })
    }

    /// Reads at most `max` bytes of a file from `offset`; empty at its end.
    #[must_use]
    pub fn read(&self, ino: Ino, offset: u64, max: usize) -> Bytes {
        let mut piece = vec![0; max];
        // The tree is frozen, so an inode of `entries` cannot have gone; a shorter file would be a fault of the tree.
        let read = self.tree.read_at(ino, offset, &mut piece).unwrap_or(0);
        piece.truncate(read);
        piece.into()
    }
}
