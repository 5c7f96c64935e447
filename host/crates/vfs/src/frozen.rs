//! The content of a file at one moment, held apart from its tree: what an `execve` that takes a while goes on with.
//!
//! Nobody's ledger counts what only such a copy still holds; who keeps one bounds how many and for how long.

use base::{Errno, Timestamp};

use crate::content::Content;
use crate::ino::Ino;
use crate::tree::Tree;

/// A file's bytes as they were; shares them with the tree until that changes them.
#[derive(Clone)]
pub struct FrozenContent {
    content: Content,
    edition: Edition,
}

/// Tells the content of one file at one moment from any other that its session's trees have had or will have.
///
/// Versions are not given out twice in a tree, also after a rollback; the time of change tells apart what a whole new
/// tree in its place (an import) may number in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edition {
    ino: Ino,
    version: u64,
    changed: Timestamp,
    size: u64,
}

impl FrozenContent {
    /// Returns the length in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.content.size()
    }

    /// Returns what it has in common with no other content of the same session.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// Copies from `offset` on into `buf` and returns how many bytes there were; 0 at or beyond the end.
    pub fn read(&self, offset: u64, buf: &mut [u8]) -> usize {
        self.content.read(offset, buf)
    }
}

impl std::fmt::Debug for FrozenContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FrozenContent of {} bytes", self.size())
    }
}

impl Tree {
    /// Returns a file's present content in constant time.
    ///
    /// # Errors
    /// EISDIR for a directory, EINVAL for what has no content.
    pub fn frozen_content(&self, ino: Ino) -> Result<FrozenContent, Errno> {
        let inode = self.inode(ino)?;
        let content = inode.file()?.content.clone();
        let edition = Edition { ino, version: inode.version, changed: inode.ctime, size: content.size() };
        Ok(FrozenContent { content, edition })
    }
}

#[cfg(test)]
mod tests {
    use base::Limits;

    use super::*;
    use crate::ledger::Quota;

    #[test]
    fn frozen_content_stays_what_it_was_while_the_file_changes_and_goes() {
        let now = Timestamp(0);
        let mut tree = Tree::new(Quota::from(&Limits::default()), now);
        let ino = tree.create(Ino::ROOT, b"f", 0o644, true, now).expect("a file");
        tree.write_at(ino, 0, b"before", now).expect("room");
        let frozen = tree.frozen_content(ino).expect("a file");
        assert_eq!(tree.frozen_content(ino).expect("a file").edition(), frozen.edition());
        tree.write_at(ino, 0, b"after, and longer", now).expect("room");
        assert_ne!(tree.frozen_content(ino).expect("a file").edition(), frozen.edition());
        tree.unlink(Ino::ROOT, b"f", now).expect("the file");
        let mut bytes = [0; 32];
        assert_eq!((frozen.size(), frozen.read(0, &mut bytes)), (6, 6));
        assert_eq!(bytes[..6], *b"before");
        assert_eq!(frozen.read(6, &mut bytes), 0);
        assert_eq!(tree.frozen_content(Ino::ROOT).map(|_| ()), Err(Errno::EISDIR));
        tree.check_invariants().expect("sums hold");
    }
}
