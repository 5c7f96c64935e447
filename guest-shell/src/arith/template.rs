//! Expressions with expansions in them: `$(( $x + ${a[1]} ))`.
//!
//! bash expands the text and then parses what came out, each time. Nearly always an expansion is an operand and comes
//! to a number, so the text is compiled once with holes and the numbers are filled in. Where that is not so (`1 $op 2`,
//! `$a$b`, a value that is an expression), the texts are put together and compiled as bash does.

use std::rc::Rc;

use super::code::Code;
use super::compile::compile;
use super::eval::Hole;
use super::lexer::{HOLE, HOLE_BASE};
use super::number::parse_plain;
use crate::flow::Flow;
use crate::shell::Shell;
use crate::tree::{Cache, Piece, Word};
use crate::vars::VarError;

/// Most expansions of an expression that is compiled with holes: their numbers are one byte from [`HOLE_BASE`].
const HOLES_MAX: usize = 100;

/// What is remembered of an expression in the tree.
pub(super) struct Template {
    /// With holes for the expansions; `None` when that does not parse.
    code: Option<Code>,
}

impl Shell {
    /// Evaluates an expression of the tree.
    pub(super) fn run_template(&mut self, word: &Word, cache: &Cache) -> Result<i64, VarError> {
        if let Some(text) = word.constant() {
            if let Some(code) = cache.get::<Code>() {
                return self.run_code(&code, &[]);
            }
            let code = Rc::new(compile(text).map_err(|failed| self.fail_late(text, &failed))?);
            cache.set(Rc::clone(&code));
            return self.run_code(&code, &[]);
        }
        let template = match cache.get::<Template>() {
            Some(template) => template,
            None => {
                let template = Rc::new(Template::new(word));
                cache.set(Rc::clone(&template));
                template
            }
        };
        let mut holes = std::mem::take(&mut self.expand.holes);
        let result = self.run_with_holes(word, &template, &mut holes);
        self.expand.holes = holes;
        result
    }

    fn run_with_holes(&mut self, word: &Word, template: &Template, holes: &mut Vec<Hole>) -> Result<i64, VarError> {
        let mut n = 0;
        self.fill(&word.pieces, holes, &mut n)?;
        if let Some(code) = &template.code
            && self.fits(code, &holes[..n])
        {
            return self.run_code(code, &holes[..n]);
        }
        let mut text = Text::default();
        let mut filled = holes[..n].iter();
        text.pieces(&word.pieces, &mut |text, inside| {
            let hole = filled.next().map_or(&b""[..], |hole| &hole.text);
            if inside { push_escaped(text, hole) } else { text.extend_from_slice(hole) }
        });
        self.evaluate_text(&text.bytes)
    }

    /// Whether every hole that is an operand holds a number; keys of associative arrays may be anything.
    fn fits(&self, code: &Code, holes: &[Hole]) -> bool {
        code.holes.iter().all(|(number, element)| {
            holes.get(usize::from(*number)).is_some_and(|hole| hole.number.is_some())
                || element.is_some_and(|element| {
                    code.elements.get(usize::from(element)).is_some_and(|element| self.is_assoc(element.name))
                })
        })
    }

    /// Expands the pieces that are no constants, in order.
    fn fill(&mut self, pieces: &[Piece], holes: &mut Vec<Hole>, n: &mut usize) -> Flow {
        for piece in pieces {
            match piece {
                Piece::Literal(_) | Piece::Quoted(_) => {}
                Piece::Double(inner) => self.fill(inner, holes, n)?,
                piece => {
                    if *n == holes.len() {
                        holes.push(Hole::default());
                    }
                    let mut text = std::mem::take(&mut holes[*n].text);
                    text.clear();
                    self.expand_piece_into(piece, &mut text)?;
                    holes[*n] = Hole { number: parse_plain(&text), text };
                    *n += 1;
                }
            }
        }
        Ok(())
    }
}

impl Template {
    fn new(word: &Word) -> Template {
        let mut text = Text::default();
        let mut n = 0usize;
        text.pieces(&word.pieces, &mut |text, _| {
            text.extend_from_slice(&[HOLE, HOLE_BASE.wrapping_add(u8::try_from(n).unwrap_or(u8::MAX))]);
            n += 1;
        });
        let code = if n <= HOLES_MAX { compile(&text.bytes).ok().filter(|code| !code.bad_subscript) } else { None };
        Template { code }
    }
}

/// The text of an expression being put together.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    /// How many brackets are open: inside, what quotes and expansions put in must not end the subscript.
    brackets: usize,
}

impl Text {
    fn pieces(&mut self, pieces: &[Piece], hole: &mut dyn FnMut(&mut Vec<u8>, bool)) {
        for piece in pieces {
            match piece {
                Piece::Literal(text) | Piece::Quoted(text) => {
                    for byte in text.iter() {
                        match byte {
                            b'[' => self.brackets += 1,
                            b']' => self.brackets = self.brackets.saturating_sub(1),
                            _ => {}
                        }
                    }
                    self.bytes.extend_from_slice(text);
                }
                Piece::Double(inner) if self.brackets > 0 => {
                    for piece in inner {
                        match piece {
                            Piece::Literal(text) | Piece::Quoted(text) => push_escaped(&mut self.bytes, text),
                            _ => hole(&mut self.bytes, true),
                        }
                    }
                }
                Piece::Double(inner) => self.pieces(inner, hole),
                _ => hole(&mut self.bytes, self.brackets > 0),
            }
        }
    }
}

fn push_escaped(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        if matches!(byte, b'[' | b']' | b'\\' | b'\'' | b'"') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
}
