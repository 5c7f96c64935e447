//! Reads words: unquoted text, quotes and the openings of expansions, into pieces. Owns where each kind of word ends.

use crate::tree::{Direction, Piece, Text, Word};

use super::pieces::{Pieces, Tilde, Use};
use super::state::{Parser, Result};
use super::token::{At, Kind};

/// Where unquoted text ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// A blank, newline or operator.
    Word,
    /// The same, but `(` and `|` belong to the text.
    Regex,
    /// `}`.
    Brace,
    /// `}` or `/`.
    BraceOrSlash,
    /// Nothing but the end of the text.
    Text,
}

const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut n = 0;
    while n < bytes.len() {
        table[bytes[n] as usize] = true;
        n += 1;
    }
    table
}

/// Bytes that end a run of unquoted text or mean something in it.
static BARE: [bool; 256] = table(b" \t\n;&|<>()\\'\"$`*?[{}~/!@+");
/// The same in double quotes and here-documents.
static DOUBLE: [bool; 256] = table(b"\\\"$`}");
/// The same in the argument of an expansion that is quoted so.
static ARGUMENT: [bool; 256] = table(b"\\\"$`}'");

impl Parser<'_, '_> {
    /// Reads the word that begins at the next byte as a token.
    pub(super) fn read_word_token(&mut self, at: At) -> Result<Kind> {
        match at {
            At::Command | At::Declaration | At::Evaluated => {
                if let Some(kind) = self.assignment(at)? {
                    return Ok(kind);
                }
                self.word(End::Word, Use::ARGUMENT).map(Kind::Word)
            }
            At::Plain | At::Operand => self.word(End::Word, Use::ARGUMENT).map(Kind::Word),
            At::Cond | At::Subject => self.word(End::Word, Use::SUBJECT).map(Kind::Word),
            At::CasePattern => self.word(End::Word, Use::PATTERN).map(Kind::Word),
            At::Regex => self.word(End::Regex, Use::REGEX).map(Kind::Word),
            At::CondPattern => {
                let extglob = std::mem::replace(&mut self.opts.extglob, true);
                let word = self.word(End::Word, Use::PATTERN);
                self.opts.extglob = extglob;
                word.map(Kind::Word)
            }
        }
    }

    /// Reads a word up to its end, which is left in the input.
    pub(super) fn word(&mut self, end: End, mut for_use: Use) -> Result<Word> {
        self.charge()?;
        let start = self.input.record.len();
        let mut pieces = Pieces::default();
        self.bare(&mut pieces, end)?;
        for_use.braces &= self.opts.braces;
        if self.opts.posix && for_use.tilde == Tilde::Argument {
            for_use.tilde = Tilde::Start;
        }
        self.finish(pieces, for_use, start)
    }

    /// Lowers pieces whose text was recorded from `start` on.
    pub(super) fn finish(&mut self, pieces: Pieces, for_use: Use, start: usize) -> Result<Word> {
        let line = self.input.line();
        pieces.finish(for_use, &self.input.record[start..]).map_err(|mut error| {
            error.line = line;
            error
        })
    }

    fn bare(&mut self, pieces: &mut Pieces, end: End) -> Result<()> {
        loop {
            self.input.take_run(&BARE, pieces.literal());
            let Some(byte) = self.input.peek() else { return Ok(()) };
            match byte {
                b'\\' | b'\'' | b'"' | b'$' | b'`' => self.quote_or_expansion(pieces, byte)?,
                b'}' if matches!(end, End::Brace | End::BraceOrSlash) => return Ok(()),
                b'/' if end == End::BraceOrSlash => return Ok(()),
                b'<' | b'>' if end != End::Text && self.input.second() == Some(b'(') => {
                    self.process_substitution(pieces, byte)?
                }
                b'(' if end == End::Regex => self.group(pieces)?,
                b'|' if end == End::Regex => self.take_literal(pieces, byte),
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => {
                    if matches!(end, End::Word | End::Regex) {
                        return Ok(());
                    }
                    self.take_literal(pieces, byte);
                }
                _ => self.special(pieces, byte)?,
            }
        }
    }

