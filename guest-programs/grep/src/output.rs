//! What grep writes: selected lines, context, counts and names, with GNU's separators and colours.

use std::io::{self, BufWriter, Stdout, Write};

use crate::colours::Colours;
use crate::matcher::Matcher;
use crate::options::Options;

/// Writes the results of all files.
pub(crate) struct Printer<'a> {
    out: BufWriter<Stdout>,
    options: &'a Options,
    /// A group of lines was written, so that the next one needs a separator.
    wrote_group: bool,
    colours: Colours,
    /// Columns of line numbers and offsets with `-T`.
    width: usize,
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

/// What a piece of the output is, which decides its colour.
#[derive(Clone, Copy)]
enum Part {
    Selected,
    Context,
    Name,
    Number,
    Offset,
    Separator,
}

/// Digits of the largest offset, where the size of the input is not known.
const WIDEST: usize = 19;

impl<'a> Printer<'a> {
    /// Writes to stdout.
    pub(crate) fn new(options: &'a Options) -> Self {
        Self {
            out: BufWriter::with_capacity(64 << 10, io::stdout()),
            options,
            wrote_group: false,
            colours: Colours::from_environment(),
            width: 0,
        }
    }

    /// Writes what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Sets the columns of `-T` for a file of a size; `None`: it has none.
    pub(crate) fn align_for(&mut self, size: Option<u64>) {
        let largest = size.map(|size| size + u64::from(self.options.line_number));
        self.width = match largest {
            _ if !self.options.initial_tab => 0,
            None => WIDEST,
            Some(largest) => largest.to_string().len(),
        };
    }

    /// Writes a line with its prefix; `mark` is `:` for a selected line and `-` for context.
    pub(crate) fn line(&mut self, name: Option<&[u8]>, line: Line<'_>, mark: u8, matcher: &Matcher) -> io::Result<()> {
        if self.options.only_matching {
            return self.matches(name, line, matcher);
        }
        self.prefix(name, line.number, line.offset, mark)?;
        // Matches stand in the lines that match, be they selected or, with `-v`, context.
        let has_matches = self.options.colour && (mark == b':') != self.options.invert;
        let is_first = (mark == b':') != (self.colours.reversed && self.options.invert);
        let whole = if is_first { self.colours.selected_line.clone() } else { self.colours.context_line.clone() };
        let paints_line = self.options.colour && !whole.is_empty();
        if paints_line {
            self.start(&whole)?;
        }
        if has_matches {
            self.coloured(line.text, matcher, mark, paints_line.then_some(whole.as_str()))?
        } else {
            self.out.write_all(line.text)?
        }
        if paints_line {
            self.end()?;
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
                self.painted(Part::Selected, found)?;
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

    fn coloured(&mut self, text: &[u8], matcher: &Matcher, mark: u8, around: Option<&str>) -> io::Result<()> {
        let part = if mark == b':' { Part::Selected } else { Part::Context };
        let (mut at, mut written) = (0, 0);
        while at <= text.len()
            && let Some((start, end)) = matcher.find_at(text, at)
        {
            if end > start {
                self.out.write_all(&text[written..start])?;
                if around.is_some() {
                    self.end()?;
                }
                self.painted(part, &text[start..end])?;
                if let Some(around) = around {
                    self.start(around)?;
                }
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
            self.painted(Part::Name, name)?;
            if self.options.null_after_name {
                self.out.write_all(b"\0")?
            } else {
                self.painted(Part::Separator, &[mark])?
            }
            any = true;
        }
        if self.options.line_number {
            let width = self.width;
            self.painted(Part::Number, format!("{number:>width$}").as_bytes())?;
            self.painted(Part::Separator, &[mark])?;
            any = true;
        }
        if self.options.byte_offset {
            let width = self.width;
            self.painted(Part::Offset, format!("{offset:>width$}").as_bytes())?;
            self.painted(Part::Separator, &[mark])?;
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
            self.painted(Part::Separator, separator)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Writes a count of selected lines (`-c`).
    pub(crate) fn count(&mut self, name: Option<&[u8]>, count: u64) -> io::Result<()> {
        if let Some(name) = name {
            self.painted(Part::Name, name)?;
            if self.options.null_after_name { self.out.write_all(b"\0")? } else { self.painted(Part::Separator, b":")? }
        }
        writeln!(self.out, "{count}")
    }

    /// Writes a file's name (`-l`, `-L`).
    pub(crate) fn name(&mut self, name: &[u8]) -> io::Result<()> {
        self.painted(Part::Name, name)?;
        self.out.write_all(if self.options.null_after_name { b"\0" } else { b"\n" })
    }

    /// Says that a file which is not text has a match, after what is written of it.
    pub(crate) fn binary(&mut self, name: &[u8]) -> io::Result<()> {
        self.out.flush()?;
        // Nobody is left to tell when stderr is closed.
        let _ = io::stderr().write_all(&[b"grep: ", name, b": binary file matches\n"].concat());
        Ok(())
    }

    fn painted(&mut self, part: Part, text: &[u8]) -> io::Result<()> {
        if !self.options.colour {
            return self.out.write_all(text);
        }
        let sequence = match part {
            Part::Selected => &self.colours.selected,
            Part::Context => &self.colours.context,
            Part::Name => &self.colours.name,
            Part::Number => &self.colours.number,
            Part::Offset => &self.colours.offset,
            Part::Separator => &self.colours.separator,
        };
        if sequence.is_empty() {
            return self.out.write_all(text);
        }
        let sequence = sequence.clone();
        self.start(&sequence)?;
        self.out.write_all(text)?;
        self.end()
    }

    fn start(&mut self, sequence: &str) -> io::Result<()> {
        write!(self.out, "\x1b[{sequence}m{}", if self.colours.no_clear { "" } else { "\x1b[K" })
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.write_all(if self.colours.no_clear { b"\x1b[m" } else { b"\x1b[m\x1b[K" })
    }

    fn line_end(&self) -> u8 {
        if self.options.null_data { 0 } else { b'\n' }
    }
}
