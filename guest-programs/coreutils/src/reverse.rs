//! `tac` and `rev`: the lines of files, or the characters of lines, from the last to the first.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{name, name_maybe};

const TAC: Grammar = Grammar {
    program: "tac",
    short: "brs:",
    long: &[("before", "b"), ("regex", "r"), ("separator=", "s")],
    failure: 1,
    help: "Usage: tac [OPTION]... [FILE]...\nWrite each FILE to standard output, last line first.\n\n\
  -b, --before             attach the separator before instead of after\n  \
-s, --separator=STRING   use STRING as the separator instead of newline\n",
};

const REV: Grammar = Grammar {
    program: "rev",
    short: "0",
    long: &[("zero", "0")],
    failure: 1,
    help: "Usage: rev [OPTION]... [FILE]...\nReverse lines characterwise.\n\n  -0, --zero   lines end with NUL\n",
};

fn read(path: &OsStr) -> io::Result<Vec<u8>> {
    if path == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(Path::new(path))
}

fn or_stdin(mut operands: Vec<OsString>) -> Vec<OsString> {
    if operands.is_empty() {
        operands.push("-".into());
    }
    operands
}

/// Runs `tac`.
pub(crate) fn tac(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run_tac(argv).unwrap_or_else(|status| status)
}

fn run_tac(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = TAC.parse(argv)?;
    let mut separator = b"\n".to_vec();
    let mut before = false;
    for option in &given {
        match option.id {
            "s" => separator = option.os().as_bytes().to_vec(),
            "b" => before = true,
            _ => {
                complain(TAC.program, "regular expressions are not supported as separators");
                return Err(1);
            }
        }
    }
    if separator.is_empty() {
        separator.push(0);
    }
    let mut out = Output::new(TAC.program);
    let mut failed = false;
    for path in or_stdin(operands) {
        match read(&path) {
            Ok(bytes) => write_reversed(&bytes, &separator, before, &mut out),
            Err(error) => {
                out.flush();
                let words = error.words();
                let message = if Path::new(&path).is_dir() {
                    format!("{}: read error: Is a directory", name_maybe(&path))
                } else {
                    format!("failed to open {} for reading: {words}", name(&path))
                };
                complain(TAC.program, &message);
                failed = true;
            }
        }
    }
    Ok(i32::from(!out.finish() || failed))
}

/// Writes the records from the last to the first, each with the separator that ends (or begins) it.
fn write_reversed(bytes: &[u8], separator: &[u8], before: bool, out: &mut Output) {
    let mut end = bytes.len();
    let mut at = bytes.len();
    while let Some(start) = find_back(&bytes[..at], separator) {
        let cut = if before { start } else { start + separator.len() };
        if cut < end {
            out.put(&bytes[cut..end]);
            end = cut;
        }
        at = start;
    }
    out.put(&bytes[..end]);
}

fn find_back(bytes: &[u8], separator: &[u8]) -> Option<usize> {
    match separator {
        [byte] => bytes.iter().rposition(|found| found == byte),
        _ => bytes.windows(separator.len()).rposition(|window| window == separator),
    }
}

/// Runs `rev`.
pub(crate) fn rev(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run_rev(argv).unwrap_or_else(|status| status)
}

fn run_rev(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = REV.parse(argv)?;
    let end = if given.iter().any(|option| option.id == "0") { 0 } else { b'\n' };
    let mut out = Output::new(REV.program);
    let mut failed = false;
    for path in or_stdin(operands) {
        match read(&path) {
            Ok(bytes) => {
                for line in bytes.split_inclusive(|&byte| byte == end) {
                    let (line, ended) = line.strip_suffix(&[end]).map_or((line, false), |line| (line, true));
                    match std::str::from_utf8(line) {
                        Ok(text) => out.text(&text.chars().rev().collect::<String>()),
                        Err(_) => out.put(&line.iter().rev().copied().collect::<Vec<_>>()),
                    }
                    if ended {
                        out.put(&[end]);
                    }
                }
            }
            Err(error) => {
                out.flush();
                complain(REV.program, &format!("cannot open {}: {}", path.to_string_lossy(), error.words()));
                failed = true;
            }
        }
    }
    Ok(i32::from(!out.finish() || failed))
}
