//! What becomes of one source: a copy, a link, a tree of copies.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use sandshell_sys::{Kind, Stat, change_mode, lstat, mask, stat};

use super::content::{CopyStep, copy_bytes, set_attributes};
use super::{Follow, Make, Manner, Overwrite};
use crate::basis::bytes::{OsStrExt, join};
use crate::basis::errors::{Reason, complain};
use crate::basis::output::Output;
use crate::basis::prompt::ask;
use crate::basis::quoting::name;

const PROGRAM: &str = "cp";

/// Copies sources one after the other and remembers what it made.
pub(crate) struct Copier {
    manner: Manner,
    umask: u32,
    failed: bool,
    /// Inodes of destinations made by this run, which it does not replace.
    made: BTreeSet<u64>,
    /// Inodes of sources with several names, and where they went.
    linked: BTreeMap<u64, PathBuf>,
    /// Directories on the way from the operand, to know a cycle by.
    ancestors: Vec<u64>,
    /// Inode of the directory made for the operand, and what is said when it is met: copying it into itself would not end.
    own_copy: Option<(u64, String)>,
    out: Output,
}

impl Copier {
    pub(crate) fn new(manner: Manner) -> Self {
        Self {
            manner,
            umask: mask().unwrap_or(0),
            failed: false,
            made: BTreeSet::new(),
            linked: BTreeMap::new(),
            ancestors: Vec::new(),
            own_copy: None,
            out: Output::new(PROGRAM),
        }
    }

    /// Answers the exit status.
    pub(crate) fn finish(self) -> i32 {
        i32::from(!self.out.finish() || self.failed)
    }

    fn fail(&mut self, message: &str) {
        self.out.flush();
        complain(PROGRAM, message);
        self.failed = true;
    }

    /// Copies an operand.
    pub(crate) fn copy(&mut self, from: &Path, to: &Path) {
        self.own_copy = None;
        self.entry(from, to, true);
    }

    /// Copies an operand below a directory, with the directories on its way (`--parents`).
    pub(crate) fn copy_with_parents(&mut self, source: &OsStr, directory: &OsStr) {
        let to = super::below(directory, source);
        let mut made = PathBuf::from(directory);
        let mut origin = PathBuf::from(if source.as_bytes().starts_with(b"/") { "/" } else { "" });
        let mut steps = Vec::new();
        let mut fresh = Vec::new();
        for component in Path::new(source).parent().into_iter().flat_map(Path::components) {
            if let std::path::Component::Normal(step) = component {
                made.push(step);
                origin.push(step);
                if !made.is_dir() {
                    if let Err(error) = std::fs::create_dir(&made) {
                        self.fail(&format!("cannot make directory {}: {}", name(&made), error.words()));
                        return;
                    }
                    if self.manner.verbose {
                        self.out.text(&format!("{} -> {}\n", origin.display(), made.display()));
                    }
                    fresh.push((origin.clone(), made.clone()));
                }
                steps.push((origin.clone(), made.clone()));
            }
        }
        self.copy(Path::new(source), &to);
        for (origin, made) in &fresh {
            if let Ok(status) = stat(origin.as_os_str().as_bytes()) {
                self.mode_of_new(made, &status, 0o1777);
            }
        }
        for (origin, made) in steps.iter().rev() {
            if let Ok(status) = stat(origin.as_os_str().as_bytes()) {
                self.attributes(made, &status, true);
            }
        }
    }

    fn attributes(&mut self, path: &Path, of: &Stat, follow: bool) {
        if let Err(message) = set_attributes(path, of, self.manner.preserve, follow) {
            self.fail(&message);
        }
    }

    /// Gives what was just made the permissions of its source, less the umask.
    fn mode_of_new(&mut self, path: &Path, of: &Stat, bits: u32) {
        if self.manner.preserve.mode || self.manner.preserve.default_mode {
            return;
        }
        let mode = of.mode.permissions() & bits & !self.umask;
        if let Err(error) = change_mode(path.as_os_str().as_bytes(), mode, true) {
            self.fail(&format!("setting permissions for {}: {}", name(path), error.words()));
        }
    }

