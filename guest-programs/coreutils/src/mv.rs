//! `mv`: renames. A session has one file system, so nothing is ever copied.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sandshell_sys::{Kind, Stat, lstat, stat};

use crate::basis::backup::Backups;
use crate::basis::bytes::{OsStrExt, join, last_component, strip_slashes};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::prompt::ask;
use crate::basis::quoting::name;
use crate::basis::target::Target;

const GRAMMAR: Grammar = Grammar {
    program: "mv",
    short: "bfint:uvS:TZ",
    long: &[
        ("backup=?", "backup"),
        ("context", "Z"),
        ("force", "f"),
        ("interactive", "i"),
        ("no-clobber", "n"),
        ("no-target-directory", "T"),
        ("strip-trailing-slashes", "strip-trailing-slashes"),
        ("suffix=", "S"),
        ("target-directory=", "t"),
        ("update", "u"),
        ("verbose", "v"),
    ],
    failure: 1,
    help: "Usage: mv [OPTION]... [-T] SOURCE DEST\n  or:  mv [OPTION]... SOURCE... DIRECTORY\n  \
or:  mv [OPTION]... -t DIRECTORY SOURCE...\nRename SOURCE to DEST, or move SOURCE(s) to DIRECTORY.\n\n\
  -b, -S SUFFIX   backups   -f, -i, -n   overwrite, ask, do not   -t, -T   destination   -u   only newer   -v   verbose\n",
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Overwrite {
    Always,
    Never,
    Ask,
}

struct Mover {
    overwrite: Overwrite,
    update: bool,
    verbose: bool,
    backups: Backups,
    failed: bool,
    made: Vec<PathBuf>,
    out: Output,
}

/// Runs `mv`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, mut operands) = GRAMMAR.parse(argv)?;
    let mut target = Target::default();
    let mut mover = Mover {
        overwrite: Overwrite::Always,
        update: false,
        verbose: false,
        backups: Backups::default(),
        failed: false,
        made: Vec::new(),
        out: Output::new(GRAMMAR.program),
    };
    let mut strip = false;
    for option in &given {
        match option.id {
            "f" => mover.overwrite = Overwrite::Always,
            "i" => mover.overwrite = Overwrite::Ask,
            "n" => mover.overwrite = Overwrite::Never,
            "u" => mover.update = true,
            "v" => mover.verbose = true,
            "b" => mover.backups.set(&GRAMMAR, None)?,
            "backup" => mover.backups.set(&GRAMMAR, option.value.as_ref().map(|_| option.text()))?,
            "S" => mover.backups.set_suffix(option.os()),
            "t" => target.directory = Some(option.os()),
            "T" => target.never_directory = true,
            "strip-trailing-slashes" => strip = true,
            _ => {}
        }
    }
    if strip {
        operands = operands.iter().map(|operand| strip_slashes(operand).to_owned()).collect();
    }
    let settled = target.settle(&GRAMMAR, operands)?;
    for source in &settled.sources {
        let to = if settled.into {
            join(&settled.destination, last_component(source))
        } else {
            PathBuf::from(&settled.destination)
        };
        mover.rename(Path::new(source), &to);
    }
    let failed = mover.failed;
    Ok(i32::from(!mover.out.finish() || failed))
}

impl Mover {
    fn fail(&mut self, message: &str) {
        self.out.flush();
        complain(GRAMMAR.program, message);
        self.failed = true;
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        let bytes = from.as_os_str().as_bytes();
        let found = match lstat(bytes) {
            // A slash at the end asks for what a link leads to.
            Ok(found) if bytes.ends_with(b"/") && found.mode.kind() == Kind::Symlink => stat(bytes),
            found => found,
        };
        let status = match found {
            Ok(status) => status,
            Err(error) => {
                self.fail(&format!("cannot stat {}: {}", name(from), error.words()));
                return;
            }
        };
        let mut backup = None;
        if let Ok(existing) = lstat(to.as_os_str().as_bytes()) {
            if !self.may_replace(from, to, &status, &existing) {
                return;
            }
            match self.backups.make(to) {
                Ok(made) => backup = made,
                Err(error) => {
                    self.fail(&format!("cannot backup {}: {}", name(to), error.words()));
                    return;
                }
            }
        }
        match std::fs::rename(from, to) {
            Ok(()) => {
                self.made.push(to.to_owned());
                if self.verbose {
                    let note = backup.map_or(String::new(), |backup| format!(" (backup: {})", name(backup)));
                    self.out.text(&format!("renamed {} -> {}{note}\n", name(from), name(to)));
                }
            }
            Err(error) => {
                let inside = status.mode.kind() == Kind::Directory && is_below(&status, to);
                let message = if inside {
                    format!("cannot move {} to a subdirectory of itself, {}", name(from), name(to))
                } else {
                    format!("cannot move {} to {}: {}", name(from), name(to), error.words())
                };
                self.fail(&message);
            }
        }
    }

    fn may_replace(&mut self, from: &Path, to: &Path, status: &Stat, existing: &Stat) -> bool {
        if self.overwrite == Overwrite::Never {
            return false;
        }
        if status.inode == existing.inode && !self.backups.wanted() {
            self.fail(&format!("{} and {} are the same file", name(from), name(to)));
            return false;
        }
        let directory = |status: &Stat| status.mode.kind() == Kind::Directory;
        if directory(existing) && !directory(status) {
            self.fail(&format!("cannot overwrite directory {} with non-directory", name(to)));
            return false;
        }
        if !directory(existing) && directory(status) {
            self.fail(&format!("cannot overwrite non-directory {} with directory {}", name(to), name(from)));
            return false;
        }
        if self.made.iter().any(|made| made == to) && !self.backups.wanted() {
            self.fail(&format!("will not overwrite just-created {} with {}", name(to), name(from)));
            return false;
        }
        if self.update && existing.modified >= status.modified {
            return false;
        }
        if self.overwrite == Overwrite::Ask {
            self.out.flush();
            return ask(GRAMMAR.program, &format!("overwrite {}?", name(to)));
        }
        true
    }
}

/// Returns whether a path lies below a directory.
fn is_below(directory: &Stat, path: &Path) -> bool {
    path.ancestors()
        .skip(1)
        .filter(|ancestor| !ancestor.as_os_str().is_empty())
        .any(|ancestor| stat(ancestor.as_os_str().as_bytes()).is_ok_and(|found| found.inode == directory.inode))
}
