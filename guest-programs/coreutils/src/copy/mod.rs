//! `cp`: copies files and trees, with modes, owners, times and links as asked.
//!
//! The parts: this file (the command line), `tree` (what becomes of a source), `content` (bytes and attributes).

pub(crate) mod content;
mod tree;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use sandshell_sys::{Kind, stat};

use crate::basis::backup::Backups;
use crate::basis::bytes::{OsStrExt, OsStringExt, join, last_component, strip_slashes};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::quoting::name;
use content::Preserve;
use tree::Copier;

const GRAMMAR: Grammar = Grammar {
    program: "cp",
    short: "abdfHilLnprsS:t:TuvxPRZ",
    long: &[
        ("archive", "a"),
        ("attributes-only", "attributes-only"),
        ("backup=?", "backup"),
        ("copy-contents", "copy-contents"),
        ("dereference", "L"),
        ("force", "f"),
        ("interactive", "i"),
        ("link", "l"),
        ("no-clobber", "n"),
        ("no-dereference", "P"),
        ("no-preserve=", "no-preserve"),
        ("no-target-directory", "T"),
        ("one-file-system", "x"),
        ("parents", "parents"),
        ("path", "parents"),
        ("preserve=?", "preserve"),
        ("recursive", "R"),
        ("reflink=?", "reflink"),
        ("remove-destination", "remove-destination"),
        ("sparse=", "sparse"),
        ("strip-trailing-slashes", "strip-trailing-slashes"),
        ("suffix=", "S"),
        ("symbolic-link", "s"),
        ("target-directory=", "t"),
        ("update", "u"),
        ("verbose", "v"),
    ],
    failure: 1,
    help: "Usage: cp [OPTION]... [-T] SOURCE DEST\n  or:  cp [OPTION]... SOURCE... DIRECTORY\n  \
or:  cp [OPTION]... -t DIRECTORY SOURCE...\n\
Copy SOURCE to DEST, or multiple SOURCE(s) to DIRECTORY.\n\n\
  -a, --archive       same as -dR --preserve=all\n  -R, -r, --recursive copy directories recursively\n  \
-p, --preserve[=mode,ownership,timestamps,links,all]\n  -P, -L, -H, -d      which links are followed\n  \
-f, -i, -n, -u, -b, --remove-destination, --attributes-only, --parents, -l, -s, -S, -t, -T, -v, -x\n",
};

/// Which symbolic links of the sources are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    Always,
    CommandLine,
    Never,
}

/// What happens to a destination that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overwrite {
    Always,
    Never,
    Ask,
}

/// What is made of a regular file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    Copy,
    HardLink,
    SymbolicLink,
    AttributesOnly,
}

/// How copies are made.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Manner {
    pub(crate) recursive: bool,
    pub(crate) follow: Follow,
    pub(crate) overwrite: Overwrite,
    pub(crate) make: Make,
    pub(crate) force: bool,
    pub(crate) remove_destination: bool,
    pub(crate) update: bool,
    pub(crate) verbose: bool,
    pub(crate) preserve: Preserve,
    pub(crate) preserve_links: bool,
    pub(crate) copy_contents: bool,
    pub(crate) backups: Backups,
}

/// Where to, as far as the options say.
#[derive(Default)]
struct Target {
    directory: Option<OsString>,
    never_directory: bool,
    parents: bool,
    strip_slashes: bool,
}

/// Runs `cp`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, mut operands) = GRAMMAR.parse(argv)?;
    let mut manner = Manner {
        recursive: false,
        follow: Follow::Always,
        overwrite: Overwrite::Always,
        make: Make::Copy,
        force: false,
        remove_destination: false,
        update: false,
        verbose: false,
        preserve: Preserve::default(),
        preserve_links: false,
        copy_contents: false,
        backups: Backups::default(),
    };
    let mut target = Target::default();
    let mut follow = None;
    for option in &given {
        apply(option, &mut manner, &mut target, &mut follow)?;
    }
    manner.follow = follow.unwrap_or(if manner.recursive { Follow::Never } else { Follow::Always });
    if target.strip_slashes {
        operands = operands.iter().map(|operand| strip_slashes(operand).to_owned()).collect();
    }
    if manner.make == Make::HardLink && given.iter().any(|option| option.id == "s") {
        return Err(GRAMMAR.misuse("cannot make both hard and symbolic links"));
    }
    let (sources, destination, into) = resolve(operands, &target)?;
    let mut copier = Copier::new(manner);
    for source in &sources {
        if target.parents {
            copier.copy_with_parents(source, &destination);
            continue;
        }
        let to = if into { join(&destination, last_component(source)) } else { PathBuf::from(&destination) };
        // `cp -r .. d` fills d itself.
        let to = if into && matches!(last_component(source).as_bytes(), b".." | b".") {
            PathBuf::from(&destination)
        } else {
            to
        };
        copier.copy(Path::new(source), &to);
    }
    Ok(copier.finish())
}

