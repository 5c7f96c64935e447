//! `paste`: lines of files side by side, or each file's lines in one line.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::name_maybe;

/// Bytes read at once of each file, of which there may be many.
const BUFFER_BYTES: usize = 32 << 10;

const GRAMMAR: Grammar = Grammar {
    program: "paste",
    short: "d:sz",
    long: &[("delimiters=", "d"), ("serial", "s"), ("zero-terminated", "z")],
    failure: 1,
    help: "Usage: paste [OPTION]... [FILE]...\n\
Write lines consisting of the sequentially corresponding lines from each FILE, separated by TABs.\n\n\
  -d, --delimiters=LIST   reuse characters from LIST instead of TABs\n  \
-s, --serial            paste one file at a time instead of in parallel\n  -z, --zero-terminated   line delimiter is NUL, not newline\n",
};

/// Runs `paste`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let (mut serial, mut end, mut delimiters) = (false, b'\n', vec![Some(b'\t')]);
    for option in &given {
        match option.id {
            "s" => serial = true,
            "z" => end = 0,
            _ => delimiters = list(&option.os())?,
        }
    }
    let operands = if operands.is_empty() { vec!["-".into()] } else { operands };
    let mut out = Output::new(GRAMMAR.program);
    let paste = Paste { delimiters, end };
    let right = if serial { paste.one_by_one(&operands, &mut out) } else { paste.side_by_side(&operands, &mut out)? };
    Ok(i32::from(!out.finish() || !right))
}

/// Reads the delimiters, of which `\0` is none.
fn list(text: &OsStr) -> Result<Vec<Option<u8>>, i32> {
    let mut out = Vec::new();
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        out.push(match (byte, byte == b'\\') {
            (_, false) => Some(byte),
            _ => match bytes.next() {
                Some(b'0') => None,
                Some(b'b') => Some(8),
                Some(b'f') => Some(12),
                Some(b'n') => Some(b'\n'),
                Some(b'r') => Some(b'\r'),
                Some(b't') => Some(b'\t'),
                Some(b'v') => Some(11),
                Some(other) => Some(*other),
                None => {
                    let text = text.to_string_lossy();
                    complain(GRAMMAR.program, &format!("delimiter list ends with an unescaped backslash: {text}"));
                    return Err(1);
                }
            },
        });
    }
    if out.is_empty() {
        out.push(None);
    }
    Ok(out)
}

struct Paste {
    delimiters: Vec<Option<u8>>,
    end: u8,
}

/// A file that is read, or standard input, which those that ask for it share.
enum Source {
    Stdin,
    File(BufReader<File>),
    Ended,
}

impl Source {
    fn open(path: &OsStr) -> io::Result<Self> {
        if path == "-" {
            return Ok(Self::Stdin);
        }
        Ok(Self::File(BufReader::with_capacity(BUFFER_BYTES, File::open(Path::new(path))?)))
    }

    /// Reads a line without its end; answers whether there was one.
    fn line(&mut self, end: u8, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let count = match self {
            Self::Stdin => io::stdin().lock().read_until(end, line)?,
            Self::File(file) => file.read_until(end, line)?,
            Self::Ended => 0,
        };
        if line.last() == Some(&end) {
            line.pop();
        }
        Ok(count > 0)
    }
}

impl Paste {
    fn delimit(&self, index: usize, out: &mut Vec<u8>) {
        out.extend(self.delimiters[index % self.delimiters.len()]);
    }

    fn side_by_side(&self, operands: &[OsString], out: &mut Output) -> Result<bool, i32> {
        let mut sources = Vec::with_capacity(operands.len());
        for path in operands {
            sources.push(Source::open(path).map_err(|error| failed(path, &error))?);
        }
        let (mut row, mut line) = (Vec::new(), Vec::new());
        let mut right = true;
        loop {
            row.clear();
            let mut any = false;
            for (index, source) in sources.iter_mut().enumerate() {
                if index > 0 {
                    self.delimit(index - 1, &mut row);
                }
                match source.line(self.end, &mut line) {
                    Ok(true) => {
                        any = true;
                        row.extend_from_slice(&line);
                    }
                    Ok(false) => *source = Source::Ended,
                    Err(error) => {
                        failed(&operands[index], &error);
                        (*source, right) = (Source::Ended, false);
                    }
                }
            }
            if !any {
                return Ok(right);
            }
            row.push(self.end);
            out.put(&row);
        }
    }

    fn one_by_one(&self, operands: &[OsString], out: &mut Output) -> bool {
        let mut right = true;
        let (mut line, mut row) = (Vec::new(), Vec::new());
        for path in operands {
            let mut source = match Source::open(path) {
                Ok(source) => source,
                Err(error) => {
                    failed(path, &error);
                    right = false;
                    continue;
                }
            };
            for index in 0usize.. {
                row.clear();
                match source.line(self.end, &mut line) {
                    Ok(true) if index > 0 => self.delimit(index - 1, &mut row),
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        failed(path, &error);
                        right = false;
                        break;
                    }
                }
                row.extend_from_slice(&line);
                out.put(&row);
            }
            out.put(&[self.end]);
        }
        right
    }
}

fn failed(path: &OsStr, error: &io::Error) -> i32 {
    complain(GRAMMAR.program, &format!("{}: {}", name_maybe(path), error.words()));
    1
}
