//! Deciding an expression for a file, and doing what it says.

use sandshell_sys::{Errno, Kind, Stat, access, path_of, reason};

use crate::context::Context;
use crate::entry::Entry;
use crate::expression::{Action, Expression, Subject, Test};
use crate::format::{link_target, render};
use crate::listing;

/// Answers what the expression says of a file; its actions are done on the way.
pub(crate) fn holds(expression: &Expression, entry: &Entry, context: &mut Context) -> bool {
    match expression {
        Expression::And(parts) => parts.iter().all(|part| holds(part, entry, context) && !context.quit),
        Expression::Or(parts) => parts.iter().any(|part| holds(part, entry, context) || context.quit),
        Expression::List(parts) => {
            let mut last = true;
            for part in parts {
                last = holds(part, entry, context);
                if context.quit {
                    break;
                }
            }
            last
        }
        Expression::Not(part) => !holds(part, entry, context),
        Expression::Test(test) => match answer(test, entry, context) {
            Ok(answer) => answer,
            Err(errno) => {
                let vanished = context.settings.ignore_races && errno == Errno::ENOENT;
                if !vanished {
                    context.complain_of(&entry.path, errno);
                }
                false
            }
        },
        Expression::Action(action) => act(action, entry, context),
    }
}

fn answer(test: &Test, entry: &Entry, context: &Context) -> Result<bool, Errno> {
    Ok(match test {
        Test::Constant(value) | Test::FileSystem(value) => *value,
        Test::Matches(Subject::Name, pattern) => pattern.matches(entry.name()),
        Test::Matches(Subject::Path, pattern) => pattern.matches(&entry.path),
        Test::Matches(Subject::LinkTarget, pattern) => {
            entry.kind()? == Kind::Symlink && link_target(&entry.path).is_some_and(|target| pattern.matches(&target))
        }
        Test::Kind(kinds) => kinds.contains(&entry.kind()?),
        Test::OtherKind(kinds) => kinds.contains(&entry.other_kind()?),
        Test::Empty => is_empty(entry)?,
        Test::Access(wanted) => access(&entry.path, *wanted).is_ok(),
        other => answer_of_stat(other, &entry.stat()?, context),
    })
}

fn answer_of_stat(test: &Test, stat: &Stat, context: &Context) -> bool {
    match test {
        Test::Size(comparison, unit) => comparison.holds(stat.size.div_ceil(*unit)),
        Test::Permission(permission) => permission.holds(stat.mode.permissions(), stat.mode.kind() == Kind::Directory),
        Test::User(comparison) => comparison.holds(stat.uid.into()),
        Test::Group(comparison) => comparison.holds(stat.gid.into()),
        Test::NoUser => context.accounts().user_name(stat.uid).is_none(),
        Test::NoGroup => context.accounts().group_name(stat.gid).is_none(),
        Test::Inode(comparison) => comparison.holds(stat.inode),
        Test::Links(comparison) => comparison.holds(stat.links.into()),
        Test::SameFile(inode) => stat.inode == *inode,
        Test::Age(stamp, age) => age.holds(stamp.of(stat)),
        Test::Used(used) => used.holds(stat),
        // The others do not come here.
        _ => false,
    }
}

fn is_empty(entry: &Entry) -> Result<bool, Errno> {
    match entry.kind()? {
        Kind::Regular => Ok(entry.stat()?.size == 0),
        Kind::Directory => match std::fs::read_dir(path_of(&entry.path)) {
            Ok(mut rows) => Ok(rows.next().is_none()),
            Err(error) => Err(errno_of(&error)),
        },
        _ => Ok(false),
    }
}

/// The number of an I/O error.
pub(crate) fn errno_of(error: &std::io::Error) -> Errno {
    error.raw_os_error().and_then(|number| u16::try_from(number).ok()).map_or(Errno::EIO, Errno)
}

fn act(action: &Action, entry: &Entry, context: &mut Context) -> bool {
    match action {
        Action::Print(sink, end) => {
            context.write(*sink, &[&entry.path[..], &[*end]].concat());
            true
        }
        Action::Printf(sink, format) => {
            if let Some(text) = render(format, entry, context) {
                context.write(*sink, &text);
            }
            true
        }
        Action::List(sink) => {
            match entry.stat() {
                Ok(stat) => {
                    let target = if stat.mode.kind() == Kind::Symlink { link_target(&entry.path) } else { None };
                    let now = context.settings.now;
                    let line = listing::line(&entry.path, &stat, target.as_deref(), context.accounts(), now);
                    context.write(*sink, &line);
                }
                Err(errno) => context.complain_of(&entry.path, errno),
            }
            true
        }
        Action::Delete => delete(entry, context),
        Action::Prune => {
            context.prune = true;
            true
        }
        Action::Quit => {
            context.quit = true;
            true
        }
        Action::Execute(execution) => execution.borrow_mut().add(entry, context),
    }
}

fn delete(entry: &Entry, context: &mut Context) -> bool {
    // The directory one stands in cannot be removed by this name.
    if entry.path == b"." {
        return true;
    }
    let path = path_of(&entry.path);
    let is_directory = sandshell_sys::lstat(&entry.path).is_ok_and(|stat| stat.mode.kind() == Kind::Directory);
    let removed = if is_directory { std::fs::remove_dir(path) } else { std::fs::remove_file(path) };
    match removed {
        Ok(()) => true,
        Err(error) => {
            context.say(&format!("cannot delete {}: {}", sandshell_sys::quote(&entry.path), reason(&error)));
            false
        }
    }
}
