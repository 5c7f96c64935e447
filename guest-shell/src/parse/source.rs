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

/// A script being read, one complete command after another.
pub struct Source<'r> {
    pub(super) text: Vec<u8>,
    pub(super) pos: usize,
    pub(super) line: u32,
    refill: Option<Refill<'r>>,
    /// The newline that the last line lacks was supplied.
    ended: bool,
    /// Where the text last handed out began, for `taken`.
    pub(super) mark: usize,
}

impl<'r> Source<'r> {
    /// A source over a whole script whose first line is numbered `line` (1 for a file). NUL bytes are dropped, as
    /// bash does.
    pub fn new(text: impl Into<Vec<u8>>, line: u32) -> Source<'r> {
        Source { text: without_nul(text.into()), pos: 0, line, refill: None, ended: false, mark: 0 }
    }

    /// A source that is fetched line by line, so that commands can read the rest of the same input.
    pub fn from_lines(refill: Refill<'r>, line: u32) -> Source<'r> {
        Source { text: Vec::new(), pos: 0, line, refill: Some(refill), ended: false, mark: 0 }
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
        let Some(refill) = &mut self.refill else { return false };
        match refill() {
            Some(more) => {
                self.text.extend(without_nul(more));
                true
            }
            None => {
                self.refill = None;
                false
            }
        }
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