    fn entry(&mut self, from: &Path, to: &Path, from_command_line: bool) {
        let follow = match self.manner.follow {
            Follow::Always => true,
            Follow::CommandLine => from_command_line,
            Follow::Never => false,
        } && self.manner.make != Make::SymbolicLink;
        let bytes = from.as_os_str().as_bytes();
        let status = match if follow { stat(bytes) } else { lstat(bytes) } {
            Ok(status) => status,
            Err(error) => {
                self.fail(&format!("cannot stat {}: {}", name(from), error.words()));
                return;
            }
        };
        if status.mode.kind() == Kind::Directory {
            if self.manner.recursive {
                self.directory(from, to, &status);
            } else {
                self.fail(&format!("-r not specified; omitting directory {}", name(from)));
            }
            return;
        }
        let existing = lstat(to.as_os_str().as_bytes()).ok();
        if let Some(existing) = existing
            && !self.may_replace(from, to, &status, &existing, follow)
        {
            return;
        }
        self.make(from, to, &status, existing);
    }

    /// Decides whether an existing destination gives way, and moves it out of it.
    fn may_replace(&mut self, from: &Path, to: &Path, status: &Stat, existing: &Stat, follow: bool) -> bool {
        let behind = stat(to.as_os_str().as_bytes()).ok();
        let is_directory = behind.is_some_and(|behind| behind.mode.kind() == Kind::Directory);
        let same = behind.is_some_and(|behind| behind.inode == status.inode) || existing.inode == status.inode;
        // Two links to one file are two files to `-P`; a link may also replace the other when it is removed first.
        let both_are_links = !follow && status.mode.kind() == Kind::Symlink && existing.inode != status.inode;
        if same && !both_are_links && !self.manner.backups.wanted() {
            if matches!(self.manner.make, Make::HardLink) && existing.inode == status.inode {
                return false;
            }
            let replaced = self.manner.remove_destination && from.as_os_str() != to.as_os_str();
            if !replaced {
                self.fail(&format!("{} and {} are the same file", name(from), name(to)));
                return false;
            }
        }
        if is_directory && existing.mode.kind() == Kind::Directory {
            self.fail(&format!("cannot overwrite directory {} with non-directory", name(to)));
            return false;
        }
        if self.made.contains(&existing.inode) {
            self.fail(&format!("will not overwrite just-created {} with {}", name(to), name(from)));
            return false;
        }
        if self.manner.update && behind.unwrap_or(*existing).modified >= status.modified {
            return false;
        }
        match self.manner.overwrite {
            Overwrite::Never => return false,
            Overwrite::Ask => {
                self.out.flush();
                if !ask(PROGRAM, &format!("overwrite {}?", name(to))) {
                    return false;
                }
            }
            Overwrite::Always => {}
        }
        true
    }

