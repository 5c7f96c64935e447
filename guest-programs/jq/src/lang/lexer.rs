//! The tokens of a program. Strings are opened here and read by the parser, since expressions nest in them.

use super::Spot;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, `::` within, or a word of the language.
    Name(String),
    /// `.name`
    Field(String),
    /// `$name`
    Var(String),
    /// `@name`
    Format(String),
    Number(String),
    /// `"`
    Quote,
    /// An operator or bracket.
    Op(&'static str),
    Invalid,
    End,
}

const OPERATORS: &[&str] = &[
    "?//", "|=", "+=", "-=", "*=", "/=", "%=", "//=", "==", "!=", "<=", ">=", "//", "..", "|", ",", "+", "-", "*", "/",
    "%", "=", "<", ">", "(", ")", "[", "]", "{", "}", ":", ";", ".", "?",
];

/// Words that are no names of functions.
pub(super) const KEYWORDS: &[&str] = &[
    "def", "if", "then", "elif", "else", "end", "as", "reduce", "foreach", "try", "catch", "label", "import",
    "include", "module", "and", "or", "__loc__",
];

/// White space and comments from a spot on; the spot after them.
fn skip(text: &str, mut at: Spot) -> Spot {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
            Some(b'#') => {
                let mut escaped = false;
                while let Some(byte) = bytes.get(at) {
                    let newline = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) == Some(&b'\n'));
                    if newline && !escaped {
                        break;
                    }
                    // An odd number of backslashes continues the comment on the next line.
                    escaped = if *byte == b'\r' && escaped { true } else { *byte == b'\\' && !escaped };
                    at += 1;
                }
            }
            _ => return at,
        }
    }
}

fn name_length(text: &[u8]) -> usize {
    let is_start = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    let word = |text: &[u8]| match text.first() {
        Some(byte) if is_start(byte) => {
            text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
        }
        _ => 0,
    };
    let mut length = word(text);
    while length > 0 && text.get(length..length + 2) == Some(b"::") {
        match word(&text[length + 2..]) {
            0 => break,
            more => length += 2 + more,
        }
    }
    length
}

fn number_length(text: &[u8]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let mut length = whole;
    if text.get(length) == Some(&b'.') {
        let fraction = digits(length + 1);
        if whole == 0 && fraction == 0 {
            return 0;
        }
        length += 1 + fraction;
    }
    if length > 0 && matches!(text.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(length + 1), Some(b'+' | b'-')));
        let exponent = if length + 1 + sign <= text.len() { digits(length + 1 + sign) } else { 0 };
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

/// The token at a spot: where it begins, the token, where it ends.
pub(super) fn token(text: &str, at: Spot) -> (Spot, Token, Spot) {
    let start = skip(text, at);
    let rest = text.get(start..).unwrap_or_default();
    let bytes = rest.as_bytes();
    let cut = |from: usize, length: usize| rest.get(from..from + length).unwrap_or_default().to_owned();
    let Some(first) = bytes.first() else { return (start, Token::End, start) };
    let (token, length) = match first {
        b'"' => (Token::Quote, 1),
        b'$' if bytes.get(1..).map_or(0, name_length) > 0 => {
            let length = name_length(&bytes[1..]);
            (Token::Var(cut(1, length)), 1 + length)
        }
        b'@' if bytes.get(1..).is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_alphanumeric)) => {
            let length = bytes[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            (Token::Format(cut(1, length)), 1 + length)
        }
        b'.' if bytes.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') => {
            let length = bytes[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            (Token::Field(cut(1, length)), 1 + length)
        }
        b'0'..=b'9' | b'.' if number_length(bytes) > 0 => {
            let length = number_length(bytes);
            (Token::Number(cut(0, length)), length)
        }
        _ if name_length(bytes) > 0 => {
            let length = name_length(bytes);
            (Token::Name(cut(0, length)), length)
        }
        _ => match OPERATORS.iter().find(|op| rest.starts_with(**op)) {
            Some(op) => (Token::Op(op), op.len()),
            None => (Token::Invalid, rest.chars().next().map_or(1, char::len_utf8)),
        },
    };
    (start, token, start + length)
}
