//! Reads `$x` and `${...}` with every operator. What bash refuses only when it expands it becomes `ParamOp::Bad`.

use crate::tree::{
    Arith, CaseChange, Joined, Name, Of, Param, ParamOp, Pattern, Piece, ReplaceScope, Subscript, Text, UnsetAction,
    Word,
};

use super::arith::ArithEnd;
use super::pieces::{Pieces, Use};
use super::state::{Parser, Result};
use super::word::{End, QuotedEnd};

impl Parser<'_, '_> {
    /// What begins with the `$` that is next; `quoted`: under double-quote rules.
    pub(super) fn dollar(&mut self, pieces: &mut Pieces, quoted: bool) -> Result<()> {
        let line = self.input.line();
        self.input.bump();
        let Some(byte) = self.input.peek() else {
            dollar_sign(pieces, quoted);
            return Ok(());
        };
        match byte {
            b'(' => self.dollar_paren(pieces, line)?,
            b'{' => {
                let param = self.deeper(|parser| parser.braced(quoted, line))?;
                pieces.push(Piece::Param(Box::new(param)));
            }
            b'[' => {
                self.input.bump();
                let arith = self.deeper(|parser| parser.arith_text(ArithEnd::Bracket, line))?;
                self.input.bump();
                pieces.push(Piece::Arith(Box::new(arith)));
            }
            b'\'' if !quoted => {
                let start = self.input.record.len() - 1;
                let text = self.ansi_c_quoted()?;
                // The text is kept decoded, as bash does.
                self.input.record.truncate(start);
                push_single_quoted(&mut self.input.record, &text);
                pieces.quoted_string(&text);
            }
            b'"' if !quoted => {
                self.input.record.pop();
                let inner = self.double_quotes()?;
                pieces.push(Piece::Double(inner));
            }
            _ => match self.simple_parameter(byte) {
                Some(of) => {
                    let bare = matches!(of, Of::Var(_));
                    pieces.push(Piece::Param(Box::new(Param { bare, indirect: false, of, op: ParamOp::Value })));
                }
                None => dollar_sign(pieces, quoted),
            },
        }
        Ok(())
    }

    /// The parameter of `$x` without braces.
    fn simple_parameter(&mut self, byte: u8) -> Option<Of> {
        if is_name_start(byte) {
            return Some(Of::Var(self.name()));
        }
        let of = special(byte)?;
        self.input.bump();
        Some(of)
    }

    /// A name, whose first byte is next.
    pub(super) fn name(&mut self) -> Name {
        let rest = self.input.rest();
        let n = rest.iter().position(|&byte| !is_name_byte(byte)).unwrap_or(rest.len());
        let name = Name::new(&rest[..n]);
        self.input.take(n);
        if !matches!(self.input.peek(), Some(byte) if is_name_byte(byte)) {
            return name;
        }
        // A line continuation splits the name.
        let mut text = name.bytes().to_vec();
        while let Some(byte) = self.input.peek().filter(|&byte| is_name_byte(byte)) {
            self.input.bump();
            text.push(byte);
        }
        Name::new(&text)
    }

    fn braced(&mut self, quoted: bool, line: u32) -> Result<Param> {
        let start = self.input.record.len() - 1;
        self.input.bump();
        if let Some(param) = self.braced_param(quoted, line)?
            && self.input.eat(b'}')
        {
            return Ok(param);
        }
        self.skip_to_brace(line)?;
        let text = Text::from(&self.input.record[start..]);
        Ok(Param { bare: false, indirect: false, of: Of::Special(b'?'), op: ParamOp::Bad(text) })
    }

    /// All between the braces; none if it is no expansion.
    fn braced_param(&mut self, quoted: bool, line: u32) -> Result<Option<Param>> {
        if self.input.peek() == Some(b'#') && self.is_length() {
            self.input.bump();
            let of = self.parameter(line)?;
            return Ok(of.map(|of| Param { bare: false, indirect: false, of, op: ParamOp::Length }));
        }
        let indirect = self.input.peek() == Some(b'!') && self.is_indirect();
        if indirect {
            self.input.bump();
        }
        let Some(of) = self.parameter(line)? else { return Ok(None) };
        if indirect && let Some(param) = self.names_or_keys(&of) {
            return Ok(Some(param));
        }
        // The letters of `$?` and its kin have no case to change.
        if matches!(of, Of::Special(b'?' | b'-' | b'!' | b'#')) && matches!(self.input.peek(), Some(b'^' | b',' | b'~'))
        {
            return Ok(None);
        }
        let op = self.operator_of(quoted, line)?;
        Ok(op.map(|op| Param { bare: false, indirect, of, op }))
    }

