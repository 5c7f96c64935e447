//! The primaries by name: options, tests and actions, and what each takes.
//!
//! One function a group; a name that is in no group is unknown.

use std::cell::RefCell;

use sandshell_sys::{Access, Errno, Kind, quote};

use crate::date;
use crate::entry::{Entry, Follow};
use crate::execute::Execution;
use crate::expression::{Action, Expression, Subject, Test};
use crate::format::FILE_SYSTEM;
use crate::matching::{Pattern, TYPES, syntax_of};
use crate::message::complain;
use crate::number::{Comparison, Relation, decimal};
use crate::parse::Parser;
use crate::permission::Permission;
use crate::printf::Format;
use crate::sinks::Sink;
use crate::time::{Age, DAY, Nanos, Stamp, Used};

/// What a group answers: nothing when the name is not in it.
type Group = Result<Option<Expression>, String>;

/// Reads the primary `name` and its arguments.
///
/// # Errors
///
/// The diagnostic.
pub(crate) fn read(parser: &mut Parser, name: &str) -> Result<Expression, String> {
    for group in [option, name_test, kind_test, owner_test, other_test, time_test, output, command] {
        if let Some(expression) = group(parser, name)? {
            return Ok(expression);
        }
    }
    Err(format!("unknown predicate `{name}'"))
}

fn test(test: Test) -> Group {
    Ok(Some(Expression::Test(test)))
}

fn action(action: Action) -> Group {
    Ok(Some(Expression::Action(action)))
}

/// Options: they change settings and are true.
fn option(parser: &mut Parser, name: &str) -> Group {
    match name {
        "-depth" | "-d" => {
            parser.warn_of_place(name);
            parser.depth_given = true;
            parser.settings.depth_first = true;
        }
        "-maxdepth" => parser.settings.max_depth = levels(parser, name)?,
        "-mindepth" => parser.settings.min_depth = levels(parser, name)?,
        "-follow" => parser.settings.follow = Follow::Always,
        "-daystart" => parser.day = parser.settings.now.div_euclid(DAY) * DAY,
        "-regextype" => {
            let kind = parser.text(name)?;
            let known: Vec<String> = TYPES.iter().map(|(name, _)| quote(name.as_bytes())).collect();
            parser.syntax = syntax_of(&kind).ok_or_else(|| {
                let (kind, known) = (quote(kind.as_bytes()), known.join(", "));
                format!("Unknown regular expression type {kind}; valid types are {known}.")
            })?;
        }
        "-files0-from" => parser.starts_file = Some(parser.argument(name)?),
        "-warn" => parser.warns = true,
        "-nowarn" => parser.warns = false,
        "-ignore_readdir_race" => parser.settings.ignore_races = true,
        "-noignore_readdir_race" => parser.settings.ignore_races = false,
        // A session has one file system, and no directory's link count is trusted.
        "-mount" | "-xdev" | "-noleaf" => {}
        _ => return Ok(None),
    }
    test(Test::Constant(true))
}

fn levels(parser: &mut Parser, name: &str) -> Result<usize, String> {
    parser.warn_of_place(name);
    let text = parser.text(name)?;
    decimal(&text).and_then(|levels| usize::try_from(levels).ok()).ok_or_else(|| {
        let text = quote(text.as_bytes());
        format!("Expected a positive decimal integer argument to {name}, but got {text}")
    })
}

