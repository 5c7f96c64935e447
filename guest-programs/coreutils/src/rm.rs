//! `rm`: unlinks. The walk keeps its own stack and no directory open, so that it reaches the depth of any tree.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sandshell_sys::{Errno, Kind, Stat, lstat};

use crate::basis::bytes::{OsStrExt, join, names_in, strip_slashes};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::prompt::ask;
use crate::basis::quoting::name;
use crate::stat::kind_name;

const GRAMMAR: Grammar = Grammar {
    program: "rm",
    short: "dfiIrRv",
    long: &[
        ("dir", "d"),
        ("force", "f"),
        ("interactive=?", "interactive"),
        ("no-preserve-root", "no-preserve-root"),
        ("one-file-system", "one-file-system"),
        ("preserve-root=?", "preserve-root"),
        ("recursive", "r"),
        ("verbose", "v"),
    ],
    failure: 1,
    help: "Usage: rm [OPTION]... [FILE]...\nRemove (unlink) the FILE(s).\n\n  \
-f, --force   ignore nonexistent files, never ask   -i   ask before every removal   -I   ask once\n      \
--interactive[=WHEN]   never, once (-I) or always (-i)\n      \
--no-preserve-root   do not treat '/' specially   --preserve-root[=all]   do not remove '/' (default)\n      \
--one-file-system   accepted: a session has one file system\n  \
-r, -R, --recursive   directories and their contents   -d, --dir   empty directories   -v, --verbose   tell what is done\n",
};

/// From this many operands on, `-I` asks.
const MANY: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    Never,
    Once,
    Always,
}

struct Remover {
    asking: Asking,
    force: bool,
    recursive: bool,
    empty_directories: bool,
    preserve_root: bool,
    verbose: bool,
    failed: bool,
    out: Output,
}

/// A directory on the way down: what is in it and still to be removed.
struct Level {
    path: PathBuf,
    status: Stat,
    names: Vec<OsString>,
    /// Something below it stays, so it does too.
    kept: bool,
}

/// What became of a file.
enum Met {
    Done,
    Kept,
    Inside(Level),
}

/// Runs `rm`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let mut remover = Remover::new(&given)?;
    if operands.is_empty() {
        return if remover.force { Ok(0) } else { Err(GRAMMAR.missing_operand(None)) };
    }
    if remover.asking == Asking::Once && (remover.recursive || operands.len() >= MANY) {
        let (count, plural) = (operands.len(), if operands.len() == 1 { "" } else { "s" });
        let how = if remover.recursive { " recursively" } else { "" };
        if !ask(GRAMMAR.program, &format!("remove {count} argument{plural}{how}?")) {
            return Ok(0);
        }
    }
    for operand in &operands {
        remover.operand(Path::new(operand));
    }
    let failed = remover.failed;
    Ok(i32::from(!remover.out.finish() || failed))
}

impl Remover {
    fn new(given: &[Given]) -> Result<Self, i32> {
        let mut remover = Self {
            asking: Asking::Never,
            force: false,
            recursive: false,
            empty_directories: false,
            preserve_root: true,
            verbose: false,
            failed: false,
            out: Output::new(GRAMMAR.program),
        };
        for option in given {
            match option.id {
                "d" => remover.empty_directories = true,
                "f" => (remover.force, remover.asking) = (true, Asking::Never),
                "i" => (remover.force, remover.asking) = (false, Asking::Always),
                "I" => (remover.force, remover.asking) = (false, Asking::Once),
                "interactive" => remover.asking = when(option)?,
                "r" | "R" => remover.recursive = true,
                "v" => remover.verbose = true,
                "preserve-root" => remover.preserve_root = true,
                "no-preserve-root" => remover.preserve_root = false,
                _ => {}
            }
        }
        Ok(remover)
    }

    fn fail(&mut self, message: &str) {
        self.out.flush();
        complain(GRAMMAR.program, message);
        self.failed = true;
    }

    fn operand(&mut self, path: &Path) {
        let bytes = path.as_os_str().as_bytes();
        let last = strip_slashes(path.as_os_str()).as_bytes();
        if self.recursive && (last == b"." || last == b".." || last.ends_with(b"/.") || last.ends_with(b"/..")) {
            self.fail(&format!("refusing to remove '.' or '..' directory: skipping {}", name(path)));
            return;
        }
        if self.recursive && self.preserve_root && is_root(bytes) {
            let shown = if bytes == b"/" { "'/'".to_owned() } else { format!("{} (same as '/')", name(path)) };
            self.fail(&format!("it is dangerous to operate recursively on {shown}"));
            self.fail("use --no-preserve-root to override this failsafe");
            return;
        }
        self.tree(path);
    }

