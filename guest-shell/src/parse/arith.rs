//! Reads arithmetic expressions as text: `$((...))`, `$[...]`, `((...))`, the parts of `for ((;;))` and slices. Finds their
//! ends and the expansions in them; the expressions themselves are parsed by `arith`.

use crate::tree::{Arith, Piece};

use super::pieces::{Pieces, Use};
use super::state::{Parser, Result};
use super::word::QuotedEnd;

/// What ends an expression, outside its own parentheses. It is left in the input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ArithEnd {
    /// `)`.
    Paren,
    /// `)` or `;`.
    ParenOrSemicolon,
    /// `]`.
    Bracket,
    /// `}`.
    Brace,
    /// `}`, or a `:` that belongs to no `?`.
    Slice,
    /// The end of the text.
    Text,
}

/// Where a parenthesis closes.
pub(super) enum Closing {
    /// With another one behind it: `))`.
    Double,
    /// With something else behind it.
    Single,
    /// Not at all.
    Never,
}

impl Parser<'_, '_> {
    /// Reads an expression up to its end, which is left in the input.
    pub(super) fn arith_text(&mut self, end: ArithEnd, line: u32) -> Result<Arith> {
        let start = self.input.record.len();
        let mut pieces = Pieces::default();
        let mut open = 0_usize;
        let mut questions = 0_usize;
        // What parentheses close, brackets do not hold open.
        let brackets = !matches!(end, ArithEnd::Paren | ArithEnd::ParenOrSemicolon);
        loop {
            let Some(byte) = self.input.peek() else {
                match end {
                    ArithEnd::Text => break,
                    ArithEnd::Paren | ArithEnd::ParenOrSemicolon => return Err(self.unclosed(')', line)),
                    ArithEnd::Bracket => return Err(self.unclosed(']', line)),
                    ArithEnd::Brace | ArithEnd::Slice => return Err(self.unclosed('}', line)),
                }
            };
            match byte {
                b'$' | b'`' | b'"' | b'\\' | b'\'' => {
                    self.arith_quote(&mut pieces, byte, end)?;
                    continue;
                }
                b'(' => open += 1,
                b')' if open > 0 => open -= 1,
                b'[' if brackets => open += 1,
                b']' if brackets && open > 0 => open -= 1,
                b')' if matches!(end, ArithEnd::Paren | ArithEnd::ParenOrSemicolon) => break,
                b']' if end == ArithEnd::Bracket => break,
                b';' if end == ArithEnd::ParenOrSemicolon && open == 0 => break,
                b'}' if matches!(end, ArithEnd::Brace | ArithEnd::Slice) => break,
                b'?' => questions += 1,
                b':' if end == ArithEnd::Slice && open == 0 && questions == 0 => break,
                b':' => questions = questions.saturating_sub(1),
                _ => {}
            }
            self.input.bump();
            pieces.quoted().push(byte);
        }
        let word = self.finish(pieces, Use::QUOTED, start)?;
        Ok(Arith { word, cache: Default::default() })
    }

    fn arith_quote(&mut self, pieces: &mut Pieces, byte: u8, end: ArithEnd) -> Result<()> {
        match byte {
            b'$' => self.dollar(pieces, true),
            b'`' => self.backquote(pieces, true),
            b'"' => {
                let inner = self.double_quotes()?;
                pieces.push(Piece::Double(inner));
                Ok(())
            }
            b'\\' => {
                self.quoted_backslash(pieces, QuotedEnd::Quote);
                Ok(())
            }
            // Single quotes keep what is between them together, but stay in the text.
            _ if matches!(end, ArithEnd::Text | ArithEnd::Brace | ArithEnd::Slice) => {
                self.input.bump();
                pieces.quoted().push(b'\'');
                Ok(())
            }
            _ => {
                let text = self.single_quoted()?;
                let run = pieces.quoted();
                run.push(b'\'');
                run.extend_from_slice(&text);
                run.push(b'\'');
                Ok(())
            }
        }
    }

    /// How the parenthesis closes that was opened just before the next byte; consumes nothing.
    pub(super) fn closing(&mut self) -> Closing {
        let mut ahead = 1;
        loop {
            match closing_in(self.input.rest()) {
                Closing::Never => {}
                found => return found,
            }
            // More of a line-wise source, in growing steps so that a hopeless search stays linear.
            let had = self.input.rest().len();
            if self.input.in_alias() || !self.input.reach(had + ahead) {
                return Closing::Never;
            }
            ahead = self.input.rest().len();
        }
    }
}

fn closing_in(text: &[u8]) -> Closing {
    let mut open = 1_usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'\'' => match text[at..].iter().position(|&byte| byte == b'\'') {
                Some(n) => at += n + 1,
                None => return Closing::Never,
            },
            b'"' | b'`' => match skip_quoted(text, at, byte) {
                Some(end) => at = end,
                None => return Closing::Never,
            },
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return match text.get(at) {
                Some(b')') => Closing::Double,
                _ => Closing::Single,
            };
        }
    }
    Closing::Never
}

fn skip_quoted(text: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    loop {
        match *text.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}
