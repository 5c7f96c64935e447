//! Putting another tree under the open descriptors of a session.
//!
//! Owns what becomes of a description or working directory whose inode the new tree does not have.

use vfs::{Ino, Kind, Tree};

use crate::description::Target;
use crate::state::State;

impl State {
    /// Replaces the tree; the kernel's charges and the open counts move to the new one.
    pub(crate) fn replace_tree(&mut self, mut tree: Tree) {
        // What is held stays held even if the new tree is over its quota by it: only growth is refused then.
        let quota = tree.quota();
        tree.set_quota(vfs::Quota { footprint_bytes: u64::MAX, ..quota });
        let charged = tree.charge(self.tree.charged());
        debug_assert!(charged.is_ok(), "the footprint has no bound at this moment");
        tree.set_quota(quota);
        let kind = |ino: Ino| tree.stat(ino).ok().map(|stat| stat.kind);
        let mut retained = Vec::new();
        for description in self.descriptions.iter_mut() {
            let same = match description.target {
                Target::File { ino, .. } => (kind(ino) == Some(Kind::File)).then_some(ino),
                Target::Dir { ino, .. } => (kind(ino) == Some(Kind::Dir)).then_some(ino),
                _ => continue,
            };
            match same {
                Some(ino) => retained.push(ino),
                None => description.target = Target::Gone,
            }
        }
        for proc in self.table.iter_mut() {
            // A running user module has been compiled; only its file may be gone.
            proc.executable = proc.executable.filter(|ino| kind(*ino).is_some());
            retained.extend(proc.executable);
            if proc.ended.is_some() {
                continue;
            }
            for frame in &mut proc.frames {
                if kind(frame.cwd) != Some(Kind::Dir) {
                    frame.cwd = Ino::ROOT;
                }
                retained.push(frame.cwd);
            }
        }
        retained.into_iter().for_each(|ino| tree.retain(ino));
        self.tree = tree;
    }
}
