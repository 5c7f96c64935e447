//! Tokens: operators, words and assignments, with one of look-ahead. Owns comments, the numbers before redirections and
//! alias expansion; what is inside a word is read by `word`.

use crate::tree::{Assignment, Piece, Place, Word};

use super::state::{ALIAS_EXPANSIONS_MAX, Parser, Result};

/// A token with the place it began.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: u32,
    /// Offset in the source (of the command that holds it, within an alias's text).
    pub(super) pos: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    Word(Word),
    Assign(Box<Assignment>),
    Op(Op),
    Newline,
    Eof,
    /// `2` before `<` or `>`.
    IoNumber(u32),
    /// `{name}` before `<` or `>`.
    IoPlace(Place),
}

/// Where a token is read, which decides what words may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The command word or something before it: aliases, assignments.
    Command,
    /// After a declaration builtin: assignments.
    Declaration,
    /// After `eval` or `let`: `a=(...)` is one word.
    Evaluated,
    /// Any other word.
    Plain,
    /// After `<&`, `>&`: digits are a word.
    Operand,
    /// A word that stays one: of `case`, after `<<<`.
    Subject,
    /// In `[[ ]]`: no numbers before `<` and `>`, no brace expansion.
    Cond,
    /// The right side of `==` in `[[ ]]`: extended patterns, whatever the options.
    CondPattern,
    /// The right side of `=~`.
    Regex,
    /// A pattern of `case`.
    CasePattern,
}

macro_rules! operators {
    ($($name:ident $text:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Op { $($name),* }
        impl Op {
            pub(super) fn text(self) -> &'static str {
                match self { $(Op::$name => $text),* }
            }
        }
    };
}

operators!(
    Amp "&", AndAnd "&&", Pipe "|", PipeAmp "|&", OrOr "||", Semi ";", SemiSemi ";;", SemiAmp ";&", SemiSemiAmp ";;&",
    LParen "(", RParen ")", Less "<", Great ">", DLess "<<", DLessDash "<<-", TLess "<<<", LessAnd "<&", GreatAnd ">&",
    LessGreat "<>", DGreat ">>", Clobber ">|", AndGreat "&>", AndDGreat "&>>",
);

impl Op {
    pub(super) fn is_redirect(self) -> bool {
        use Op::{
            AndDGreat, AndGreat, Clobber, DGreat, DLess, DLessDash, Great, GreatAnd, Less, LessAnd, LessGreat, TLess,
        };
        matches!(
            self,
            Less | Great
                | DLess
                | DLessDash
                | TLess
                | LessAnd
                | GreatAnd
                | LessGreat
                | DGreat
                | Clobber
                | AndGreat
                | AndDGreat
        )
    }
}

impl Kind {
    /// The token as messages show it.
    pub(super) fn text(&self) -> Vec<u8> {
        match self {
            Kind::Word(word) => word.source(),
            Kind::Assign(assignment) => assignment.source(),
            Kind::Op(op) => op.text().into(),
            Kind::Newline => b"newline".to_vec(),
            Kind::Eof => b"end of file".to_vec(),
            Kind::IoNumber(number) => number.to_string().into_bytes(),
            Kind::IoPlace(place) => place.name.bytes().to_vec(),
        }
    }

    pub(super) fn is_op(&self, op: Op) -> bool {
        matches!(self, Kind::Op(found) if *found == op)
    }

    /// The text of a word without quotes or expansions, which may be a reserved word.
    pub(super) fn bare(&self) -> Option<&[u8]> {
        match self {
            Kind::Word(word) => bare_text(word),
            _ => None,
        }
    }

    pub(super) fn is_bare(&self, text: &str) -> bool {
        self.bare() == Some(text.as_bytes())
    }
}

/// The text of a word that consists of one unquoted literal.
pub(super) fn bare_text(word: &Word) -> Option<&[u8]> {
    match word.pieces.as_slice() {
        [Piece::Literal(text)] if word.text.is_none() => Some(text),
        _ => None,
    }
}