/// Tests of names.
fn name_test(parser: &mut Parser, name: &str) -> Group {
    let (subject, ignore_case) = match name {
        "-name" => (Subject::Name, false),
        "-iname" => (Subject::Name, true),
        "-path" | "-wholename" => (Subject::Path, false),
        "-ipath" | "-iwholename" => (Subject::Path, true),
        "-lname" => (Subject::LinkTarget, false),
        "-ilname" => (Subject::LinkTarget, true),
        "-regex" | "-iregex" => {
            let pattern = parser.argument(name)?;
            let compiled = Pattern::regex(&pattern, parser.syntax, name == "-iregex");
            let compiled = compiled.map_err(|error| {
                format!("failed to compile regular expression '{}': {error}", String::from_utf8_lossy(&pattern))
            })?;
            return test(Test::Matches(Subject::Path, compiled));
        }
        _ => return Ok(None),
    };
    let pattern = parser.argument(name)?;
    if subject == Subject::Name && pattern.contains(&b'/') && pattern != b"/" {
        let [name, other, slash] =
            [name, if ignore_case { "-iwholename" } else { "-wholename" }, "/"].map(|text| quote(text.as_bytes()));
        parser.warn(&format!(
            "{name} matches against basenames only, but the given pattern contains a directory separator ({slash}), \
             thus the expression will evaluate to false all the time.  Did you mean {other}?"
        ));
    }
    if subject == Subject::Path && pattern.len() > 1 && pattern.ends_with(b"/") {
        let pattern = String::from_utf8_lossy(&pattern);
        complain(&format!("warning: {name} {pattern} will not match anything because it ends with /."));
    }
    test(Test::Matches(subject, Pattern::glob(&pattern, ignore_case)?))
}

/// Tests of what a file is and how large.
fn kind_test(parser: &mut Parser, name: &str) -> Group {
    test(match name {
        "-type" => Test::Kind(kinds(parser, name)?),
        "-xtype" => Test::OtherKind(kinds(parser, name)?),
        "-empty" => Test::Empty,
        "-size" => {
            let text = parser.text(name)?;
            let (digits, unit) = match text.char_indices().next_back() {
                Some((at, 'c')) => (&text[..at], 1),
                Some((at, 'w')) => (&text[..at], 2),
                Some((at, 'b')) => (&text[..at], 512),
                Some((at, 'k')) => (&text[..at], 1 << 10),
                Some((at, 'M')) => (&text[..at], 1 << 20),
                Some((at, 'G')) => (&text[..at], 1 << 30),
                _ => (text.as_str(), 512),
            };
            let comparison = Comparison::parse(digits).ok_or_else(|| {
                let unit = text.chars().next_back().map(String::from).unwrap_or_default();
                format!("invalid -size type `{unit}'")
            })?;
            Test::Size(comparison, unit)
        }
        "-perm" => {
            let text = parser.text(name)?;
            let invalid = || format!("invalid mode {}", quote(text.as_bytes()));
            let permission = Permission::parse(&text).ok_or_else(invalid)?;
            if permission.is_vacuous() {
                complain(&format!(
                    "warning: you have specified a mode pattern {text} (which is equivalent to /000). The meaning of \
                     -perm /000 has now been changed to be consistent with -perm -000; that is, while it used to match \
                     no files, it now matches all files."
                ));
            }
            Test::Permission(permission)
        }
        _ => return Ok(None),
    })
}

fn kinds(parser: &mut Parser, name: &str) -> Result<Vec<Kind>, String> {
    let text = parser.text(name)?;
    let kind = |letters: &str| {
        let mut letters_left = letters.chars();
        let kind = match letters_left.next() {
            Some('b') => Kind::BlockDevice,
            Some('c') => Kind::CharacterDevice,
            Some('d') => Kind::Directory,
            Some('f') => Kind::Regular,
            Some('l') => Kind::Symlink,
            Some('p') => Kind::Fifo,
            Some('s') => Kind::Socket,
            // Doors are Solaris's; no file here is of no kind.
            Some('D') => {
                return Err(format!(
                    "{name} D is not supported because Solaris doors are not supported on the platform find was compiled on."
                ));
            }
            Some(other) => return Err(format!("Unknown argument to {name}: {other}")),
            None => return Err(format!("Arguments to {name} should contain at least one letter")),
        };
        match letters_left.next() {
            None => Ok(kind),
            Some(_) => Err(format!("Must separate multiple arguments to {name} using: ','")),
        }
    };
    text.split(',').map(kind).collect()
}

