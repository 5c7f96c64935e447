//! `install`: copies files with a mode of their own, and makes directories.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};

use sandshell_sys::{
    Accounts, Kind, ModeChanges, SetTime, Stat, change_mode, change_owner, lstat, mask, set_times, stat,
};

use crate::basis::backup::Backups;
use crate::basis::bytes::{OsStrExt, join, last_component};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name};
use crate::copy::content::copy_bytes;

const GRAMMAR: Grammar = Grammar {
    program: "install",
    short: "bcCsDdg:m:o:pt:TvS:Z",
    long: &[
        ("backup=?", "backup"),
        ("compare", "C"),
        ("directory", "d"),
        ("group=", "g"),
        ("mode=", "m"),
        ("no-target-directory", "T"),
        ("owner=", "o"),
        ("preserve-timestamps", "p"),
        ("strip", "s"),
        ("suffix=", "S"),
        ("target-directory=", "t"),
        ("verbose", "v"),
    ],
    failure: 1,
    help: "Usage: install [OPTION]... [-T] SOURCE DEST\n  or:  install [OPTION]... SOURCE... DIRECTORY\n  \
or:  install [OPTION]... -t DIRECTORY SOURCE...\n  or:  install [OPTION]... -d DIRECTORY...\n\
Copy files and set their attributes; make directories.\n\n\
  -b, -S SUFFIX  backups   -C  only what differs   -D  make directories   -d  arguments are directories\n  \
-g GROUP, -o OWNER, -m MODE (default rwxr-xr-x)   -p  keep times   -t DIRECTORY, -T   -v  verbose\n",
};

/// Runs `install`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Installer {
    file_mode: u32,
    directory_mode: u32,
    owner: Option<u32>,
    group: Option<u32>,
    compare: bool,
    make_parents: bool,
    directories: bool,
    keep_times: bool,
    verbose: bool,
    never_directory: bool,
    target: Option<OsString>,
    backups: Backups,
    failed: bool,
    out: Output,
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let mut installer = Installer {
        file_mode: 0o755,
        directory_mode: 0o755,
        owner: None,
        group: None,
        compare: false,
        make_parents: false,
        directories: false,
        keep_times: false,
        verbose: false,
        never_directory: false,
        target: None,
        backups: Backups::default(),
        failed: false,
        out: Output::new(GRAMMAR.program),
    };
    for option in &given {
        installer.apply(option)?;
    }
    if operands.is_empty() {
        return Err(GRAMMAR.misuse("missing file operand"));
    }
    if installer.directories {
        for operand in &operands {
            installer.directory(Path::new(operand), installer.directory_mode, true);
        }
    } else {
        installer.files(operands)?;
    }
    let failed = installer.failed;
    Ok(i32::from(!installer.out.finish() || failed))
}

impl Installer {
    fn apply(&mut self, option: &Given) -> Result<(), i32> {
        let text = option.text();
        let refuse = |what: &str| {
            complain(GRAMMAR.program, &format!("invalid {what} {}", locale(&text)));
            1
        };
        match option.id {
            "m" => {
                let changes = ModeChanges::parse(&text).ok_or_else(|| refuse("mode"))?;
                let umask = mask().unwrap_or(0);
                // Symbolic modes start from nothing; those of directories may use X.
                self.file_mode = changes.apply(0, false, umask);
                self.directory_mode = changes.apply(0, true, umask);
            }
            "o" => {
                let id = Accounts::load().user_id(&text).or_else(|| text.parse().ok());
                self.owner = Some(id.ok_or_else(|| refuse("user"))?);
            }
            "g" => {
                let id = Accounts::load().group_id(&text).or_else(|| text.parse().ok());
                self.group = Some(id.ok_or_else(|| refuse("group"))?);
            }
            "b" => self.backups.set(&GRAMMAR, None)?,
            "backup" => self.backups.set(&GRAMMAR, option.value.as_ref().map(|_| option.text()))?,
            "S" => self.backups.set_suffix(option.os()),
            "C" => self.compare = true,
            "D" => self.make_parents = true,
            "d" => self.directories = true,
            "p" => self.keep_times = true,
            "v" => self.verbose = true,
            "T" => self.never_directory = true,
            "t" => self.target = Some(option.os()),
            // Nothing here has symbols to strip.
            _ => {}
        }
        Ok(())
    }

    fn fail(&mut self, message: &str) {
        self.out.flush();
        complain(GRAMMAR.program, message);
        self.failed = true;
    }

    /// Makes a directory and those above it; answers whether it is there.
    fn directory(&mut self, path: &Path, mode: u32, set_mode: bool) -> bool {
        if !path.is_dir() {
            if !set_mode && path.symlink_metadata().is_ok() {
                self.fail(&format!("cannot create directory {}: Not a directory", locale(path)));
                return false;
            }
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
                && !parent.is_dir()
                && !self.directory(parent, 0o755, false)
            {
                return false;
            }
            if let Err(error) = std::fs::create_dir(path) {
                self.fail(&format!("cannot create directory {}: {}", locale(path), error.words()));
                return false;
            }
            if self.verbose {
                self.out.text(&format!("{}: creating directory {}\n", GRAMMAR.program, name(path)));
            }
        }
        if set_mode {
            self.set_mode_and_owner(path, mode);
        }
        true
    }