impl Parser<'_, '_> {
    /// The next token, left in place. All looks at one token name the same `at`, or one that reads it the same way.
    pub(super) fn peek(&mut self, at: At) -> Result<&Token> {
        if self.token.is_none() {
            let token = self.read_token(at)?;
            self.token = Some(token);
        }
        Ok(self.token.as_ref().expect("filled above"))
    }

    /// Takes the next token.
    pub(super) fn next(&mut self, at: At) -> Result<Token> {
        match self.token.take() {
            Some(token) => Ok(token),
            None => self.read_token(at),
        }
    }

    /// Takes the next token if it is this operator.
    pub(super) fn eat_op(&mut self, op: Op, at: At) -> Result<bool> {
        let found = self.peek(at)?.kind.is_op(op);
        if found {
            self.token = None;
        }
        Ok(found)
    }

    /// Takes the next token if it is this reserved word.
    pub(super) fn eat_bare(&mut self, text: &str, at: At) -> Result<bool> {
        let found = self.peek(at)?.kind.is_bare(text);
        if found {
            self.token = None;
        }
        Ok(found)
    }

    /// Takes the next token, which must be this reserved word.
    pub(super) fn expect_bare(&mut self, text: &str, at: At) -> Result<()> {
        let token = self.next(at)?;
        if token.kind.is_bare(text) { Ok(()) } else { Err(self.unexpected(&token)) }
    }

    pub(super) fn expect_op(&mut self, op: Op, at: At) -> Result<()> {
        let token = self.next(at)?;
        if token.kind.is_op(op) { Ok(()) } else { Err(self.unexpected(&token)) }
    }

    pub(super) fn skip_newlines(&mut self, at: At) -> Result<()> {
        while matches!(self.peek(at)?.kind, Kind::Newline) {
            self.token = None;
        }
        Ok(())
    }

    fn read_token(&mut self, at: At) -> Result<Token> {
        self.charge()?;
        loop {
            self.skip_blanks();
            let line = self.input.line();
            let pos = self.input.source.pos;
            let kind = match self.input.peek() {
                None => self.end_of_input()?,
                Some(b'\n') => {
                    self.input.bump();
                    self.read_here_docs()?;
                    Kind::Newline
                }
                Some(b'<' | b'>') if matches!(at, At::Cond | At::CondPattern | At::Regex) => self.cond_operator()?,
                Some(b'(') if at == At::Regex => self.read_word_token(at)?,
                Some(b'<' | b'>') if self.input.second() == Some(b'(') => self.read_word_token(at)?,
                Some(byte @ (b'&' | b'|' | b';' | b'(' | b')' | b'<' | b'>')) => {
                    self.input.bump();
                    Kind::Op(self.operator(byte))
                }
                Some(byte) => match self.redirect_left(byte, at) {
                    Some(kind) => kind,
                    None => self.read_word_token(at)?,
                },
            };
            if let Kind::Word(word) = &kind
                && self.expand_alias(word, at)?
            {
                continue;
            }
            return Ok(Token { kind, line, pos });
        }
    }

    fn skip_blanks(&mut self) {
        self.input.record.truncate(self.record_floor);
        while let Some(byte) = self.input.peek() {
            match byte {
                b' ' | b'\t' => self.input.bump(),
                b'#' => self.skip_comment(),
                _ => return,
            }
        }
    }

    pub(super) fn skip_comment(&mut self) {
        while self.input.peek_raw().is_some_and(|byte| byte != b'\n') {
            let rest = self.input.rest();
            let n = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            self.input.skip(n);
        }
    }

    fn end_of_input(&mut self) -> Result<Kind> {
        // A last line without a newline ends as any other, and so does one that a backslash continues into nothing.
        let lacking = self.input.source.end_last_line();
        if lacking || (!self.here_docs.is_empty() && self.substitutions == 0) {
            self.read_here_docs()?;
            return Ok(Kind::Newline);
        }
        Ok(Kind::Eof)
    }

    fn cond_operator(&mut self) -> Result<Kind> {
        let byte = self.input.peek();
        if self.input.second() == Some(b'(') {
            return self.read_word_token(At::Cond);
        }
        self.input.bump();
        Ok(Kind::Op(if byte == Some(b'<') { Op::Less } else { Op::Great }))
    }

