//! Expansion: from the words of the tree to texts.
//!
//! One file a kind of expansion; this one holds what the evaluator calls. Every method prints its own failures and
//! answers [`Flow`]: an error in an expansion gives up the command line, an unbound variable ends a shell without a
//! user. Substitutions of commands and processes are evaluated by `exec`.

mod assignment;
mod brace;
pub mod escape;
mod fields;
mod glob;
mod ifs;
mod matching;
mod operators;
mod param;
mod prompt;
pub mod text;
mod tilde;
mod transform;
mod word;

use std::cell::RefCell;
use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::tree::Word;
use crate::vars::VarError;

use fields::Fields;
use word::Place;

/// Most buffers that are kept; expansions seldom stand deeper in each other.
const BUFFERS_MAX: usize = 8;
/// Largest buffer that is kept.
const BUFFER_MAX_BYTES: usize = 64 << 10;

/// What expansion keeps between calls.
#[derive(Clone, Default)]
pub(crate) struct ExpandState {
    /// Values of variables that are being evaluated as expressions within each other.
    pub(crate) value_depth: u32,
    /// Compiled expressions by text; shared with subshells.
    pub(crate) arith_cache: Rc<RefCell<crate::arith::ArithCache>>,
    /// Buffers for the expansions inside an expression.
    pub(crate) holes: crate::arith::Holes,
    /// Compiled patterns by text; shared with subshells.
    patterns: Rc<RefCell<matching::PatternCache>>,
    /// The present IFS, prepared.
    ifs: Rc<ifs::Ifs>,
    /// Expansions inside each other's arguments.
    depth: u32,
    /// Empty buffers, so that a loop of tests and assignments does not allocate.
    buffers: Vec<Vec<u8>>,
}

impl Shell {
    /// Expands a word of a command with all expansions and appends the resulting words.
    ///
    /// # Errors
    /// A failing expansion; its message has been printed.
    pub fn expand_word(&mut self, word: &Word, out: &mut Vec<Vec<u8>>) -> Flow {
        if let Some(text) = word.constant() {
            out.push(text.to_vec());
            return Ok(());
        }
        self.expand_full(word, out)
    }

    /// Expands the words of a command (`for x in WORDS` too) with all expansions.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_words(&mut self, words: &[Word]) -> Flow<Vec<Vec<u8>>> {
        let mut out = Vec::with_capacity(words.len());
        for word in words {
            self.expand_word(word, &mut out)?;
        }
        Ok(out)
    }

    /// Expands a word to one text without splitting and globbing: the subject of `case`, the words of `[[ ]]`, here-strings,
    /// the bodies of here-documents, values of assignments.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_single(&mut self, word: &Word) -> Flow<Vec<u8>> {
        let mut out = self.expand.buffers.pop().unwrap_or_default();
        let result = self.expand_into(word, &mut out);
        result.map(|()| out)
    }

    /// As [`Shell::expand_single`], appended to a buffer of the caller.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_into(&mut self, word: &Word, out: &mut Vec<u8>) -> Flow {
        if let Some(text) = word.constant() {
            out.extend_from_slice(text);
            return Ok(());
        }
        let mut fields = Fields::text(std::mem::take(out), self.ifs());
        let result = self.expand_pieces(&word.pieces, Place::default(), &mut fields);
        *out = fields.current.text;
        result
    }

    /// Takes a text back that is needed no more, for the next expansion.
    pub fn recycle(&mut self, mut text: Vec<u8>) {
        if self.expand.buffers.len() < BUFFERS_MAX && text.capacity() <= BUFFER_MAX_BYTES {
            text.clear();
            self.expand.buffers.push(text);
        }
    }

    /// The body of a here-document or a here-string's word as one text.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_text(&mut self, word: &Word) -> Flow<Vec<u8>> {
        self.expand_single(word)
    }

    /// Prints a failure of a variable or an expression and tells how evaluation goes on.
    pub fn fail(&mut self, error: &VarError) -> Unwind {
        if let VarError::Unwound(unwind) = error {
            return *unwind;
        }
        self.report(&error.text());
        if matches!(error, VarError::Unbound(_)) {
            return self.fatal();
        }
        self.status = 1;
        Unwind::Discard(1)
    }
}
