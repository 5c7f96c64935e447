//! Visiting the files below the starting points, in an order that `-depth` turns round.
//!
//! The way down is a list, not recursion: how deep a tree is does not matter.

use std::vec::IntoIter;

use sandshell_sys::{Errno, Kind, bytes_of, path_of, quote};

use crate::context::Context;
use crate::entry::{Entry, Follow};
use crate::evaluate::{errno_of, holds};
use crate::expression::Expression;

/// A directory on the way down.
struct Level {
    entry: Entry,
    /// Its number, where links are followed and could lead back to it.
    inode: Option<u64>,
    children: IntoIter<Child>,
}

/// A name in a directory and what the directory says it is.
type Child = (Vec<u8>, Option<Kind>);

/// Visits everything.
pub(crate) fn walk_all(starts: &[Vec<u8>], expression: &Expression, context: &mut Context) {
    for start in starts {
        if context.quit {
            return;
        }
        let entry = Entry::start(start.clone(), context.settings.follow);
        // A starting point that is not there is told of before anything is asked of it.
        match entry.stat() {
            Ok(_) => walk(entry, expression, context),
            Err(errno) => context.complain_of(start, errno),
        }
    }
}

fn walk(start: Entry, expression: &Expression, context: &mut Context) {
    let mut levels: Vec<Level> = Vec::new();
    let mut next = Some(start);
    while !context.quit {
        if let Some(entry) = next.take() {
            if let Some(level) = arrive(entry, &levels, expression, context) {
                levels.push(level);
            }
            continue;
        }
        let Some(level) = levels.last_mut() else { return };
        if let Some((name, kind)) = level.children.next() {
            next = Some(level.entry.child(&name, kind, context.settings.follow));
        } else if let Some(level) = levels.pop()
            && context.settings.depth_first
        {
            visit(&level.entry, expression, context);
        }
    }
}

/// Asks the expression about a file and, if it is a directory to be entered, reads it.
fn arrive(entry: Entry, levels: &[Level], expression: &Expression, context: &mut Context) -> Option<Level> {
    let is_directory = match entry.kind() {
        Ok(kind) => kind == Kind::Directory,
        Err(Errno::ENOENT) if context.settings.ignore_races => return None,
        Err(errno) => {
            context.complain_of(&entry.path, errno);
            return None;
        }
    };
    let mut inode = None;
    if is_directory && context.settings.follow != Follow::Never {
        inode = entry.stat().ok().map(|stat| stat.inode);
        if let Some(above) = levels.iter().find(|level| level.inode == inode) {
            let (path, above) = (quote(&entry.path), quote(&above.entry.path));
            context.say(&format!("File system loop detected; {path} is part of the same file system loop as {above}."));
            return None;
        }
    }
    context.prune = false;
    if !context.settings.depth_first || !is_directory {
        visit(&entry, expression, context);
    }
    let is_pruned = context.prune && !context.settings.depth_first;
    if !is_directory || is_pruned || context.quit {
        return None;
    }
    if entry.depth >= context.settings.max_depth {
        if context.settings.depth_first {
            visit(&entry, expression, context);
        }
        return None;
    }
    let children = read(&entry, context);
    Some(Level { entry, inode, children: children.into_iter() })
}

fn visit(entry: &Entry, expression: &Expression, context: &mut Context) {
    if entry.depth >= context.settings.min_depth {
        holds(expression, entry, context);
    }
}

/// Reads a directory whole; what cannot be read is told.
fn read(entry: &Entry, context: &mut Context) -> Vec<Child> {
    let mut children = Vec::new();
    let rows = match std::fs::read_dir(path_of(&entry.path)) {
        Ok(rows) => rows,
        Err(error) => {
            context.complain_of(&entry.path, errno_of(&error));
            return children;
        }
    };
    for row in rows {
        match row {
            Ok(row) => children.push((bytes_of(&row.file_name()).to_vec(), kind_of(&row))),
            Err(error) => {
                context.complain_of(&entry.path, errno_of(&error));
                break;
            }
        }
    }
    children
}

/// What a directory says of a name; devices and pipes are looked at when it matters.
fn kind_of(row: &std::fs::DirEntry) -> Option<Kind> {
    let kind = row.file_type().ok()?;
    if kind.is_dir() {
        Some(Kind::Directory)
    } else if kind.is_file() {
        Some(Kind::Regular)
    } else if kind.is_symlink() {
        Some(Kind::Symlink)
    } else {
        None
    }
}
