//! Putting another tree under the open descriptors of a session.
//!
//! Owns what becomes of a description or working directory whose inode the new tree does not have.

use base::Errno;
use vfs::{Ino, Kind, Tree};

use crate::description::Target;
use crate::proc::Node;
use crate::state::State;

impl State {
    /// Replaces the tree; the kernel's charges and the open counts move to the new one.
    ///
    /// # Errors
    ///
    /// `ENOSPC` when the host has no room for what it holds; then nothing has changed.
    pub(crate) fn replace_tree(&mut self, mut tree: Tree) -> Result<(), Errno> {
        self.tree.admit(&tree)?;
        let kind = |ino: Ino| tree.stat(ino).ok().map(|stat| stat.kind);
        let mut retained = Vec::new();
        for description in self.descriptions.iter_mut() {
            let same = match description.target {
                Target::File { ino, .. } => (kind(ino) == Some(Kind::File)).then_some(ino),
                Target::Dir { ino, .. } if Node::of(ino).is_some() => continue,
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
                if Node::of(frame.cwd).is_none() && kind(frame.cwd) != Some(Kind::Dir) {
                    frame.cwd = Ino::ROOT;
                }
                retained.push(frame.cwd);
            }
        }
        retained.into_iter().for_each(|ino| tree.retain(ino));
        self.tree.replace(tree);
        Ok(())
    }
}