fn apply(option: &Given, manner: &mut Manner, target: &mut Target, follow: &mut Option<Follow>) -> Result<(), i32> {
    match option.id {
        "a" => {
            manner.recursive = true;
            *follow = Some(Follow::Never);
            manner.preserve = Preserve::all();
            manner.preserve_links = true;
        }
        "d" => {
            *follow = Some(Follow::Never);
            manner.preserve_links = true;
        }
        "P" => *follow = Some(Follow::Never),
        "L" => *follow = Some(Follow::Always),
        "H" => *follow = Some(Follow::CommandLine),
        "p" => manner.preserve = Preserve::all(),
        "preserve" => preserve(option, manner, true)?,
        "no-preserve" => preserve(option, manner, false)?,
        "R" | "r" => manner.recursive = true,
        "f" => manner.force = true,
        "i" => manner.overwrite = Overwrite::Ask,
        "n" => manner.overwrite = Overwrite::Never,
        "l" => manner.make = Make::HardLink,
        "s" if manner.make != Make::HardLink => manner.make = Make::SymbolicLink,
        "attributes-only" => manner.make = Make::AttributesOnly,
        "remove-destination" => manner.remove_destination = true,
        "u" => manner.update = true,
        "v" => manner.verbose = true,
        "copy-contents" => manner.copy_contents = true,
        "b" => manner.backups.set(&GRAMMAR, None)?,
        "backup" => manner.backups.set(&GRAMMAR, option.value.as_ref().map(|_| option.text()))?,
        "S" => manner.backups.set_suffix(option.os()),
        "t" if target.directory.is_some() => {
            complain(GRAMMAR.program, "multiple target directories specified");
            return Err(1);
        }
        "t" => target.directory = Some(option.os()),
        "T" => target.never_directory = true,
        "parents" => target.parents = true,
        "strip-trailing-slashes" => target.strip_slashes = true,
        "sparse" => {
            const WORDS: &[&[&str]] = &[&["never"], &["auto"], &["always"]];
            GRAMMAR.choose("--sparse", &option.text(), WORDS)?;
        }
        "reflink" if option.value.is_some() => {
            const WORDS: &[&[&str]] = &[&["auto"], &["always"], &["never"]];
            GRAMMAR.choose("--reflink", &option.text(), WORDS)?;
        }
        // One file system, no security contexts.
        _ => {}
    }
    Ok(())
}

fn preserve(option: &Given, manner: &mut Manner, on: bool) -> Result<(), i32> {
    const WORDS: &[&[&str]] =
        &[&["mode"], &["timestamps"], &["ownership"], &["links"], &["context"], &["xattr"], &["all"]];
    if option.value.is_none() {
        manner.preserve = Preserve::all();
        return Ok(());
    }
    let name = if on { "--preserve" } else { "--no-preserve" };
    for word in option.text().split(',') {
        let index = GRAMMAR.choose(name, word, WORDS)?;
        if index == 0 || index == 6 {
            manner.preserve.mode = on;
            manner.preserve.default_mode = !on;
        }
        if index == 1 || index == 6 {
            manner.preserve.times = on;
        }
        if index == 2 || index == 6 {
            manner.preserve.owner = on;
        }
        if index == 3 || index == 6 {
            manner.preserve_links = on;
        }
    }
    Ok(())
}

/// Settles sources, destination, and whether that is a directory to copy into.
fn resolve(mut operands: Vec<OsString>, target: &Target) -> Result<(Vec<OsString>, OsString, bool), i32> {
    let is_directory = |path: &OsStr| stat(path.as_bytes()).is_ok_and(|found| found.mode.kind() == Kind::Directory);
    if operands.is_empty() {
        return Err(GRAMMAR.misuse("missing file operand"));
    }
    if let Some(directory) = &target.directory {
        if target.never_directory {
            complain(GRAMMAR.program, "cannot combine --target-directory (-t) and --no-target-directory (-T)");
            return Err(1);
        }
        return match stat(directory.as_bytes()) {
            Ok(found) if found.mode.kind() == Kind::Directory => Ok((operands, directory.clone(), true)),
            found => {
                let words = found.err().map_or("Not a directory".to_owned(), |error| error.words());
                complain(GRAMMAR.program, &format!("target directory {}: {words}", name(directory)));
                Err(1)
            }
        };
    }
    if operands.len() == 1 {
        return Err(GRAMMAR.misuse(&format!("missing destination file operand after {}", name(&operands[0]))));
    }
    if target.never_directory && operands.len() > 2 {
        return Err(GRAMMAR.misuse(&format!("extra operand {}", name(&operands[2]))));
    }
    let destination = operands.pop().unwrap_or_default();
    if target.parents && !is_directory(&destination) {
        return Err(GRAMMAR.misuse("with --parents, the destination must be a directory"));
    }
    let into = !target.never_directory && is_directory(&destination);
    if operands.len() > 1 && !into {
        let words = stat(destination.as_bytes()).err().map_or("Not a directory".to_owned(), |error| error.words());
        complain(GRAMMAR.program, &format!("target {}: {words}", name(&destination)));
        return Err(1);
    }
    Ok((operands, destination, into))
}

/// Returns the path of a source below a target directory, as `--parents` builds it.
pub(crate) fn below(directory: &OsStr, source: &OsStr) -> PathBuf {
    let bytes = source.as_bytes();
    let relative = bytes.iter().position(|&byte| byte != b'/').map_or(&[][..], |start| &bytes[start..]);
    join(directory, &OsString::from_vec(relative.to_vec()))
}
