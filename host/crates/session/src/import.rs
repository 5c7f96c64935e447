//! Entries that arrive from outside, and what is refused before anything is written.
//!
//! Pure: knows paths, links and sums, and no tree. [`ImageBuilder`](crate::ImageBuilder) writes what passes.
#![expect(
    clippy::disallowed_types,
    reason = "nobody may choose paths whose hashes collide; nothing depends on an order"
)]

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use base::{Errno, Limits, StorageExceeded};

/// One file that arrives from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportEntry<'a> {
    /// Where; must be absolute and without `..` as a component.
    pub path: &'a [u8],
    /// Permission bits, 0 to 0o7777.
    pub mode: u32,
    /// What.
    pub content: ImportContent<'a>,
}

/// What a file that arrives is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportContent<'a> {
    /// A directory; one that is already there gets the mode.
    Dir,
    /// A regular file; replaces the content of one that is already there.
    File,
    /// A symbolic link to this target, which must not climb above the root.
    Symlink(&'a [u8]),
}

/// Why an image was refused. The texts are the older server's where it had one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A path climbs.
    #[error("snapshot: invalid path {0:?}: contains traversal sequence")]
    Traversal(String),
    /// A path is relative.
    #[error("snapshot: invalid path {0:?}: must be absolute")]
    Relative(String),
    /// A path is longer or deeper than paths can be.
    #[error("snapshot: invalid path {0:?}...: too long or too deep")]
    TooDeep(String),
    /// A link climbs above the root.
    #[error("snapshot: invalid link {path:?} -> {target:?}: leads out of the tree")]
    LinkOut {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// The tree refused an entry.
    #[error("snapshot: {path:?}: {errno}")]
    Refused {
        /// The entry.
        path: String,
        /// Why.
        errno: Errno,
    },
    /// More entries than a session may have inodes.
    #[error("snapshot: too many entries (max {max})")]
    TooManyEntries {
        /// The limit.
        max: u64,
    },
    /// More files or bytes than the session's quota.
    #[error(transparent)]
    Storage(#[from] StorageExceeded),
}

/// `PATH_MAX` without its NUL (POSIX `<limits.h>`); also the longest link target.
const PATH_BYTES: usize = 4095;
/// As deep as a tree can be.
const DEPTH_MAX: usize = vfs::DEPTH_MAX as usize;
/// A path in an error's text is cut after so many bytes.
const SHOWN_BYTES: usize = 200;

impl ImportEntry<'_> {
    /// Checks what needs no tree.
    ///
    /// # Errors
    /// What is wrong with the path or the link.
    pub fn check(&self) -> Result<(), ImageError> {
        check_path(self.path)?;
        match self.content {
            ImportContent::Symlink(target) if surplus(self.path, target) > 0 => {
                Err(ImageError::LinkOut { path: text(self.path), target: text(target) })
            }
            ImportContent::Symlink(target) if target.is_empty() || target.len() > PATH_BYTES => {
                let errno = if target.is_empty() { Errno::ENOENT } else { Errno::ENAMETOOLONG };
                Err(ImageError::Refused { path: text(self.path), errno })
            }
            _ => Ok(()),
        }
    }
}

/// Sums up entries that are to come, so that a list which cannot fit is refused before its first entry is written.
#[derive(Clone, Debug)]
pub struct Inspection {
    limits: Limits,
    entries: u64,
    files: u64,
    bytes: u64,
    /// A hash of each path, the parents that paths imply included: as many as there will be inodes.
    names: HashSet<u64>,
    hashing: RandomState,
}

impl Inspection {
    /// Judges by the quotas and ceilings of `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            entries: 0,
            files: 0,
            bytes: 0,
            names: HashSet::new(),
            hashing: RandomState::new(),
        }
    }

    /// Takes one entry into account, a regular file with its length in bytes.
    ///
    /// # Errors
    /// What is wrong with the entry, or the limit it exceeds.
    pub fn entry(&mut self, entry: &ImportEntry<'_>, len: u64) -> Result<(), ImageError> {
        self.entries = self.entries.saturating_add(1);
        if self.entries > self.limits.inodes {
            return Err(ImageError::TooManyEntries { max: self.limits.inodes });
        }
        entry.check()?;
        self.count_names(entry.path)?;
        self.files = self.files.saturating_add(u64::from(entry.content != ImportContent::Dir));
        self.bytes = self.bytes.saturating_add(len);
        self.limits.validate_fs(self.files, self.bytes)?;
        if self.bytes > self.limits.footprint_bytes {
            return Err(ImageError::Refused { path: text(entry.path), errno: Errno::ENOSPC });
        }
        Ok(())
    }
}

impl Inspection {
    fn count_names(&mut self, path: &[u8]) -> Result<(), ImageError> {
        let mut name = 0;
        for component in components(path) {
            name = self.hashing.hash_one((name, component));
            if self.names.insert(name) && self.names.len() as u64 > self.limits.inodes {
                return Err(ImageError::TooManyEntries { max: self.limits.inodes });
            }
        }
        Ok(())
    }
}

/// Checks that a path is absolute, does not climb and is no longer or deeper than a tree allows.
pub(crate) fn check_path(path: &[u8]) -> Result<(), ImageError> {
    if !path.starts_with(b"/") {
        return Err(ImageError::Relative(text(path)));
    }
    if path.len() > PATH_BYTES || depth(path) > DEPTH_MAX {
        return Err(ImageError::TooDeep(text(path)));
    }
    if path.split(|byte| *byte == b'/').any(|component| component == b"..") {
        return Err(ImageError::Traversal(text(path)));
    }
    Ok(())
}