    /// Makes what the source becomes where nothing is in the way, or what is may be replaced.
    fn make(&mut self, from: &Path, to: &Path, status: &Stat, existing: Option<Stat>) {
        let mut existing = existing;
        let mut backup = None;
        if existing.is_some() {
            match self.manner.backups.make(to) {
                Ok(None) => {}
                Ok(made) => {
                    backup = made;
                    existing = None;
                }
                Err(error) => {
                    self.fail(&format!("cannot backup {}: {}", name(to), error.words()));
                    return;
                }
            }
        }
        let kind = status.mode.kind();
        let replaces_link = kind == Kind::Symlink || self.manner.make == Make::SymbolicLink;
        let unlink = self.manner.remove_destination || (replaces_link && self.manner.make == Make::Copy);
        let unlink = unlink || (self.manner.force && matches!(self.manner.make, Make::HardLink | Make::SymbolicLink));
        if existing.is_some() && unlink {
            if let Err(error) = std::fs::remove_file(to) {
                self.fail(&format!("cannot remove {}: {}", name(to), error.words()));
                return;
            }
            existing = None;
            if self.manner.verbose {
                self.out.text(&format!("removed {}\n", name(to)));
            }
        }
        if self.manner.verbose {
            let note = backup.map_or(String::new(), |backup| format!(" (backup: {})", name(backup)));
            self.out.text(&format!("{} -> {}{note}\n", name(from), name(to)));
        }
        if self.link_again(to, status) {
            return;
        }
        let made = match (self.manner.make, kind) {
            (Make::HardLink, _) => self.hard_link(from, to),
            (Make::SymbolicLink, _) => self.symbolic_link(from, to),
            (_, Kind::Symlink) => self.copy_link(from, to, status),
            (_, Kind::Regular) => self.regular(from, to, status, existing),
            _ if self.manner.recursive && !self.manner.copy_contents => {
                // Nothing of a session can make devices or pipes in the tree.
                self.fail(&format!("cannot create special file {}: Operation not permitted", name(to)));
                false
            }
            _ => self.regular(from, to, status, existing),
        };
        if made && let Ok(made) = lstat(to.as_os_str().as_bytes()) {
            self.made.insert(made.inode);
            if status.links > 1 && self.manner.preserve_links {
                self.linked.insert(status.inode, to.to_owned());
            }
        }
    }

    /// Links a further name of a source that was copied already, when links are preserved.
    fn link_again(&mut self, to: &Path, status: &Stat) -> bool {
        if !self.manner.preserve_links || status.links < 2 {
            return false;
        }
        let Some(first) = self.linked.get(&status.inode).cloned() else { return false };
        // What stands there is replaced by the link.
        let _ = std::fs::remove_file(to);
        if let Err(error) = std::fs::hard_link(&first, to) {
            self.fail(&format!("cannot create hard link {} to {}: {}", name(to), name(&first), error.words()));
        }
        true
    }

    fn hard_link(&mut self, from: &Path, to: &Path) -> bool {
        let result = std::fs::hard_link(from, to);
        if let Err(error) = &result {
            self.fail(&format!("cannot create hard link {} to {}: {}", name(to), name(from), error.words()));
        }
        result.is_ok()
    }

    fn symbolic_link(&mut self, from: &Path, to: &Path) -> bool {
        let in_current = to.parent().is_none_or(|parent| parent.as_os_str().is_empty() || parent == Path::new("."));
        if !from.is_absolute() && !in_current {
            let to = crate::basis::quoting::name_maybe(to);
            self.fail(&format!("{to}: can make relative symbolic links only in current directory"));
            return false;
        }
        let result = super::content::make_link(from, to);
        if let Err(error) = &result {
            self.fail(&format!("cannot create symbolic link {} to {}: {}", name(to), name(from), error.words()));
        }
        result.is_ok()
    }

    fn copy_link(&mut self, from: &Path, to: &Path, status: &Stat) -> bool {
        let target = match std::fs::read_link(from) {
            Ok(target) => target,
            Err(error) => {
                self.fail(&format!("cannot read symbolic link {}: {}", name(from), error.words()));
                return false;
            }
        };
        if let Err(error) = super::content::make_link(&target, to) {
            self.fail(&format!("cannot create symbolic link {}: {}", name(to), error.words()));
            return false;
        }
        self.attributes(to, status, false);
        true
    }

    fn regular(&mut self, from: &Path, to: &Path, status: &Stat, existing: Option<Stat>) -> bool {
        let dangling = existing.is_some_and(|existing| existing.mode.kind() == Kind::Symlink)
            && stat(to.as_os_str().as_bytes()).is_err();
        if dangling {
            self.fail(&format!("not writing through dangling symlink {}", name(to)));
            return false;
        }
        let mut source = match File::open(from) {
            Ok(source) => source,
            Err(error) => {
                self.fail(&format!("cannot open {} for reading: {}", name(from), error.words()));
                return false;
            }
        };
        let Some((mut destination, is_new)) = self.open_destination(to, existing.is_some()) else { return false };
        if self.manner.make != Make::AttributesOnly
            && let Err((step, words)) = copy_bytes(&mut source, &mut destination)
        {
            let (verb, path) = if step == CopyStep::Read { ("reading", from) } else { ("writing", to) };
            self.fail(&format!("error {verb} {}: {words}", name(path)));
            return false;
        }
        drop(destination);
        if is_new {
            self.mode_of_new(to, status, 0o777);
        }
        self.attributes(to, status, true);
        true
    }

