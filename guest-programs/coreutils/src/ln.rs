//! `ln`: makes hard and symbolic links.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use sandshell_sys::{Kind, lstat, stat};

use crate::basis::backup::Backups;
use crate::basis::bytes::{OsStrExt, join, last_component};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::prompt::ask;
use crate::basis::quoting::{name, name_maybe};
use crate::basis::target::Target;
use crate::copy::content::make_link;

const GRAMMAR: Grammar = Grammar {
    program: "ln",
    short: "bdfFiLnPrst:vS:T",
    long: &[
        ("backup=?", "backup"),
        ("directory", "d"),
        ("force", "f"),
        ("interactive", "i"),
        ("logical", "L"),
        ("no-dereference", "n"),
        ("no-target-directory", "T"),
        ("physical", "P"),
        ("relative", "r"),
        ("suffix=", "S"),
        ("symbolic", "s"),
        ("target-directory=", "t"),
        ("verbose", "v"),
    ],
    failure: 1,
    help: "Usage: ln [OPTION]... [-T] TARGET LINK_NAME\n  or:  ln [OPTION]... TARGET\n  \
or:  ln [OPTION]... TARGET... DIRECTORY\n  or:  ln [OPTION]... -t DIRECTORY TARGET...\n\
Create hard links by default, symbolic links with --symbolic.\n\n\
  -s symbolic   -f, -i, -b, -S SUFFIX   what is there   -n, -t, -T   destination   -r   relative   -L, -P   -v   verbose\n",
};

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Linker {
    symbolic: bool,
    force: bool,
    ask: bool,
    relative: bool,
    follow: bool,
    verbose: bool,
    backups: Backups,
    failed: bool,
    out: Output,
}

/// Runs `ln`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let mut target = Target::default();
    let mut linker = Linker {
        symbolic: false,
        force: false,
        ask: false,
        relative: false,
        follow: false,
        verbose: false,
        backups: Backups::default(),
        failed: false,
        out: Output::new(GRAMMAR.program),
    };
    for option in &given {
        match option.id {
            "s" => linker.symbolic = true,
            "f" => linker.force = true,
            "i" => linker.ask = true,
            "r" => linker.relative = true,
            "L" => linker.follow = true,
            "P" => linker.follow = false,
            "n" => target.links_are_files = true,
            "v" => linker.verbose = true,
            "b" => linker.backups.set(&GRAMMAR, None)?,
            "backup" => linker.backups.set(&GRAMMAR, option.value.as_ref().map(|_| option.text()))?,
            "S" => linker.backups.set_suffix(option.os()),
            "t" => target.directory = Some(option.os()),
            "T" => target.never_directory = true,
            _ => {}
        }
    }
    if linker.relative && !linker.symbolic {
        complain(GRAMMAR.program, "cannot do --relative without --symbolic");
        return Err(1);
    }
    // One operand is linked into the working directory.
    if operands.len() == 1 && target.directory.is_none() && !target.never_directory {
        linker.link(&operands[0], Path::new(last_component(&operands[0])));
    } else {
        let settled = target.settle(&GRAMMAR, operands)?;
        for source in &settled.sources {
            let link = if settled.into {
                join(&settled.destination, last_component(source))
            } else {
                PathBuf::from(&settled.destination)
            };
            linker.link(source, &link);
        }
    }
    let failed = linker.failed;
    Ok(i32::from(!linker.out.finish() || failed))
}

impl Linker {
    fn fail(&mut self, message: &str) {
        self.out.flush();
        complain(GRAMMAR.program, message);
        self.failed = true;
    }

