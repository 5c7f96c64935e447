//! The built-in functions: which does what with the values on the stack. Those on strings, streams and types are here.

use std::rc::Rc;

use crate::array::ArrayRef;
use crate::ast::Builtin;
use crate::characters;
use crate::code::Target;
use crate::failure::{Failure, Result};
use crate::format;
use crate::machine::Machine;
use crate::numeric;
use crate::process;
use crate::special;
use crate::split::Splitter;
use crate::time;
use crate::value::Value;

impl Machine<'_> {
    /// Calls a built-in function with the last values of the stack.
    pub(super) fn builtin(&mut self, builtin: Builtin, count: u32) -> Result<()> {
        let arguments = self.pop_many(count);
        let value = match builtin {
            Builtin::Length => self.length(arguments.first())?,
            Builtin::Substr => self.substr(&arguments),
            Builtin::Index => self.index(&arguments),
            Builtin::Split => self.split(&arguments, false)?,
            Builtin::Patsplit => self.split(&arguments, true)?,
            Builtin::Match => self.match_position(&arguments)?,
            Builtin::Gensub => self.gensub(&arguments)?,
            Builtin::Sprintf => self.sprintf(&arguments)?,
            Builtin::Tolower => self.letters(&arguments, u8::to_ascii_lowercase, |out, letter| {
                push_changed(out, letter, letter.to_lowercase())
            }),
            Builtin::Toupper => self.letters(&arguments, u8::to_ascii_uppercase, |out, letter| {
                push_changed(out, letter, letter.to_uppercase())
            }),
            Builtin::Close => self.close(&arguments)?,
            Builtin::Fflush => self.fflush(arguments.first())?,
            Builtin::System => self.system(&arguments)?,
            Builtin::Asort | Builtin::Asorti => self.sort(&arguments, builtin == Builtin::Asorti)?,
            Builtin::Isarray => Value::truth(matches!(arguments.first(), Some(Value::Array(_)))),
            Builtin::Typeof => Value::text(type_of(arguments.first()).as_bytes()),
            Builtin::Mkbool => Value::truth(arguments.first().is_some_and(Value::is_true)),
            Builtin::Rand => Value::Number(self.random.next()),
            Builtin::Srand => {
                let seed = arguments.first().map_or_else(time::now, Value::number);
                Value::Number(self.random.seed(seed))
            }
            Builtin::Systime => Value::Number(time::now()),
            Builtin::Strftime => self.strftime(&arguments)?,
            Builtin::Mktime => {
                let text = self.string(&arguments, 0);
                Value::Number(time::mktime(&text, arguments.get(1).is_some_and(Value::is_true)))
            }
            _ => {
                scalars(&arguments)?;
                Value::Number(numeric::call(builtin, &arguments)?)
            }
        };
        self.push(value);
        Ok(())
    }

    /// An argument as a string; `""` where there is none.
    pub(super) fn string(&self, arguments: &[Value], at: usize) -> Vec<u8> {
        arguments.get(at).map(|value| value.bytes(&self.settings.convfmt).into_owned()).unwrap_or_default()
    }

    fn length(&mut self, argument: Option<&Value>) -> Result<Value> {
        let count = match argument {
            Some(Value::Array(array)) => array.borrow().len(),
            Some(value) => characters::count(&value.bytes(&self.settings.convfmt)),
            None => characters::count(self.record_text()),
        };
        Ok(number(count))
    }

    /// Positions below 1 count as 1, and fractions are cut off, as gawk does.
    fn substr(&self, arguments: &[Value]) -> Value {
        let Some(subject) = arguments.first() else { return Value::Unset };
        let text = subject.bytes(&self.settings.convfmt);
        let start = arguments.get(1).map_or(1.0, Value::number).trunc();
        let length = arguments.get(2).map_or(f64::INFINITY, Value::number).trunc();
        if length.is_nan() || length < 1.0 || start.is_nan() {
            return Value::text(b"");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
        let (skip, take) = ((start.max(1.0) - 1.0) as usize, length as usize);
        let from = characters::offset(&text, skip);
        let rest = text.get(from..).unwrap_or_default();
        let to = characters::offset(rest, take);
        Value::text(rest.get(..to).unwrap_or_default())
    }

    fn index(&self, arguments: &[Value]) -> Value {
        let (text, wanted) = (self.string(arguments, 0), self.string(arguments, 1));
        let found = if self.settings.ignore_case {
            memchr::memmem::find(&text.to_ascii_lowercase(), &wanted.to_ascii_lowercase())
        } else {
            memchr::memmem::find(&text, &wanted)
        };
        number(found.map_or(0, |at| characters::count(text.get(..at).unwrap_or_default()) + 1))
    }

    fn sprintf(&self, arguments: &[Value]) -> Result<Value> {
        scalars(arguments)?;
        let format = self.string(arguments, 0);
        let convfmt = &self.settings.convfmt;
        format::sprintf(&format, arguments.get(1..).unwrap_or_default(), convfmt).map(Value::from_vec)
    }

    fn letters(&self, arguments: &[Value], quick: fn(&u8) -> u8, change: fn(&mut String, char)) -> Value {
        Value::from_vec(characters::map(&self.string(arguments, 0), quick, change))
    }

    /// `split` and `patsplit`.
    fn split(&mut self, arguments: &[Value], by_fields: bool) -> Result<Value> {
        let text = self.string(arguments, 0);
        let splitter = match (arguments.get(2), by_fields) {
            (Some(value), true) => Splitter::Fields(self.patterns.of(value, &self.settings)?),
            (Some(value), false) => self.settings.splitter_of(value, &mut self.patterns)?,
            (None, true) => {
                let value = self.globals.get(special::FPAT as usize).cloned().unwrap_or(Value::Unset);
                Splitter::Fields(self.patterns.of(&value, &self.settings)?)
            }
            (None, false) => self.settings.splitter.clone(),
        };
        let (mut fields, mut gaps) = (Vec::new(), Vec::new());
        splitter.split_with(&text, &mut fields, |gap| gaps.push(gap))?;
        let piece = |(from, to): &(usize, usize)| Value::input(text.get(*from..*to).unwrap_or_default());
        let array = as_array(arguments.get(1))?;
        Self::fill(array, fields.iter().enumerate().map(|(at, span)| (key(at + 1), piece(span))));
        if let Some(separators) = arguments.get(3) {
            let separators = as_array(Some(separators))?;
            if Rc::ptr_eq(array, separators) {
                return Err(Failure::fatal("split: cannot use the same array for second and fourth args"));
            }
            // What precedes the first field has the number 0.
            let from_zero = by_fields || matches!(splitter, Splitter::Blanks);
            let first = usize::from(!from_zero || gaps.first().is_some_and(|(from, _)| *from > 0 && !by_fields));
            Self::fill(separators, gaps.iter().enumerate().map(|(at, gap)| (key(at + first), piece(gap))));
        }
        Ok(number(fields.len()))
    }

    fn match_position(&mut self, arguments: &[Value]) -> Result<Value> {
        let text = self.string(arguments, 0);
        let pattern = self.patterns.of(arguments.get(1).unwrap_or(&Value::Unset), &self.settings)?;
        let found = pattern.find_at(&text, 0)?;
        if let Some(array) = arguments.get(2) {
            let array = as_array(Some(array))?;
            let mut pairs = Vec::new();
            for (at, span) in found.map_or(Ok(Vec::new()), |span| pattern.groups(&text, span))?.iter().enumerate() {
                let Some((from, to)) = *span else { continue };
                let matched = text.get(from..to).unwrap_or_default();
                let name = at.to_string().into_bytes();
                let start = characters::count(text.get(..from).unwrap_or_default()) + 1;
                pairs.push((name.clone(), Value::input(matched)));
                pairs.push(([&name, &self.settings.subsep[..], b"start"].concat(), number(start)));
                pairs
                    .push(([&name, &self.settings.subsep[..], b"length"].concat(), number(characters::count(matched))));
            }
            Self::fill(array, pairs);
        }
        let (start, length) = match found {
            Some((from, to)) => {
                let before = characters::count(text.get(..from).unwrap_or_default());
                (number(before + 1), number(characters::count(text.get(from..to).unwrap_or_default())))
            }
            None => (Value::Number(0.0), Value::Number(-1.0)),
        };
        self.set_global(special::RSTART, start.clone())?;
        self.set_global(special::RLENGTH, length)?;
        Ok(start)
    }

    fn close(&mut self, arguments: &[Value]) -> Result<Value> {
        let name = self.string(arguments, 0);
        self.streams.close(&name).map(Value::Number)
    }

    fn fflush(&mut self, argument: Option<&Value>) -> Result<Value> {
        let name = argument.map(|name| name.bytes(&self.settings.convfmt).into_owned()).unwrap_or_default();
        if name.is_empty() {
            self.streams.flush_all()?;
            return Ok(Value::Number(0.0));
        }
        let found = self.streams.flush(&name)?;
        Ok(Value::Number(if found { 0.0 } else { -1.0 }))
    }

    fn system(&mut self, arguments: &[Value]) -> Result<Value> {
        let command = self.string(arguments, 0);
        self.streams.flush_all()?;
        Ok(Value::Number(process::run(&command).unwrap_or(-1.0)))
    }

    fn strftime(&mut self, arguments: &[Value]) -> Result<Value> {
        let format = match arguments.first() {
            Some(format) => format.bytes(&self.settings.convfmt).into_owned(),
            None => time::DEFAULT_FORMAT.to_vec(),
        };
        let when = arguments.get(1).map_or_else(time::now, Value::number);
        Ok(Value::from_vec(time::strftime(&format, when, arguments.get(2).is_some_and(Value::is_true))))
    }

    /// Assigns a target whose operands were taken, after a substitution.
    pub(super) fn replace(&mut self, target: Target, operands: &crate::operate::Operands, text: Vec<u8>) -> Result<()> {
        self.set_target(target, operands, Value::from_vec(text))
    }
}

