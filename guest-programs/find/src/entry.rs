//! A file while it is visited: its path, and what is known of it, asked for when first needed.

use std::cell::OnceCell;

use sandshell_sys::{Errno, Kind, Stat, lstat, stat};

/// When symbolic links are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Follow {
    /// `-P`
    #[default]
    Never,
    /// `-H`
    StartingPoints,
    /// `-L`
    Always,
}

/// A file met on the way.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its path: the starting point and what is below it.
    pub(crate) path: Vec<u8>,
    /// Length of the starting point at the beginning of `path`.
    pub(crate) start: usize,
    /// Levels below the starting point.
    pub(crate) depth: usize,
    /// Symbolic links are followed here.
    pub(crate) follows: bool,
    /// What its directory says it is.
    hint: Option<Kind>,
    stat: OnceCell<Result<Stat, Errno>>,
}

impl Entry {
    /// Makes the entry of a starting point.
    pub(crate) fn start(path: Vec<u8>, follow: Follow) -> Self {
        let start = path.len();
        Self { path, start, depth: 0, follows: follow != Follow::Never, hint: None, stat: OnceCell::new() }
    }

    /// Makes the entry of a name in this directory.
    pub(crate) fn child(&self, name: &[u8], hint: Option<Kind>, follow: Follow) -> Self {
        let mut path = self.path.clone();
        if !path.ends_with(b"/") {
            path.push(b'/');
        }
        path.extend(name);
        let follows = follow == Follow::Always;
        Self { path, start: self.start, depth: self.depth + 1, follows, hint, stat: OnceCell::new() }
    }

    /// The state of the file, or of the link if links are not followed or it leads nowhere.
    pub(crate) fn stat(&self) -> Result<Stat, Errno> {
        *self.stat.get_or_init(|| match self.follows {
            false => lstat(&self.path),
            true => match stat(&self.path) {
                Err(Errno::ENOENT | Errno::ENOTDIR) => lstat(&self.path),
                result => result,
            },
        })
    }

    /// Its kind; what the directory said if that is enough.
    pub(crate) fn kind(&self) -> Result<Kind, Errno> {
        match self.hint {
            Some(kind) if kind != Kind::Symlink || !self.follows => Ok(kind),
            _ => self.stat().map(|stat| stat.mode.kind()),
        }
    }

    /// The kind seen the other way: through a link where links are not followed, else of the link itself (`-xtype`).
    pub(crate) fn other_kind(&self) -> Result<Kind, Errno> {
        if self.follows {
            return lstat(&self.path).map(|stat| stat.mode.kind());
        }
        match self.kind()? {
            Kind::Symlink => match stat(&self.path) {
                Ok(stat) => Ok(stat.mode.kind()),
                Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(Kind::Symlink),
                Err(errno) => Err(errno),
            },
            kind => Ok(kind),
        }
    }

    /// The last component, without trailing slashes unless it is nothing else.
    pub(crate) fn name(&self) -> &[u8] {
        let path = without_trailing_slashes(&self.path);
        let at = path.iter().rposition(|byte| *byte == b'/').filter(|at| at + 1 < path.len());
        at.map_or(path, |at| &path[at + 1..])
    }

    /// The path without the starting point.
    pub(crate) fn below_start(&self) -> &[u8] {
        let rest = &self.path[self.start..];
        rest.strip_prefix(b"/").unwrap_or(rest)
    }
}

/// Removes slashes at the end, but not the first byte.
pub(crate) fn without_trailing_slashes(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(path.len().min(1), |at| at + 1);
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_last_component() {
        let check = |path: &str, name: &str| {
            let entry = Entry::start(path.as_bytes().to_vec(), Follow::Never);
            assert_eq!(entry.name(), name.as_bytes(), "{path}");
        };
        check("d", "d");
        check("./d/e", "e");
        check("d/e//", "e");
        check("/", "/");
        check("//", "/");
        check("/a", "a");
        check(".", ".");
    }

    #[test]
    fn a_child_is_below_its_starting_point() {
        let top = Entry::start(b"d/".to_vec(), Follow::StartingPoints);
        let child = top.child(b"e", None, Follow::StartingPoints).child(b"f", None, Follow::StartingPoints);
        assert_eq!(
            (&child.path[..], child.below_start(), child.depth, child.follows),
            (&b"d/e/f"[..], &b"e/f"[..], 2, false)
        );
        assert_eq!(top.below_start(), b"");
    }
}
