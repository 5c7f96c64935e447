//! `sort`: the `uu_sort` crate sorts; checking (`-c`, `-C`) and merging (`-m`) are here, since it uses threads for them.
//!
//! The parts: this file (the command line, checking, merging), `key` (what lines are compared by), `compare`.

mod compare;
mod key;

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::Path;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::output::{Output, warn};
use crate::basis::quoting::{locale, name};
use compare::Rules;

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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    Check,
    CheckQuietly,
    Merge,
}

/// Runs `sort`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let argv: Vec<OsString> = argv.collect();
    // Most sorts have none of the letters; the others are looked at closely.
    let maybe = |argument: &OsString| {
        let bytes = argument.as_bytes();
        bytes == b"--help" || (bytes.starts_with(b"-") && bytes.iter().any(|letter| b"cCm".contains(letter)))
    };
    if argv.iter().skip(1).any(maybe) {
        match run(&argv) {
            Ok(None) => {}
            Ok(Some(status)) | Err(status) => return status,
        }
    }
    uu_sort::uumain(argv.into_iter())
}

/// Checks or merges. `None`: neither is asked for.
fn run(argv: &[OsString]) -> Result<Option<i32>, i32> {
    let (given, mut operands) = GRAMMAR.parse(argv.iter().cloned())?;
    let mut task = None;
    let mut output = None;
    for option in &given {
        match option.id {
            "c" => task = Some(Task::Check),
            "C" => task = Some(Task::CheckQuietly),
            "m" if task.is_none() => task = Some(Task::Merge),
            "check" => task = Some(check_task(option)?),
            "o" => output = Some(option.os()),
            _ => {}
        }
    }
    let Some(task) = task else { return Ok(None) };
    let rules = Rules::parse(&GRAMMAR, &given)?;
    if let Some(list) = given.iter().find(|option| option.id == "files0-from") {
        let names = read(&list.os(), "open failed")?;
        let names = names.split(|&byte| byte == 0).filter(|name| !name.is_empty());
        operands = names.map(|name| OsStr::from_bytes(name).to_owned()).collect();
    }
    if operands.is_empty() {
        operands.push("-".into());
    }
    match task {
        Task::Merge => merge(&operands, output.as_deref(), &rules).map(Some),
        task => check(&operands, task, &rules).map(Some),
    }
}

fn check_task(option: &Given) -> Result<Task, i32> {
    const WORDS: &[&[&str]] = &[&["quiet", "silent"], &["diagnose-first"]];
    if option.value.is_some() && GRAMMAR.choose("--check", &option.text(), WORDS)? == 0 {
        return Ok(Task::CheckQuietly);
    }
    Ok(Task::Check)
}

fn read(path: &OsStr, failure: &str) -> Result<Vec<u8>, i32> {
    let mut bytes = Vec::new();
    let result = if path == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        let open = std::fs::File::open(Path::new(path)).map_err(|error| {
            complain(GRAMMAR.program, &format!("{failure}: {}: {}", path.to_string_lossy(), error.words()));
            2
        })?;
        let mut open = open;
        open.read_to_end(&mut bytes)
    };
    result.map_err(|error| {
        complain(GRAMMAR.program, &format!("read failed: {}: {}", path.to_string_lossy(), error.words()));
        2
    })?;
    Ok(bytes)
}

fn lines(bytes: &[u8], end: u8) -> Vec<&[u8]> {
    let body = bytes.strip_suffix(&[end]).unwrap_or(bytes);
    if bytes.is_empty() { Vec::new() } else { body.split(|&byte| byte == end).collect() }
}

fn check(operands: &[OsString], task: Task, rules: &Rules) -> Outcome {
    if let Some(extra) = operands.get(1) {
        let letter = if task == Task::Check { 'c' } else { 'C' };
        return Err(refuse(&format!("extra operand {} not allowed with -{letter}", name(extra))));
    }
    let path = operands.first().cloned().unwrap_or_default();
    let bytes = read(&path, "open failed")?;
    let lines = lines(&bytes, rules.end);
    for (index, pair) in lines.windows(2).enumerate() {
        let order = rules.compare(pair[0], pair[1]);
        if order == Ordering::Greater || (rules.unique && order == Ordering::Equal) {
            if task == Task::Check {
                let head = format!("{}: {}:{}: disorder: ", GRAMMAR.program, path.to_string_lossy(), index + 2);
                warn(&[head.as_bytes(), pair[1], b"\n"].concat());
            }
            return Ok(1);
        }
    }
    Ok(0)
}

/// A misuse that GNU's sort words without a hint.
fn refuse(message: &str) -> i32 {
    complain(GRAMMAR.program, message);
    GRAMMAR.failure
}

fn merge(operands: &[OsString], output: Option<&OsStr>, rules: &Rules) -> Outcome {
    // All is read before the output, which may be one of the files.
    let contents = operands.iter().map(|path| read(path, "cannot read")).collect::<Result<Vec<_>, i32>>()?;
    let mut sources: Vec<_> = contents.iter().map(|bytes| lines(bytes, rules.end).into_iter().peekable()).collect();
    let mut merged = Vec::new();
    let mut last: Option<&[u8]> = None;
    loop {
        let mut first: Option<(usize, &[u8])> = None;
        for (index, source) in sources.iter_mut().enumerate() {
            if let Some(&line) = source.peek()
                && first.is_none_or(|(_, least)| rules.compare(line, least) == Ordering::Less)
            {
                first = Some((index, line));
            }
        }
        let Some((index, line)) = first else { break };
        sources[index].next();
        if rules.unique && last.is_some_and(|last| rules.compare(last, line) == Ordering::Equal) {
            continue;
        }
        merged.extend_from_slice(line);
        merged.push(rules.end);
        last = Some(line);
    }
    match output {
        None => {
            let mut out = Output::new(GRAMMAR.program);
            out.put(&merged);
            Ok(if out.finish() { 0 } else { 2 })
        }
        Some(path) => {
            let written = std::fs::File::create(Path::new(path)).and_then(|mut file| file.write_all(&merged));
            written.map(|()| 0).map_err(|error| {
                complain(GRAMMAR.program, &format!("open failed: {}: {}", path.to_string_lossy(), error.words()));
                2
            })
        }
    }
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
