//! What the parser reads from: a script's bytes with their position, and what it may ask about: aliases and options.

use std::collections::BTreeMap;

use crate::tree::Text;

/// The defined aliases: name to replacement.
pub type Aliases = BTreeMap<Text, Text>;

/// The shell options that change how source is read. Taken anew for every complete command.
#[derive(Clone, Copy, Debug)]
pub struct ParseOpts {
    /// `shopt expand_aliases`.
    pub expand_aliases: bool,
    /// `shopt extglob`.
    pub extglob: bool,
    /// `set -B`: brace expansion.
    pub braces: bool,
    /// `set -o posix`.
    pub posix: bool,
}

impl Default for ParseOpts {
    fn default() -> ParseOpts {
        ParseOpts { expand_aliases: false, extglob: false, braces: true, posix: false }
    }
}

/// Gives the next line (or more) of a script that is read while it runs; `None` at its end.
pub type Refill<'r> = Box<dyn FnMut() -> Option<Vec<u8>> + 'r>;

/// Changes a line before it is parsed: gets what was read of the command, the line, and its number.
pub type LineFilter<'r> = Box<dyn FnMut(&[u8], Vec<u8>, u32) -> Vec<u8> + 'r>;

/// A script being read, one complete command after another.
pub struct Source<'r> {
    pub(super) text: Vec<u8>,
    pub(super) pos: usize,
    pub(super) line: u32,
    refill: Option<Refill<'r>>,
    filter: Option<LineFilter<'r>>,
    /// What a filter has not let through yet, of a source that is there whole.
    held: Vec<u8>,
    /// Lines pass by the filter: they are a here-document's.
    pub(super) verbatim: bool,
    /// The newline that the last line lacks was supplied.
    ended: bool,
    /// Where the text last handed out began, for `taken`.
    pub(super) mark: usize,
}

impl<'r> Source<'r> {
    /// A source over a whole script whose first line is numbered `line` (1 for a file). NUL bytes are dropped, as
    /// bash does.
    pub fn new(text: impl Into<Vec<u8>>, line: u32) -> Source<'r> {
        Source { text: without_nul(text.into()), refill: None, ..Source::from_lines(Box::new(|| None), line) }
    }

    /// A source that is fetched line by line, so that commands can read the rest of the same input.
    pub fn from_lines(refill: Refill<'r>, line: u32) -> Source<'r> {
        Source {
            text: Vec::new(),
            pos: 0,
            line,
            refill: Some(refill),
            filter: None,
            held: Vec::new(),
            verbatim: false,
            ended: false,
            mark: 0,
        }
    }

    /// Sends the lines that are not read yet through a filter, one by one as they are needed.
    pub fn filter_lines(&mut self, filter: LineFilter<'r>) {
        if self.filter.is_none() && self.refill.is_none() {
            self.held = self.text.split_off(self.pos);
            self.held.reverse();
        }
        self.filter = Some(filter);
    }

    /// Reads the rest as it is.
    pub fn unfilter_lines(&mut self) {
        if self.filter.take().is_some() {
            self.held.reverse();
            self.text.append(&mut self.held);
        }
    }

    /// The number of the line that is read next.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The source text of the command that [`super::next`] handed out last, for `set -v` and the history.
    pub fn taken(&self) -> &[u8] {
        self.text.get(self.mark..self.pos).unwrap_or_default()
    }

    /// Begins a command: forgets what was read from a line-wise source, so that it holds one command at a time.
    pub(super) fn begin(&mut self) {
        if self.refill.is_some() {
            self.text.drain(..self.pos);
            self.pos = 0;
        }
        self.mark = self.pos;
    }

    /// Fetches more text behind what there is; false at the end of the input.
    pub(super) fn fill(&mut self) -> bool {
        loop {
            let Some(mut more) = self.next_line() else { return false };
            if let Some(filter) = self.filter.as_mut().filter(|_| !self.verbatim) {
                let unread = self.text.get(self.pos..).unwrap_or_default();
                let line = unread.iter().filter(|&&byte| byte == b'\n').count();
                let line = self.line.saturating_add(u32::try_from(line).unwrap_or(u32::MAX));
                more = filter(self.text.get(self.mark..).unwrap_or_default(), more, line);
            }
            // What a filter swallows is no line, not even to count.
            if !more.is_empty() {
                self.text.extend(without_nul(more));
                return true;
            }
        }
    }

    /// The next line that was not looked at; `None` at the end.
    fn next_line(&mut self) -> Option<Vec<u8>> {
        if let Some(refill) = &mut self.refill {
            let more = refill();
            if more.is_none() {
                self.refill = None;
            }
            return more;
        }
        // Held back to front, so that taking a line costs that line alone.
        let end = self.held.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
        let mut line = self.held.split_off(end);
        line.reverse();
        (!line.is_empty()).then_some(line)
    }

    /// At the end of the input: supplies the newline that its last line lacks, once; true if it did.
    pub(super) fn end_last_line(&mut self) -> bool {
        let lacking = !self.ended && self.text.last().is_some_and(|&last| last != b'\n');
        if lacking {
            self.ended = true;
            self.line = self.line.saturating_add(1);
        }
        lacking
    }

    /// The whole source line around `pos`, without its newline.
    pub(super) fn line_at(&self, pos: usize) -> &[u8] {
        let pos = pos.min(self.text.len());
        let start = self.text[..pos].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let end = self.text[pos..].iter().position(|&b| b == b'\n').map_or(self.text.len(), |at| pos + at);
        &self.text[start..end]
    }
}

fn without_nul(mut text: Vec<u8>) -> Vec<u8> {
    if text.contains(&0) {
        text.retain(|&b| b != 0);
    }
    text
}
