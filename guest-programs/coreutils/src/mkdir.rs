//! `mkdir`: makes directories, with the mode that is asked for.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use sandshell_sys::{ModeChanges, change_mode, mask};

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name};

const GRAMMAR: Grammar = Grammar {
    program: "mkdir",
    short: "m:pvZ",
    long: &[("mode=", "m"), ("parents", "p"), ("verbose", "v"), ("context=?", "Z")],
    failure: 1,
    help: "Usage: mkdir [OPTION]... DIRECTORY...\nCreate the DIRECTORY(ies), if they do not already exist.\n\n\
  -m, --mode=MODE   set file mode (as in chmod), not a=rwx - umask\n  \
-p, --parents     no error if existing, make parent directories as needed\n  \
-v, --verbose     print a message for each created directory\n",
};

/// Runs `mkdir`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let umask = mask().unwrap_or(0);
    let (mut parents, mut verbose, mut mode) = (false, false, None);
    for option in &given {
        match option.id {
            "m" => {
                let text = option.text();
                let Some(changes) = ModeChanges::parse(&text) else {
                    complain(GRAMMAR.program, &format!("invalid mode {}", locale(&text)));
                    return Err(1);
                };
                mode = Some(changes.of_new_directory(umask));
            }
            "p" => parents = true,
            "v" => verbose = true,
            _ => {}
        }
    }
    if operands.is_empty() {
        return Err(GRAMMAR.missing_operand(None));
    }
    let mut maker = Maker { umask, parents, verbose, out: Output::new(GRAMMAR.program) };
    let mut failed = false;
    for operand in &operands {
        if let Err((path, words)) = maker.make(operand, mode) {
            maker.out.flush();
            complain(GRAMMAR.program, &format!("cannot create directory {}: {words}", locale(path)));
            failed = true;
        }
    }
    Ok(i32::from(!maker.out.finish() || failed))
}

struct Maker {
    umask: u32,
    parents: bool,
    verbose: bool,
    out: Output,
}

impl Maker {
    fn make(&mut self, path: &OsStr, mode: Option<u32>) -> Result<(), (PathBuf, String)> {
        if self.parents {
            self.make_parents(path)?;
            if Path::new(path).is_dir() {
                return Ok(());
            }
        }
        self.create(Path::new(path))?;
        if let Some(mode) = mode {
            change_mode(path.as_bytes(), mode, true).map_err(|error| (PathBuf::from(path), error.words()))?;
        }
        Ok(())
    }

    fn create(&mut self, path: &Path) -> Result<(), (PathBuf, String)> {
        if path.as_os_str().is_empty() {
            // The C library would take the working directory for it.
            return Err((path.to_owned(), sandshell_sys::Errno::ENOENT.words()));
        }
        std::fs::create_dir(path).map_err(|error| (path.to_owned(), error.words()))?;
        if self.verbose {
            self.out.text(&format!("{}: created directory {}\n", GRAMMAR.program, name(path)));
        }
        Ok(())
    }

    /// Makes the directories above a path. Whatever the umask says, their owner can go on in them.
    fn make_parents(&mut self, path: &OsStr) -> Result<(), (PathBuf, String)> {
        let bytes = crate::basis::bytes::strip_slashes(path).as_bytes();
        for (at, _) in bytes.iter().enumerate().filter(|(at, byte)| **byte == b'/' && *at > 0) {
            let parent = Path::new(OsStr::from_bytes(&bytes[..at]));
            if parent.is_dir() {
                continue;
            }
            match self.create(parent) {
                // `a//b` names one directory twice.
                Ok(()) if self.umask & 0o300 != 0 => {
                    let mode = (0o777 & !self.umask) | 0o300;
                    change_mode(parent.as_os_str().as_bytes(), mode, true)
                        .map_err(|error| (parent.to_owned(), error.words()))?;
                }
                Ok(()) => {}
                Err((path, words)) => {
                    // What is there but no directory is in the way.
                    let words = if parent.symlink_metadata().is_ok() { "Not a directory".to_owned() } else { words };
                    return Err((path, words));
                }
            }
        }
        Ok(())
    }
}
