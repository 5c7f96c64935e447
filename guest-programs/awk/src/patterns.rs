//! The regular expressions of a running program, each compiled once.

use std::collections::HashMap;
use std::rc::Rc;

use crate::code::Code;
use crate::failure::Result;
use crate::pattern::Pattern;
use crate::settings::Settings;
use crate::value::Value;

/// Most expressions made of strings that are kept; a program that makes more compiles some again.
const KEPT_MAX: usize = 256;

/// Compiled expressions.
pub(crate) struct Patterns {
    /// Those written in the program.
    literals: Vec<Option<Rc<Pattern>>>,
    /// Those made of strings.
    dynamic: HashMap<Vec<u8>, Rc<Pattern>>,
    /// The one used last: loops ask for it again and again.
    last: Option<Rc<Pattern>>,
}

impl Patterns {
    pub(crate) fn new(literals: usize) -> Self {
        Self { literals: vec![None; literals], dynamic: HashMap::new(), last: None }
    }

    /// An expression of the program's text.
    #[inline]
    pub(crate) fn literal(&mut self, number: u32, code: &Code, ignore_case: bool) -> Result<Rc<Pattern>> {
        if let Some(Some(known)) = self.literals.get(number as usize)
            && known.ignores_case() == ignore_case
        {
            return Ok(Rc::clone(known));
        }
        let source = code.regexes.get(number as usize).map(Vec::as_slice).unwrap_or_default();
        let pattern = Rc::new(Pattern::new(source, ignore_case)?);
        if let Some(place) = self.literals.get_mut(number as usize) {
            *place = Some(Rc::clone(&pattern));
        }
        Ok(pattern)
    }

    /// What a value means as a regular expression.
    pub(crate) fn of(&mut self, value: &Value, settings: &Settings) -> Result<Rc<Pattern>> {
        match value {
            Value::Regex(pattern) if pattern.ignores_case() == settings.ignore_case => Ok(Rc::clone(pattern)),
            other => self.of_text(&other.bytes(&settings.convfmt), settings.ignore_case),
        }
    }

    fn of_text(&mut self, source: &[u8], ignore_case: bool) -> Result<Rc<Pattern>> {
        let is = |known: &Rc<Pattern>| known.source() == source && known.ignores_case() == ignore_case;
        if let Some(last) = self.last.as_ref().filter(|last| is(last)) {
            return Ok(Rc::clone(last));
        }
        if let Some(known) = self.dynamic.get(source).filter(|known| is(known)) {
            self.last = Some(Rc::clone(known));
            return Ok(Rc::clone(known));
        }
        let pattern = Rc::new(Pattern::new(source, ignore_case)?);
        if self.dynamic.len() >= KEPT_MAX {
            self.dynamic.clear();
        }
        self.dynamic.insert(source.to_vec(), Rc::clone(&pattern));
        self.last = Some(Rc::clone(&pattern));
        Ok(pattern)
    }
}