    fn link(&mut self, target: &OsStr, link: &Path) {
        if !self.symbolic {
            match if self.follow { stat(target.as_bytes()) } else { lstat(target.as_bytes()) } {
                Err(error) => {
                    self.fail(&format!("failed to access {}: {}", name(target), error.words()));
                    return;
                }
                Ok(status) if status.mode.kind() == Kind::Directory => {
                    self.fail(&format!("{}: hard link not allowed for directory", name_maybe(target)));
                    return;
                }
                Ok(_) => {}
            }
        }
        let Ok(backup) = self.make_way(target, link) else { return };
        let made = if self.symbolic {
            let content = if self.relative { relative_to(target, link) } else { PathBuf::from(target) };
            make_link(&content, link).map(|()| content)
        } else {
            let source = if self.follow { std::fs::canonicalize(target) } else { Ok(PathBuf::from(target)) };
            source.and_then(|source| std::fs::hard_link(source, link)).map(|()| PathBuf::from(target))
        };
        match made {
            Ok(content) => {
                if self.verbose {
                    let arrow = if self.symbolic { "->" } else { "=>" };
                    let note = backup.map_or(String::new(), |backup| format!("{} ~ ", name(backup)));
                    self.out.text(&format!("{note}{} {arrow} {}\n", name(link), name(content)));
                }
            }
            Err(error) => self.explain(target, link, &error),
        }
    }

    fn explain(&mut self, target: &OsStr, link: &Path, error: &std::io::Error) {
        let exists = error.kind() == std::io::ErrorKind::AlreadyExists;
        let message = match (self.symbolic, exists) {
            (true, _) => format!("failed to create symbolic link {}: {}", name(link), error.words()),
            (false, true) => format!("failed to create hard link {}: {}", name(link), error.words()),
            (false, false) => {
                format!("failed to create hard link {} => {}: {}", name(link), name(target), error.words())
            }
        };
        self.fail(&message);
    }

    /// Moves what stands in the way, if that is asked for. `Err`: the link is not to be made.
    fn make_way(&mut self, target: &OsStr, link: &Path) -> Result<Option<PathBuf>, ()> {
        let Ok(existing) = lstat(link.as_os_str().as_bytes()) else { return Ok(None) };
        if !(self.force || self.ask || self.backups.wanted()) {
            // The system says what is in the way.
            return Ok(None);
        }
        if existing.mode.kind() == Kind::Directory {
            self.fail(&format!("{}: cannot overwrite directory", name_maybe(link)));
            return Err(());
        }
        let same = stat(target.as_bytes()).is_ok_and(|status| status.inode == existing.inode);
        let one_name = target == link.as_os_str() || (!self.symbolic && existing.links < 2);
        if same && one_name && !self.backups.wanted() {
            self.fail(&format!("{} and {} are the same file", name(target), name(link)));
            return Err(());
        }
        if self.ask {
            self.out.flush();
            if !ask(GRAMMAR.program, &format!("replace {}?", name(link))) {
                return Err(());
            }
        }
        match self.backups.make(link) {
            Ok(Some(backup)) => return Ok(Some(backup)),
            Ok(None) => {}
            Err(error) => {
                self.fail(&format!("cannot backup {}: {}", name(link), error.words()));
                return Err(());
            }
        }
        if let Err(error) = std::fs::remove_file(link) {
            self.fail(&format!("cannot remove {}: {}", name(link), error.words()));
            return Err(());
        }
        Ok(None)
    }
}

/// Returns the way from the directory of `link` to `target`.
fn relative_to(target: &OsStr, link: &Path) -> PathBuf {
    let parent = link.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(from), Some(to)) = (std::fs::canonicalize(parent), absolute(Path::new(target))) else {
        return PathBuf::from(target);
    };
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let mut way: PathBuf = from.components().skip(common).map(|_| Component::ParentDir).collect();
    way.extend(to.components().skip(common));
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

/// Returns a path without links in its directory; its last component need not be there.
fn absolute(path: &Path) -> Option<PathBuf> {
    if let Ok(whole) = std::fs::canonicalize(path) {
        return Some(whole);
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(std::fs::canonicalize(parent).ok()?.join(path.file_name()?))
}