/// Tests of whose a file is.
fn owner_test(parser: &mut Parser, name: &str) -> Group {
    let is_user = matches!(name, "-user" | "-uid");
    let comparison = match name {
        "-nouser" => return test(Test::NoUser),
        "-nogroup" => return test(Test::NoGroup),
        "-uid" | "-gid" => parser.parsed(name, Comparison::parse)?,
        "-user" | "-group" => {
            let text = parser.text(name)?;
            let accounts = &parser.accounts;
            let named = if is_user { accounts.user_id(&text) } else { accounts.group_id(&text) };
            let number = named.map(u64::from).or_else(|| decimal(&text)).ok_or_else(|| {
                let (what, text) = (if is_user { "user" } else { "group" }, quote(text.as_bytes()));
                match is_user {
                    true => format!("{text} is not the name of a known {what}"),
                    false => format!("{text} is not the name of an existing {what}"),
                }
            })?;
            Comparison { relation: Relation::Equal, number }
        }
        _ => return Ok(None),
    };
    test(if is_user { Test::User(comparison) } else { Test::Group(comparison) })
}

/// Tests of other kinds.
fn other_test(parser: &mut Parser, name: &str) -> Group {
    test(match name {
        "-true" => Test::Constant(true),
        "-false" => Test::Constant(false),
        "-inum" => Test::Inode(parser.parsed(name, Comparison::parse)?),
        "-links" => Test::Links(parser.parsed(name, Comparison::parse)?),
        "-samefile" => {
            let path = parser.argument(name)?;
            Test::SameFile(stat_of(parser, &path)?.inode)
        }
        "-readable" => Test::Access(Access::READ),
        "-writable" => Test::Access(Access::WRITE),
        "-executable" => Test::Access(Access::EXECUTE),
        "-fstype" => Test::FileSystem(parser.text(name)? == FILE_SYSTEM),
        "-context" => {
            parser.argument(name)?;
            return Err("invalid predicate -context: SELinux is not enabled.".to_owned());
        }
        _ => return Ok(None),
    })
}

/// The state of a file that an argument names.
fn stat_of(parser: &Parser, path: &[u8]) -> Result<sandshell_sys::Stat, String> {
    let said = |errno: Errno| format!("{}: {errno}", quote(path));
    Entry::start(path.to_vec(), parser.settings.follow).stat().map_err(said)
}

/// Tests of times.
fn time_test(parser: &mut Parser, name: &str) -> Group {
    let day = parser.day;
    let (stamp, age) = match name {
        "-amin" | "-cmin" | "-mmin" => (stamp(name), parser.parsed(name, |text| Age::minutes(text, day))?),
        "-atime" | "-ctime" | "-mtime" => (stamp(name), parser.parsed(name, |text| Age::days(text, day))?),
        "-anewer" | "-cnewer" | "-newer" => {
            let path = parser.argument(name)?;
            let stamp = if name == "-newer" { Stamp::Modified } else { stamp(name) };
            (stamp, Age::newer_than(Stamp::Modified.of(&stat_of(parser, &path)?)))
        }
        "-used" => return test(Test::Used(parser.parsed(name, Used::parse)?)),
        _ => match name.strip_prefix("-newer") {
            Some(letters) => return newer(parser, name, letters),
            None => return Ok(None),
        },
    };
    test(Test::Age(stamp, age))
}

/// The time that the letter after the minus means.
fn stamp(name: &str) -> Stamp {
    match name.as_bytes().get(1) {
        Some(b'a') => Stamp::Accessed,
        Some(b'c') => Stamp::Changed,
        _ => Stamp::Modified,
    }
}

