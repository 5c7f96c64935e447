//! Small bridges from evaluation to words and variables: patterns, places, prompts, loop variables.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::tree::{Pattern, Place};
use crate::vars::{Name, TextPlace, Value, VarError};

impl Shell {
    /// Whether a text matches a pattern of `case` or `[[ == ]]`.
    pub(crate) fn matches_pattern(&mut self, pattern: &Pattern, text: &[u8]) -> Flow<bool> {
        Ok(self.expand_pattern(pattern)?.matches(text))
    }

    /// `[[ text =~ regex ]]`.
    pub(crate) fn matches_regex(&mut self, pattern: &Pattern, text: &[u8]) -> Flow<bool> {
        // A regular expression that is none makes the status 2.
        let matched = self.match_regex(text, pattern)?;
        self.exec.cond_failed = matched.is_none();
        matched.ok_or(Unwind::Discard(2))
    }

    /// Turns a variable's failure into a message and what follows from it.
    pub(crate) fn checked<T>(&mut self, result: Result<T, VarError>) -> Flow<T> {
        result.map_err(|error| self.fail(&error))
    }

    /// Sets the variable of `for` and `select`.
    pub(crate) fn set_loop_variable(&mut self, name: Name, text: &[u8]) -> Flow {
        let is_reference = self.vars.var(name).is_some_and(|var| var.attrs.has(crate::vars::Attrs::NAMEREF));
        let result = if is_reference { self.bind_reference(name, text) } else { self.set_variable(name, text, false) };
        self.checked(result)
    }

    /// `place=text` for a place of the tree.
    pub(crate) fn set_place(&mut self, place: &Place, text: &[u8]) -> Flow {
        let name = place.name;
        let Some(index) = &place.index else {
            let result = self.set_variable(name, text, false);
            return self.checked(result);
        };
        let subscript = self.expand_single(&index.word)?;
        let key = self.key_of_text(name, &subscript);
        let key = self.checked(key)?;
        let result = self.set_element(name, &key, text, false);
        self.checked(result)
    }

    /// The text of a place of the tree.
    pub(crate) fn place_text(&mut self, place: &Place) -> Flow<Option<Vec<u8>>> {
        let name = place.name;
        let Some(index) = &place.index else {
            return Ok(self.text_of(name).map(|text| text.into_owned()));
        };
        let subscript = self.expand_single(&index.word)?;
        let key = self.key_of_text(name, &subscript);
        let key = self.checked(key)?;
        let text = self.element(name, &key).map(|text| text.map(|text| text.into_owned()));
        self.checked(text)
    }

    /// `-v`: whether a variable, an element or (with `@`) any element is set.
    pub(crate) fn is_set_place(&mut self, text: &[u8]) -> Flow<bool> {
        match TextPlace::parse(text) {
            Some(TextPlace::Variable(name)) => Ok(self.text_of(name).is_some()),
            Some(TextPlace::Element(name, b"@" | b"*")) if !self.is_assoc(name) => {
                Ok(self.variable(name).is_some_and(|var| match &var.value {
                    Value::Indexed(array) => !array.is_empty(),
                    Value::Assoc(array) => !array.is_empty(),
                    Value::Scalar(_) => var.is_set(),
                }))
            }
            Some(TextPlace::Element(name, subscript)) => {
                let key = self.key_of_text(name, subscript);
                let key = self.checked(key)?;
                let found = self.element(name, &key).map(|text| text.is_some());
                Ok(found.unwrap_or(false))
            }
            None => {
                let positional = std::str::from_utf8(text).ok().and_then(|text| text.parse::<usize>().ok());
                Ok(positional.and_then(|at| at.checked_sub(1)).is_some_and(|at| at < self.vars.positional().len()))
            }
        }
    }

    /// The prompt of `select`.
    pub(crate) fn select_prompt(&mut self) -> Flow<Vec<u8>> {
        match self.text_of(Name::PS3).map(|text| text.into_owned()) {
            Some(prompt) => self.expand_prompt(&prompt),
            None => Ok(b"#? ".to_vec()),
        }
    }

    /// A variable the evaluator depends on has changed.
    pub(crate) fn exec_variable_changed(&mut self, name: Name) {
        match name {
            Name::PATH => self.exec.hash = Rc::default(),
            Name::BASH_COMPAT => self.compatibility_assigned(),
            Name::HISTSIZE => self.trim_history(),
            Name::OPTIND => self.builtins.getopts = Default::default(),
            _ => {}
        }
    }
}
