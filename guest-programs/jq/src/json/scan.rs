//! The tokens of JSON text, from a source read block by block. Values may lie across blocks.

use std::io;
use std::rc::Rc;

use ecow::EcoString;

use crate::value::{Literal, Value};

/// Where the text comes from.
pub(crate) trait Source {
    /// Appends the next block; false at the end.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<bool>;
}

/// One token.
#[derive(Debug)]
pub(crate) enum Token {
    /// `[`, `]`, `{`, `}`, `,` or `:`.
    Mark(u8),
    Scalar(Value),
    /// The record separator of application/json-seq.
    Separator,
    End,
}

/// The text, as far as it is read.
pub(crate) struct Scanner<S> {
    source: S,
    buffer: Vec<u8>,
    at: usize,
    /// Lines and columns before `buffer`.
    lines: usize,
    column: usize,
    ended: bool,
    separated: bool,
    /// Whether the last token was a word: it is known to have ended by the byte after it.
    word: bool,
}

/// Text that is done with is dropped when there is more than this of it.
const COMPACT_BYTES: usize = 1 << 16;

impl<S: Source> Scanner<S> {
    pub(crate) fn new(source: S, separated: bool) -> Self {
        Self { source, buffer: Vec::new(), at: 0, lines: 0, column: 0, ended: false, separated, word: false }
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// Lines that were read up to the end of the current one, as far as it is there.
    pub(crate) fn line(&self) -> usize {
        let at = self.at.saturating_sub(1).min(self.buffer.len());
        let (before, after) = self.buffer.split_at(at);
        self.lines + count_lines(before) + usize::from(memchr::memchr(b'\n', after).is_some())
    }

    /// `MESSAGE at line L, column C`, for the byte at an offset of the buffer.
    pub(crate) fn complaint(&self, message: &str, offset: usize) -> String {
        let (line, column) = self.location((offset + 1).min(self.buffer.len()));
        format!("{message} at line {line}, column {column}")
    }

    /// The same at the byte last read.
    pub(crate) fn complaint_here(&self, message: &str) -> String {
        if self.word && self.at >= self.buffer.len() {
            return self.complaint_at_end(message);
        }
        self.complaint(message, if self.word { self.at } else { self.at.saturating_sub(1) })
    }

    /// The same at the end of the text.
    pub(crate) fn complaint_at_end(&self, message: &str) -> String {
        let (line, column) = self.location(self.buffer.len());
        format!("{message} at EOF at line {line}, column {column}")
    }

    fn location(&self, end: usize) -> (usize, usize) {
        let text = &self.buffer[..end];
        let lines = count_lines(text);
        let column = match memchr::memrchr(b'\n', text) {
            Some(newline) => end - newline - 1,
            None => self.column + end,
        };
        (self.lines + lines + 1, column)
    }

    /// Reads more; `keep` and what follows stays. False at the end.
    fn more(&mut self, keep: &mut usize) -> Result<bool, String> {
        if self.ended {
            return Ok(false);
        }
        if *keep >= COMPACT_BYTES {
            let (line, column) = self.location(*keep);
            (self.lines, self.column) = (line - 1, column);
            self.buffer.drain(..*keep);
            self.at -= *keep;
            *keep = 0;
        }
        match self.source.fill(&mut self.buffer) {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.ended = true;
                Ok(false)
            }
            Err(failure) => Err(failure.to_string()),
        }
    }

