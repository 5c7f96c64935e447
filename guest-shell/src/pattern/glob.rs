//! Glob patterns: the compiled form and its parser.
//!
//! A pattern without extended operators is a row of segments of fixed items with stars between, which is matched
//! without memory and without backtracking into earlier segments (`simple`). Any other is matched by sets of
//! positions (`sets`), so neither kind has exponential cases.

use super::class::Class;
use crate::expand::text::{char_len, first_char, lower};

/// How deep extended operators may nest; deeper ones are ordinary characters.
const NESTING_MAX: u32 = 100;

/// How patterns are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flags {
    /// `?(...)`, `*(...)`, `+(...)`, `@(...)`, `!(...)` are operators.
    pub extended: bool,
    /// Upper and lower case match each other.
    pub fold: bool,
}

/// One item of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// These bytes.
    Literal(Vec<u8>),
    /// This character in any case, in lower case.
    Folded(char),
    /// Any one character.
    Any,
    /// A character of a set.
    Class(Box<Class>),
    /// Any text.
    Star,
    /// An extended operator with its alternatives.
    Group(Repeat, Vec<Vec<Item>>),
}

/// The extended operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// `?(...)`.
    Optional,
    /// `*(...)`.
    Many,
    /// `+(...)`.
    Some,
    /// `@(...)`.
    One,
    /// `!(...)`.
    Not,
}

impl Repeat {
    fn from_byte(byte: u8) -> Option<Repeat> {
        Some(match byte {
            b'?' => Repeat::Optional,
            b'*' => Repeat::Many,
            b'+' => Repeat::Some,
            b'@' => Repeat::One,
            b'!' => Repeat::Not,
            _ => return None,
        })
    }
}

/// Parses a whole pattern. A backslash quotes the next character; what does not parse is literal.
pub(super) fn parse(text: &[u8], flags: Flags) -> Vec<Item> {
    Parser { text, at: 0, flags, nesting: 0 }.items(false)
}

/// Whether a text holds an unquoted character that makes it a pattern.
pub fn is_pattern(text: &[u8], extended: bool) -> bool {
    let mut at = 0;
    let mut bracket = false;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'*' | b'?' => return true,
            b'[' => bracket = true,
            b']' if bracket => return true,
            b'+' | b'@' | b'!' if extended && text.get(at + 1) == Some(&b'(') => return true,
            _ => {}
        }
        at += 1;
    }
    false
}

/// Puts a backslash before every character that means something in a pattern.
pub fn quote_into(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        if matches!(
            byte,
            b'*' | b'?'
                | b'['
                | b']'
                | b'\\'
                | b'('
                | b')'
                | b'|'
                | b'!'
                | b'+'
                | b'@'
                | b'-'
                | b'^'
                | b':'
                | b'.'
                | b'='
        ) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
}

/// Removes the backslashes that [`quote_into`] puts.
pub fn unquote(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.push(*bytes.next().unwrap_or(byte)),
            byte => out.push(*byte),
        }
    }
    out
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    flags: Flags,
    nesting: u32,
}

impl Parser<'_> {
    /// Items up to the end, or in a group up to `|` or `)`.
    fn items(&mut self, grouped: bool) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some(byte) = self.text.get(self.at).copied() {
            if grouped && matches!(byte, b'|' | b')') {
                break;
            }
            if self.flags.extended
                && self.text.get(self.at + 1) == Some(&b'(')
                && let Some(repeat) = Repeat::from_byte(byte)
                && let Some(group) = self.group(repeat)
            {
                items.push(group);
                continue;
            }
            match byte {
                b'*' => {
                    self.at += 1;
                    if items.last() != Some(&Item::Star) {
                        items.push(Item::Star);
                    }
                }
                b'?' => {
                    self.at += 1;
                    items.push(Item::Any);
                }
                b'[' => match Class::parse(&self.text[self.at + 1..], true, self.flags.fold) {
                    Some((class, len)) => {
                        self.at += len + 1;
                        items.push(Item::Class(Box::new(class)));
                    }
                    None => self.literal(&mut items),
                },
                b'\\' if self.at + 1 < self.text.len() => {
                    self.at += 1;
                    self.literal(&mut items);
                }
                _ => self.literal(&mut items),
            }
        }
        items
    }

    fn literal(&mut self, items: &mut Vec<Item>) {
        let len = char_len(&self.text[self.at..]);
        let bytes = &self.text[self.at..self.at + len];
        self.at += len;
        if self.flags.fold
            && let (Some(c), _) = first_char(bytes)
            && c.is_alphabetic()
        {
            items.push(Item::Folded(lower(c)));
            return;
        }
        match items.last_mut() {
            Some(Item::Literal(text)) => text.extend_from_slice(bytes),
            _ => items.push(Item::Literal(bytes.to_vec())),
        }
    }

    /// An extended operator at the current position; `None` (and nothing moved) when no `)` closes it.
    fn group(&mut self, repeat: Repeat) -> Option<Item> {
        if self.nesting >= NESTING_MAX || group_end(&self.text[self.at + 1..]).is_none() {
            return None;
        }
        let start = self.at;
        self.nesting += 1;
        self.at += 2;
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.items(true));
            self.at += 1;
            match self.text.get(self.at - 1) {
                Some(b'|') => {}
                Some(b')') => break,
                _ => {
                    self.at = start;
                    self.nesting -= 1;
                    return None;
                }
            }
        }
        self.nesting -= 1;
        Some(Item::Group(repeat, alternatives))
    }
}

/// Position of the `)` that closes the `(` at the begin of `text`, brackets and backslashes respected.
fn group_end(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'[' => {
                if let Some((_, len)) = Class::parse(&text[at + 1..], true, false) {
                    at += len;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
