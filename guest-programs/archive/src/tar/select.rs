//! Which members are meant: by the operands, and by the patterns that exclude.

use std::cell::Cell;

use crate::basis::pattern::{self, Flags};

/// A name or pattern, and how it matches.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: Vec<u8>,
    flags: Flags,
    /// It matches from a name's beginning only, else from behind any slash, too.
    anchored: bool,
}

impl Pattern {
    pub(super) fn new(text: Vec<u8>, flags: Flags, anchored: bool) -> Self {
        Self { text, flags, anchored }
    }

    pub(super) fn matches(&self, name: &[u8]) -> bool {
        if pattern::matches(&self.text, name, self.flags) {
            return true;
        }
        let starts = name.windows(2).enumerate().filter(|(_, pair)| pair.starts_with(b"/") && !pair.ends_with(b"/"));
        !self.anchored
            && starts
                .map(|(at, _)| name.get(at + 1..).unwrap_or_default())
                .any(|rest| pattern::matches(&self.text, rest, self.flags))
    }
}

/// An operand: a file to archive, or members to extract.
#[derive(Debug)]
pub(super) struct Named {
    /// Where it is looked for, or extracted to.
    pub(super) directory: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) pattern: Pattern,
    /// Members below a directory are meant, too.
    pub(super) recursive: bool,
    /// How many members matched.
    pub(super) found: Cell<u64>,
}

impl Named {
    /// Its name is a pattern.
    pub(super) fn uses_wildcards(&self) -> bool {
        self.pattern.flags.wildcards
    }
}

/// The patterns that exclude.
#[derive(Clone, Debug, Default)]
pub(super) struct Excludes(Vec<Pattern>);

/// Names of version control systems and their files, which `--exclude-vcs` excludes.
const VERSION_CONTROL: &[&str] = &[
    "CVS",
    ".cvsignore",
    "RCS",
    "SCCS",
    ".git",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    ".svn",
    ".arch-ids",
    "{arch}",
    "=RELEASE-ID",
    "=meta-update",
    "=update",
    ".bzr",
    ".bzrignore",
    ".bzrtags",
    ".hg",
    ".hgignore",
    ".hgtags",
    "_darcs",
];
/// Names of backups, which `--exclude-backups` excludes.
const BACKUPS: &[&str] = &[".#*", "*~", "#*#"];

impl Excludes {
    pub(super) fn add(&mut self, pattern: Pattern) {
        self.0.push(pattern);
    }

    fn add_all(&mut self, names: &[&str]) {
        let flags = Flags { wildcards: true, ..Flags::default() };
        for name in names {
            self.add(Pattern::new(name.as_bytes().to_vec(), flags, false));
        }
    }

    pub(super) fn add_version_control(&mut self) {
        self.add_all(VERSION_CONTROL);
    }

    pub(super) fn add_backups(&mut self) {
        self.add_all(BACKUPS);
    }

    /// Tells whether a member is left out.
    pub(super) fn excludes(&self, name: &[u8]) -> bool {
        let name = without_slashes(name);
        self.0.iter().any(|pattern| pattern.matches(name))
    }
}

/// Finds the operand that means a member. `None`: no operand does; without operands every member is meant.
pub(super) fn find<'a>(names: &'a [Named], member: &[u8]) -> Option<&'a Named> {
    let member = without_slashes(member);
    names.iter().find(|named| named.pattern.matches(member))
}

/// Returns a name without slashes at its end; a name of slashes alone is one slash.
pub(super) fn without_slashes(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|byte| *byte != b'/').map_or(name.len().min(1), |last| last + 1);
    name.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluding_patterns_match_from_any_slash() {
        let flags = Flags { wildcards: true, leading_directory: true, ..Flags::default() };
        let check = |pattern: &str, anchored: bool, name: &str, expected: bool| {
            let pattern = Pattern::new(pattern.as_bytes().to_vec(), flags, anchored);
            assert_eq!(pattern.matches(name.as_bytes()), expected, "{name}");
        };
        check("*.o", false, "a/b.o", true);
        check("b", false, "a/b/c", true);
        check("b", true, "a/b/c", false);
        check("a/b", false, "x/a/b", true);
        check("b", false, "ab", false);
    }

    #[test]
    fn slashes_at_the_end_do_not_count() {
        assert_eq!(without_slashes(b"d//"), b"d");
        assert_eq!(without_slashes(b"//"), b"/");
        assert_eq!(without_slashes(b""), b"");
        let mut excludes = Excludes::default();
        excludes.add_version_control();
        assert!(excludes.excludes(b"x/.git/") && !excludes.excludes(b"x/.github/"));
    }
}
