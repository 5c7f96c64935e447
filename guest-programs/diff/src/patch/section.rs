//! The part of a patch that is about one file.

use super::ed_script::Script;
use super::git::Git;
use super::header::{Named, strip_name};
use super::hunk::Hunk;
use super::options::Form;

/// Hunks for one file and what stood above them.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// How it is written; none where there are no hunks.
    pub(crate) form: Option<Form>,
    /// The old file and the new.
    pub(crate) named: [Named; 2],
    pub(crate) index: Option<Vec<u8>>,
    pub(crate) git: Option<Git>,
    pub(crate) hunks: Vec<Hunk>,
    /// A script for `ed` instead of hunks.
    pub(crate) script: Option<Script>,
    /// Why the hunks end before their time.
    pub(crate) malformed: Option<String>,
    /// Line of the first hunk, counted from 1.
    pub(crate) line: usize,
    /// The text above the hunks.
    pub(crate) leading: Vec<Vec<u8>>,
}

/// What a patch says of one of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Existence {
    Exists,
    /// It is empty, or there is none.
    Empty,
    /// There is none.
    Nothing,
}

impl Section {
    /// What the patch says of the old (0) or new (1) file.
    pub(crate) fn says(&self, side: usize) -> Existence {
        if let Some(git) = &self.git
            && (if side == 0 { git.is_new } else { git.is_deleted })
        {
            return Existence::Nothing;
        }
        if self.named[side].is_nothing() {
            return Existence::Nothing;
        }
        let empty = self.form != Some(Form::Normal)
            && self.hunks.len() == 1
            && self.hunks.iter().all(|hunk| hunk.start[side] == 0);
        if empty { Existence::Empty } else { Existence::Exists }
    }

    /// The name of a file as git gives it, stripped.
    pub(crate) fn git_name(&self, side: usize, strip: Option<usize>) -> Option<Vec<u8>> {
        let names = self.git.as_ref()?.names.as_ref()?;
        strip_name(&names[side], strip)
    }

    /// Swaps old and new.
    pub(crate) fn reverse(&mut self) {
        self.named.swap(0, 1);
        for hunk in &mut self.hunks {
            *hunk = hunk.reversed();
        }
        if let Some(git) = &mut self.git {
            git.mode.swap(0, 1);
            std::mem::swap(&mut git.is_new, &mut git.is_deleted);
            if let Some(names) = &mut git.names {
                names.swap(0, 1);
            }
        }
    }
}
