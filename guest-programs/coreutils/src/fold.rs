//! `fold`: lines broken at a width, counted in columns as GNU's counts them (a byte is a column), or in bytes.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::basis::bytes::{OsStrExt, OsStringExt};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name_maybe};

const WIDTH_COLUMNS: usize = 80;
const TAB_COLUMNS: usize = 8;
const BLOCK_BYTES: usize = 64 << 10;

const GRAMMAR: Grammar = Grammar {
    program: "fold",
    short: "bsw:0123456789",
    long: &[("bytes", "b"), ("spaces", "s"), ("width=", "w")],
    failure: 1,
    help: "Usage: fold [OPTION]... [FILE]...\nWrap input lines in each FILE, writing to standard output.\n\n\
  -b, --bytes         count bytes rather than columns\n  -s, --spaces        break at spaces\n  \
-w, --width=WIDTH   use WIDTH columns instead of 80\n",
};

/// Runs `fold`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(modern(argv))?;
    let mut folder = Folder { bytes: false, spaces: false, width: WIDTH_COLUMNS, line: Vec::new(), column: 0 };
    for option in &given {
        match option.id {
            "b" => folder.bytes = true,
            "s" => folder.spaces = true,
            _ => folder.width = width(&option.text())?,
        }
    }
    let operands = if operands.is_empty() { vec!["-".into()] } else { operands };
    let mut out = Output::new(GRAMMAR.program);
    let mut failed = false;
    for path in &operands {
        if let Err(error) = folder.file(path, &mut out) {
            out.flush();
            complain(GRAMMAR.program, &format!("{}: {}", name_maybe(path), error.words()));
            failed = true;
        }
    }
    Ok(i32::from(!out.finish() || failed))
}

/// Rewrites the older `-WIDTH`.
fn modern(argv: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut is_value = false;
    argv.map(move |word| match word.as_bytes() {
        _ if std::mem::take(&mut is_value) => word,
        b"-w" | b"-bw" | b"-sw" | b"-bsw" | b"-sbw" | b"--width" => {
            is_value = true;
            word
        }
        [b'-', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            OsString::from_vec([b"-w", digits].concat())
        }
        _ => word,
    })
}

fn width(text: &str) -> Result<usize, i32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let range = match text.parse() {
        Ok(0) => ": Numerical result out of range",
        Ok(width) if digits => return Ok(width),
        Err(_) if digits => ": Value too large for defined data type",
        _ => "",
    };
    complain(GRAMMAR.program, &format!("invalid number of columns: {}{range}", locale(text)));
    Err(1)
}

/// A line on its way, and the columns it has.
struct Folder {
    bytes: bool,
    spaces: bool,
    width: usize,
    line: Vec<u8>,
    column: usize,
}

impl Folder {
    fn file(&mut self, path: &OsStr, out: &mut Output) -> io::Result<()> {
        let mut input: Box<dyn Read> =
            if path == "-" { Box::new(io::stdin().lock()) } else { Box::new(File::open(Path::new(path))?) };
        let mut block = vec![0; BLOCK_BYTES];
        let mut result = Ok(());
        loop {
            match input.read(&mut block) {
                Ok(0) => break,
                Ok(count) => self.text(&block[..count], out),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        out.put(&self.line);
        self.line.clear();
        self.column = 0;
        result
    }

    fn text(&mut self, mut text: &[u8], out: &mut Output) {
        while let Some(&first) = text.first() {
            // What only adds a column goes through at once.
            let special = |byte: &u8| matches!(byte, b'\n') || (!self.bytes && matches!(byte, b'\t' | b'\r' | 8));
            let room = self.width.saturating_sub(self.column).min(text.len());
            let run = text[..room].iter().take_while(|byte| !special(byte)).count();
            if run > 0 {
                self.line.extend_from_slice(&text[..run]);
                self.column += run;
                text = &text[run..];
                continue;
            }
            text = &text[1..];
            if first == b'\n' {
                self.line.push(first);
                self.end(out);
            } else {
                self.byte(first, out);
            }
        }
    }

    /// Takes a byte that moves otherwise, or for which there is no room.
    fn byte(&mut self, byte: u8, out: &mut Output) {
        loop {
            let column = self.after(self.column, byte);
            if column <= self.width || self.line.is_empty() {
                self.column = column;
                return self.line.push(byte);
            }
            let blank =
                if self.spaces { self.line.iter().rposition(|byte| matches!(byte, b' ' | b'\t')) } else { None };
            let kept = blank.map_or_else(Vec::new, |at| self.line.split_off(at + 1));
            self.line.push(b'\n');
            self.end(out);
            self.column = kept.iter().fold(0, |column, byte| self.after(column, *byte));
            self.line = kept;
            if blank.is_none() {
                self.column = self.after(0, byte);
                return self.line.push(byte);
            }
        }
    }

    /// The column after a byte.
    fn after(&self, column: usize, byte: u8) -> usize {
        match byte {
            _ if self.bytes => column + 1,
            8 => column.saturating_sub(1),
            b'\r' => 0,
            b'\t' => column + TAB_COLUMNS - column % TAB_COLUMNS,
            _ => column + 1,
        }
    }

    fn end(&mut self, out: &mut Output) {
        out.put(&self.line);
        self.line.clear();
        self.column = 0;
    }
}