    /// Whether the `#` that is next asks for a length rather than being the parameter `$#`.
    fn is_length(&mut self) -> bool {
        self.input.reach(2);
        match self.input.rest() {
            [_, byte, ..] if is_name_byte(*byte) || matches!(byte, b'@' | b'*') => true,
            [_, b'-' | b'?' | b'$' | b'!' | b'#', b'}', ..] => true,
            _ => false,
        }
    }

    /// Whether the `!` that is next asks for indirection rather than being the parameter `$!`.
    fn is_indirect(&mut self) -> bool {
        self.input.reach(2);
        match self.input.rest() {
            [_, byte, ..] if is_name_byte(*byte) || matches!(byte, b'@' | b'*') => true,
            [_, b'#' | b'$' | b'!', ..] | [_, b'-' | b'?', b'}', ..] => true,
            _ => false,
        }
    }

    /// A parameter inside braces, with its subscript.
    fn parameter(&mut self, line: u32) -> Result<Option<Of>> {
        let Some(byte) = self.input.peek() else { return Err(self.unclosed('}', line)) };
        if byte.is_ascii_digit() {
            return Ok(self.positional());
        }
        if !is_name_start(byte) {
            // `${${` is an expansion where none can be, not `$$`.
            let nested = byte == b'$' && matches!(self.input.second(), Some(b'{' | b'('));
            let of = special(byte).filter(|_| !nested);
            if of.is_some() {
                self.input.bump();
            }
            return Ok(of);
        }
        let name = self.name();
        if !self.input.eat(b'[') {
            return Ok(Some(Of::Var(name)));
        }
        self.input.reach(1);
        let all = match self.input.rest() {
            [b'@', b']', ..] => Some(Joined::At),
            [b'*', b']', ..] => Some(Joined::Star),
            _ => None,
        };
        if let Some(joined) = all {
            self.input.take(2);
            return Ok(Some(Of::All(name, joined)));
        }
        let index = self.subscript()?;
        if index.word.pieces.is_empty() {
            return Ok(None);
        }
        Ok(Some(Of::Element(name, Box::new(index))))
    }

    fn positional(&mut self) -> Option<Of> {
        let mut number = 0_u32;
        while let Some(byte @ b'0'..=b'9') = self.input.peek() {
            self.input.bump();
            number = number.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
        }
        Some(if number == 0 { Of::Special(b'0') } else { Of::Positional(number) })
    }

    /// `${!prefix*}`, `${!array[@]}`, up to the brace.
    fn names_or_keys(&mut self, of: &Of) -> Option<Param> {
        self.input.reach(1);
        match (of, self.input.rest()) {
            (Of::All(..), [b'}', ..]) => {
                Some(Param { bare: false, indirect: false, of: of.clone(), op: ParamOp::Keys })
            }
            (Of::Var(_), [byte @ (b'@' | b'*'), b'}', ..]) => {
                let joined = if *byte == b'@' { Joined::At } else { Joined::Star };
                self.input.take(1);
                Some(Param { bare: false, indirect: false, of: of.clone(), op: ParamOp::Names(joined) })
            }
            _ => None,
        }
    }

    /// The operator and its arguments, up to the closing brace.
    fn operator_of(&mut self, quoted: bool, line: u32) -> Result<Option<ParamOp>> {
        let Some(byte) = self.input.peek() else { return Err(self.unclosed('}', line)) };
        if byte == b'}' {
            return Ok(Some(ParamOp::Value));
        }
        self.input.bump();
        let op = match byte {
            b':' => match self.input.peek().and_then(unset_action) {
                Some(action) => {
                    self.input.bump();
                    ParamOp::Unset { action, colon: true, word: self.argument(quoted, line)? }
                }
                None => self.slice(line)?,
            },
            b'#' | b'%' => {
                let longest = self.input.eat(byte);
                ParamOp::Trim { suffix: byte == b'%', longest, pattern: self.pattern(End::Brace)? }
            }
            b'/' => self.replace()?,
            b'^' | b',' | b'~' => {
                let change = match byte {
                    b'^' => CaseChange::Upper,
                    b',' => CaseChange::Lower,
                    _ => CaseChange::Toggle,
                };
                let all = self.input.eat(byte);
                let pattern = if self.input.peek() == Some(b'}') { None } else { Some(self.pattern(End::Brace)?) };
                ParamOp::Case { change, all, pattern }
            }
            b'@' => match self.input.peek() {
                Some(letter @ (b'U' | b'u' | b'L' | b'Q' | b'E' | b'P' | b'A' | b'K' | b'a' | b'k')) => {
                    self.input.bump();
                    ParamOp::Transform(letter)
                }
                _ => return Ok(None),
            },
            _ => match unset_action(byte) {
                Some(action) => ParamOp::Unset { action, colon: false, word: self.argument(quoted, line)? },
                None => return Ok(None),
            },
        };
        Ok(Some(op))
    }