/// `-newerXY`
fn newer(parser: &mut Parser, name: &str, letters: &str) -> Group {
    let invalid = || format!("invalid predicate `{name}'");
    let [own, reference] = letters.as_bytes() else { return Err(invalid()) };
    let stamp = |letter: u8| match letter {
        b'a' => Ok(Stamp::Accessed),
        b'c' => Ok(Stamp::Changed),
        b'm' => Ok(Stamp::Modified),
        b'B' => Err("This system does not provide a way to find the birth time of a file.".to_owned()),
        _ => Err(invalid()),
    };
    let own = stamp(*own)?;
    let argument = parser.argument(name)?;
    let time: Nanos = if *reference == b't' {
        date::parse(&String::from_utf8_lossy(&argument), parser.settings.now)
            .ok_or_else(|| format!("I cannot figure out how to interpret {} as a date or time", quote(&argument)))?
    } else {
        stamp(*reference)?.of(&stat_of(parser, &argument)?)
    };
    test(Test::Age(own, Age::newer_than(time)))
}

/// Actions that write, delete or direct the walk.
fn output(parser: &mut Parser, name: &str) -> Group {
    action(match name {
        "-print" => Action::Print(Sink::STDOUT, b'\n'),
        "-print0" => Action::Print(Sink::STDOUT, 0),
        "-ls" => Action::List(Sink::STDOUT),
        "-printf" => Action::Printf(Sink::STDOUT, format(parser, name)?),
        "-fprint" => Action::Print(sink(parser, name)?, b'\n'),
        "-fprint0" => Action::Print(sink(parser, name)?, 0),
        "-fls" => Action::List(sink(parser, name)?),
        "-fprintf" => {
            let sink = sink(parser, name)?;
            Action::Printf(sink, format(parser, name)?)
        }
        "-delete" => {
            parser.settings.depth_first = true;
            parser.deletes = true;
            Action::Delete
        }
        "-prune" => {
            parser.prunes = true;
            Action::Prune
        }
        "-quit" => Action::Quit,
        _ => return Ok(None),
    })
}

fn sink(parser: &mut Parser, name: &str) -> Result<Sink, String> {
    let path = parser.argument(name)?;
    parser.sinks.open(&path)
}

fn format(parser: &mut Parser, name: &str) -> Result<Format, String> {
    let text = parser.argument(name)?;
    Format::parse(&text, &mut complain)
}

/// Actions that run commands.
fn command(parser: &mut Parser, name: &str) -> Group {
    let (in_directory, ask) = match name {
        "-exec" => (false, false),
        "-execdir" => (true, false),
        "-ok" => (false, true),
        "-okdir" => (true, true),
        _ => return Ok(None),
    };
    let mut words: Vec<Vec<u8>> = Vec::new();
    let many = loop {
        let word = parser.argument(name)?;
        match word.as_slice() {
            b";" => break false,
            // Only behind a place does a plus end the command.
            b"+" if !ask && words.last().is_some_and(|last| last == b"{}") => break true,
            _ => words.push(word),
        }
    };
    if many {
        words.pop();
        if words.iter().any(|word| word.windows(2).any(|pair| pair == b"{}")) {
            return Err(format!("Only one instance of {{}} is supported with {name} ... +"));
        }
    }
    if words.is_empty() {
        return Err(format!("missing argument to `{name}'"));
    }
    if in_directory {
        check_path()?;
    }
    action(Action::Execute(RefCell::new(Execution::new(words, many, in_directory, ask))))
}

/// A command that runs in any directory must not be found in it.
fn check_path() -> Result<(), String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = sandshell_sys::bytes_of(&path);
    let Some(relative) = path.split(|byte| *byte == b':').find(|entry| !entry.starts_with(b"/")) else { return Ok(()) };
    if path.is_empty() {
        return Ok(());
    }
    const PROBLEM: &str = "is included in the PATH environment variable, which is insecure in combination with the \
                           -execdir action of find.  Please remove";
    Err(match relative {
        b"" | b"." => format!(
            "The current directory {PROBLEM} the current directory from your $PATH (that is, remove \".\", doubled \
             colons, or leading or trailing colons)"
        ),
        entry => format!("The relative path {} {PROBLEM} that entry from $PATH", quote(entry)),
    })
}
