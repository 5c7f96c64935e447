//! `sort`: lines of files in order, checked, or merged.
//!
//! The parts: this file (the command line, checking), `key` (what lines are compared by), `compare` (how), `lines` (a text's
//! lines in order), `source` and `target` (where lines come from and go), `merge`, `debug` (`--debug`). Nothing is kept in
//! temporary files, which would be in the same memory.

mod compare;
mod debug;
mod key;
mod lines;
mod merge;
mod source;
mod target;

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::Path;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::complain;
use crate::basis::human;
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::output::warn;
use crate::basis::quoting::{locale, name};
use compare::Rules;
use lines::Lines;
use source::Source;
use target::Target;

const GRAMMAR: Grammar = Grammar {
    program: "sort",
    short: "bcCdfghik:mMno:rRsS:t:T:uVyz",
    long: &[
        ("ignore-leading-blanks", "b"),
        ("dictionary-order", "d"),
        ("ignore-case", "f"),
        ("general-numeric-sort", "g"),
        ("ignore-nonprinting", "i"),
        ("month-sort", "M"),
        ("human-numeric-sort", "h"),
        ("numeric-sort", "n"),
        ("random-sort", "R"),
        ("random-source=", "random-source"),
        ("reverse", "r"),
        ("sort=", "sort"),
        ("version-sort", "V"),
        ("batch-size=", "batch-size"),
        ("check=?", "check"),
        ("compress-program=", "compress-program"),
        ("debug", "debug"),
        ("files0-from=", "files0-from"),
        ("key=", "k"),
        ("merge", "m"),
        ("output=", "o"),
        ("parallel=", "parallel"),
        ("stable", "s"),
        ("buffer-size=", "S"),
        ("field-separator=", "t"),
        ("temporary-directory=", "T"),
        ("unique", "u"),
        ("zero-terminated", "z"),
    ],
    failure: 2,
    help: "Usage: sort [OPTION]... [FILE]...\n  or:  sort [OPTION]... --files0-from=F\n\
Write sorted concatenation of all FILE(s) to standard output.\n\n\
  -b, -d, -f, -i   ignore leading blanks, all but blanks and alphanumerics, case, nonprinting characters\n  \
-g, -h, -M, -n, -R, -V   general numeric, human numeric, month, numeric, random, version sort\n  \
-r, --reverse   -s, --stable   -u, --unique   -z, --zero-terminated\n  \
-k, --key=KEYDEF   -t, --field-separator=SEP   -o, --output=FILE\n  \
-c, -C, --check   check whether sorted   -m, --merge   merge sorted files\n  \
-S, --buffer-size=SIZE   -T, --temporary-directory=DIR   --parallel=N\n",
};

/// What is done with the lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    Sort,
    Check,
    CheckQuietly,
    Merge,
}

/// Runs `sort`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv.collect()).unwrap_or_else(|status| status)
}

fn run(argv: Vec<OsString>) -> Outcome {
    let (given, mut operands) = GRAMMAR.parse(modern(argv).into_iter())?;
    let task = task_of(&given)?;
    check_values(&given)?;
    let mut rules = Rules::parse(&GRAMMAR, &given)?;
    rules.salt = salt(&given)?;
    if let Some(list) = given.iter().find(|option| option.id == "files0-from") {
        operands = source::listed(&list.os(), &operands)?;
    }
    if operands.is_empty() {
        operands.push("-".into());
    }
    let debug = given.iter().any(|option| option.id == "debug");
    if debug {
        debug::remarks(&rules, given.iter().any(|option| option.id == "r"));
    }
    let output = given.iter().rfind(|option| option.id == "o").map(Given::os);
    let open = || Target::open(output.as_deref());
    match task {
        Task::Check | Task::CheckQuietly => check(&operands, task, &rules),
        Task::Merge => merge::merge(&operands, &rules, |path| is_same(path, output.as_deref()), open),
        Task::Sort => sort(&operands, &rules, debug, open),
    }
}

/// Rewrites the older `+F.C -F.C` of keys as `-k`.
fn modern(argv: Vec<OsString>) -> Vec<OsString> {
    let mut out = Vec::with_capacity(argv.len());
    let mut words = argv.into_iter().peekable();
    let position = |text: &str| -> Option<(usize, usize, String)> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (field, rest) = text.split_at(digits);
        let field = field.parse().ok()?;
        let Some(rest) = rest.strip_prefix('.') else { return Some((field, 0, rest.to_owned())) };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        Some((field, rest[..digits].parse().ok()?, rest[digits..].to_owned()))
    };
    while let Some(word) = words.next() {
        if word == "--" {
            out.push(word);
            break;
        }
        let text = word.to_string_lossy();
        let Some((field, character, letters)) = text.strip_prefix('+').and_then(position) else {
            out.push(word);
            continue;
        };
        let mut key = format!("-k{}.{}{letters}", field.saturating_add(1), character.saturating_add(1));
        let end = words.peek().and_then(|next| next.to_str()?.strip_prefix('-').and_then(position));
        if let Some((field, character, letters)) = end {
            words.next();
            key.push_str(&match character {
                0 => format!(",{field}{letters}"),
                character => format!(",{}.{character}{letters}", field.saturating_add(1)),
            });
        }
        out.push(key.into());
    }
    out.extend(words);
    out
}

