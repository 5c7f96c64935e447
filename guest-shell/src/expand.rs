//! Expansion: from the words of the tree to texts.
//!
//! One file a kind of expansion; this one holds what the evaluator calls. Every method prints its own failures and
//! answers [`Flow`]: an error in an expansion gives up the command line, an unbound variable ends a shell without a
//! user. Substitutions of commands and processes are evaluated by `exec`.

pub mod text;

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::pattern::{Regex, Matcher};
use crate::shell::Shell;
use crate::tree::{Arith, Assignment, Pattern, Word};
use crate::vars::VarError;

/// What expansion keeps between calls.
#[derive(Clone, Default)]
pub(crate) struct ExpandState {}

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
        Ok(())
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
        let mut out = Vec::new();
        self.expand_into(word, &mut out)?;
        Ok(out)
    }

    /// As [`Shell::expand_single`], appended to a buffer of the caller.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_into(&mut self, _word: &Word, _out: &mut Vec<u8>) -> Flow {
        Ok(())
    }

    /// Expands the word of a redirection; more or fewer than one result is `ambiguous redirect`, printed here.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_redirect(&mut self, word: &Word) -> Flow<Option<Vec<u8>>> {
        self.expand_single(word).map(Some)
    }

    /// Expands the pattern of `case`, `[[ == ]]`, `${x#p}` and compiles it, or answers what was compiled before.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_pattern(&mut self, _pattern: &Pattern) -> Flow<Rc<Matcher>> {
        Ok(Rc::new(Matcher::default()))
    }

    /// Expands and compiles the right side of `=~`; `None` when it is no regular expression (status 2).
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_regex(&mut self, _pattern: &Pattern) -> Flow<Option<Rc<Regex>>> {
        Ok(None)
    }

    /// Matches `subject` against the right side of `=~` and sets BASH_REMATCH; `None` when it is no regular
    /// expression (status 2).
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn match_regex(&mut self, _subject: &[u8], _pattern: &Pattern) -> Flow<Option<bool>> {
        Ok(None)
    }

    /// Evaluates an arithmetic expression of the tree: `(( ))`, `for (( ))`, `${x:o}`.
    ///
    /// # Errors
    /// A bad expression, printed here.
    pub fn evaluate(&mut self, _arith: &Arith) -> Flow<i64> {
        Ok(0)
    }

    /// Carries out an assignment (scalar or compound) with all its expansions.
    ///
    /// # Errors
    /// A failing expansion or a readonly variable, printed here.
    pub fn assign(&mut self, _assignment: &Assignment) -> Flow {
        Ok(())
    }

    /// Prints a failure of a variable or an expression and tells how evaluation goes on.
    pub fn fail(&mut self, error: &VarError) -> Unwind {
        if let VarError::Unwound(unwind) = error {
            return *unwind;
        }
        self.report(&error.text());
        self.status = 1;
        match error {
            VarError::Unbound(_) if !self.session => Unwind::Exit(1),
            _ => Unwind::Discard(1),
        }
    }
}