    /// The next byte that is not white space, at `self.at`.
    fn skip_space(&mut self) -> Result<Option<u8>, String> {
        loop {
            while let Some(byte) = self.buffer.get(self.at) {
                if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                    return Ok(Some(*byte));
                }
                self.at += 1;
            }
            let mut keep = self.at;
            if !self.more(&mut keep)? {
                return Ok(None);
            }
        }
    }

    /// Skips a byte order mark at the very start.
    fn skip_mark(&mut self) -> Result<(), String> {
        if self.lines > 0 || self.column > 0 || self.at > 0 {
            return Ok(());
        }
        let mut keep = 0;
        while self.buffer.len() < 3 && self.more(&mut keep)? {}
        if self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.buffer.drain(..3);
        }
        Ok(())
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token, String> {
        self.skip_mark()?;
        self.word = false;
        let Some(byte) = self.skip_space()? else { return Ok(Token::End) };
        match byte {
            b'[' | b']' | b'{' | b'}' | b',' | b':' => {
                self.at += 1;
                Ok(Token::Mark(byte))
            }
            b'"' => self.string(),
            0x1e if self.separated => {
                self.at += 1;
                Ok(Token::Separator)
            }
            _ => self.word(),
        }
    }

    /// A number, `true`, `false`, `null` or `nan`.
    fn word(&mut self) -> Result<Token, String> {
        let mut start = self.at;
        let mut end = start;
        loop {
            match self.buffer.get(end) {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b'[' | b']' | b'{' | b'}' | b',' | b':' | b'"') => break,
                Some(0x1e) if self.separated => break,
                Some(_) => end += 1,
                None => {
                    let length = end - start;
                    if !self.more(&mut start)? {
                        break;
                    }
                    end = start + length;
                }
            }
        }
        self.at = end;
        let word = self.buffer.get(start..end).unwrap_or_default();
        match scalar(word) {
            Ok(value) => {
                self.word = true;
                Ok(Token::Scalar(value))
            }
            // The byte that ended the word counts as read, as it does where one reads byte by byte.
            Err(message) if end < self.buffer.len() => Err(self.complaint(message, end)),
            Err(message) => Err(self.complaint_at_end(message)),
        }
    }

    fn string(&mut self) -> Result<Token, String> {
        let mut start = self.at + 1;
        let mut end = start;
        let mut plain = true;
        loop {
            match self.buffer.get(end..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
                Some(found) if self.buffer.get(end + found) == Some(&b'"') => {
                    end += found;
                    break;
                }
                Some(found) if end + found + 1 < self.buffer.len() => {
                    plain = false;
                    end += found + 2;
                }
                found => {
                    end = found.map_or(self.buffer.len(), |found| end + found);
                    let (length, gap) = (end - start, 1);
                    let mut keep = start - gap;
                    if !self.more(&mut keep)? {
                        return Err(self.complaint_at_end("Unfinished string"));
                    }
                    start = keep + gap;
                    end = start + length;
                }
            }
        }
        self.at = end + 1;
        let raw = self.buffer.get(start..end).unwrap_or_default();
        if raw.iter().any(|byte| *byte < 0x20) {
            let message = "Invalid string: control characters from U+0000 through U+001F must be escaped";
            return Err(self.complaint(message, end));
        }
        let text = if plain { Ok(lossy(raw)) } else { unescape(raw) };
        text.map(|text| Token::Scalar(Value::Str(text))).map_err(|message| self.complaint(message, end))
    }
}

fn count_lines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

/// Text of bytes, what is not UTF-8 replaced.
pub(crate) fn lossy(raw: &[u8]) -> EcoString {
    match str::from_utf8(raw) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(raw).into(),
    }
}

/// The text of a string's inside.
fn unescape(raw: &[u8]) -> Result<EcoString, &'static str> {
    const BAD: &str = "Invalid escape";
    const BAD_PAIR: &str = "Invalid \\uXXXX\\uXXXX surrogate pair escape";
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(slash) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..slash]);
        let escape = rest.get(slash + 1).ok_or(BAD)?;
        rest = rest.get(slash + 2..).unwrap_or_default();
        out.push(match escape {
            b'"' | b'\\' | b'/' => *escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit = hex(rest).ok_or(BAD)?;
                rest = &rest[4..];
                let mut code = unit;
                if (0xd800..0xdc00).contains(&unit) {
                    let low = rest.strip_prefix(b"\\u").ok_or(BAD_PAIR)?;
                    let low = hex(low).filter(|low| (0xdc00..0xe000).contains(low)).ok_or(BAD_PAIR)?;
                    rest = &rest[6..];
                    code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                }
                let c = char::from_u32(code).unwrap_or('\u{fffd}');
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            _ => return Err(BAD),
        });
    }
    out.extend_from_slice(rest);
    Ok(lossy(&out))
}

fn hex(text: &[u8]) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
}

/// The value of a word.
pub(crate) fn scalar(word: &[u8]) -> Result<Value, &'static str> {
    match word.first() {
        Some(b't') if word == b"true" => return Ok(Value::Bool(true)),
        Some(b'f') if word == b"false" => return Ok(Value::Bool(false)),
        Some(b'n') if word == b"null" => return Ok(Value::Null),
        // Digits may follow: what they say about the number is not kept.
        Some(b'n') if word.strip_prefix(b"nan").is_some_and(|rest| rest.iter().all(u8::is_ascii_digit)) => {
            return Ok(Value::Num(f64::NAN));
        }
        Some(b't' | b'f' | b'n') => return Err("Invalid literal"),
        _ => {}
    }
    number(word).ok_or("Invalid numeric literal")
}

/// Digits that any double holds.
const EXACT_DIGITS: usize = 15;

/// A number: a plain one when its text is what the double prints as, else a literal.
pub(crate) fn number(word: &[u8]) -> Option<Value> {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    if digits.len() <= EXACT_DIGITS && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && word != b"-0" {
        let size = digits.iter().fold(0_u32.into(), |sum: f64, digit| sum * 10.0 + f64::from(digit - b'0'));
        return Some(Value::Num(if digits.len() < word.len() && size != 0.0 { -size } else { size }));
    }
    let text = str::from_utf8(word).ok()?;
    if let Some(literal) = Literal::parse(text) {
        return Some(Value::Literal(Rc::new(literal)));
    }
    match text.trim_start_matches(['-', '+']).to_ascii_lowercase().as_str() {
        "nan" => Some(Value::Num(f64::NAN)),
        "infinity" | "inf" if text.starts_with('-') => Some(Value::Num(f64::NEG_INFINITY)),
        "infinity" | "inf" => Some(Value::Num(f64::INFINITY)),
        _ => None,
    }
}
