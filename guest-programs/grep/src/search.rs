//! The search of one file: block by block, with whole lines in each, so that a file of any size is never held whole.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::matcher::Matcher;
use crate::options::{BinaryFiles, List, Options};
use crate::output::{Line, Printer};

/// Bytes read at a time; a line longer than this makes the buffer grow.
const BLOCK_BYTES: usize = 256 << 10;

/// A failure of reading, which concerns one file, or of writing, which ends grep.
pub(crate) enum SearchError {
    Read(io::Error),
    Write(io::Error),
}

/// Searches one file.
pub(crate) struct Search<'a, 'p> {
    options: &'a Options,
    matcher: &'a Matcher,
    printer: &'a mut Printer<'p>,
    /// The name that prefixes lines, if they have one.
    prefix: Option<&'a [u8]>,
    separator: u8,
    selected: u64,
    lines_before: u64,
    bytes_before: u64,
    /// Lines that may become leading context.
    before: VecDeque<(Vec<u8>, u64, u64)>,
    /// Lines of trailing context still to write.
    after_left: usize,
    /// Number of the last line written, 0 for none.
    last_written: u64,
    binary: bool,
    /// A selected line was not written because it is no text.
    skipped: bool,
    done: bool,
}

impl<'a, 'p> Search<'a, 'p> {
    pub(crate) fn new(
        options: &'a Options,
        matcher: &'a Matcher,
        printer: &'a mut Printer<'p>,
        prefix: Option<&'a [u8]>,
    ) -> Self {
        Self {
            options,
            matcher,
            printer,
            prefix,
            separator: if options.null_data { 0 } else { b'\n' },
            selected: 0,
            lines_before: 0,
            bytes_before: 0,
            before: VecDeque::new(),
            after_left: 0,
            last_written: 0,
            binary: false,
            skipped: false,
            done: options.max_count == Some(0),
        }
    }

    /// Reads `input` to its end, or until the answer is known, and returns whether a line was selected.
    pub(crate) fn run(mut self, mut input: impl Read, name: &[u8]) -> Result<bool, SearchError> {
        let mut buffer = vec![0u8; BLOCK_BYTES];
        let mut filled = 0;
        let mut first = true;
        while !self.done {
            if filled == buffer.len() {
                buffer.resize(buffer.len() * 2, 0);
            }
            let count = read(&mut input, &mut buffer[filled..]).map_err(SearchError::Read)?;
            if std::mem::take(&mut first) {
                self.binary = self.looks_binary(&buffer[..count]);
                if self.binary && self.options.binary == BinaryFiles::NoMatch {
                    break;
                }
            }
            let end = filled + count;
            let whole = if count == 0 {
                end
            } else {
                memchr::memrchr(self.separator, &buffer[filled..end]).map_or(0, |at| filled + at + 1)
            };
            if whole > 0 {
                self.block(&buffer[..whole]).map_err(SearchError::Write)?;
                buffer.copy_within(whole..end, 0);
            }
            filled = end - whole;
            if count == 0 {
                break;
            }
        }
        self.finish(name).map_err(SearchError::Write)
    }

    fn looks_binary(&self, start: &[u8]) -> bool {
        !self.options.null_data && self.options.binary != BinaryFiles::AsText && memchr::memchr(0, start).is_some()
    }

    /// Whether lines are written, rather than counted or merely found.
    fn writes_lines(&self) -> bool {
        self.options.list == List::Lines && !self.options.quiet && !self.binary
    }

    /// Searches a run of whole lines (the last may lack its separator).
    fn block(&mut self, block: &[u8]) -> io::Result<()> {
        let mut at = 0;
        while at < block.len() && !self.done {
            let next = self.next_match(block, at);
            let (start, end) = next.unwrap_or((block.len(), block.len()));
            self.others(block, at, start)?;
            if self.done || next.is_none() {
                break;
            }
            let line = self.line(block, start, end);
            if self.options.invert {
                self.unselected(line)?
            } else {
                self.selected(line)?
            }
            self.lines_before += 1;
            self.bytes_before += (end - start) as u64;
            at = end;
        }
        Ok(())
    }

    /// Returns the bounds of the next line that matches, its separator included.
    fn next_match(&self, block: &[u8], from: usize) -> Option<(usize, usize)> {
        if self.matcher.spans_blocks() {
            let text = block.strip_suffix(&[self.separator]).unwrap_or(block);
            let (found, _) = self.matcher.find_at(text, from)?;
            let start = memchr::memrchr(self.separator, &block[from..found]).map_or(from, |at| from + at + 1);
            return Some((start, line_end(block, found, self.separator)));
        }
        let mut start = from;
        while start < block.len() {
            let end = line_end(block, start, self.separator);
            let text = block[start..end].strip_suffix(&[self.separator]).unwrap_or(&block[start..end]);
            if self.matcher.find_at(text, 0).is_some() {
                return Some((start, end));
            }
            start = end;
        }
        None
    }

