//! The walk over a word's pieces.

use std::borrow::Cow;
use std::rc::Rc;

use super::brace::Joints;
use super::fields::{Field, Fields, Mode};
use crate::flow::{Flow, Unwind};
use crate::options::{SetOption, ShellOption};
use crate::parse::{self, ParseOpts, Tilde};
use crate::shell::Shell;
use crate::tree::{Piece, Word, remove_quotes};

/// How deep expansions may stand in each other's arguments.
const DEPTH_MAX: u32 = 200;

/// Most bytes one word may become before it is split: far above the state's limit, below the instance's memory.
pub(super) const WORD_MAX_BYTES: usize = 64 << 20;

/// How a piece counts where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Inside double quotes.
    pub(super) quoted: bool,
    /// In the argument of an unquoted expansion, where even literal text is split.
    pub(super) argument: bool,
}

impl Shell {
    /// Expands a word with all expansions; appends the resulting words.
    pub(super) fn expand_full(&mut self, word: &Word, out: &mut Vec<Vec<u8>>) -> Flow {
        if !word.pieces.iter().any(|piece| matches!(piece, Piece::Braces(_))) {
            return self.expand_row(word.pieces.iter(), out);
        }
        if !self.is_set(SetOption::BraceExpand) {
            // The option was turned off after the word was read.
            let options = ParseOpts { braces: false, ..self.parse_options() };
            let plain = parse::word(&word.source(), options);
            return match plain {
                Ok(plain) => self.expand_row(plain.pieces.iter(), out),
                Err(error) => {
                    self.report_syntax_error(&error);
                    Err(Unwind::Discard(1))
                }
            };
        }
        let mut total = 0;
        let posix = self.is_set(SetOption::Posix);
        let joints = Joints::of(&word.pieces, if posix { Tilde::Start } else { Tilde::Argument });
        self.expand_braces(&word.pieces, &mut |shell, pieces| {
            // A word of constants needs no more work.
            if let [Cow::Owned(Piece::Quoted(text))] = pieces {
                out.push(text.to_vec());
            } else if joints.any() {
                shell.expand_row(joints.mend(pieces).iter(), out)?;
            } else {
                shell.expand_row(pieces.iter().map(|piece| &**piece), out)?;
            }
            total += out.last().map_or(0, Vec::len) + 32;
            if total > WORD_MAX_BYTES * 2 {
                return Err(shell.too_large(total));
            }
            Ok(())
        })
    }

    /// Expands the value of an argument `name=value` of `declare` and its kin, which is one text for each word that
    /// brace expansion makes of it; appends them behind `left`.
    pub(crate) fn expand_declared(&mut self, left: &[u8], value: &Word, out: &mut Vec<Vec<u8>>) -> Flow {
        let braced = value.pieces.iter().any(|piece| matches!(piece, Piece::Braces(_)));
        if !braced {
            out.push([left, &self.expand_assignment_value(value)?].concat());
            return Ok(());
        }
        if !self.is_set(SetOption::BraceExpand) {
            out.push([left, &remove_quotes(&value.source()).0].concat());
            return Ok(());
        }
        let joints = Joints::of(&value.pieces, Tilde::Value);
        self.expand_braces(&value.pieces, &mut |shell, pieces| {
            let row = joints.mend(pieces);
            let mut fields = Fields::text(left.to_vec(), shell.ifs());
            shell.expand_pieces(&row, Place::default(), &mut fields)?;
            out.push(fields.current.text);
            Ok(())
        })
    }