fn task_of(given: &[Given]) -> Result<Task, i32> {
    const WORDS: &[&[&str]] = &[&["quiet", "silent"], &["diagnose-first"]];
    let clash = |letters: &str| -> i32 { refuse(&format!("options '-{letters}' are incompatible")) };
    let mut task = Task::Sort;
    for option in given {
        let wanted = match option.id {
            "c" => Task::Check,
            "C" => Task::CheckQuietly,
            "check" if option.value.is_some() => {
                let row = GRAMMAR.choose("--check", &option.text(), WORDS)?;
                if row == 0 { Task::CheckQuietly } else { Task::Check }
            }
            "check" => Task::Check,
            "m" if task == Task::Sort => Task::Merge,
            _ => continue,
        };
        if matches!((task, wanted), (Task::Check, Task::CheckQuietly) | (Task::CheckQuietly, Task::Check)) {
            return Err(clash("cC"));
        }
        task = wanted;
    }
    match task {
        Task::Check if given.iter().any(|option| option.id == "o") => Err(clash("co")),
        Task::CheckQuietly if given.iter().any(|option| option.id == "o") => Err(clash("Co")),
        _ => Ok(task),
    }
}

/// Refuses wrong values of the options that say how much of the machine to use, which is the session's to say.
fn check_values(given: &[Given]) -> Result<(), i32> {
    for option in given {
        let text = option.text();
        let number: Option<u64> = text.parse().ok();
        match (option.id, number) {
            ("parallel", None) => return Err(refuse(&human::complaint("--parallel", &text))),
            ("parallel", Some(0)) => return Err(refuse("number in parallel must be nonzero")),
            ("batch-size", None) => {
                return Err(refuse(&format!("invalid --batch-size argument {}", locale(&text))));
            }
            ("batch-size", Some(0 | 1)) => {
                complain(GRAMMAR.program, &format!("invalid --batch-size argument {}", locale(&text)));
                return Err(refuse(&format!("minimum --batch-size argument is {}", locale("2"))));
            }
            ("S", _) => {
                let digits = text.bytes().take_while(u8::is_ascii_digit).count();
                let unit = matches!(
                    &text[digits..],
                    "" | "%" | "b" | "K" | "k" | "M" | "m" | "G" | "g" | "T" | "t" | "P" | "E" | "Z" | "Y"
                );
                if digits == 0 || !unit {
                    return Err(refuse(&human::complaint("-S", &text)));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What makes `-R` another order each time: of the file of `--random-source`, or by chance.
fn salt(given: &[Given]) -> Result<u64, i32> {
    let Some(option) = given.iter().rfind(|option| option.id == "random-source") else {
        return Ok(RandomState::new().hash_one(0));
    };
    let path = option.os();
    let mut bytes = [0; 8];
    let read = std::fs::File::open(Path::new(&path)).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| source::failed("open failed", &path, &error))?;
    Ok(u64::from_le_bytes(bytes))
}

/// Tells whether an operand is the file of `-o`.
fn is_same(path: &OsStr, output: Option<&OsStr>) -> bool {
    let inode = |path: &OsStr| sandshell_sys::stat(path.as_bytes()).ok().map(|status| status.inode);
    output.is_some_and(|output| {
        path != "-" && (path == output || inode(path).is_some_and(|own| inode(output) == Some(own)))
    })
}

fn sort(operands: &[OsString], rules: &Rules, debug: bool, open: impl FnOnce() -> Result<Target, i32>) -> Outcome {
    let mut text = Vec::new();
    for path in operands {
        let start = text.len();
        source::read_all(path, &mut text)?;
        // A last line without an end does not run into the next file's first.
        if text.len() > start && text.last() != Some(&rules.end) {
            text.push(rules.end);
        }
    }
    let mut lines = Lines::of(&text, rules);
    lines.sort(rules);
    let mut target = open()?;
    for line in lines.iter() {
        if debug {
            debug::line(line, rules, &mut target);
        } else {
            target.line(line, rules.end);
        }
    }
    target.finish()
}

fn check(operands: &[OsString], task: Task, rules: &Rules) -> Outcome {
    if let Some(extra) = operands.get(1) {
        let letter = if task == Task::Check { 'c' } else { 'C' };
        return Err(refuse(&format!("extra operand {} not allowed with -{letter}", name(extra))));
    }
    let path = operands.first().cloned().unwrap_or_default();
    let mut source = Source::open(&path, false, "open failed")?;
    let mut previous: Option<Vec<u8>> = None;
    let mut number = 0u64;
    while source.advance(rules.end)? {
        number += 1;
        let order = previous.as_deref().map_or(Ordering::Less, |previous| rules.compare(previous, &source.line));
        if order == Ordering::Greater || (rules.unique && order == Ordering::Equal && previous.is_some()) {
            if task == Task::Check {
                let head = format!("{}: {}:{number}: disorder: ", GRAMMAR.program, path.to_string_lossy());
                warn(&[head.as_bytes(), &source.line, b"\n"].concat());
            }
            return Ok(1);
        }
        previous.get_or_insert_default().clone_from(&source.line);
    }
    Ok(0)
}

/// A misuse that GNU's sort words without a hint.
fn refuse(message: &str) -> i32 {
    complain(GRAMMAR.program, message);
    GRAMMAR.failure
}

/// Says that a key is wrong, as GNU does.
fn bad_key(message: &str, text: &str) -> i32 {
    complain(GRAMMAR.program, &format!("{message}: invalid field specification {}", locale(text)));
    2
}

/// Says that a number in a key is none.
fn bad_count(message: &str, text: &str) -> i32 {
    complain(GRAMMAR.program, &format!("{message}: invalid count at start of {}", locale(text)));
    2
}