    /// The word of `${x-word}` and the like.
    fn argument(&mut self, quoted: bool, line: u32) -> Result<Word> {
        let start = self.input.record.len();
        let mut word = if quoted {
            let mut pieces = Pieces::default();
            self.quoted_text(&mut pieces, QuotedEnd::Brace, line)?;
            self.finish(pieces, Use::QUOTED, start)?
        } else {
            self.word(End::Brace, Use::SPLIT)?
        };
        word.text = None;
        Ok(word)
    }

    fn pattern(&mut self, end: End) -> Result<Pattern> {
        let mut word = self.word(end, Use::PATTERN)?;
        word.text = None;
        Ok(Pattern { word, extended: self.opts.extglob, cache: Default::default() })
    }

    fn replace(&mut self) -> Result<ParamOp> {
        let scope = match self.input.peek() {
            Some(b'/') => ReplaceScope::All,
            Some(b'#') => ReplaceScope::Prefix,
            Some(b'%') => ReplaceScope::Suffix,
            _ => ReplaceScope::First,
        };
        if scope != ReplaceScope::First {
            self.input.bump();
        }
        let pattern = self.pattern(End::BraceOrSlash)?;
        let with = match self.input.eat(b'/') {
            true => Some(self.replacement()?),
            false => None,
        };
        Ok(ParamOp::Replace { scope, pattern, with })
    }

    /// Quotes count in the replacement even inside double quotes.
    fn replacement(&mut self) -> Result<Word> {
        let mut word = self.word(End::Brace, Use::SPLIT)?;
        word.text = None;
        Ok(word)
    }

    fn slice(&mut self, line: u32) -> Result<ParamOp> {
        let offset = self.arith_text(ArithEnd::Slice, line)?;
        let length = match self.input.eat(b':') {
            true => Some(self.arith_text(ArithEnd::Brace, line)?),
            false => None,
        };
        // The message about a negative length shows its text.
        Ok(ParamOp::Slice { offset: without_text(offset), length })
    }

    /// `...]` after the opening bracket of a subscript.
    pub(super) fn subscript(&mut self) -> Result<Subscript> {
        let line = self.input.line();
        let start = self.input.record.len();
        let pieces = self.deeper(|parser| parser.subscript_pieces(line))?;
        let word = self.finish(pieces, Use::QUOTED, start)?;
        self.input.bump();
        Ok(Subscript { word, cache: Default::default() })
    }

    fn subscript_pieces(&mut self, line: u32) -> Result<Pieces> {
        let mut pieces = Pieces::default();
        let mut open = 0_usize;
        loop {
            let Some(byte) = self.input.peek() else { return Err(self.unclosed(']', line)) };
            match byte {
                b'\\' | b'\'' | b'"' | b'$' | b'`' => {
                    self.quote_or_expansion(&mut pieces, byte)?;
                    continue;
                }
                b'[' => open += 1,
                b']' if open == 0 => return Ok(pieces),
                b']' => open -= 1,
                _ => {}
            }
            self.input.bump();
            pieces.quoted().push(byte);
        }
    }

    /// Skips the rest of a bad `${...}`.
    fn skip_to_brace(&mut self, line: u32) -> Result<()> {
        let mut pieces = Pieces::default();
        loop {
            match self.input.peek() {
                None => return Err(self.unclosed('}', line)),
                Some(b'}') => {
                    self.input.bump();
                    return Ok(());
                }
                Some(byte @ (b'\\' | b'\'' | b'"' | b'$' | b'`')) => self.quote_or_expansion(&mut pieces, byte)?,
                Some(_) => self.input.bump(),
            }
        }
    }
}

fn without_text(mut arith: Arith) -> Arith {
    arith.word.text = None;
    arith
}

fn push_single_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'\'');
    for &byte in text {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            byte => out.push(byte),
        }
    }
    out.push(b'\'');
}

fn dollar_sign(pieces: &mut Pieces, quoted: bool) {
    let run = if quoted { pieces.quoted() } else { pieces.literal() };
    run.push(b'$');
}

fn unset_action(byte: u8) -> Option<UnsetAction> {
    match byte {
        b'-' => Some(UnsetAction::Default),
        b'=' => Some(UnsetAction::Assign),
        b'?' => Some(UnsetAction::Fail),
        b'+' => Some(UnsetAction::Alternative),
        _ => None,
    }
}

/// The parameter that one byte names.
fn special(byte: u8) -> Option<Of> {
    match byte {
        b'@' => Some(Of::Arguments(Joined::At)),
        b'*' => Some(Of::Arguments(Joined::Star)),
        b'1'..=b'9' => Some(Of::Positional(u32::from(byte - b'0'))),
        b'#' | b'?' | b'-' | b'$' | b'!' | b'0' => Some(Of::Special(byte)),
        _ => None,
    }
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
