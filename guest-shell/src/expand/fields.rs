//! Where expanded text goes: one text, or words that are split as it comes.
//!
//! Knows which bytes were quoted, because they are neither split nor patterns. Runs no expansion itself.

use std::rc::Rc;

use super::ifs::{Ifs, Role};

/// What becomes of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// Words of a command: unquoted expansions are split, words with unquoted glob characters are patterns.
    Words,
    /// One text.
    Text,
    /// One text that is assigned: lists that an operator made are joined by IFS in it.
    Value,
    /// One text that remembers which parts are quoted: patterns, replacements.
    Marked,
}

/// One word as it came out of splitting.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: Vec<u8>,
    /// It holds an unquoted character that may make it a pattern.
    pub(super) pattern: bool,
    /// Ranges of `text` that are quoted (in `Words` only those that hold a special character).
    pub(super) quoted: Vec<(usize, usize)>,
}

/// Collects expanded text.
pub(super) struct Fields {
    pub(super) mode: Mode,
    /// Finished words.
    pub(super) done: Vec<Field>,
    /// The word being made.
    pub(super) current: Field,
    /// It exists even when it is empty.
    exists: bool,
    /// The last word was ended by a blank of IFS: a separator that follows belongs to the same gap.
    gap: bool,
    /// A quoted list (`"$@"`) had no elements.
    empty_list: bool,
    ifs: Rc<Ifs>,
}

/// Whether a text holds a character that means something in a pattern.
fn has_special(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\' | b'(' | b']' | b'!' | b'-' | b'|' | b')'))
}

fn may_be_pattern(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'(' | b'\\'))
}

impl Fields {
    pub(super) fn new(mode: Mode, ifs: Rc<Ifs>) -> Fields {
        Fields { mode, done: Vec::new(), current: Field::default(), exists: false, gap: false, empty_list: false, ifs }
    }

    /// A collector of one text that appends to `text`.
    pub(super) fn text(text: Vec<u8>, ifs: Rc<Ifs>) -> Fields {
        let mut fields = Fields::new(Mode::Text, ifs);
        fields.current.text = text;
        fields
    }

    pub(super) fn ifs(&self) -> &Ifs {
        &self.ifs
    }

    /// Bytes collected so far.
    pub(super) fn size(&self) -> usize {
        self.current.text.len()
    }

    /// Unquoted text of the source.
    pub(super) fn push_literal(&mut self, text: &[u8]) {
        self.current.text.extend_from_slice(text);
        self.exists |= !text.is_empty();
        self.gap = false;
        if self.mode == Mode::Words && !self.current.pattern {
            self.current.pattern = may_be_pattern(text);
        }
    }

    /// Text that stands for itself; makes a word even when it is empty.
    pub(super) fn push_quoted(&mut self, text: &[u8]) {
        let start = self.current.text.len();
        self.current.text.extend_from_slice(text);
        self.exists = true;
        self.gap = false;
        if !text.is_empty() && (self.mode == Mode::Marked || (self.mode == Mode::Words && has_special(text))) {
            let end = self.current.text.len();
            match self.current.quoted.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => self.current.quoted.push((start, end)),
            }
        }
    }

    /// What an expansion came to.
    pub(super) fn push_expansion(&mut self, text: &[u8], quoted: bool) {
        if quoted {
            self.push_quoted(text);
        } else if self.mode == Mode::Words {
            self.push_split(text);
        } else {
            self.current.text.extend_from_slice(text);
        }
    }

    fn push_split(&mut self, text: &[u8]) {
        let ifs = Rc::clone(&self.ifs);
        let mut rest = text;
        while !rest.is_empty() {
            let mut len = 0;
            let (role, step) = loop {
                match ifs.role(&rest[len..]) {
                    (Role::Ordinary, step) if step > 0 => len += step,
                    other => break other,
                }
            };
            if len > 0 {
                let run = &rest[..len];
                self.current.text.extend_from_slice(run);
                self.current.pattern |= may_be_pattern(run);
                self.exists = true;
                self.gap = false;
            }
            match role {
                Role::Blank => {
                    if self.exists {
                        self.end_word();
                        self.gap = true;
                    }
                }
                Role::Separator if self.gap && !self.exists => self.gap = false,
                Role::Separator => {
                    self.end_word();
                    self.gap = false;
                }
                Role::Ordinary => {}
            }
            rest = &rest[len + step..];
        }
    }

    /// Tells that a quoted list had no elements.
    pub(super) fn note_empty_list(&mut self) {
        self.empty_list = true;
    }

    /// Marks the begin of double quotes.
    pub(super) fn open_quotes(&mut self) -> (bool, usize, usize) {
        self.empty_list = false;
        (self.exists, self.current.text.len(), self.done.len())
    }

    /// Ends double quotes: a list without elements and nothing else in them makes no word.
    pub(super) fn close_quotes(&mut self, (existed, length, words): (bool, usize, usize)) {
        if self.empty_list && self.current.text.len() == length && self.done.len() == words {
            self.exists = existed;
        }
    }

    /// Ends the word between two elements of a list (`"$@"`); unquoted, an empty element leaves no word.
    pub(super) fn next_element(&mut self, quoted: bool) {
        if quoted || self.exists {
            self.end_word();
        }
        self.gap = false;
    }

    fn end_word(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
        self.exists = false;
    }

    /// All words.
    pub(super) fn finish(mut self) -> Vec<Field> {
        if self.exists {
            self.end_word();
        }
        self.done
    }
}

impl Field {
    /// The word as a pattern: quoted parts have backslashes.
    pub(super) fn into_pattern(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text.len() + 8);
        let mut at = 0;
        for (start, end) in &self.quoted {
            out.extend_from_slice(&self.text[at..*start]);
            crate::pattern::quote_into(&mut out, &self.text[*start..*end]);
            at = *end;
        }
        out.extend_from_slice(&self.text[at..]);
        out
    }

    /// The word as a regular expression: quoted parts stand for themselves.
    pub(super) fn into_regex(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text.len() + 8);
        let mut at = 0;
        for (start, end) in &self.quoted {
            out.extend_from_slice(&self.text[at..*start]);
            for byte in &self.text[*start..*end] {
                if matches!(
                    byte,
                    b'.' | b'*' | b'+' | b'?' | b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'|' | b'^' | b'$' | b'\\'
                ) {
                    out.push(b'\\');
                }
                out.push(*byte);
            }
            at = *end;
        }
        out.extend_from_slice(&self.text[at..]);
        out
    }

    /// Whether the byte at this offset is quoted.
    pub(super) fn is_quoted(&self, at: usize) -> bool {
        self.quoted.iter().any(|(start, end)| (*start..*end).contains(&at))
    }
}