/// Adds the other case of a letter; a letter whose other case is several stays, as in C.
fn push_changed(out: &mut String, letter: char, mut changed: impl ExactSizeIterator<Item = char>) {
    let other = changed.next().filter(|_| changed.len() == 0);
    out.push(other.unwrap_or(letter));
}

/// The decimal digits of a number, as a key.
pub(super) fn key(at: usize) -> Vec<u8> {
    at.to_string().into_bytes()
}

#[expect(clippy::cast_precision_loss, reason = "nothing in memory has 2^53 pieces")]
pub(super) fn number(count: usize) -> Value {
    Value::Number(count as f64)
}

/// An argument that must be an array.
pub(super) fn as_array(argument: Option<&Value>) -> Result<&ArrayRef> {
    match argument {
        Some(Value::Array(array)) => Ok(array),
        _ => Err(Failure::fatal("an argument of a function is not an array")),
    }
}

/// Makes sure that no argument is an array.
fn scalars(arguments: &[Value]) -> Result<()> {
    if arguments.iter().any(|argument| matches!(argument, Value::Array(_))) {
        return Err(Failure::fatal("attempt to use an array in a scalar context"));
    }
    Ok(())
}

/// What gawk calls the type of a value.
fn type_of(value: Option<&Value>) -> &'static str {
    match value {
        None | Some(Value::Unset) => "untyped",
        Some(Value::Number(_)) => "number",
        Some(Value::Array(_)) => "array",
        Some(Value::Regex(_)) => "regexp",
        Some(value @ Value::Text(text)) if text.is_input() && value.as_number().is_some() => "strnum",
        Some(Value::Text(_)) => "string",
    }
}