    fn expand_row<'a>(&mut self, pieces: impl Iterator<Item = &'a Piece>, out: &mut Vec<Vec<u8>>) -> Flow {
        let mut fields = Fields::new(Mode::Words, self.ifs());
        for piece in pieces {
            self.expand_piece(piece, Place::default(), &mut fields)?;
        }
        for field in fields.finish() {
            self.finish_field(field, out)?;
        }
        Ok(())
    }

    /// Path expansion of one word.
    fn finish_field(&mut self, field: Field, out: &mut Vec<Vec<u8>>) -> Flow {
        if !field.pattern || self.is_set(SetOption::NoGlob) {
            out.push(field.text);
            return Ok(());
        }
        let text = field.text.clone();
        let pattern = field.into_pattern();
        if !crate::pattern::is_pattern(&pattern, self.is_shopt(ShellOption::ExtGlob)) {
            out.push(text);
            return Ok(());
        }
        let found = self.glob(&pattern)?;
        if !found.is_empty() {
            out.extend(found);
        } else if self.is_shopt(ShellOption::FailGlob) {
            self.report(&[b"no match: ".as_slice(), &text].concat());
            return Err(Unwind::Discard(1));
        } else if !self.is_shopt(ShellOption::NullGlob) {
            out.push(text);
        }
        Ok(())
    }

    /// Expands a word to one text that remembers what was quoted.
    pub(super) fn expand_marked(&mut self, word: &Word) -> Flow<Field> {
        let mut fields = Fields::new(Mode::Marked, self.ifs());
        self.expand_pieces(&word.pieces, Place::default(), &mut fields)?;
        Ok(fields.current)
    }

    pub(super) fn expand_pieces(&mut self, pieces: &[Piece], place: Place, fields: &mut Fields) -> Flow {
        for piece in pieces {
            self.expand_piece(piece, place, fields)?;
        }
        Ok(())
    }

    pub(super) fn expand_piece(&mut self, piece: &Piece, place: Place, fields: &mut Fields) -> Flow {
        match piece {
            Piece::Literal(text) if place.quoted => fields.push_quoted(text),
            Piece::Literal(text) if place.argument => fields.push_expansion(text, false),
            Piece::Literal(text) => fields.push_literal(text),
            Piece::Quoted(text) => fields.push_quoted(text),
            Piece::Double(inner) => return self.expand_double(inner, fields),
            Piece::Param(param) => return self.expand_param(param, place, fields),
            Piece::Arith(arith) => {
                let value = self.evaluate(arith)?;
                fields.push_expansion(crate::arith::Decimal::new(value).as_bytes(), place.quoted);
            }
            Piece::Command(script) => {
                self.enter_expansion()?;
                let output = self.substitute_command(script);
                self.expand.depth -= 1;
                fields.push_expansion(&output?, place.quoted);
            }
            Piece::Process(direction, script) => {
                let path = self.substitute_process(*direction, script)?;
                fields.push_quoted(&path);
            }
            Piece::Tilde(prefix) => match self.tilde(prefix) {
                Some(home) => fields.push_quoted(&home),
                None => fields.push_literal(prefix),
            },
            // Where braces are not expanded the parser makes none.
            Piece::Braces(_) => {}
            Piece::Broken(error) => {
                self.report_syntax_error(error);
                return Err(Unwind::Discard(1));
            }
        }
        self.check_size(fields)
    }

    /// Double quotes: they make a word, unless all that is in them is `$@` without arguments.
    fn expand_double(&mut self, inner: &[Piece], fields: &mut Fields) -> Flow {
        if inner.is_empty() {
            fields.push_quoted(b"");
            return Ok(());
        }
        let mark = fields.open_quotes();
        self.expand_pieces(inner, Place { quoted: true, argument: false }, fields)?;
        fields.close_quotes(mark);
        Ok(())
    }

    /// Counts an expansion in another one's argument.
    pub(super) fn enter_expansion(&mut self) -> Flow {
        if self.expand.depth >= DEPTH_MAX {
            self.report(b"expansion: maximum nesting level exceeded (200)");
            return Err(Unwind::Discard(1));
        }
        self.expand.depth += 1;
        Ok(())
    }

    pub(super) fn check_size(&mut self, fields: &Fields) -> Flow {
        match fields.size() {
            size if size > WORD_MAX_BYTES => Err(self.too_large(size)),
            _ => Ok(()),
        }
    }

    #[cold]
    pub(super) fn too_large(&mut self, size: usize) -> Unwind {
        self.report(format!("xrealloc: cannot allocate {size} bytes").as_bytes());
        Unwind::Discard(1)
    }

    /// Expands one piece as in double quotes; appends its text.
    pub(crate) fn expand_piece_into(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Flow {
        // Parameters in arithmetic are mostly plain variables.
        if let Piece::Param(param) = piece
            && let Some(text) = self.plain_variable(param)
        {
            out.extend_from_slice(text);
            return Ok(());
        }
        let mut fields = Fields::text(std::mem::take(out), Rc::clone(&self.expand.ifs));
        let result = self.expand_piece(piece, Place { quoted: true, argument: false }, &mut fields);
        *out = fields.current.text;
        result
    }
}