    /// Takes the lines from `start` to `end`, none of which matches.
    fn others(&mut self, block: &[u8], start: usize, end: usize) -> io::Result<()> {
        let uses_lines = self.options.invert || self.after_left > 0 || (self.options.before > 0 && self.writes_lines());
        if !uses_lines {
            // Groups are told apart by the numbers of their lines.
            if self.options.line_number || self.options.groups {
                self.lines_before += memchr::memchr_iter(self.separator, &block[start..end]).count() as u64;
            }
            self.bytes_before += (end - start) as u64;
            return Ok(());
        }
        let mut at = start;
        while at < end && !self.done {
            let next = line_end(block, at, self.separator);
            let line = self.line(block, at, next);
            if self.options.invert {
                self.selected(line)?
            } else {
                self.unselected(line)?
            }
            self.lines_before += 1;
            self.bytes_before += (next - at) as u64;
            at = next;
        }
        Ok(())
    }

    fn line<'b>(&self, block: &'b [u8], start: usize, end: usize) -> Line<'b> {
        let text = &block[start..end];
        Line {
            text: text.strip_suffix(&[self.separator]).unwrap_or(text),
            number: self.lines_before + 1,
            offset: self.bytes_before,
        }
    }

    fn selected(&mut self, line: Line<'_>) -> io::Result<()> {
        self.selected += 1;
        let enough = self.options.max_count.is_some_and(|max| self.selected >= max);
        let only_existence = self.options.quiet
            || self.options.to_null
            || matches!(self.options.list, List::FilesWithMatches | List::FilesWithoutMatches);
        if self.writes_lines() {
            if self.options.binary != BinaryFiles::AsText
                && !self.options.null_data
                && std::str::from_utf8(line.text).is_err()
            {
                self.skipped = true;
            } else {
                self.write_selected(line)?;
            }
        }
        let summarised = self.binary && self.options.list == List::Lines;
        self.done = only_existence || summarised || (enough && self.options.after == 0);
        if enough && self.options.after > 0 {
            // GNU grep writes trailing context after the last counted line; those lines are not selected.
            self.done = !self.writes_lines();
        }
        Ok(())
    }

    fn write_selected(&mut self, line: Line<'_>) -> io::Result<()> {
        let has_context = self.options.groups;
        let first = self.before.front().map_or(line.number, |(_, number, _)| *number);
        if has_context && (self.last_written == 0 || first > self.last_written + 1) {
            self.printer.begin_group()?;
        }
        for (text, number, offset) in std::mem::take(&mut self.before) {
            if !self.options.only_matching {
                let line = Line { text: &text, number, offset };
                self.printer.line(self.prefix, line, b'-', self.matcher)?;
            }
        }
        if !(self.options.only_matching && self.options.invert) {
            self.printer.line(self.prefix, line, b':', self.matcher)?;
        }
        self.last_written = line.number;
        self.after_left = self.options.after;
        Ok(())
    }

    fn unselected(&mut self, line: Line<'_>) -> io::Result<()> {
        if !self.writes_lines() {
            return Ok(());
        }
        if self.after_left > 0 {
            self.after_left -= 1;
            self.last_written = line.number;
            if !self.options.only_matching {
                self.printer.line(self.prefix, line, b'-', self.matcher)?;
            }
            let enough = self.options.max_count.is_some_and(|max| self.selected >= max);
            self.done = enough && self.after_left == 0;
        } else if self.options.before > 0 {
            if self.before.len() == self.options.before {
                self.before.pop_front();
            }
            self.before.push_back((line.text.to_vec(), line.number, line.offset));
        }
        Ok(())
    }

    /// Writes what is known only at the end.
    fn finish(self, name: &[u8]) -> io::Result<bool> {
        let any = self.selected > 0;
        if !self.options.quiet {
            match self.options.list {
                List::Count => self.printer.count(self.prefix, self.selected)?,
                List::FilesWithMatches if any => self.printer.name(name)?,
                List::FilesWithoutMatches if !any => self.printer.name(name)?,
                List::Lines if any && (self.binary || self.skipped) => self.printer.binary(name)?,
                _ => {}
            }
        }
        Ok(any)
    }
}

fn line_end(block: &[u8], from: usize, separator: u8) -> usize {
    memchr::memchr(separator, &block[from..]).map_or(block.len(), |at| from + at + 1)
}

fn read(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