    /// Opens the destination empty; answers whether it is new.
    fn open_destination(&mut self, to: &Path, exists: bool) -> Option<(File, bool)> {
        if to.as_os_str().is_empty() {
            // The C library would take the working directory for it.
            let words = sandshell_sys::Errno::ENOENT.words();
            self.fail(&format!("cannot create regular file {}: {words}", name(to)));
            return None;
        }
        let truncate = self.manner.make != Make::AttributesOnly;
        let opened = OpenOptions::new().write(true).truncate(exists && truncate).create(!exists).open(to);
        let error = match opened {
            Ok(file) => return Some((file, !exists)),
            Err(error) => error,
        };
        if exists && self.manner.force && std::fs::remove_file(to).is_ok() {
            if self.manner.verbose {
                self.out.text(&format!("removed {}\n", name(to)));
            }
            if let Ok(file) = File::create(to) {
                return Some((file, true));
            }
        }
        // A name that ends in a slash is a directory's.
        let slash = to.as_os_str().as_bytes().ends_with(b"/");
        let words = if slash { "Not a directory".to_owned() } else { error.words() };
        self.fail(&format!("cannot create regular file {}: {words}", name(to)));
        None
    }

    fn directory(&mut self, from: &Path, to: &Path, status: &Stat) {
        if self.ancestors.contains(&status.inode) {
            self.fail(&format!("cannot copy cyclic symbolic link {}", name(from)));
            return;
        }
        let existing = stat(to.as_os_str().as_bytes()).ok();
        if existing.is_some_and(|existing| existing.mode.kind() != Kind::Directory) {
            self.fail(&format!("cannot overwrite non-directory {} with directory {}", name(to), name(from)));
            return;
        }
        if existing.is_none() {
            if let Err(error) = std::fs::create_dir(to) {
                self.fail(&format!("cannot create directory {}: {}", name(to), error.words()));
                return;
            }
            if self.manner.verbose {
                self.out.text(&format!("{} -> {}\n", name(from), name(to)));
            }
        }
        if self.ancestors.is_empty() {
            let made = stat(to.as_os_str().as_bytes()).ok().map(|made| made.inode);
            let message = format!("cannot copy a directory, {}, into itself, {}", name(from), name(to));
            self.own_copy = made.map(|made| (made, message));
            if made == Some(status.inode) {
                self.fail(&format!("{} and {} are the same file", name(from), name(to)));
                return;
            }
        }
        self.ancestors.push(status.inode);
        self.fill(from, to);
        self.ancestors.pop();
        if existing.is_none() {
            self.mode_of_new(to, status, 0o1777);
        }
        self.attributes(to, status, true);
    }

    /// Copies what is in a directory.
    fn fill(&mut self, from: &Path, to: &Path) {
        let entries = match std::fs::read_dir(from) {
            Ok(entries) => entries,
            Err(error) => {
                self.fail(&format!("cannot access {}: {}", name(from), error.words()));
                return;
            }
        };
        // Read whole before anything is made: the copy may lie in what is copied.
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for file_name in names {
            let source = join(from.as_os_str(), &file_name);
            let own = self
                .own_copy
                .clone()
                .filter(|(own, _)| lstat(source.as_os_str().as_bytes()).is_ok_and(|found| found.inode == *own));
            if let Some((_, message)) = own {
                self.fail(&message);
                continue;
            }
            self.entry(&source, &join(to.as_os_str(), &file_name), false);
        }
    }
}
