//! Records of an input: a block is read at a time, and the separator looked for in it.

use std::fs::File;
use std::io::{ErrorKind, Read, Stdin};
use std::rc::Rc;

use crate::failure::Result;
use crate::pattern::Pattern;

/// What is read at once, in bytes.
const BLOCK: usize = 128 << 10;

/// What ends a record (`RS`).
#[derive(Clone)]
pub(crate) enum Separator {
    Byte(u8),
    /// Empty lines.
    Paragraph,
    Regex(Rc<Pattern>),
}

/// Where bytes come from.
pub(crate) enum Origin {
    Stdin(Stdin),
    File(File),
}

impl Origin {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Stdin(stdin) => stdin.lock().read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

/// One input.
pub(crate) struct Reader {
    origin: Origin,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    /// What ended the last record (`RT`).
    pub(crate) terminator: Vec<u8>,
}

/// What came of an attempt to read a record.
#[derive(Debug)]
pub(crate) enum Outcome {
    Record,
    End,
    Failed(std::io::Error),
}

impl Reader {
    pub(crate) fn new(origin: Origin) -> Self {
        Self { origin, buffer: Vec::new(), start: 0, end: 0, at_end: false, terminator: Vec::new() }
    }

    /// Reads the next record into `record`, whose content goes.
    pub(crate) fn read(&mut self, separator: &Separator, record: &mut Vec<u8>) -> Result<Outcome> {
        record.clear();
        // What of the waiting bytes has no separator.
        let mut searched = 0;
        if matches!(separator, Separator::Paragraph) && !self.skip_newlines() {
            return Ok(Outcome::End);
        }
        loop {
            if let Some((from, to)) = self.find(separator, searched)? {
                return Ok(self.take(record, from, to));
            }
            searched = self.end - self.start;
            if self.at_end {
                break;
            }
            if let Err(error) = self.fill() {
                self.at_end = true;
                return Ok(Outcome::Failed(error));
            }
        }
        if self.start == self.end {
            self.terminator.clear();
            return Ok(Outcome::End);
        }
        let rest = self.end - self.start;
        let newline = matches!(separator, Separator::Paragraph) && self.buffer.get(self.end - 1) == Some(&b'\n');
        Ok(self.take(record, rest - usize::from(newline), rest))
    }

    fn waiting(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    #[inline]
    fn take(&mut self, record: &mut Vec<u8>, from: usize, to: usize) -> Outcome {
        let waiting = self.buffer.get(self.start..self.end).unwrap_or_default();
        record.extend_from_slice(waiting.get(..from).unwrap_or_default());
        self.terminator.clear();
        self.terminator.extend_from_slice(waiting.get(from..to).unwrap_or_default());
        self.start += to;
        Outcome::Record
    }

    /// Finds the end of the record and of its separator in what waits, if they are surely there.
    #[inline]
    fn find(&self, separator: &Separator, searched: usize) -> Result<Option<(usize, usize)>> {
        let waiting = self.waiting();
        match separator {
            Separator::Byte(byte) => {
                let rest = waiting.get(searched..).unwrap_or_default();
                Ok(memchr::memchr(*byte, rest).map(|at| (searched + at, searched + at + 1)))
            }
            Separator::Paragraph => {
                let from = searched.saturating_sub(1);
                let rest = waiting.get(from..).unwrap_or_default();
                let Some(at) = memchr::memmem::find(rest, b"\n\n").map(|at| from + at) else { return Ok(None) };
                let newlines = waiting.get(at..).unwrap_or_default().iter().take_while(|byte| **byte == b'\n').count();
                let whole = at + newlines < waiting.len() || self.at_end;
                Ok(whole.then_some((at, at + newlines)))
            }
            Separator::Regex(pattern) => {
                let found = first_match(pattern, waiting)?;
                // A match that touches the end might go on.
                Ok(found.filter(|(_, to)| *to < waiting.len() || self.at_end))
            }
        }
    }

    /// Passes the newlines before a paragraph; tells whether anything follows.
    fn skip_newlines(&mut self) -> bool {
        loop {
            let newlines = self.waiting().iter().take_while(|byte| **byte == b'\n').count();
            self.start += newlines;
            if self.start < self.end {
                return true;
            }
            if self.at_end || self.fill().is_err() {
                self.terminator.clear();
                return false;
            }
        }
    }

    /// Reads more.
    fn fill(&mut self) -> std::io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < BLOCK / 2 {
            // A long record makes the buffer grow by its own length, so that it is not copied for each block.
            let more = BLOCK.max(self.end);
            self.buffer.resize(self.end + more, 0);
        }
        loop {
            match self.origin.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(());
                }
                Ok(count) => {
                    self.end += count;
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The first match of something.
fn first_match(pattern: &Pattern, text: &[u8]) -> Result<Option<(usize, usize)>> {
    let mut at = 0;
    while let Some((from, to)) = pattern.find_at(text, at)? {
        if to > from {
            return Ok(Some((from, to)));
        }
        at = to + 1;
        if at > text.len() {
            break;
        }
    }
    Ok(None)
}
