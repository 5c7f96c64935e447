//! What is known of a file that is listed.

use sandshell_sys::{Kind, Stat};

/// A file of the tree.
#[derive(Debug)]
pub(super) struct Entry {
    /// The name as it is shown: the last part of the path, or the whole with `-f` and for what was named.
    pub(super) name: Vec<u8>,
    /// Its own state; none for what is not there.
    pub(super) stat: Option<Stat>,
    /// Where a symbolic link leads.
    pub(super) target: Option<Vec<u8>>,
    /// The state of what a symbolic link leads to; that of the file itself otherwise.
    pub(super) followed: Option<Stat>,
    /// The size that is shown.
    pub(super) size: u64,
    /// What is in a directory that was read.
    pub(super) children: Option<Vec<Entry>>,
    /// Why it was not read.
    pub(super) error: Option<String>,
}

impl Entry {
    /// Tells whether it is a directory or a link to one.
    pub(super) fn is_directory(&self) -> bool {
        self.followed.is_some_and(|stat| stat.mode.kind() == Kind::Directory)
    }

    /// Tells whether it is a symbolic link.
    pub(super) fn is_link(&self) -> bool {
        self.target.is_some()
    }
}

/// The counts of the report.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) directories: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Something that was named is not there.
    pub(super) missing: bool,
}
