//! `cat`: POSIX cat with GNU's options.
//!
//! The `uu_cat` crate reads regular files alone where the target is not Unix; a session's pipes, devices and process
//! substitutions are files to `cat` too. This one reads whatever can be opened.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::basis::options::Grammar;
use crate::basis::quoting::name_maybe;

const BUFFER_BYTES: usize = 256 << 10;

/// What is done to the bytes on their way.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Style {
    number: bool,
    number_nonblank: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    nonprinting: bool,
}

impl Style {
    fn is_plain(self) -> bool {
        !(self.number || self.number_nonblank || self.squeeze || self.ends || self.tabs || self.nonprinting)
    }
}

/// Copies files to stdout. Answers 0, or 1 if a file could not be read.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let (given, operands) = match GRAMMAR.parse(argv) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let on = |letters: &str| given.iter().any(|option| letters.contains(option.id));
    let style = Style {
        number: on("n"),
        number_nonblank: on("b"),
        squeeze: on("s"),
        ends: on("EAe"),
        tabs: on("TAt"),
        nonprinting: on("vAet"),
    };
    let files = if operands.is_empty() { vec!["-".into()] } else { operands };
    let mut copier = Copier { style, line: 0, at_line_start: true, blank_lines: 0 };
    let mut status = 0;
    for file in &files {
        match copier.copy_file(file) {
            Ok(()) => {}
            Err(CopyError::Write(error)) => {
                complain("write error", &error);
                return 1;
            }
            Err(CopyError::Read(error)) => {
                complain(&name_maybe(file), &error);
                status = 1;
            }
        }
    }
    status
}

const GRAMMAR: Grammar = Grammar {
    program: "cat",
    short: "AbeEnstTuv",
    long: &[
        ("show-all", "A"),
        ("number-nonblank", "b"),
        ("show-ends", "E"),
        ("number", "n"),
        ("squeeze-blank", "s"),
        ("show-tabs", "T"),
        ("show-nonprinting", "v"),
    ],
    failure: 1,
    help: "Usage: cat [OPTION]... [FILE]...\nConcatenate FILE(s) to standard output.\n\n\
  -A, --show-all           equivalent to -vET\n  -b, --number-nonblank    number nonempty output lines, overrides -n\n  \
-e                       equivalent to -vE\n  -E, --show-ends          display $ at end of each line\n  \
-n, --number             number all output lines\n  -s, --squeeze-blank      suppress repeated empty output lines\n  \
-t                       equivalent to -vT\n  -T, --show-tabs          display TAB characters as ^I\n  \
-u                       (ignored)\n  -v, --show-nonprinting   use ^ and M- notation, except for LFD and TAB\n",
};

enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// What is carried from one file to the next: GNU numbers the lines of all files as one text.
struct Copier {
    style: Style,
    line: u64,
    at_line_start: bool,
    blank_lines: u32,
}

impl Copier {
    fn copy_file(&mut self, file: &OsString) -> Result<(), CopyError> {
        if file == "-" {
            return self.copy(io::stdin().lock());
        }
        let path = Path::new(file);
        if path.is_dir() {
            return Err(CopyError::Read(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        self.copy(File::open(path).map_err(CopyError::Read)?)
    }

    fn copy(&mut self, mut input: impl Read) -> Result<(), CopyError> {
        let mut buffer = vec![0u8; BUFFER_BYTES];
        let mut styled = Vec::new();
        // Written as it is read, so that a slow writer's lines are seen at once.
        let mut out = io::stdout().lock();
        loop {
            let count = match input.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(CopyError::Read(error)),
            };
            let bytes = if self.style.is_plain() {
                &buffer[..count]
            } else {
                styled.clear();
                buffer[..count].iter().for_each(|&byte| self.style_byte(byte, &mut styled));
                &styled[..]
            };
            out.write_all(bytes).and_then(|()| out.flush()).map_err(CopyError::Write)?;
        }
    }

    fn style_byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        let style = self.style;
        if self.at_line_start {
            if byte == b'\n' {
                self.blank_lines = self.blank_lines.saturating_add(1);
                if style.squeeze && self.blank_lines > 1 {
                    return;
                }
            } else {
                self.blank_lines = 0;
            }
            if (style.number && !style.number_nonblank) || (style.number_nonblank && byte != b'\n') {
                self.line += 1;
                out.extend_from_slice(format!("{:6}\t", self.line).as_bytes());
            }
        }
        self.at_line_start = byte == b'\n';
        match byte {
            b'\n' => {
                if style.ends {
                    out.push(b'$');
                }
                out.push(byte);
            }
            b'\t' if style.tabs => out.extend_from_slice(b"^I"),
            b'\t' => out.push(byte),
            _ if style.nonprinting => show(byte, out),
            _ => out.push(byte),
        }
    }
}

/// Writes a byte in caret and meta notation.
fn show(byte: u8, out: &mut Vec<u8>) {
    let low = byte & 0x7f;
    if byte >= 0x80 {
        out.extend_from_slice(b"M-");
    }
    match low {
        0x7f => out.extend_from_slice(b"^?"),
        0..0x20 => out.extend_from_slice(&[b'^', low + 0x40]),
        _ => out.push(low),
    }
}

fn complain(what: &str, error: &io::Error) {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or(&text);
    let reason = if error.kind() == io::ErrorKind::IsADirectory { "Is a directory" } else { reason };
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(io::stderr(), "cat: {what}: {reason}");
}
