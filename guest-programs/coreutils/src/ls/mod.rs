//! `ls`, `dir` and `vdir`: lists files with what the session's file system knows of them.
//!
//! The parts: `config` (the command line), `entry` (what is known of a file), `order`, `layout` (columns and rows),
//! `long` (the fields of `-l` and their widths), `color`. A listing that needs names alone asks for no status at all.

mod color;
mod config;
mod entry;
mod layout;
mod long;
mod order;

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use sandshell_sys::{Kind, lstat, stat};

use crate::basis::bytes::{OsStrExt, join};
use crate::basis::errors::{Reason, complain};
use crate::basis::output::Output;
use crate::basis::quoting;
use config::{Config, Dereference, Program};
use entry::Entry;
pub(crate) use long::{major, minor};

/// Runs `ls`. Answers 0, 1 for small problems, 2 for an operand that cannot be listed or a wrong command line.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(Program::Ls, argv)
}

/// Runs `dir`: `ls -C -b`.
pub(crate) fn dir(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(Program::Dir, argv)
}

/// Runs `vdir`: `ls -l -b`.
pub(crate) fn vdir(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(Program::Vdir, argv)
}

fn run(program: Program, argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let (config, operands) = match config::parse(program, argv) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mut lister = Lister {
        view: layout::View::new(&config),
        config: &config,
        status: 0,
        first: true,
        out: Output::new(program.name()),
    };
    lister.list(operands);
    let Lister { status, out, .. } = lister;
    if out.finish() { status } else { 2 }
}

/// A directory that is still to be listed.
struct Pending {
    path: OsString,
    from_command_line: bool,
    /// Inodes of the directories it lies in, for `-R -L`.
    ancestors: Vec<u64>,
}

struct Lister<'a> {
    config: &'a Config,
    view: layout::View<'a>,
    status: i32,
    first: bool,
    out: Output,
}

