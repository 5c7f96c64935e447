//! Tokens, read a line at a time from files and then standard input.

use std::collections::VecDeque;
use std::io::{BufRead, Read};

use sandshell_sys::path_of;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    End,
    Newline,
    Number(Vec<u8>),
    Name(String),
    Text(Vec<u8>),
    /// An operator or a mark.
    Mark(&'static str),
    /// A character that belongs to no token.
    Illegal(char),
}

/// Marks, the longer before those they begin with.
const MARKS: &[&str] = &[
    "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "&&", "||", "++", "--", "+", "-", "*", "/", "%", "^",
    "=", "<", ">", "!", "(", ")", "[", "]", "{", "}", ",", ";", ".", "&",
];

/// The input: the rest of a line, and where more comes from.
pub(crate) struct Lexer {
    files: VecDeque<Vec<u8>>,
    /// The lines of the file that is being read; none for standard input.
    lines: Option<VecDeque<Vec<u8>>>,
    /// What messages call it.
    pub(crate) name: String,
    pub(crate) line_number: usize,
    line: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Lexer {
    pub(crate) fn new(files: Vec<Vec<u8>>) -> Self {
        Self {
            files: files.into(),
            lines: Some(VecDeque::new()),
            name: String::new(),
            line_number: 1,
            line: Vec::new(),
            at: 0,
            ended: false,
        }
    }

    /// Reads the next line. `before_reading` runs before standard input is waited for.
    fn fill(&mut self, before_reading: &mut dyn FnMut()) -> Result<bool, String> {
        loop {
            let Some(lines) = &mut self.lines else {
                before_reading();
                self.line.clear();
                self.at = 0;
                // What cannot be read is at its end.
                let _ = std::io::stdin().lock().read_until(b'\n', &mut self.line);
                return Ok(!self.line.is_empty());
            };
            if let Some(line) = lines.pop_front() {
                (self.line, self.at) = (line, 0);
                return Ok(true);
            }
            self.line_number = 1;
            let Some(file) = self.files.pop_front() else {
                self.lines = None;
                self.name = "(standard_in)".to_owned();
                continue;
            };
            self.name = String::from_utf8_lossy(&file).into_owned();
            let mut bytes = Vec::new();
            let read = std::fs::File::open(path_of(&file)).and_then(|mut file| file.read_to_end(&mut bytes));
            read.map_err(|_| format!("File {} is unavailable.", self.name))?;
            self.lines = Some(bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect());
        }
    }

    /// Reads a token.
    ///
    /// # Errors
    ///
    /// A file that is not there, which ends everything.
    pub(crate) fn next(&mut self, before_reading: &mut dyn FnMut()) -> Result<Token, String> {
        loop {
            if self.at >= self.line.len() && (self.ended || !self.fill(before_reading)?) {
                self.ended = true;
                return Ok(Token::End);
            }
            let rest = &self.line[self.at..];
            match rest {
                [b'\n', ..] => {
                    self.at += 1;
                    self.line_number += 1;
                    return Ok(Token::Newline);
                }
                [b' ' | b'\t' | b'\r' | 11 | 12, ..] => self.at += 1,
                [b'\\', b'\n', ..] => {
                    self.at += 2;
                    self.line_number += 1;
                }
                [b'#', ..] => self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
                [b'/', b'*', ..] => {
                    self.at += 2;
                    self.skip_comment(before_reading)?;
                }
                [b'"', ..] => return self.text(before_reading),
                [b'a'..=b'z', ..] => {
                    let part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
                    let length = rest.iter().take_while(|byte| part(byte)).count();
                    let name = String::from_utf8_lossy(&rest[..length]).into_owned();
                    self.at += length;
                    return Ok(Token::Name(name));
                }
                [b'0'..=b'9' | b'A'..=b'Z', ..] | [b'.', b'0'..=b'9' | b'A'..=b'Z', ..] => {
                    return self.number(before_reading);
                }
                _ => return Ok(self.mark()),
            }
        }
    }

    fn skip_comment(&mut self, before_reading: &mut dyn FnMut()) -> Result<(), String> {
        loop {
            if self.at >= self.line.len() && !self.fill(before_reading)? {
                self.ended = true;
                return Ok(());
            }
            if self.line[self.at..].starts_with(b"*/") {
                self.at += 2;
                return Ok(());
            }
            self.line_number += usize::from(self.line[self.at] == b'\n');
            self.at += 1;
        }
    }

    /// A string, which may go over lines; without an end it is an illegal character.
    fn text(&mut self, before_reading: &mut dyn FnMut()) -> Result<Token, String> {
        let (start, line_number) = (self.at, self.line_number);
        self.at += 1;
        let mut text = Vec::new();
        loop {
            if self.at >= self.line.len() {
                let line = std::mem::take(&mut self.line);
                if !self.fill(before_reading)? {
                    self.line = line;
                    self.at = start + 1;
                    self.line_number = line_number;
                    self.ended = true;
                    return Ok(Token::Illegal('"'));
                }
            }
            let byte = self.line[self.at];
            self.at += 1;
            match byte {
                b'"' => return Ok(Token::Text(text)),
                b'\n' => {
                    self.line_number += 1;
                    text.push(byte);
                }
                _ => text.push(byte),
            }
        }
    }

    /// Digits with at most one point; a backslash at the end of a line goes on with the next.
    fn number(&mut self, before_reading: &mut dyn FnMut()) -> Result<Token, String> {
        let mut text = Vec::new();
        loop {
            let rest = &self.line[self.at..];
            match rest {
                [byte, ..] if byte.is_ascii_digit() || byte.is_ascii_uppercase() => text.push(*byte),
                [b'.', ..] if !text.contains(&b'.') => text.push(b'.'),
                [b'\\', b'\n', ..] => {
                    self.line_number += 1;
                    if !self.fill(before_reading)? {
                        self.at = self.line.len();
                        break;
                    }
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        // Zeros at the beginning count for nothing, also not in the length of the code.
        let zeros = text.iter().take_while(|byte| **byte == b'0').count();
        let mut text = text.split_off(zeros);
        if text.last() == Some(&b'.') {
            text.pop();
        }
        if text.is_empty() {
            text.push(b'0');
        }
        Ok(Token::Number(text))
    }

    fn mark(&mut self) -> Token {
        let rest = &self.line[self.at..];
        if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(mark.as_bytes())) {
            self.at += mark.len();
            return Token::Mark(mark);
        }
        let text = String::from_utf8_lossy(&rest[..rest.len().min(4)]).into_owned();
        let character = text.chars().next().unwrap_or('?');
        self.at += character.len_utf8().min(rest.len());
        Token::Illegal(character)
    }

    /// Forgets the rest of the line.
    pub(crate) fn skip_line(&mut self) {
        let rest = &self.line[self.at.min(self.line.len())..];
        self.line_number += usize::from(rest.ends_with(b"\n"));
        self.at = self.line.len();
    }

    /// Reads a number for `read()`: the next word of the input.
    pub(crate) fn read_number(&mut self, before_reading: &mut dyn FnMut()) -> Vec<u8> {
        loop {
            let rest = &self.line[self.at.min(self.line.len())..];
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blanks < rest.len() {
                let word =
                    rest[blanks..].iter().take_while(|byte| b"-.".contains(byte) || byte.is_ascii_alphanumeric());
                let word: Vec<u8> = word.copied().collect();
                self.at += blanks + word.len().max(1);
                return word;
            }
            self.lines = None;
            if !matches!(self.fill(before_reading), Ok(true)) {
                return Vec::new();
            }
        }
    }
}
