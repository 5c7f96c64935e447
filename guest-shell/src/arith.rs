//! Arithmetic: bash's integer expressions, parsed once and evaluated often.
//!
//! `lexer` and `compile` turn text into `code`, `eval` runs it, `template` deals with expressions that hold
//! expansions. Numbers are 64 bits and wrap.

mod code;
mod compile;
mod eval;
mod lexer;
mod number;
mod template;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;
use crate::tree::{Arith, Subscript};
use crate::vars::VarError;

pub(crate) use code::Code;
pub(crate) use eval::Hole;
pub(crate) use number::{Decimal, parse_plain};

/// What evaluation keeps between calls.
pub(crate) type Holes = Vec<Hole>;

/// Most texts whose compiled form is kept; then all are forgotten, so that a script that makes up expressions
/// does not fill memory.
const CACHE_MAX: usize = 256;

/// Longest text whose compiled form is kept.
const CACHED_TEXT_MAX: usize = 200;

/// Compiled forms by text: `let`, subscripts in texts, values of variables.
#[derive(Default)]
pub(crate) struct ArithCache {
    codes: BTreeMap<Box<[u8]>, Rc<Code>>,
}

impl Shell {
    /// Evaluates the text of an expression (already expanded): `let`, subscripts, values of integer variables.
    ///
    /// # Errors
    /// A bad expression, an unbound variable with `set -u`, an assignment that fails.
    pub fn evaluate_text(&mut self, text: &[u8]) -> Result<i64, VarError> {
        if let Some(value) = parse_plain(text) {
            return Ok(value);
        }
        let known = self.expand.arith_cache.borrow().codes.get(text).cloned();
        let code = match known {
            Some(code) => code,
            None => {
                let code = Rc::new(compile::compile(text).map_err(|failed| self.fail_late(text, &failed))?);
                if text.len() <= CACHED_TEXT_MAX {
                    let codes = &mut self.expand.arith_cache.borrow_mut().codes;
                    if codes.len() >= CACHE_MAX {
                        codes.clear();
                    }
                    codes.insert(text.into(), Rc::clone(&code));
                }
                code
            }
        };
        self.run_code(&code, &[])
    }

    /// The error of an expression that is wrong: that of what stands before the mistake, or the mistake.
    fn fail_late(&mut self, text: &[u8], failed: &compile::Failed) -> VarError {
        match self.run_code(&failed.before, &[]) {
            Err(error) => error,
            Ok(_) => eval::describe(text, &failed.wrong),
        }
    }

    /// Evaluates an expression of the tree; the caller words the failure (`((: ...`).
    ///
    /// # Errors
    /// As [`Shell::evaluate_text`], and failing expansions.
    pub fn try_evaluate(&mut self, arith: &Arith) -> Result<i64, VarError> {
        self.run_template(&arith.word, &arith.cache)
    }

    /// Evaluates an expression of the tree: `$(( ))`, `${x:o}`.
    ///
    /// # Errors
    /// A bad expression, printed here.
    pub fn evaluate(&mut self, arith: &Arith) -> Flow<i64> {
        self.try_evaluate(arith).map_err(|error| self.fail(&error))
    }

    /// Evaluates the subscript of an indexed array.
    pub(crate) fn evaluate_subscript(&mut self, subscript: &Subscript) -> Result<i64, VarError> {
        // Single quotes and backslashes stay in the expression, where they are wrong.
        if subscript.word.constant().is_some() && subscript.cache.get::<Code>().is_none() && is_quoted(subscript) {
            let source = subscript.word.source();
            return self.evaluate_text(source.strip_prefix(b"$").unwrap_or(&source));
        }
        self.run_template(&subscript.word, &subscript.cache)
    }
}

/// Whether a subscript is one text in single quotes or with backslashes.
fn is_quoted(subscript: &Subscript) -> bool {
    let source = subscript.word.source();
    let source = source.strip_prefix(b"$").unwrap_or(&source);
    source.starts_with(b"'") || source.starts_with(b"\\")
}
