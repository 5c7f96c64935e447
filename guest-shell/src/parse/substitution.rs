//! Reads command substitutions in both forms, process substitutions and `$((`, which may turn out to be either.

use std::rc::Rc;

use crate::tree::{List, Piece, Script, Text, Tree, Warning};

use super::arith::{ArithEnd, Closing};
use super::pieces::Pieces;
use super::state::{Parser, Result};
use super::token::{At, Op};

impl Parser<'_, '_> {
    /// What begins with `$(`; the parenthesis is next.
    pub(super) fn dollar_paren(&mut self, pieces: &mut Pieces, line: u32) -> Result<()> {
        let double = self.input.second() == Some(b'(');
        if double && self.is_arithmetic(line)? {
            self.input.bump();
            self.input.bump();
            let arith = self.deeper(|parser| parser.arith_text(ArithEnd::Paren, line))?;
            self.input.bump();
            if !self.input.eat(b')') {
                return Err(self.unclosed(')', line));
            }
            pieces.push(Piece::Arith(Box::new(arith)));
            return Ok(());
        }
        let script = self.substitution().map_err(|error| {
            // What began as an expression is missed from its own line on.
            if double && error.incomplete { self.unclosed(')', line) } else { error }
        })?;
        pieces.push(Piece::Command(script));
        Ok(())
    }

    /// Whether the two parentheses that are next open an expression. What is closed by `) )` is a command.
    fn is_arithmetic(&mut self, line: u32) -> Result<bool> {
        let text = self.input.rest();
        debug_assert!(text.starts_with(b"(("), "the caller has seen both");
        self.input.skip(2);
        let closing = self.closing();
        self.input.unskip(2);
        match closing {
            Closing::Double => Ok(true),
            Closing::Single => Ok(false),
            Closing::Never => Err(self.unclosed(')', line)),
        }
    }

    /// `( list )` of a substitution, from its parenthesis on.
    pub(super) fn substitution(&mut self) -> Result<Rc<Script>> {
        let line = self.input.line();
        self.input.bump();
        let start = self.input.record.len();
        let floor = std::mem::replace(&mut self.record_floor, start);
        let token = self.token.take();
        let here_docs = std::mem::take(&mut self.here_docs);
        let alias_next = std::mem::take(&mut self.input.alias_next);
        self.substitutions += 1;
        let list = self.deeper(|parser| {
            let list = parser.list()?;
            parser.expect_op(Op::RParen, At::Command)?;
            Ok(list)
        })?;
        self.substitutions -= 1;
        // A here-document opened inside whose line has not ended takes the lines behind the outer line.
        let inside = std::mem::replace(&mut self.here_docs, here_docs);
        if !inside.is_empty() {
            let message = format!("command substitution: {} unterminated here-document", inside.len());
            self.warnings.push(Warning { line: self.input.line(), message: Text::from(message.as_str()) });
        }
        self.here_docs.extend(inside);
        self.input.alias_next = alias_next;
        self.token = token;
        self.record_floor = floor;
        self.input.record.truncate(start);
        self.input.record.extend_from_slice(b"\0)");
        Ok(Rc::new(Script { list, error: None, backquoted: false, line }))
    }

    /// A backquoted command from its opening quote on; `quoted`: inside double quotes, where `\"` loses its backslash.
    pub(super) fn backquote(&mut self, pieces: &mut Pieces, quoted: bool) -> Result<()> {
        let line = self.input.line();
        self.input.bump();
        let mut text = Vec::new();
        loop {
            match self.input.take_raw() {
                None => return Err(self.unclosed('`', line)),
                Some(b'`') => break,
                Some(b'\\') => match self.input.take_raw() {
                    Some(byte @ (b'$' | b'`' | b'\\')) => text.push(byte),
                    Some(b'"') if quoted => text.push(b'"'),
                    Some(byte) => text.extend([b'\\', byte]),
                    None => return Err(self.unclosed('`', line)),
                },
                Some(byte) => text.push(byte),
            }
        }
        let script = self.nested(text, line, |parser| Ok(parser.script(line)))?;
        pieces.push(Piece::Command(Rc::new(script)));
        Ok(())
    }

    /// All complete commands of the input as one list, up to the first error.
    fn script(&mut self, line: u32) -> Script {
        let mut list = List::default();
        let mut error = None;
        loop {
            match self.complete_command() {
                Ok(Some(Tree { list: more, .. })) => list.items.extend(more.items),
                Ok(None) => break,
                Err(stopped) => {
                    error = Some(Box::new(stopped));
                    break;
                }
            }
        }
        Script { list, error, backquoted: true, line }
    }
}
