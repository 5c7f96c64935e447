//! Reads assignments: `name=`, `name[sub]+=`, values and compound arrays.

use crate::tree::{AfterError, Assignment, Element, Place, Text, Value};

use super::param::{is_name_byte, is_name_start};
use super::pieces::Use;
use super::state::{Parser, Result};
use super::token::{At, Kind};
use super::word::{End, constant};

/// What follows the possible name of an assignment.
enum Left {
    /// `=`, `+=`, or a subscript with one of these behind it.
    Assignment,
    /// Anything else.
    Word,
}

impl Parser<'_, '_> {
    /// The assignment that begins at the next byte, if there is one.
    pub(super) fn assignment(&mut self, at: At) -> Result<Option<Kind>> {
        if !self.input.peek().is_some_and(is_name_start) || matches!(self.left()?, Left::Word) {
            return Ok(None);
        }
        let line = self.input.line();
        let start = self.input.record.len();
        let name = self.name();
        let index = match self.input.eat(b'[') {
            true => Some(Box::new(self.subscript()?)),
            false => None,
        };
        let append = self.input.eat(b'+');
        self.input.eat(b'=');
        let value = match self.input.peek() {
            Some(b'(') => {
                let elements = self.deeper(|parser| parser.elements());
                Value::Array(elements.map_err(|error| error.then(AfterError::GiveUpWithOne))?)
            }
            _ if at == At::Declaration => Value::Scalar(self.word(End::Word, Use::DECLARED)?),
            _ => Value::Scalar(self.word(End::Word, Use::VALUE)?),
        };
        let text = Text::from(&self.input.record[start..]);
        if at == At::Evaluated {
            return Ok(Some(self.evaluated(value, &text)));
        }
        let place = Place { name, index };
        let assignment = Assignment { place, append, value: without_text(value, &text), line, text };
        Ok(Some(Kind::Assign(Box::new(assignment))))
    }

    /// `eval a=(...)`: the argument is the text, which `eval` parses again.
    fn evaluated(&self, value: Value, text: &Text) -> Kind {
        let assignment = Assignment {
            place: Place { name: crate::tree::Name::new(b""), index: None },
            append: false,
            value,
            line: 0,
            text: text.clone(),
        };
        Kind::Word(constant(assignment.source()))
    }

    /// Looks ahead whether a word is an assignment.
    fn left(&mut self) -> Result<Left> {
        let mut n = 0;
        loop {
            if !self.input.reach(n) {
                return Ok(Left::Word);
            }
            match self.input.rest()[n] {
                byte if is_name_byte(byte) => n += 1,
                // A line continuation inside the name.
                b'\\' if self.input.rest().get(n + 1) == Some(&b'\n') => n += 2,
                b'[' => return self.left_subscript(n + 1),
                _ => break,
            }
        }
        Ok(self.left_operator(n))
    }

    /// Whether `=` or `+=` stands `n` bytes ahead. Looks no further than it must: a line-wise source would be read on.
    fn left_operator(&mut self, n: usize) -> Left {
        if self.input.rest().get(n) == Some(&b'+') {
            self.input.reach(n + 1);
        }
        match self.input.rest().get(n..).unwrap_or_default() {
            [b'=', ..] | [b'+', b'=', ..] => Left::Assignment,
            _ => Left::Word,
        }
    }

    /// Looks for the end of a subscript that begins at `from`.
    fn left_subscript(&mut self, from: usize) -> Result<Left> {
        let mut wanted = from;
        loop {
            if let Some(end) = subscript_end(&self.input.rest()[from..]) {
                let behind = from + end + 1;
                self.input.reach(behind);
                return Ok(self.left_operator(behind));
            }
            // A subscript may go on over lines; look at twice as much each time.
            wanted = (wanted * 2).max(self.input.rest().len());
            if self.input.in_alias() || !self.input.reach(wanted) {
                let closed = self.input.in_alias();
                return if closed { Ok(Left::Word) } else { Err(self.unclosed(']', self.input.line())) };
            }
        }
    }

    /// `( ... )` of a compound assignment, from its parenthesis on.
    pub(super) fn elements(&mut self) -> Result<Vec<Element>> {
        let opening = self.input.line();
        self.input.bump();
        let mut elements = Vec::new();
        loop {
            match self.input.peek() {
                None => return Err(self.unclosed(')', opening)),
                Some(b')') => {
                    self.input.bump();
                    return Ok(elements);
                }
                Some(b' ' | b'\t' | b'\n') => self.input.bump(),
                Some(b'#') => self.skip_comment(),
                Some(b'[') if self.keyed_follows()? => elements.push(self.keyed()?),
                Some(b'<' | b'>') if self.input.second() == Some(b'(') => elements.push(self.element_word()?),
                Some(b'&' | b';' | b'|' | b'<' | b'>' | b'(') => {
                    let token = self.next(At::Cond)?;
                    return Err(self.unexpected(&token));
                }
                Some(_) => elements.push(self.element_word()?),
            }
        }
    }

    fn element_word(&mut self) -> Result<Element> {
        self.word(End::Word, Use::ELEMENT).map(Element::Word)
    }

    fn keyed_follows(&mut self) -> Result<bool> {
        self.left_subscript(1).map(|left| matches!(left, Left::Assignment))
    }

    fn keyed(&mut self) -> Result<Element> {
        let line = self.input.line();
        self.input.bump();
        let index = Box::new(self.subscript()?);
        let append = self.input.eat(b'+');
        self.input.eat(b'=');
        let value = self.word(End::Word, Use::VALUE)?;
        Ok(Element::Keyed { index, append, value, line })
    }
}

/// Where the bracket closes that was opened before `text`, quotes respected.
fn subscript_end(text: &[u8]) -> Option<usize> {
    let mut open = 1_usize;
    let mut at = 0;
    let mut quote = None;
    loop {
        let byte = *text.get(at)?;
        match (byte, quote) {
            (b'\\', None | Some(b'"')) => at += 1,
            (b'\'' | b'"', None) => quote = Some(byte),
            (byte, Some(opened)) if byte == opened => quote = None,
            (b'[', None) => open += 1,
            (b']', None) => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
        at += 1;
    }
}

/// The text of the value and of the elements is part of the assignment's own.
fn without_text(value: Value, _whole: &Text) -> Value {
    match value {
        Value::Scalar(mut word) => {
            word.text = None;
            Value::Scalar(word)
        }
        array @ Value::Array(_) => array,
    }
}
