//! The program's text as tokens. Whether `/` divides or opens a regular expression only the parser knows: it asks again.

use crate::ast::{Builtin, Location};
use crate::escape;
use crate::failure::{Failure, Result};
use crate::number;

/// One piece of the program's text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Text(Vec<u8>),
    Name(String),
    /// A name with `(` right behind it: a call.
    Call(String),
    Builtin(Builtin),
    Word(Word),
    /// An operator or bracket, as it is spelled (`**` as `^`).
    Mark(&'static str),
    Newline,
    End,
}

/// The reserved words that are no functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Begin,
    End,
    BeginFile,
    EndFile,
    Function,
    If,
    Else,
    While,
    For,
    Do,
    Break,
    Continue,
    Next,
    NextFile,
    Exit,
    Return,
    Delete,
    In,
    Getline,
    Print,
    Printf,
    Switch,
    Case,
    Default,
}

const WORDS: &[(&str, Word)] = &[
    ("BEGIN", Word::Begin),
    ("END", Word::End),
    ("BEGINFILE", Word::BeginFile),
    ("ENDFILE", Word::EndFile),
    ("function", Word::Function),
    ("func", Word::Function),
    ("if", Word::If),
    ("else", Word::Else),
    ("while", Word::While),
    ("for", Word::For),
    ("do", Word::Do),
    ("break", Word::Break),
    ("continue", Word::Continue),
    ("next", Word::Next),
    ("nextfile", Word::NextFile),
    ("exit", Word::Exit),
    ("return", Word::Return),
    ("delete", Word::Delete),
    ("in", Word::In),
    ("getline", Word::Getline),
    ("print", Word::Print),
    ("printf", Word::Printf),
    ("switch", Word::Switch),
    ("case", Word::Case),
    ("default", Word::Default),
];

const BUILTINS: &[(&str, Builtin)] = &[
    ("and", Builtin::And),
    ("asort", Builtin::Asort),
    ("asorti", Builtin::Asorti),
    ("atan2", Builtin::Atan2),
    ("close", Builtin::Close),
    ("compl", Builtin::Compl),
    ("cos", Builtin::Cos),
    ("exp", Builtin::Exp),
    ("fflush", Builtin::Fflush),
    ("gensub", Builtin::Gensub),
    ("gsub", Builtin::Gsub),
    ("index", Builtin::Index),
    ("int", Builtin::Int),
    ("isarray", Builtin::Isarray),
    ("length", Builtin::Length),
    ("log", Builtin::Log),
    ("lshift", Builtin::Lshift),
    ("match", Builtin::Match),
    ("mkbool", Builtin::Mkbool),
    ("mktime", Builtin::Mktime),
    ("or", Builtin::Or),
    ("patsplit", Builtin::Patsplit),
    ("rand", Builtin::Rand),
    ("rshift", Builtin::Rshift),
    ("sin", Builtin::Sin),
    ("split", Builtin::Split),
    ("sprintf", Builtin::Sprintf),
    ("sqrt", Builtin::Sqrt),
    ("srand", Builtin::Srand),
    ("strftime", Builtin::Strftime),
    ("strtonum", Builtin::Strtonum),
    ("sub", Builtin::Sub),
    ("substr", Builtin::Substr),
    ("system", Builtin::System),
    ("systime", Builtin::Systime),
    ("tolower", Builtin::Tolower),
    ("toupper", Builtin::Toupper),
    ("typeof", Builtin::Typeof),
    ("xor", Builtin::Xor),
];

/// Operators, the longer before their beginnings; the second is what the parser sees.
const MARKS: &[(&str, &str)] = &[
    ("**=", "^="),
    ("**", "^"),
    ("&&", "&&"),
    ("||", "||"),
    ("|&", "|&"),
    ("++", "++"),
    ("--", "--"),
    ("+=", "+="),
    ("-=", "-="),
    ("*=", "*="),
    ("/=", "/="),
    ("%=", "%="),
    ("^=", "^="),
    ("==", "=="),
    ("<=", "<="),
    (">=", ">="),
    ("!=", "!="),
    ("!~", "!~"),
    (">>", ">>"),
    ("{", "{"),
    ("}", "}"),
    ("(", "("),
    (")", ")"),
    ("[", "["),
    ("]", "]"),
    (";", ";"),
    (",", ","),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("^", "^"),
    ("!", "!"),
    (">", ">"),
    ("<", "<"),
    ("|", "|"),
    ("?", "?"),
    (":", ":"),
    ("~", "~"),
    ("$", "$"),
    ("=", "="),
    ("@", "@"),
];

/// A place in the text, to come back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    at: usize,
    line: u32,
}

/// Reads one source.
#[derive(Debug)]
pub(crate) struct Lexer {
    text: Vec<u8>,
    source: u16,
    at: usize,
    line: u32,
}

impl Lexer {
    pub(crate) fn new(text: Vec<u8>, source: u16) -> Self {
        Self { text, source, at: 0, line: 1 }
    }

    pub(crate) fn location(&self) -> Location {
        Location { source: self.source, line: self.line }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { at: self.at, line: self.line }
    }

    pub(crate) fn go_back(&mut self, mark: Mark) {
        self.at = mark.at;
        self.line = mark.line;
    }

    /// Reads the next token.
    pub(crate) fn next(&mut self) -> Result<Token> {
        self.skip_blanks()?;
        let Some(&byte) = self.text.get(self.at) else { return Ok(Token::End) };
        match byte {
            b'\n' => {
                self.at += 1;
                self.line += 1;
                Ok(Token::Newline)
            }
            b'"' => self.string(),
            b'0'..=b'9' => Ok(self.number()),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => Ok(self.number()),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Ok(self.word()),
            _ => self.operator(byte),
        }
    }