    /// The operator that begins with `first`, which is consumed.
    fn operator(&mut self, first: u8) -> Op {
        let input = &mut self.input;
        match first {
            b'&' if input.eat(b'&') => Op::AndAnd,
            b'&' if input.eat(b'>') => {
                if input.eat(b'>') {
                    Op::AndDGreat
                } else {
                    Op::AndGreat
                }
            }
            b'&' => Op::Amp,
            b'|' if input.eat(b'|') => Op::OrOr,
            b'|' if input.eat(b'&') => Op::PipeAmp,
            b'|' => Op::Pipe,
            b';' if input.eat(b';') => {
                if input.eat(b'&') {
                    Op::SemiSemiAmp
                } else {
                    Op::SemiSemi
                }
            }
            b';' if input.eat(b'&') => Op::SemiAmp,
            b';' => Op::Semi,
            b'(' => Op::LParen,
            b')' => Op::RParen,
            b'<' if input.eat(b'<') => match input.peek() {
                Some(b'-') => {
                    input.bump();
                    Op::DLessDash
                }
                Some(b'<') => {
                    input.bump();
                    Op::TLess
                }
                _ => Op::DLess,
            },
            b'<' if input.eat(b'&') => Op::LessAnd,
            b'<' if input.eat(b'>') => Op::LessGreat,
            b'<' => Op::Less,
            _ if input.eat(b'>') => Op::DGreat,
            _ if input.eat(b'&') => Op::GreatAnd,
            _ if input.eat(b'|') => Op::Clobber,
            _ => Op::Great,
        }
    }

    /// `2` or `{name}` directly before `<` or `>`.
    fn redirect_left(&mut self, first: u8, at: At) -> Option<Kind> {
        if matches!(at, At::Operand | At::Cond | At::CondPattern | At::Regex | At::CasePattern) {
            return None;
        }
        match first {
            b'0'..=b'9' => {
                let n = self.count_while(|byte| byte.is_ascii_digit());
                let rest = self.input.rest();
                let number = std::str::from_utf8(rest.get(..n)?).ok()?.parse().ok()?;
                matches!(rest.get(n), Some(b'<' | b'>')).then_some(())?;
                self.input.take(n);
                Some(Kind::IoNumber(number))
            }
            b'{' => self.redirect_place(),
            _ => None,
        }
    }

    fn redirect_place(&mut self) -> Option<Kind> {
        let n =
            self.count_while(|byte| !matches!(byte, b'}' | b' ' | b'\t' | b'\n' | b'$' | b'"' | b'\'' | b'<' | b'>'));
        self.input.reach(n + 1);
        let rest = self.input.rest();
        let left = rest.get(1..n)?;
        (rest.get(n) == Some(&b'}') && matches!(rest.get(n + 1), Some(b'<' | b'>'))).then_some(())?;
        let place = super::place(left, self.opts)?;
        self.input.take(n + 1);
        Some(Kind::IoPlace(place))
    }

    /// How many bytes from the next on satisfy `test`, within what is at hand.
    fn count_while(&mut self, test: impl Fn(u8) -> bool) -> usize {
        let mut n = 0;
        while self.input.rest().get(n).is_some_and(|&byte| test(byte)) {
            n += 1;
        }
        n
    }

    /// Replaces an alias's name by its text; true when the token is to be read anew.
    fn expand_alias(&mut self, word: &Word, at: At) -> Result<bool> {
        let next = std::mem::take(&mut self.input.alias_next);
        if !self.opts.expand_aliases || (at != At::Command && !next) || at == At::CasePattern || self.aliases.is_empty()
        {
            return Ok(false);
        }
        let Some(text) = bare_text(word) else { return Ok(false) };
        let Some((name, replacement)) = self.aliases.get_key_value(text) else { return Ok(false) };
        if self.input.expanding(text) {
            return Ok(false);
        }
        self.alias_expansions += 1;
        if self.alias_expansions > ALIAS_EXPANSIONS_MAX {
            return Err(self.error(format!("alias expansion limit exceeded ({ALIAS_EXPANSIONS_MAX})")));
        }
        self.input.push_alias(name.clone(), replacement);
        Ok(true)
    }
}
