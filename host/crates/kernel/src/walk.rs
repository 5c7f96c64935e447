//! Walking a path that leads into /proc or out of it, one component at a time.
//!
//! Most paths stay in the tree, which resolves them faster; the tree answers `EXDEV` where /proc begins, and only then
//! (or when the walk starts in /proc) it is done here again from the start. Owns no state.

use base::{Errno, Pid};
use vfs::{Follow, Ino, Kind, LINKS_MAX, NAME_MAX, PATH_MAX};

use crate::proc::{LinkTo, Node};
use crate::state::State;

/// Where a walk is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// At what the path names.
    Place(Follow),
    /// In the directory before the last component.
    Parent,
}

/// Where a component lies in the text of a path.
struct Component {
    start: usize,
    end: usize,
    is_last: bool,
    slash: bool,
}

impl State {
    /// Finds what a path names, from the directory `base`: an inode of the tree, one of /dev/fd, or a node of /proc.
    pub(crate) fn lookup(&self, entry: Pid, base: Ino, path: &[u8], follow: Follow) -> Result<Ino, Errno> {
        match self.lookup_in_tree(base, path, follow) {
            Some(found) => found,
            None => Ok(self.walk(entry, base, path, Goal::Place(follow))?.0),
        }
    }

    /// Finds what a path names that does not lead through /proc; `None` when it does.
    pub(crate) fn lookup_in_tree(&self, base: Ino, path: &[u8], follow: Follow) -> Option<Result<Ino, Errno>> {
        if !stays_in_tree(base, path) {
            return None;
        }
        let found = self.tree.lookup(base, path, follow);
        (found != Err(Errno::EXDEV)).then(|| found.map(|ino| self.uncovered(ino)))
    }

    /// The absolute path, without symbolic links, of what a path names and is there.
    pub(crate) fn real_path(&self, entry: Pid, base: Ino, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let (mut base, mut path) = (base, path.to_vec());
        for _ in 0..=LINKS_MAX {
            let (dir, mut last) = self.parent_of(entry, base, &path)?;
            last.truncate(last.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1));
            let found = self.step(dir, &last)?;
            match self.link_of(entry, found)? {
                Some(LinkTo::Text(target)) => (base, path) = (dir, target),
                Some(LinkTo::Place(_) | LinkTo::Itself) => {
                    return Node::of(found).map_or(Err(Errno::ENOENT), |node| self.proc_link_text(entry, node));
                }
                None if self.is_directory(found) => return self.path_of(found),
                None => {
                    let mut full = self.path_of(dir)?;
                    if full != b"/" {
                        full.push(b'/');
                    }
                    full.extend_from_slice(&last);
                    return Ok(full);
                }
            }
        }
        Err(Errno::ELOOP)
    }

    /// Finds the directory that holds the last component of a path, or would; answers that component, too, with the
    /// slashes after it.
    pub(crate) fn parent_of(&self, entry: Pid, base: Ino, path: &[u8]) -> Result<(Ino, Vec<u8>), Errno> {
        self.walk(entry, base, path, Goal::Parent)
    }

    /// Tells whether an inode or node is a directory.
    pub(crate) fn is_directory(&self, ino: Ino) -> bool {
        match Node::of(ino) {
            Some(node) => node.is_dir(),
            None => ino.fd().is_none() && self.tree.stat(ino).is_ok_and(|stat| stat.kind == Kind::Dir),
        }
    }

    /// The absolute path of a directory of the tree or of /proc.
    pub(crate) fn path_of(&self, dir: Ino) -> Result<Vec<u8>, Errno> {
        match Node::of(dir) {
            Some(node) => self.proc_path(node),
            None => self.tree.path_of(dir),
        }
    }

    fn walk(&self, entry: Pid, base: Ino, path: &[u8], goal: Goal) -> Result<(Ino, Vec<u8>), Errno> {
        match path.len() {
            0 => return Err(Errno::ENOENT),
            len if len > PATH_MAX => return Err(Errno::ENAMETOOLONG),
            _ => {}
        }
        let mut text = path.to_vec();
        let (mut at, mut next, mut links) = (if path.starts_with(b"/") { Ino::ROOT } else { base }, 0, 0);
        while let Some(part) = Component::next(&text, next) {
            if part.is_last && goal == Goal::Parent {
                let last = text.get(part.start..).unwrap_or_default().to_vec();
                return Ok((at, last));
            }
            let name = text.get(part.start..part.end).unwrap_or_default();
            let mut found = self.step(at, name)?;
            if !part.is_last || part.slash || goal == Goal::Place(Follow::Yes) {
                match self.link_of(entry, found)? {
                    None | Some(LinkTo::Itself) => {}
                    Some(LinkTo::Place(to)) => found = self.uncovered(to),
                    Some(LinkTo::Text(target)) => {
                        links += 1;
                        if links > LINKS_MAX {
                            return Err(Errno::ELOOP);
                        }
                        text = [target.as_slice(), text.get(part.end..).unwrap_or_default()].concat();
                        next = 0;
                        if text.starts_with(b"/") {
                            at = Ino::ROOT;
                        }
                        continue;
                    }
                }
            }
            if (!part.is_last || part.slash) && !self.is_directory(found) {
                return Err(Errno::ENOTDIR);
            }
            (at, next) = (found, part.end);
        }
        // The path has ended, in `/` or in a component that was found.
        match goal {
            Goal::Place(_) => Ok((at, Vec::new())),
            Goal::Parent => Ok((at, b".".to_vec())),
        }
    }

    /// One component, without following a link.
    fn step(&self, at: Ino, name: &[u8]) -> Result<Ino, Errno> {
        if name.len() > NAME_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        let Some(node) = Node::of(at) else {
            return self.tree.lookup(at, name, Follow::No).map(|ino| self.uncovered(ino));
        };
        match name {
            b"." => self.proc_exists(node).map(|()| at),
            b".." => self.proc_parent(node),
            _ => self.proc_child(node, name).map(Node::ino),
        }
    }

    /// Where a link leads; `None` for what is no link.
    fn link_of(&self, entry: Pid, ino: Ino) -> Result<Option<LinkTo>, Errno> {
        if let Some(node) = Node::of(ino) {
            return self.proc_link(entry, node);
        }
        if ino.fd().is_some() || self.tree.stat(ino)?.kind != Kind::Symlink {
            return Ok(None);
        }
        Ok(Some(LinkTo::Text(self.tree.read_link(ino)?.to_vec())))
    }

    /// What is seen where the tree has this inode: /proc in place of the directory it covers.
    fn uncovered(&self, ino: Ino) -> Ino {
        if self.tree.is_covered(ino) { Node::ROOT.ino() } else { ino }
    }
}

/// Tells whether the tree can begin with a path: the walk starts at one of its directories.
pub(crate) fn stays_in_tree(base: Ino, path: &[u8]) -> bool {
    Node::of(base).is_none() || path.starts_with(b"/")
}

impl Component {
    fn next(text: &[u8], from: usize) -> Option<Self> {
        let count = |from: usize, is_slash: bool| {
            let rest = text.get(from..).unwrap_or_default();
            rest.iter().take_while(|byte| (**byte == b'/') == is_slash).count()
        };
        let start = from + count(from, true);
        let end = start + count(start, false);
        let after = end + count(end, true);
        (start < end).then_some(Self { start, end, is_last: after == text.len(), slash: after > end })
    }
}