    /// Reads a regular expression whose opening slash has just been read as an operator of `taken` bytes.
    pub(crate) fn regex(&mut self, taken: usize) -> Result<Vec<u8>> {
        let start = self.at + 1 - taken;
        let (mut at, mut bracket) = (start, None);
        loop {
            match (self.text.get(at), bracket) {
                (None | Some(b'\n'), _) => {
                    return Err(Failure::syntax(self.location(), "unterminated regexp"));
                }
                (Some(b'/'), None) => break,
                (Some(b'\\'), _) if self.text.get(at + 1) == Some(&b'\n') => {
                    self.line += 1;
                    at += 1;
                }
                (Some(b'\\'), _) => at += 1,
                (Some(b'['), None) => {
                    // A bracket in first place, negated or not, does not close.
                    let skip = usize::from(self.text.get(at + 1) == Some(&b'^'));
                    if self.text.get(at + 1 + skip) == Some(&b']') {
                        at += 1;
                    }
                    at += skip;
                    bracket = Some(());
                }
                (Some(b'['), Some(())) if matches!(self.text.get(at + 1), Some(b':' | b'.' | b'=')) => {
                    at = self.skip_class(at);
                }
                (Some(b']'), Some(())) => bracket = None,
                _ => {}
            }
            at += 1;
        }
        let text = self.text.get(start..at).unwrap_or_default();
        self.at = at + 1;
        Ok(escape::slashes(text))
    }

    /// The last byte of a `[:class:]` that begins at `at`, or `at` where it never ends.
    fn skip_class(&self, at: usize) -> usize {
        let kind = self.text.get(at + 1).copied().unwrap_or(b':');
        let rest = self.text.get(at + 2..).unwrap_or_default();
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        line.windows(2).position(|pair| pair == [kind, b']']).map_or(at, |end| at + 2 + end + 1)
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn skip_blanks(&mut self) -> Result<()> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.peek(1) == Some(b'\n') => self.continue_line(2),
                b'\\' if self.peek(1) == Some(b'\r') && self.peek(2) == Some(b'\n') => self.continue_line(3),
                b'\\' => return Err(Failure::syntax(self.location(), "backslash not last character on line")),
                b'#' => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        Ok(())
    }

    fn continue_line(&mut self, length: usize) {
        self.at += length;
        self.line += 1;
    }

    fn string(&mut self) -> Result<Token> {
        let start = self.at + 1;
        let mut at = start;
        let first_line = self.location();
        loop {
            match self.text.get(at) {
                None | Some(b'\n') => return Err(Failure::syntax(first_line, "unterminated string")),
                Some(b'"') => break,
                Some(b'\\') => {
                    if self.text.get(at + 1) == Some(&b'\n') {
                        self.line += 1;
                    }
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
        let text = escape::string(self.text.get(start..at).unwrap_or_default());
        self.at = at + 1;
        Ok(Token::Text(text))
    }

    fn number(&mut self) -> Token {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (value, length) = number::source_literal(rest);
        self.at += length.max(1);
        Token::Number(value)
    }

    fn word(&mut self) -> Token {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length =
            rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap_or(rest.len());
        let word = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
        self.at += length;
        if let Some((_, word)) = WORDS.iter().find(|(name, _)| *name == word) {
            return Token::Word(*word);
        }
        if let Some((_, builtin)) = BUILTINS.iter().find(|(name, _)| *name == word) {
            return Token::Builtin(*builtin);
        }
        if self.peek(0) == Some(b'(') { Token::Call(word) } else { Token::Name(word) }
    }

    fn operator(&mut self, byte: u8) -> Result<Token> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match MARKS.iter().find(|(spelling, _)| rest.starts_with(spelling.as_bytes())) {
            Some((spelling, mark)) => {
                self.at += spelling.len();
                Ok(Token::Mark(mark))
            }
            None => {
                let shown = char::from(byte);
                Err(Failure::syntax(
                    self.location(),
                    format!("syntax error: invalid character '{shown}' in expression"),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut lexer = Lexer::new(text.as_bytes().to_vec(), 0);
        let mut found = Vec::new();
        loop {
            match lexer.next().expect("a token") {
                Token::End => return found,
                token => found.push(token),
            }
        }
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(tokens("print_x"), [Token::Name("print_x".into())]);
        assert_eq!(tokens("f(x"), [Token::Call("f".into()), Token::Mark("("), Token::Name("x".into())]);
        assert_eq!(tokens("in"), [Token::Word(Word::In)]);
    }

    #[test]
    fn operators_take_the_longest() {
        assert_eq!(tokens("**="), [Token::Mark("^=")]);
        assert_eq!(tokens("a+++b").get(1..3), Some(&[Token::Mark("++"), Token::Mark("+")][..]));
    }

    #[test]
    fn lines_continue_and_comments_end() {
        assert_eq!(tokens("1 \\\n 2 # three\n"), [Token::Number(1.0), Token::Number(2.0), Token::Newline]);
    }

    #[test]
    fn a_slash_in_brackets_does_not_end_a_regex() {
        let mut lexer = Lexer::new(b"/[/]a\\/b[[:alpha:]/]/ x".to_vec(), 0);
        assert_eq!(lexer.next(), Ok(Token::Mark("/")));
        assert_eq!(lexer.regex(1), Ok(b"[/]a/b[[:alpha:]/]".to_vec()));
        assert_eq!(lexer.next(), Ok(Token::Name("x".into())));
    }
}
