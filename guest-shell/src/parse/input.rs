//! The stream of bytes under the lexer: the source with the texts of aliases pushed in front of it, line continuations
//! removed, and every consumed byte recorded so that a word can keep its text. Knows no syntax beyond that.

use crate::tree::Text;

use super::source::Source;

/// The input of one parse.
pub(super) struct Input<'a, 'r> {
    pub(super) source: &'a mut Source<'r>,
    frames: Vec<Frame>,
    /// All consumed bytes since the innermost word began (and those of the words around it).
    pub(super) record: Vec<u8>,
    /// An alias whose text ends with a blank was used up: the next word is tried as an alias too.
    pub(super) alias_next: bool,
}

/// The text of an alias being read.
struct Frame {
    name: Text,
    text: Vec<u8>,
    pos: usize,
    blank_at_end: bool,
}

impl<'a, 'r> Input<'a, 'r> {
    pub(super) fn new(source: &'a mut Source<'r>) -> Input<'a, 'r> {
        Input { source, frames: Vec::new(), record: Vec::new(), alias_next: false }
    }

    /// The next byte, with line continuations removed.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.peek_raw() {
                Some(b'\\') if self.second() == Some(b'\n') => self.skip(2),
                other => return other,
            }
        }
    }

    /// The next byte as it stands in the source.
    pub(super) fn peek_raw(&mut self) -> Option<u8> {
        while let Some(frame) = self.frames.last() {
            if let Some(&byte) = frame.text.get(frame.pos) {
                return Some(byte);
            }
            self.alias_next |= frame.blank_at_end;
            self.frames.pop();
        }
        loop {
            if let Some(&byte) = self.source.text.get(self.source.pos) {
                return Some(byte);
            }
            if !self.source.fill() {
                return None;
            }
        }
    }

    /// The byte behind the next one, of the same text.
    pub(super) fn second(&mut self) -> Option<u8> {
        if let Some(frame) = self.frames.last() {
            return frame.text.get(frame.pos + 1).copied();
        }
        if self.source.pos + 1 >= self.source.text.len() && self.source.text.get(self.source.pos) != Some(&b'\n') {
            self.source.fill();
        }
        self.source.text.get(self.source.pos + 1).copied()
    }

    /// Consumes and records the byte last peeked.
    pub(super) fn bump(&mut self) {
        if let Some(&byte) = self.rest().first() {
            self.record.push(byte);
            self.skip(1);
        }
    }

    /// Consumes the next byte if it is `byte` (line continuations removed).
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.bump();
        }
        found
    }

    /// Consumes and returns the next byte as it stands.
    pub(super) fn take_raw(&mut self) -> Option<u8> {
        let byte = self.peek_raw();
        self.bump();
        byte
    }

    /// What is left of the text that is read from now.
    pub(super) fn rest(&self) -> &[u8] {
        let (text, pos) = match self.frames.last() {
            Some(frame) => (frame.text.as_slice(), frame.pos),
            None => (self.source.text.as_slice(), self.source.pos),
        };
        text.get(pos..).unwrap_or_default()
    }

    /// Consumes and records the longest run of bytes that `stops` does not mark; appends it to `out`.
    pub(super) fn take_run(&mut self, stops: &[bool; 256], out: &mut Vec<u8>) {
        let rest = self.rest();
        let n = rest.iter().position(|&byte| stops[usize::from(byte)]).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..n]);
        self.take(n);
    }

    /// Consumes and records `n` bytes of `rest`.
    pub(super) fn take(&mut self, n: usize) {
        let (text, pos) = match self.frames.last() {
            Some(frame) => (frame.text.as_slice(), frame.pos),
            None => (self.source.text.as_slice(), self.source.pos),
        };
        self.record.extend_from_slice(&text[pos..pos + n]);
        self.skip(n);
    }

    /// Consumes `n` bytes of `rest` unrecorded.
    pub(super) fn skip(&mut self, n: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pos += n;
            return;
        }
        let taken = &self.source.text[self.source.pos..self.source.pos + n];
        let newlines = taken.iter().filter(|&&byte| byte == b'\n').count();
        self.source.line = self.source.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.source.pos += n;
    }

    /// Goes back over `n` bytes that were skipped just before and hold no newline.
    pub(super) fn unskip(&mut self, n: usize) {
        match self.frames.last_mut() {
            Some(frame) => frame.pos -= n,
            None => self.source.pos -= n,
        }
    }

    /// Goes back over the last `n` bytes of the source.
    pub(super) fn go_back(&mut self, n: usize) {
        let start = self.source.pos.saturating_sub(n);
        let newlines = self.source.text[start..self.source.pos].iter().filter(|&&byte| byte == b'\n').count();
        self.source.line = self.source.line.saturating_sub(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.source.pos = start;
    }

    /// Makes sure `rest` reaches beyond `n` bytes if there is as much input.
    pub(super) fn reach(&mut self, n: usize) -> bool {
        while self.rest().len() <= n {
            if !self.frames.is_empty() || !self.source.fill() {
                return false;
            }
        }
        true
    }

    /// Whether the text of an alias is being read.
    pub(super) fn in_alias(&self) -> bool {
        !self.frames.is_empty()
    }

    /// Whether the alias `name` is being read: it is not expanded again until its end.
    pub(super) fn expanding(&self, name: &[u8]) -> bool {
        self.frames.iter().any(|frame| frame.name.as_bytes() == name)
    }

    /// Puts the replacement of an alias before the input.
    pub(super) fn push_alias(&mut self, name: Text, replacement: &[u8]) {
        let blank_at_end = matches!(replacement.last(), Some(b' ' | b'\t'));
        let mut text = replacement.to_vec();
        // As in bash, so that the alias's last word does not run into what follows.
        if !matches!(text.last(), Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')) {
            text.push(b' ');
        }
        self.frames.push(Frame { name, text, pos: 0, blank_at_end });
    }

    /// Drops what is left of the aliases and of the current line.
    pub(super) fn skip_line(&mut self) {
        self.frames.clear();
        let rest = self.rest();
        let n = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        self.skip(n);
    }

    pub(super) fn line(&self) -> u32 {
        self.source.line
    }
}
