//! `chmod`: changes the permission bits of files.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use sandshell_sys::{Kind, ModeChanges, Stat, change_mode, lstat, mask, stat};

use crate::basis::bytes::{OsStrExt, join, names_in};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name};

const GRAMMAR: Grammar = Grammar {
    program: "chmod",
    // A mode may look like an option: each of its letters takes the rest of the word.
    short: "Rcfvr::w::x::X::s::t::u::g::o::a::,::+::=::0::1::2::3::4::5::6::7::",
    long: &[
        ("changes", "c"),
        ("recursive", "R"),
        ("no-preserve-root", "no-preserve-root"),
        ("preserve-root", "preserve-root"),
        ("quiet", "f"),
        ("silent", "f"),
        ("reference=", "reference"),
        ("verbose", "v"),
    ],
    failure: 1,
    help: "Usage: chmod [OPTION]... MODE[,MODE]... FILE...\n  or:  chmod [OPTION]... OCTAL-MODE FILE...\n  \
or:  chmod [OPTION]... --reference=RFILE FILE...\n\
Change the mode of each FILE to MODE.\n\n\
  -c, --changes    report changes\n  -f, --silent     suppress most error messages\n  \
-v, --verbose    report every file\n  -R, --recursive  change directories with what is in them\n      \
--reference=RFILE  use RFILE's mode\n\
Each MODE is of the form '[ugoa]*([-+=]([rwxXst]*|[ugo]))+|[-+=][0-7]+'.\n",
};

/// Runs `chmod`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

struct Job {
    changes: ModeChanges,
    umask: u32,
    /// The mode stood where options stand, as `-w` does.
    mode_is_option: bool,
    quiet: bool,
    verbose: bool,
    only_changes: bool,
    recursive: bool,
    failed: bool,
    out: Output,
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, mut operands) = GRAMMAR.parse(argv)?;
    let mut mode: Option<String> = None;
    let mut reference = None;
    let mut job = Job {
        changes: ModeChanges::exactly(0),
        umask: mask().unwrap_or(0),
        mode_is_option: false,
        quiet: false,
        verbose: false,
        only_changes: false,
        recursive: false,
        failed: false,
        out: Output::new(GRAMMAR.program),
    };
    let mut preserve_root = false;
    for option in &given {
        match option.id {
            "R" => job.recursive = true,
            "c" => job.only_changes = true,
            "v" => job.verbose = true,
            "f" => job.quiet = true,
            "reference" => reference = Some(option.os()),
            "preserve-root" => preserve_root = true,
            "no-preserve-root" => preserve_root = false,
            letter => {
                let part = format!("-{letter}{}", option.text());
                mode = Some(mode.map_or(part.clone(), |before| format!("{before},{part}")));
                job.mode_is_option = true;
            }
        }
    }
    if reference.is_some() && mode.is_some() {
        return Err(GRAMMAR.misuse("cannot combine mode and --reference options"));
    }
    if reference.is_none() && mode.is_none() && !operands.is_empty() {
        mode = Some(operands.remove(0).to_string_lossy().into_owned());
    }
    if operands.is_empty() {
        return Err(match &mode {
            Some(mode) if !job.mode_is_option => GRAMMAR.missing_operand(Some(&OsString::from(mode))),
            _ => GRAMMAR.missing_operand(None),
        });
    }
    job.changes = changes(mode.as_deref(), reference.as_deref())?;
    for operand in &operands {
        if job.recursive && preserve_root && Path::new(operand) == Path::new("/") {
            complain(GRAMMAR.program, "it is dangerous to operate recursively on '/'");
            complain(GRAMMAR.program, "use --no-preserve-root to override this failsafe");
            job.failed = true;
            continue;
        }
        job.change(operand, true);
    }
    let failed = job.failed;
    Ok(i32::from(!job.out.finish() || failed))
}

fn changes(mode: Option<&str>, reference: Option<&OsStr>) -> Result<ModeChanges, i32> {
    if let Some(reference) = reference {
        return match stat(reference.as_bytes()) {
            Ok(status) => Ok(ModeChanges::exactly(status.mode.permissions())),
            Err(error) => {
                complain(
                    GRAMMAR.program,
                    &format!("failed to get attributes of {}: {}", name(reference), error.words()),
                );
                Err(1)
            }
        };
    }
    let mode = mode.unwrap_or_default();
    ModeChanges::parse(mode).ok_or_else(|| GRAMMAR.misuse(&format!("invalid mode: {}", locale(mode))))
}

impl Job {
    fn complain(&mut self, message: &str) {
        self.failed = true;
        if !self.quiet {
            self.out.flush();
            complain(GRAMMAR.program, message);
        }
    }

    fn change(&mut self, path: &OsStr, from_command_line: bool) {
        let found = match lstat(path.as_bytes()) {
            Ok(status) if status.mode.kind() == Kind::Symlink => {
                if !from_command_line {
                    // A walk leaves links alone, and what they lead to.
                    if self.verbose {
                        let text = format!("neither symbolic link {} nor referent has been changed\n", name(path));
                        self.out.text(&text);
                    }
                    return;
                }
                stat(path.as_bytes()).map_err(|_| ())
            }
            Ok(status) => Ok(status),
            Err(error) => {
                self.complain(&format!("cannot access {}: {}", name(path), error.words()));
                return;
            }
        };
        let Ok(status) = found else {
            self.complain(&format!("cannot operate on dangling symlink {}", name(path)));
            return;
        };
        self.change_one(path, &status);
        if self.recursive && status.mode.kind() == Kind::Directory {
            self.change_below(path);
        }
    }

    fn change_below(&mut self, path: &OsStr) {
        let names = match names_in(Path::new(path)) {
            Ok(names) => names,
            Err(error) => {
                self.complain(&format!("cannot read directory {}: {}", name(path), error.words()));
                return;
            }
        };
        for name in names {
            let below = join(path, &name);
            self.change(below.as_os_str(), false);
        }
    }

    fn change_one(&mut self, path: &OsStr, status: &Stat) {
        let directory = status.mode.kind() == Kind::Directory;
        let old = status.mode.permissions();
        let new = self.changes.apply(old, directory, self.umask);
        if let Err(error) = change_mode(path.as_bytes(), new, true) {
            self.complain(&format!("changing permissions of {}: {}", name(path), error.words()));
            if self.verbose {
                self.report("failed to change mode of", path, old, new, "");
            }
            return;
        }
        if self.verbose || (self.only_changes && old != new) {
            self.report("mode of", path, old, new, "changed ");
        }
        if self.mode_is_option {
            let naive = self.changes.apply(old, directory, 0);
            if new & !naive != 0 {
                let (new, naive) = (letters(new), letters(naive));
                self.complain(&format!("{}: new permissions are {new}, not {naive}", path.to_string_lossy()));
            }
        }
    }

    fn report(&mut self, what: &str, path: &OsStr, old: u32, new: u32, verb: &str) {
        let (old_letters, new_letters) = (letters(old), letters(new));
        let text = if old == new {
            format!("mode of {} retained as {old:04o} ({old_letters})\n", name(path))
        } else {
            format!("{what} {} {verb}from {old:04o} ({old_letters}) to {new:04o} ({new_letters})\n", name(path))
        };
        self.out.text(&text);
    }
}

/// The nine letters of the permissions.
fn letters(mode: u32) -> String {
    sandshell_sys::Mode(mode).symbolic()[1..].to_owned()
}