/// Returns how many of the leading `..` of a link's target would climb above the root. They are the ones whose meaning
/// does not depend on other links; the tree itself stops all others at the root.
fn surplus(path: &[u8], target: &[u8]) -> usize {
    let below_root = if target.starts_with(b"/") { 0 } else { depth(path).saturating_sub(1) };
    climbs(target).saturating_sub(below_root)
}

/// Returns a link's target without what climbs above the root: it means the same.
pub(crate) fn within(path: &[u8], target: Vec<u8>) -> Vec<u8> {
    let surplus = surplus(path, &target);
    if surplus == 0 {
        return target;
    }
    let absolute = target.starts_with(b"/");
    let mut left = surplus;
    let mut kept: Vec<&[u8]> = Vec::new();
    for component in components(&target) {
        if left > 0 && component == b".." {
            left -= 1;
        } else {
            kept.push(component);
        }
    }
    let joined = kept.join(&b'/');
    match (absolute, joined.is_empty()) {
        (true, _) => [b"/".as_slice(), &joined].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

fn climbs(target: &[u8]) -> usize {
    components(target).take_while(|component| *component == b"..").count()
}

fn depth(path: &[u8]) -> usize {
    components(path).count()
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|component| !component.is_empty() && *component != b".")
}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path.get(..SHOWN_BYTES).unwrap_or(path)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> ImportEntry<'_> {
        ImportEntry { path: path.as_bytes(), mode: 0o640, content: ImportContent::File }
    }

    fn link<'a>(path: &'a str, target: &'a str) -> ImportEntry<'a> {
        ImportEntry { path: path.as_bytes(), mode: 0o777, content: ImportContent::Symlink(target.as_bytes()) }
    }

    #[test]
    fn a_path_must_be_absolute_and_must_not_climb() {
        let check = |path: &str, text: &str| {
            assert_eq!(file(path).check().expect_err("refused").to_string(), text);
        };
        check("/x/../y", "snapshot: invalid path \"/x/../y\": contains traversal sequence");
        check("x/y", "snapshot: invalid path \"x/y\": must be absolute");
        check("", "snapshot: invalid path \"\": must be absolute");
        file("/a..b/..c").check().expect("dots in a name climb nowhere");
    }

    #[test]
    fn a_path_has_a_length_and_a_depth() {
        // The longest path has so many components.
        let deep = "/a".repeat(PATH_BYTES / 2);
        file(&deep).check().expect("as deep as can be");
        assert!(matches!(file(&(deep + "/a")).check(), Err(ImageError::TooDeep(_))));
        let long = "/".to_owned() + &"a".repeat(PATH_BYTES);
        let refused = file(&long).check().expect_err("too long").to_string();
        assert!(refused.len() < 300, "{refused}");
    }

    #[test]
    fn a_link_out_of_the_tree_is_refused_and_one_inside_is_not() {
        let check = |path: &str, target: &str, inside: bool| {
            assert_eq!(link(path, target).check().is_ok(), inside, "{path} -> {target}");
        };
        check("/l", "../etc/passwd", false);
        check("/l", "./..//../x", false);
        check("/a/l", "../../x", false);
        check("/a/l", "/../x", false);
        check("/a/l", "../x", true);
        check("/a/b/l", "../../x", true);
        check("/l", "/etc/passwd", true);
        check("/l", "a/../../b", true);
        check("/l", "..a", true);
        check("/l", "", false);
        check("/l", &"x".repeat(4096), false);
    }

    #[test]
    fn what_climbs_above_the_root_can_be_left_away() {
        let check = |path: &str, target: &str, expected: &str| {
            let kept = within(path.as_bytes(), target.as_bytes().to_vec());
            assert_eq!(String::from_utf8(kept).expect("UTF-8"), expected, "{path} -> {target}");
        };
        check("/l", "../x", "x");
        check("/l", "..", ".");
        check("/a/l", "../../../x/..", "../x/..");
        check("/l", "/../..", "/");
        check("/l", "/../x", "/x");
        check("/a/l", "../x", "../x");
        check("/l", "a//b/", "a//b/");
    }

    #[test]
    fn a_list_that_cannot_fit_is_refused_at_the_first_entry_too_much() {
        let limits = Limits { inodes: 3, max_files: Some(2), max_bytes: Some(10), ..Limits::default() };
        let after = |entries: &[(&str, u64)]| {
            let mut inspection = Inspection::new(&limits);
            entries.iter().try_for_each(|(path, len)| inspection.entry(&file(path), *len)).map_err(|e| e.to_string())
        };
        assert_eq!(after(&[("/a", 4), ("/b", 6)]), Ok(()));
        let refused = |text: &str| Err(text.to_owned());
        assert_eq!(after(&[("/a", 4), ("/b", 7)]), refused("session storage limit exceeded: 11 bytes (max 10)"));
        assert_eq!(after(&[("/a", 0); 3]), refused("session file limit exceeded: 3 files (max 2)"));
        assert_eq!(after(&[("/a", 0), ("/d/e/f", 0)]), refused("snapshot: too many entries (max 3)"));
        let mut inspection = Inspection::new(&Limits { inodes: 0, ..Limits::default() });
        let error = inspection.entry(&file("/a"), 0).expect_err("one too many");
        assert_eq!(error.to_string(), "snapshot: too many entries (max 0)");
        let mut inspection = Inspection::new(&Limits { footprint_bytes: 5, ..Limits::default() });
        assert!(matches!(inspection.entry(&file("/a"), 6), Err(ImageError::Refused { errno: Errno::ENOSPC, .. })));
    }
}