    /// Removes a file, or a directory with what is in it.
    fn tree(&mut self, path: &Path) {
        let mut levels = Vec::new();
        let mut met = self.meet(path);
        loop {
            match (met, levels.last_mut()) {
                (Met::Inside(level), _) => levels.push(level),
                (Met::Kept, Some(level)) => level.kept = true,
                _ => {}
            }
            let Some(level) = levels.last_mut() else { return };
            met = match level.names.pop() {
                Some(below) => {
                    let below = join(level.path.as_os_str(), &below);
                    self.meet(&below)
                }
                None => match levels.pop() {
                    Some(level) => self.leave(&level),
                    None => return,
                },
            };
        }
    }

    /// Removes what is no directory, and opens what is one.
    fn meet(&mut self, path: &Path) -> Met {
        let bytes = path.as_os_str().as_bytes();
        let status = match lstat(bytes) {
            Ok(status) => status,
            Err(Errno::ENOENT | Errno::ENOTDIR) if self.force => return Met::Done,
            Err(error) => return self.keep(&format!("cannot remove {}: {}", name(path), error.words())),
        };
        if status.mode.kind() != Kind::Directory {
            return self.unlink(path, &status);
        }
        if !self.recursive && !self.empty_directories {
            return self.keep(&format!("cannot remove {}: Is a directory", name(path)));
        }
        let mut names = match names_in(path) {
            Ok(names) => names,
            Err(error) => return self.keep(&format!("cannot remove {}: {}", name(path), error.words())),
        };
        let last = strip_slashes(path.as_os_str()).as_bytes();
        if last != bytes && lstat(last).is_ok_and(|link| link.mode.kind() == Kind::Symlink) {
            return self.keep(&format!("cannot remove {}: Not a directory", name(path)));
        }
        if !names.is_empty() && !self.recursive {
            return self.keep(&format!("cannot remove {}: Directory not empty", name(path)));
        }
        if !names.is_empty() && !self.agreed(&format!("descend into directory {}?", name(path))) {
            return Met::Kept;
        }
        names.reverse();
        Met::Inside(Level { path: path.to_owned(), status, names, kept: false })
    }

    fn keep(&mut self, message: &str) -> Met {
        self.fail(message);
        Met::Kept
    }

    fn agreed(&mut self, question: &str) -> bool {
        if self.asking != Asking::Always {
            return true;
        }
        self.out.flush();
        ask(GRAMMAR.program, question)
    }

    fn unlink(&mut self, path: &Path, status: &Stat) -> Met {
        if !self.agreed(&format!("remove {} {}?", kind_name(status), name(path))) {
            return Met::Kept;
        }
        match std::fs::remove_file(path) {
            Ok(()) => self.tell("removed ", path),
            Err(error) => self.keep(&format!("cannot remove {}: {}", name(path), error.words())),
        }
    }

    fn leave(&mut self, level: &Level) -> Met {
        if level.kept || !self.agreed(&format!("remove {} {}?", kind_name(&level.status), name(&level.path))) {
            return Met::Kept;
        }
        match std::fs::remove_dir(&level.path) {
            Ok(()) => self.tell("removed directory ", &level.path),
            Err(error) => self.keep(&format!("cannot remove {}: {}", name(&level.path), error.words())),
        }
    }

    fn tell(&mut self, what: &str, path: &Path) -> Met {
        if self.verbose {
            self.out.text(&format!("{what}{}\n", name(path)));
        }
        Met::Done
    }
}

fn when(option: &Given) -> Result<Asking, i32> {
    const WORDS: &[&[&str]] = &[&["never", "no", "none"], &["once"], &["always", "yes"]];
    if option.value.is_none() {
        return Ok(Asking::Always);
    }
    Ok([Asking::Never, Asking::Once, Asking::Always][GRAMMAR.choose("--interactive", &option.text(), WORDS)?])
}

fn is_root(path: &[u8]) -> bool {
    matches!((lstat(path), lstat(b"/")), (Ok(one), Ok(root)) if one.inode == root.inode)
}
