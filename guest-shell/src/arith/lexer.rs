//! Tokens of an arithmetic expression, with bash's rules and its error messages.

use super::number;
use crate::vars::{Name, is_name};

/// Introduces an expansion's place in the text: a NUL, then the number of the expansion + [`HOLE_BASE`].
pub(super) const HOLE: u8 = 0;
/// Added to an expansion's number, so that the second byte is never taken for a digit or letter.
pub(super) const HOLE_BASE: u8 = 0x80;

/// Where and why an expression is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// bash's words.
    pub(super) message: &'static str,
    /// Where the error token begins.
    pub(super) at: usize,
    /// Where the shown text ends, when that is before its end: behind a wrong number.
    pub(super) end: Option<usize>,
    /// Messages about subscripts have no error token.
    pub(super) subscript: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Number(i64),
    Hole(u8),
    Variable(Name),
    /// Name and the range of the text between the brackets.
    Element(Name, usize, usize),
    /// An operator; one of two or three characters is spelled in full.
    Operator(&'static [u8]),
}

/// Operators, longest first.
const OPERATORS: &[&[u8]] = &[
    b"<<=", b">>=", b"==", b"!=", b"<=", b">=", b"<<", b">>", b"&&", b"||", b"**", b"*=", b"/=", b"%=", b"+=", b"-=",
    b"&=", b"^=", b"|=", b"=", b"<", b">", b"+", b"-", b"*", b"/", b"%", b"!", b"(", b")", b"&", b"|", b"^", b"~",
    b"?", b":", b",",
];

pub(super) struct Lexer<'a> {
    pub(super) text: &'a [u8],
    pub(super) position: usize,
    /// Begin of the last token: what messages show.
    pub(super) last: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Lexer<'a> {
        Lexer { text, position: 0, last: 0 }
    }

    pub(super) fn wrong(&self, message: &'static str) -> Wrong {
        Wrong { message, at: self.last, end: None, subscript: false }
    }

    /// The next token. `after` is the one before it: `++` after a variable is postfix, and what an unknown character
    /// is called depends on it.
    pub(super) fn next(&mut self, after: Option<&Token>) -> Result<Token, Wrong> {
        while self.text.get(self.position).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n')) {
            self.position += 1;
        }
        let Some(first) = self.text.get(self.position).copied() else { return Ok(Token::End) };
        self.last = self.position;
        if first == HOLE {
            return self.hole();
        }
        if first.is_ascii_alphabetic() || first == b'_' {
            return self.variable();
        }
        if first.is_ascii_digit() {
            return self.number();
        }
        self.operator(first, after)
    }

    fn run(&self, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text[self.position..];
        self.position + rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
    }

    fn hole(&mut self) -> Result<Token, Wrong> {
        let joined =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(*byte, b'_' | b'#' | b'@' | b'[' | b'.' | HOLE);
        let number = self.text.get(self.position + 1).copied().unwrap_or(HOLE_BASE);
        let before = self.position.checked_sub(1).map(|at| &self.text[at]);
        let after = self.text.get(self.position + 2);
        let glued = before.is_some_and(|byte| joined(byte) || *byte >= HOLE_BASE) || after.is_some_and(joined);
        if glued {
            return Err(self.wrong("an expansion is part of a token"));
        }
        self.position += 2;
        Ok(Token::Hole(number.wrapping_sub(HOLE_BASE)))
    }

    fn variable(&mut self) -> Result<Token, Wrong> {
        let start = self.position;
        let end = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        debug_assert!(is_name(&self.text[start..end]), "the run began with a letter");
        if self.text.get(end) == Some(&HOLE) {
            return Err(self.wrong("an expansion is part of a token"));
        }
        let name = Name::new(&self.text[start..end]);
        self.position = end;
        if self.text.get(end) != Some(&b'[') {
            return Ok(Token::Variable(name));
        }
        match subscript_end(self.text, end) {
            Some(close) => {
                self.position = close + 1;
                Ok(Token::Element(name, end + 1, close))
            }
            None => Err(Wrong { message: "bad array subscript", at: start, end: None, subscript: false }),
        }
    }

    fn number(&mut self) -> Result<Token, Wrong> {
        let end = self.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'@' | b'_'));
        if self.text.get(end) == Some(&HOLE) {
            return Err(self.wrong("an expansion is part of a token"));
        }
        let value = number::parse_constant(&self.text[self.position..end])
            .map_err(|message| Wrong { end: Some(end), ..self.wrong(message) })?;
        self.position = end;
        Ok(Token::Number(value))
    }

    fn operator(&mut self, first: u8, after: Option<&Token>) -> Result<Token, Wrong> {
        let rest = &self.text[self.position..];
        if matches!(first, b'+' | b'-') && rest.get(1) == Some(&first) {
            let lvalue = matches!(after, Some(Token::Variable(_) | Token::Element(..)));
            let next = rest[2..].iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n'));
            let prefix = next.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
            if lvalue || prefix {
                self.position += 2;
                return Ok(Token::Operator(if first == b'+' { b"++" } else { b"--" }));
            }
            self.position += 1;
            return Ok(Token::Operator(if first == b'+' { b"+" } else { b"-" }));
        }
        match OPERATORS.iter().find(|operator| rest.starts_with(operator)) {
            Some(operator) => {
                self.position += operator.len();
                Ok(Token::Operator(operator))
            }
            None if matches!(after, None | Some(Token::Operator(_))) => {
                Err(self.wrong("syntax error: operand expected"))
            }
            None => Err(self.wrong("syntax error: invalid arithmetic operator")),
        }
    }
}

/// Position of the `]` that closes the `[` at `open`: brackets nest, quotes and backslashes hide them.
pub(crate) fn subscript_end(text: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0;
    let mut at = open;
    while let Some(byte) = text.get(at) {
        match *byte {
            HOLE | b'\\' => at += 1,
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'\'' | b'"' => {
                let rest = &text[at + 1..];
                // An unpaired quote is an ordinary character.
                if let Some(len) = rest.iter().position(|other| other == byte) {
                    at += len + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
