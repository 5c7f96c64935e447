//! Where `mv` and `ln` put things: `SOURCE DEST`, `SOURCE... DIRECTORY`, `-t DIRECTORY SOURCE...`.

use std::ffi::{OsStr, OsString};

use sandshell_sys::{Kind, lstat, stat};

use super::bytes::OsStrExt;
use super::errors::{Reason, complain};
use super::options::Grammar;
use super::quoting::name;

/// What the options say about the destination.
#[derive(Default)]
pub(crate) struct Target {
    /// `-t`.
    pub(crate) directory: Option<OsString>,
    /// `-T`.
    pub(crate) never_directory: bool,
    /// A link to a directory is no directory (`ln -n`).
    pub(crate) links_are_files: bool,
}

/// Sources and where they go.
pub(crate) struct Settled {
    pub(crate) sources: Vec<OsString>,
    pub(crate) destination: OsString,
    /// Each keeps its name in the destination.
    pub(crate) into: bool,
}

impl Target {
    fn is_directory(&self, path: &OsStr) -> bool {
        let found = if self.links_are_files { lstat(path.as_bytes()) } else { stat(path.as_bytes()) };
        found.is_ok_and(|found| found.mode.kind() == Kind::Directory)
    }

    /// Settles the operands.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn settle(&self, grammar: &Grammar, mut operands: Vec<OsString>) -> Result<Settled, i32> {
        let words = |path: &OsStr| match stat(path.as_bytes()) {
            Ok(_) => "Not a directory".to_owned(),
            Err(error) => error.words(),
        };
        if operands.is_empty() {
            return Err(grammar.misuse("missing file operand"));
        }
        if let Some(directory) = &self.directory {
            if self.never_directory {
                complain(grammar.program, "cannot combine --target-directory (-t) and --no-target-directory (-T)");
                return Err(1);
            }
            if !self.is_directory(directory) {
                let directory_words = words(directory);
                complain(grammar.program, &format!("target directory {}: {directory_words}", name(directory)));
                return Err(1);
            }
            return Ok(Settled { sources: operands, destination: directory.clone(), into: true });
        }
        if operands.len() == 1 {
            let message = format!("missing destination file operand after {}", name(&operands[0]));
            return Err(grammar.misuse(&message));
        }
        if self.never_directory && operands.len() > 2 {
            return Err(grammar.misuse(&format!("extra operand {}", name(&operands[2]))));
        }
        let destination = operands.pop().unwrap_or_default();
        let into = !self.never_directory && self.is_directory(&destination);
        if operands.len() > 1 && !into {
            complain(grammar.program, &format!("target {}: {}", name(&destination), words(&destination)));
            return Err(1);
        }
        Ok(Settled { sources: operands, destination, into })
    }
}
