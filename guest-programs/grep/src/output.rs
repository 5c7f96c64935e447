//! What grep writes: selected lines, context, counts and names, with GNU's separators and colours.

use std::io::{self, BufWriter, Stdout, Write};

use crate::matcher::Matcher;
use crate::options::Options;

/// Writes the results of all files.
pub(crate) struct Printer<'a> {
    out: BufWriter<Stdout>,
    options: &'a Options,
    /// A group of lines was written, so that the next one needs a separator.
    wrote_group: bool,
}

/// A line and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// Its bytes without the line separator.
    pub(crate) text: &'a [u8],
    /// Counted from 1.
    pub(crate) number: u64,
    /// Offset of its first byte in the file.
    pub(crate) offset: u64,
}

const MATCH: &[u8] = b"\x1b[01;31m\x1b[K";
const NAME: &[u8] = b"\x1b[35m\x1b[K";
const NUMBER: &[u8] = b"\x1b[32m\x1b[K";
const SEPARATOR: &[u8] = b"\x1b[36m\x1b[K";
const RESET: &[u8] = b"\x1b[m\x1b[K";

impl<'a> Printer<'a> {
    /// Writes to stdout.
    pub(crate) fn new(options: &'a Options) -> Self {
        Self { out: BufWriter::with_capacity(64 << 10, io::stdout()), options, wrote_group: false }
    }

    /// Writes what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Writes a line with its prefix; `mark` is `:` for a selected line and `-` for context.
    pub(crate) fn line(&mut self, name: Option<&[u8]>, line: Line<'_>, mark: u8, matcher: &Matcher) -> io::Result<()> {
        if self.options.only_matching {
            return self.matches(name, line, matcher);
        }
        self.prefix(name, line.number, line.offset, mark)?;
        let colours = self.options.colour && (mark == b':') != self.options.invert;
        if colours {
            self.coloured(line.text, matcher)?
        } else {
            self.out.write_all(line.text)?
        }
        self.out.write_all(&[self.line_end()])
    }

    /// Writes each match of a line on a line of its own (`-o`).
    fn matches(&mut self, name: Option<&[u8]>, line: Line<'_>, matcher: &Matcher) -> io::Result<()> {
        let mut at = 0;
        while let Some((start, end)) = matcher.find_at(line.text, at).filter(|_| at <= line.text.len()) {
            if end > start {
                self.prefix(name, line.number, line.offset + start as u64, b':')?;
                let found = &line.text[start..end];
                self.painted(MATCH, found)?;
                self.out.write_all(&[self.line_end()])?;
                at = end;
            } else {
                at = end + 1;
            }
            if at > line.text.len() {
                break;
            }
        }
        Ok(())
    }

    fn coloured(&mut self, text: &[u8], matcher: &Matcher) -> io::Result<()> {
        let (mut at, mut written) = (0, 0);
        while at <= text.len()
            && let Some((start, end)) = matcher.find_at(text, at)
        {
            if end > start {
                self.out.write_all(&text[written..start])?;
                self.painted(MATCH, &text[start..end])?;
                written = end;
                at = end;
            } else {
                at = end + 1;
            }
        }
        self.out.write_all(&text[written..])
    }

    fn prefix(&mut self, name: Option<&[u8]>, number: u64, offset: u64, mark: u8) -> io::Result<()> {
        let mut any = false;
        if let Some(name) = name {
            self.painted(NAME, name)?;
            if self.options.null_after_name {
                self.out.write_all(b"\0")?
            } else {
                self.painted(SEPARATOR, &[mark])?
            }
            any = true;
        }
        if self.options.line_number {
            let width = if self.options.initial_tab { 4 } else { 0 };
            self.painted(NUMBER, format!("{number:>width$}").as_bytes())?;
            self.painted(SEPARATOR, &[mark])?;
            any = true;
        }
        if self.options.byte_offset {
            self.painted(NUMBER, offset.to_string().as_bytes())?;
            self.painted(SEPARATOR, &[mark])?;
            any = true;
        }
        if any && self.options.initial_tab {
            self.out.write_all(b"\t")?;
        }
        Ok(())
    }

    /// Separates groups of context lines that do not touch.
    pub(crate) fn begin_group(&mut self) -> io::Result<()> {
        let between = std::mem::replace(&mut self.wrote_group, true);
        if between && let Some(separator) = &self.options.separator {
            self.painted(SEPARATOR, separator)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Writes a count of selected lines (`-c`).
    pub(crate) fn count(&mut self, name: Option<&[u8]>, count: u64) -> io::Result<()> {
        if let Some(name) = name {
            self.painted(NAME, name)?;
            if self.options.null_after_name { self.out.write_all(b"\0")? } else { self.painted(SEPARATOR, b":")? }
        }
        writeln!(self.out, "{count}")
    }

    /// Writes a file's name (`-l`, `-L`).
    pub(crate) fn name(&mut self, name: &[u8]) -> io::Result<()> {
        self.painted(NAME, name)?;
        self.out.write_all(if self.options.null_after_name { b"\0" } else { b"\n" })
    }

    /// Says that a file which is not text has a match.
    pub(crate) fn binary(&mut self, name: &[u8]) -> io::Result<()> {
        self.out.write_all(b"grep: ")?;
        self.out.write_all(name)?;
        self.out.write_all(b": binary file matches\n")
    }

    fn painted(&mut self, colour: &[u8], text: &[u8]) -> io::Result<()> {
        if !self.options.colour {
            return self.out.write_all(text);
        }
        for piece in [colour, text, RESET] {
            self.out.write_all(piece)?;
        }
        Ok(())
    }

    fn line_end(&self) -> u8 {
        if self.options.null_data { 0 } else { b'\n' }
    }
}