    /// A byte that may mean something to a later stage: glob, brace, tilde, extglob.
    fn special(&mut self, pieces: &mut Pieces, byte: u8) -> Result<()> {
        match byte {
            b'*' | b'?' | b'[' => pieces.glob = true,
            b'{' | b'~' => {
                self.charge()?;
                pieces.brace |= byte == b'{';
                pieces.tilde |= byte == b'~';
            }
            _ => {}
        }
        self.take_literal(pieces, byte);
        let opens_group = self.opts.extglob && matches!(byte, b'*' | b'?' | b'+' | b'@' | b'!');
        if opens_group && self.input.peek() == Some(b'(') {
            pieces.glob = true;
            self.group(pieces)?;
        }
        Ok(())
    }

    fn take_literal(&mut self, pieces: &mut Pieces, byte: u8) {
        self.input.bump();
        pieces.literal().push(byte);
    }

    /// `( ... )` of a pattern or regular expression, parentheses included; blanks and operators are text in it.
    fn group(&mut self, pieces: &mut Pieces) -> Result<()> {
        let line = self.input.line();
        let mut open = 0_usize;
        loop {
            self.input.take_run(&BARE, pieces.literal());
            let Some(byte) = self.input.peek() else { return Err(self.unclosed(')', line)) };
            match byte {
                b'\\' | b'\'' | b'"' | b'$' | b'`' => {
                    self.quote_or_expansion(pieces, byte)?;
                    continue;
                }
                b'(' => open += 1,
                b')' => open -= 1,
                b'*' | b'?' | b'[' => pieces.glob = true,
                _ => {}
            }
            self.take_literal(pieces, byte);
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// What `\`, `'`, `"`, `$` or a backquote begins in unquoted text.
    pub(super) fn quote_or_expansion(&mut self, pieces: &mut Pieces, byte: u8) -> Result<()> {
        self.charge()?;
        match byte {
            b'\\' => {
                self.input.bump();
                match self.input.take_raw() {
                    Some(byte) => pieces.quoted().push(byte),
                    None => pieces.literal().push(b'\\'),
                }
                Ok(())
            }
            b'\'' => {
                let text = self.single_quoted()?;
                pieces.quoted_string(&text);
                Ok(())
            }
            b'"' => {
                let inner = self.double_quotes()?;
                pieces.push(Piece::Double(inner));
                Ok(())
            }
            b'$' => self.dollar(pieces, false),
            _ => self.backquote(pieces, false),
        }
    }

    /// `'...'` from its opening quote on.
    pub(super) fn single_quoted(&mut self) -> Result<Vec<u8>> {
        let line = self.input.line();
        self.input.bump();
        let mut text = Vec::new();
        loop {
            if self.input.peek_raw().is_none() {
                return Err(self.unclosed('\'', line));
            }
            let rest = self.input.rest();
            let end = rest.iter().position(|&byte| byte == b'\'');
            let n = end.unwrap_or(rest.len());
            text.extend_from_slice(&rest[..n]);
            self.input.take(n);
            if end.is_some() {
                self.input.bump();
                return Ok(text);
            }
        }
    }

    /// `"..."` from its opening quote on.
    pub(super) fn double_quotes(&mut self) -> Result<Vec<Piece>> {
        let line = self.input.line();
        self.input.bump();
        let mut pieces = Pieces::default();
        self.deeper(|parser| parser.quoted_text(&mut pieces, QuotedEnd::Quote, line))?;
        Ok(pieces.into_pieces())
    }

    /// Text under double-quote rules, up to and including its end.
    pub(super) fn quoted_text(&mut self, pieces: &mut Pieces, end: QuotedEnd, line: u32) -> Result<()> {
        loop {
            let stops = if end == QuotedEnd::Brace { &ARGUMENT } else { &DOUBLE };
            self.input.take_run(stops, pieces.quoted());
            let Some(byte) = self.input.peek() else {
                return match end {
                    QuotedEnd::Text | QuotedEnd::Apostrophe => Ok(()),
                    QuotedEnd::Quote => Err(self.unclosed('"', line)),
                    QuotedEnd::Brace => Err(self.unclosed('}', line)),
                };
            };
            match (byte, end) {
                (b'$', _) => {
                    self.charge()?;
                    // `"${x-$'a'}"` decodes, unlike `"$'a'"`.
                    let ansi_c = end == QuotedEnd::Brace && self.input.second() == Some(b'\'');
                    self.dollar(pieces, !ansi_c)?;
                }
                (b'`', _) => {
                    self.charge()?;
                    self.backquote(pieces, end != QuotedEnd::Text)?;
                }
                (b'\\', _) => self.quoted_backslash(pieces, end),
                (b'"', QuotedEnd::Quote) => {
                    self.input.bump();
                    return Ok(());
                }
                (b'"', QuotedEnd::Brace) => {
                    let inner = self.double_quotes()?;
                    pieces.push(Piece::Double(inner));
                }
                (b'}', QuotedEnd::Brace) => return Ok(()),
                (b'\'', QuotedEnd::Brace) if !self.opts.posix => self.apostrophes(pieces, line)?,
                (b'"', QuotedEnd::Apostrophe) => self.input.bump(),
                _ => {
                    self.input.bump();
                    pieces.quoted().push(byte);
                }
            }
        }
    }

    /// `'...'` in the argument of a quoted expansion: the quotes stay and what is between them is expanded, but no quote or
    /// brace in it ends anything.
    fn apostrophes(&mut self, pieces: &mut Pieces, line: u32) -> Result<()> {
        let start = self.input.line();
        self.input.bump();
        let mut text = Vec::new();
        loop {
            match self.input.take_raw() {
                None => return Err(self.unclosed('"', line)),
                Some(b'\'') => break,
                Some(byte) => text.push(byte),
            }
        }
        let inner = self.nested(text, start, |parser| {
            let mut inner = Pieces::default();
            parser.quoted_text(&mut inner, QuotedEnd::Apostrophe, start)?;
            Ok(inner.into_pieces())
        })?;
        pieces.quoted().push(b'\'');
        for piece in inner {
            match piece {
                Piece::Quoted(text) => pieces.quoted().extend_from_slice(&text),
                other => pieces.push(other),
            }
        }
        pieces.quoted().push(b'\'');
        Ok(())
    }

    /// A backslash under double-quote rules: it quotes `$`, a backquote, itself, and what would end the text.
    pub(super) fn quoted_backslash(&mut self, pieces: &mut Pieces, end: QuotedEnd) {
        self.input.bump();
        let quotes = match self.input.peek_raw() {
            Some(b'$' | b'`' | b'\\') => true,
            Some(b'"') => end != QuotedEnd::Text,
            Some(b'}') => end == QuotedEnd::Brace,
            _ => false,
        };
        if !quotes {
            pieces.quoted().push(b'\\');
            // An apostrophe behind a backslash opens nothing.
            if end == QuotedEnd::Brace && self.input.peek_raw() == Some(b'\'') {
                self.input.bump();
                pieces.quoted().push(b'\'');
            }
            return;
        }
        if let Some(byte) = self.input.take_raw() {
            pieces.quoted().push(byte);
        }
    }

    fn process_substitution(&mut self, pieces: &mut Pieces, byte: u8) -> Result<()> {
        self.input.bump();
        let direction = if byte == b'<' { Direction::Read } else { Direction::Write };
        let script = self.substitution()?;
        pieces.push(Piece::Process(direction, script));
        Ok(())
    }

    /// A word whose pieces follow double-quote rules to the end of the text.
    pub(super) fn quoted_word(&mut self) -> Result<Word> {
        let mut pieces = Pieces::default();
        let line = self.input.line();
        let start = self.input.record.len();
        self.quoted_text(&mut pieces, QuotedEnd::Text, line)?;
        self.finish(pieces, Use::QUOTED, start)
    }
}

/// Where text under double-quote rules ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum QuotedEnd {
    /// `"`, which is consumed.
    Quote,
    /// `}`, which is left.
    Brace,
    /// The end of the text.
    Text,
    /// The same, `"` having no meaning and vanishing.
    Apostrophe,
}

/// A word of quoted text alone.
pub(super) fn constant(text: Vec<u8>) -> Word {
    let text = Text::from(text);
    Word { pieces: vec![Piece::Quoted(text.clone())], glob: false, text: Some(text) }
}
