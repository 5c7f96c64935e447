//! How deep directories nest.
//!
//! Owns the limit and the check before a directory gets its place. A chain of directories made by relative paths could
//! otherwise be as long as the quota of inodes, and every walk to the root with it.

use std::sync::Arc;

use base::Errno;

use crate::ino::Ino;
use crate::path::PATH_MAX;
use crate::tree::Tree;

/// Most directories above one another, the root not counted: as many as the longest path can name.
pub const DEPTH_MAX: u32 = 2048;
const _: () = assert!(DEPTH_MAX as usize == PATH_MAX / 2);

impl Tree {
    /// Checks that a directory with `height` levels of directories below it may lie in `dir`.
    ///
    /// # Errors
    /// ENAMETOOLONG beyond [`DEPTH_MAX`].
    pub(crate) fn check_depth(&self, dir: Ino, height: u32) -> Result<(), Errno> {
        let (mut at, mut depth) = (dir, height + 1);
        while at != Ino::ROOT {
            depth += 1;
            if depth > DEPTH_MAX {
                return Err(Errno::ENAMETOOLONG);
            }
            at = self.dir(at)?.parent;
        }
        Ok(())
    }

    /// Notes that a directory with `height` levels below it has come into `dir`. What is noted is derived from the
    /// tree, so that it is no change of the directories above.
    pub(crate) fn raise_height(&mut self, dir: Ino, height: u32) {
        let (mut at, mut height) = (dir, height + 1);
        while let Some(slot) = self.inodes.get(&at)
            && let Ok(dir) = slot.dir()
            && dir.height < height
        {
            let parent = dir.parent;
            let Some(slot) = self.inodes.get_mut(&at) else { return };
            Arc::make_mut(slot).dir_mut().height = height;
            if at == Ino::ROOT {
                return;
            }
            (at, height) = (parent, height + 1);
        }
    }
}