    fn set_mode_and_owner(&mut self, path: &Path, mode: u32) -> bool {
        let bytes = path.as_os_str().as_bytes();
        if (self.owner.is_some() || self.group.is_some())
            && let Err(error) = change_owner(bytes, self.owner, self.group, true)
        {
            self.fail(&format!("cannot change ownership of {}: {}", name(path), error.words()));
            return false;
        }
        if let Err(error) = change_mode(bytes, mode, true) {
            self.fail(&format!("cannot change permissions of {}: {}", name(path), error.words()));
            return false;
        }
        true
    }

    fn files(&mut self, mut operands: Vec<OsString>) -> Result<(), i32> {
        let found = |path: &OsStr| stat(path.as_bytes());
        let (directory, destination) = match self.target.clone() {
            Some(target) => {
                if self.make_parents && !self.directory(Path::new(&target), 0o755, false) {
                    return Ok(());
                }
                (true, target)
            }
            None if operands.len() == 1 => {
                return Err(GRAMMAR.misuse(&format!("missing destination file operand after {}", name(&operands[0]))));
            }
            None if self.never_directory && operands.len() > 2 => {
                return Err(GRAMMAR.misuse(&format!("extra operand {}", name(&operands[2]))));
            }
            None => {
                let last = operands.pop().unwrap_or_default();
                let is_directory = found(&last).is_ok_and(|found| found.mode.kind() == Kind::Directory);
                (!self.never_directory && (is_directory || operands.len() > 1), last)
            }
        };
        if directory && !found(&destination).is_ok_and(|found| found.mode.kind() == Kind::Directory) {
            let words = found(&destination).err().map_or("Not a directory".to_owned(), |error| error.words());
            let what = if self.target.is_some() { "failed to access" } else { "target" };
            complain(GRAMMAR.program, &format!("{what} {}: {words}", name(&destination)));
            return Err(1);
        }
        for source in &operands {
            let to = if directory { join(&destination, last_component(source)) } else { PathBuf::from(&destination) };
            if !directory
                && self.make_parents
                && let Some(parent) = to.parent().filter(|parent| !parent.as_os_str().is_empty())
                && !self.directory(parent, 0o755, false)
            {
                continue;
            }
            self.file(Path::new(source), &to);
        }
        Ok(())
    }

    fn file(&mut self, from: &Path, to: &Path) {
        let status = match stat(from.as_os_str().as_bytes()) {
            Ok(status) => status,
            Err(error) => {
                self.fail(&format!("cannot stat {}: {}", name(from), error.words()));
                return;
            }
        };
        if status.mode.kind() == Kind::Directory {
            self.fail(&format!("omitting directory {}", name(from)));
            return;
        }
        let existing = lstat(to.as_os_str().as_bytes()).ok();
        if let Some(existing) = existing {
            if existing.mode.kind() == Kind::Directory {
                self.fail(&format!("cannot overwrite directory {} with non-directory", name(to)));
                return;
            }
            if existing.inode == status.inode {
                self.fail(&format!("{} and {} are the same file", name(from), name(to)));
                return;
            }
            if self.compare && self.is_as_wanted(from, to, &existing) {
                return;
            }
            if !self.make_way(from, to) {
                return;
            }
        } else if self.verbose {
            self.out.text(&format!("{} -> {}\n", name(from), name(to)));
        }
        self.put(from, to, &status);
    }

    /// Backs up or removes what stands at the destination.
    fn make_way(&mut self, from: &Path, to: &Path) -> bool {
        let backup = match self.backups.make(to) {
            Ok(backup) => backup,
            Err(error) => {
                self.fail(&format!("cannot backup {}: {}", name(to), error.words()));
                return false;
            }
        };
        if backup.is_none()
            && let Err(error) = std::fs::remove_file(to)
        {
            self.fail(&format!("cannot remove {}: {}", name(to), error.words()));
            return false;
        }
        if self.verbose {
            let note = match backup {
                Some(backup) => format!(" (backup: {})", name(backup)),
                None => {
                    self.out.text(&format!("removed {}\n", name(to)));
                    String::new()
                }
            };
            self.out.text(&format!("{} -> {}{note}\n", name(from), name(to)));
        }
        true
    }

    /// Returns whether a file is there already as it would be installed.
    fn is_as_wanted(&self, from: &Path, to: &Path, existing: &Stat) -> bool {
        existing.mode.kind() == Kind::Regular
            && existing.mode.permissions() == self.file_mode
            && self.owner.is_none_or(|owner| owner == existing.uid)
            && self.group.is_none_or(|group| group == existing.gid)
            && std::fs::read(from).ok() == std::fs::read(to).ok()
    }

    fn put(&mut self, from: &Path, to: &Path, status: &Stat) {
        let mut source = match File::open(from) {
            Ok(source) => source,
            Err(error) => {
                self.fail(&format!("cannot open {} for reading: {}", name(from), error.words()));
                return;
            }
        };
        let mut destination = match File::create(to) {
            Ok(destination) => destination,
            Err(error) => {
                self.fail(&format!("cannot create regular file {}: {}", name(to), error.words()));
                return;
            }
        };
        if let Err((_, words)) = copy_bytes(&mut source, &mut destination) {
            self.fail(&format!("error writing {}: {words}", name(to)));
            return;
        }
        drop(destination);
        if !self.set_mode_and_owner(to, self.file_mode) {
            return;
        }
        if self.keep_times
            && let Err(error) =
                set_times(to.as_os_str().as_bytes(), SetTime::At(status.accessed), SetTime::At(status.modified), true)
        {
            self.fail(&format!("cannot set timestamps for {}: {}", name(to), error.words()));
        }
    }
}
