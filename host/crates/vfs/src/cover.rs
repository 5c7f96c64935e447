//! A directory that another file system covers: the tree ends there, and whoever resolves paths goes on elsewhere.
//!
//! Owns which directory that is, for as long as the tree is in use; a clone has none. What covers it is the kernel's.

use base::Errno;

use crate::ino::Ino;
use crate::path::Follow;
use crate::tree::Tree;

impl Tree {
    /// Covers the directory at `path`: from now on a path that needs a name in it answers EXDEV, whatever the operation,
    /// and the directory itself can be neither removed nor renamed (EBUSY).
    ///
    /// # Errors
    /// ENOTDIR (also for a symbolic link), and those of resolving the path.
    pub fn cover(&mut self, path: &[u8]) -> Result<Ino, Errno> {
        let dir = self.lookup(Ino::ROOT, path, Follow::No)?;
        self.dir(dir)?;
        self.covered = Some(dir);
        Ok(dir)
    }

    /// Tells whether an inode is the covered directory.
    #[must_use]
    pub fn is_covered(&self, ino: Ino) -> bool {
        self.covered == Some(ino)
    }

    /// Returns the covered directory.
    #[must_use]
    pub fn covered(&self) -> Option<Ino> {
        self.covered
    }
}
