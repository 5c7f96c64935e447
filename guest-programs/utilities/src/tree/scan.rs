//! Reads a tree from the file system and counts what is listed.

use std::collections::BTreeSet;

use sandshell_sys::{Kind, bytes_of, lstat, path_of, stat};

use super::entry::{Entry, Totals};
use super::options::Settings;
use super::sorting;

/// Directories below each other that are entered: a path of 4,096 bytes has no more.
const DEPTH_MAX: usize = 2048;

struct Scan<'a> {
    settings: &'a Settings,
    /// Directories that were entered, which links do not lead into again.
    entered: BTreeSet<u64>,
}

/// Reads what was named.
pub(super) fn root(settings: &Settings, path: &[u8], totals: &mut Totals) -> Entry {
    let mut entry = entry_of(path.to_vec(), path);
    entry.target = None;
    let mut scan = Scan { settings, entered: BTreeSet::new() };
    match entry.followed {
        None => {
            totals.missing = true;
            entry.error = Some("error opening dir".to_owned());
            return entry;
        }
        Some(state) if state.mode.kind() != Kind::Directory => {
            totals.files += 1;
            entry.error = Some("error opening dir".to_owned());
            return entry;
        }
        Some(state) => {
            scan.entered.insert(state.inode);
        }
    }
    scan.descend(&mut entry, path, 1, false);
    if settings.sums {
        totals.bytes += sum(&mut entry);
    }
    totals.directories += 1;
    count(&entry, totals);
    entry
}

fn entry_of(name: Vec<u8>, path: &[u8]) -> Entry {
    let own = lstat(path).ok();
    let is_link = own.is_some_and(|state| state.mode.kind() == Kind::Symlink);
    let target = if is_link { std::fs::read_link(path_of(path)).ok() } else { None };
    let followed = if is_link { stat(path).ok() } else { own };
    Entry {
        name,
        stat: own,
        target: target.map(|target| bytes_of(target.as_os_str()).to_vec()),
        followed,
        size: own.map_or(0, |state| state.size),
        children: None,
        error: None,
    }
}

impl Scan<'_> {
    /// Reads the entries of a directory. Of one that a pattern chose, all are listed.
    fn descend(&mut self, entry: &mut Entry, path: &[u8], level: usize, chosen: bool) {
        let names = match std::fs::read_dir(path_of(path)) {
            Ok(names) => names,
            Err(_) => {
                entry.error = Some("error opening dir".to_owned());
                return;
            }
        };
        let mut children = Vec::new();
        for name in names.flatten() {
            let name = bytes_of(&name.file_name()).to_vec();
            if name.starts_with(b".") && !self.settings.all {
                continue;
            }
            let child_path = join(path, &name);
            let shown = if self.settings.full_paths { child_path.clone() } else { name.clone() };
            let child = entry_of(shown, &child_path);
            if self.is_listed(&child, &name, chosen) {
                children.push((name, child_path, child));
            }
        }
        if let Some(limit) = self.settings.file_limit
            && children.len() > limit
        {
            entry.error = Some(format!("{} entries exceeds filelimit, not opening dir", children.len()));
            return;
        }
        sorting::sort(self.settings, &mut children);
        let mut listed = Vec::with_capacity(children.len());
        for (name, child_path, mut child) in children {
            self.enter(&mut child, &name, &child_path, level);
            let is_empty = child.children.as_ref().is_none_or(Vec::is_empty);
            if !(self.settings.prune && child.is_directory() && is_empty) {
                listed.push(child);
            }
        }
        entry.children = Some(listed);
    }

    /// Reads a directory within a directory, if it is to be entered.
    fn enter(&mut self, child: &mut Entry, name: &[u8], path: &[u8], level: usize) {
        let Some(state) = child.followed.filter(|_| child.is_directory()) else { return };
        if child.is_link() && !self.settings.follow {
            return;
        }
        if child.is_link() && self.entered.contains(&state.inode) {
            child.error = Some("recursive, not followed".to_owned());
            return;
        }
        self.entered.insert(state.inode);
        if self.settings.levels.is_none_or(|levels| level < levels) && level < DEPTH_MAX {
            let chosen = self.settings.match_directories && self.is_wanted(name);
            self.descend(child, path, level + 1, chosen);
        }
    }

    fn is_wanted(&self, name: &[u8]) -> bool {
        self.settings.patterns.iter().any(|pattern| pattern.is_match(name))
    }

    fn is_listed(&self, entry: &Entry, name: &[u8], chosen: bool) -> bool {
        let settings = self.settings;
        let is_directory = entry.is_directory() && (!entry.is_link() || settings.follow);
        if settings.ignored.iter().any(|pattern| pattern.is_match(name)) && !chosen {
            return false;
        }
        if !settings.patterns.is_empty() && !is_directory && !chosen && !self.is_wanted(name) {
            return false;
        }
        !settings.directories_only || entry.is_directory()
    }
}

fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let separator: &[u8] = if directory.ends_with(b"/") { b"" } else { b"/" };
    [directory, separator, name].concat()
}

/// Gives each directory the size of its contents and its own.
fn sum(entry: &mut Entry) -> u64 {
    let below: u64 = entry.children.iter_mut().flatten().map(sum).sum();
    entry.size += below;
    entry.size
}

fn count(entry: &Entry, totals: &mut Totals) {
    for child in entry.children.iter().flatten() {
        if child.is_directory() {
            totals.directories += 1;
        } else {
            totals.files += 1;
        }
        count(child, totals);
    }
}