impl Lister<'_> {
    fn list(&mut self, mut operands: Vec<OsString>) {
        if operands.is_empty() {
            operands.push(".".into());
        }
        let alone = operands.len() == 1;
        let mut files = Vec::new();
        for operand in &operands {
            files.extend(self.operand(operand));
        }
        let (directories, mut files): (Vec<_>, Vec<_>) = if self.config.directories_themselves {
            (Vec::new(), files)
        } else {
            files.into_iter().partition(|entry| entry.kind == Kind::Directory)
        };
        let mut directories = directories;
        order::sort(&mut directories, self.config);
        order::sort(&mut files, self.config);
        let with_names = !(files.is_empty() && alone && directories.len() <= 1) || self.config.recursive;
        if !files.is_empty() {
            self.show(&mut files);
            if !directories.is_empty() {
                self.out.text("\n");
            }
        }
        let mut pending: VecDeque<Pending> = directories
            .into_iter()
            .map(|entry| Pending { path: entry.name, from_command_line: true, ancestors: Vec::new() })
            .collect();
        while let Some(next) = pending.pop_front() {
            let below = self.directory(next, with_names);
            for deeper in below.into_iter().rev() {
                pending.push_front(deeper);
            }
        }
    }

    fn complain(&mut self, status: i32, message: &str) {
        // What is listed comes before what is said of the next.
        self.out.flush();
        complain(self.config.program, message);
        self.status = self.status.max(status);
    }

    /// Learns about an operand. `None`: it is not there, which has been said.
    fn operand(&mut self, operand: &OsStr) -> Option<Entry> {
        let bytes = operand.as_bytes();
        let found = match self.config.dereference {
            Dereference::Always | Dereference::CommandLine => stat(bytes),
            // A link to a directory stands for it; any other link, also a dangling one, for itself.
            Dereference::CommandLineDirectories => match stat(bytes) {
                Ok(status) if status.mode.kind() == Kind::Directory => Ok(status),
                _ => lstat(bytes),
            },
            Dereference::Never => lstat(bytes),
        };
        match found {
            Ok(status) => {
                let mut entry = Entry::new(operand.to_owned(), Some(status), status.mode.kind());
                self.complete(&mut entry, operand);
                Some(entry)
            }
            Err(error) => {
                self.complain(2, &format!("cannot access {}: {}", quoting::name(operand), error.words()));
                None
            }
        }
    }

    /// Adds what a link points at, where that is shown.
    fn complete(&self, entry: &mut Entry, path: &OsStr) {
        if entry.kind == Kind::Symlink {
            entry.read_link(path, self.config);
        }
    }

    /// Lists one directory and answers those below that are to be listed next.
    fn directory(&mut self, directory: Pending, with_name: bool) -> Vec<Pending> {
        let path = &directory.path;
        let own = if self.config.recursive { stat(path.as_bytes()).ok() } else { None };
        if let Some(own) = own
            && directory.ancestors.contains(&own.inode)
        {
            let name = quoting::name_maybe(path);
            self.complain(2, &format!("{name}: not listing already-listed directory"));
            return Vec::new();
        }
        let mut files = match self.read(path) {
            Ok(files) => files,
            Err(words) => {
                let status = if directory.from_command_line { 2 } else { 1 };
                self.complain(status, &format!("cannot open directory {}: {words}", quoting::name(path)));
                return Vec::new();
            }
        };
        if with_name {
            if !self.first {
                self.out.text("\n");
            }
            let name = self.view.quoted(path.as_bytes());
            self.out.put(&name);
            self.out.text(":\n");
        }
        self.first = false;
        order::sort(&mut files, self.config);
        let mut below = Vec::new();
        if self.config.recursive {
            let mut ancestors = directory.ancestors;
            ancestors.extend(own.map(|own| own.inode));
            let is_step = |name: &OsStr| name == "." || name == "..";
            for entry in files.iter().filter(|entry| entry.kind == Kind::Directory && !is_step(&entry.name)) {
                below.push(Pending {
                    path: join(path, &entry.name).into_os_string(),
                    from_command_line: false,
                    ancestors: ancestors.clone(),
                });
            }
        }
        if self.config.shows_total() {
            self.view.total(&files, &mut self.out);
        }
        self.show(&mut files);
        below
    }

    /// Reads the entries of a directory that are to be listed.
    fn read(&mut self, directory: &OsStr) -> Result<Vec<Entry>, String> {
        let reader = std::fs::read_dir(Path::new(directory)).map_err(|error| error.words())?;
        let mut files = Vec::new();
        if self.config.shows(OsStr::new(".")) {
            for step in [".", ".."] {
                files.extend(self.found(directory, step.into(), Kind::Directory));
            }
        }
        for found in reader {
            let found = found.map_err(|error| error.words())?;
            let name = found.file_name();
            if self.config.shows(&name) {
                let kind = match found.file_type() {
                    Ok(kind) if kind.is_dir() => Kind::Directory,
                    Ok(kind) if kind.is_symlink() => Kind::Symlink,
                    Ok(kind) if kind.is_file() => Kind::Regular,
                    _ => Kind::Unknown,
                };
                files.extend(self.found(directory, name, kind));
            }
        }
        Ok(files)
    }

    /// Learns about a name found in a directory as much as the listing needs.
    fn found(&mut self, directory: &OsStr, name: OsString, kind: Kind) -> Option<Entry> {
        if !self.config.needs_status(kind) {
            return Some(Entry::new(name, None, kind));
        }
        let path = if directory == "." { name.clone().into() } else { join(directory, &name) };
        let path = path.into_os_string();
        let follow = self.config.dereference == Dereference::Always;
        let status = if follow { stat(path.as_bytes()) } else { lstat(path.as_bytes()) };
        match status {
            Ok(status) => {
                let mut entry = Entry::new(name, Some(status), status.mode.kind());
                self.complete(&mut entry, &path);
                Some(entry)
            }
            Err(error) => {
                let shown = join(directory, &entry_name(&name));
                self.complain(1, &format!("cannot access {}: {}", quoting::name(shown), error.words()));
                Some(Entry::new(name, None, kind))
            }
        }
    }

    fn show(&mut self, files: &mut [Entry]) {
        self.view.show(files, &mut self.out);
    }
}

fn entry_name(name: &OsStr) -> OsString {
    name.to_owned()
}
