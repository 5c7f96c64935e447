//! What git writes above the hunks of a file: new and deleted files, renames, copies, modes.

use super::header::unquoted;

/// The extended header of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Git {
    /// Both names, with their `a/` and `b/`.
    pub(crate) names: Option<[Vec<u8>; 2]>,
    /// Permissions before and after.
    pub(crate) mode: [Option<u32>; 2],
    pub(crate) is_new: bool,
    pub(crate) is_deleted: bool,
    pub(crate) is_rename: bool,
    pub(crate) is_copy: bool,
    /// Changes of a binary file, which only git can read.
    pub(crate) is_binary: bool,
}

impl Git {
    /// Begins with a line `diff --git a/old b/new`.
    pub(crate) fn begin(line: &[u8]) -> Option<Self> {
        let names = line.strip_prefix(b"diff --git ")?.trim_ascii_end();
        Some(Self { names: both_names(names), ..Self::default() })
    }

    /// Takes a further line; tells whether it is one of the header.
    pub(crate) fn line(&mut self, line: &[u8]) -> bool {
        let line = line.trim_ascii_end();
        let rest = |prefix: &str| line.strip_prefix(prefix.as_bytes());
        if let Some(mode) = rest("old mode ") {
            self.mode[0] = octal(mode);
        } else if let Some(mode) = rest("new mode ") {
            self.mode[1] = octal(mode);
        } else if let Some(mode) = rest("new file mode ") {
            self.mode[1] = octal(mode);
            self.is_new = true;
        } else if let Some(mode) = rest("deleted file mode ") {
            self.mode[0] = octal(mode);
            self.is_deleted = true;
        } else if let Some(name) = rest("rename from ") {
            self.is_rename = true;
            self.rename(0, name);
        } else if let Some(name) = rest("rename to ") {
            self.is_rename = true;
            self.rename(1, name);
        } else if let Some(name) = rest("copy from ") {
            self.is_copy = true;
            self.rename(0, name);
        } else if let Some(name) = rest("copy to ") {
            self.is_copy = true;
            self.rename(1, name);
        } else if rest("GIT binary patch").is_some() {
            self.is_binary = true;
        } else {
            return rest("index ").is_some()
                || rest("similarity index ").is_some()
                || rest("dissimilarity index ").is_some();
        }
        true
    }

    /// A name of `rename from`, which has no `a/` before it.
    fn rename(&mut self, side: usize, name: &[u8]) {
        let name = unquoted(name).map_or_else(|| name.to_vec(), |(name, _)| name);
        let prefix: &[u8] = if side == 0 { b"a/" } else { b"b/" };
        let names = self.names.get_or_insert_with(Default::default);
        names[side] = [prefix, &name].concat();
    }
}

fn octal(text: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(text).ok()?, 8).ok().map(|mode| mode & 0o7777)
}

/// Splits `a/x b/x`: names in quotes, or two that are the same but for their prefix.
fn both_names(text: &[u8]) -> Option<[Vec<u8>; 2]> {
    if let Some((first, rest)) = unquoted(text) {
        let rest = rest.strip_prefix(b" ")?;
        let second = unquoted(rest).map_or_else(|| rest.to_vec(), |(name, _)| name);
        return Some([first, second]);
    }
    let blanks: Vec<usize> = (0..text.len()).filter(|at| text[*at] == b' ').collect();
    let after_slash = |name: &[u8]| name.iter().position(|byte| *byte == b'/').map(|at| name[at + 1..].to_vec());
    let same = blanks.iter().find(|at| {
        let (first, second) = (&text[..**at], &text[**at + 1..]);
        after_slash(first).is_some() && after_slash(first) == after_slash(second)
    });
    let at = same.or(if blanks.len() == 1 { blanks.first() } else { None })?;
    Some([text[..*at].to_vec(), text[*at + 1..].to_vec()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_git_header_are_told_apart() {
        let check = |text: &str, names: [&str; 2]| {
            let found =
                both_names(text.as_bytes()).map(|names| names.map(|name| String::from_utf8_lossy(&name).into_owned()));
            assert_eq!(found, Some(names.map(str::to_owned)), "{text}");
        };
        check("a/x b/x", ["a/x", "b/x"]);
        check("a/a b b/a b", ["a/a b", "b/a b"]);
        check("a/old b/new", ["a/old", "b/new"]);
        check("\"a/t\\tx\" b/y", ["a/t\tx", "b/y"]);
    }

    #[test]
    fn extended_lines_are_taken() {
        let mut git = Git::begin(b"diff --git a/x b/y\n").expect("a header");
        for line in
            ["similarity index 90%\n", "rename from x\n", "rename to y\n", "old mode 100644\n", "new mode 100755\n"]
        {
            assert!(git.line(line.as_bytes()), "{line}");
        }
        assert!(!git.line(b"--- a/x\n"));
        assert_eq!((git.is_rename, git.mode), (true, [Some(0o644), Some(0o755)]));
    }
}
