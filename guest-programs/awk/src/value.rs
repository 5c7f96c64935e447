//! Values: numbers, strings (short ones in place, long ones shared), arrays, regular expressions.
//!
//! A string that came from input remembers it, since it is compared as a number when it looks like one.

use std::borrow::Cow;
use std::rc::Rc;

use crate::array::ArrayRef;
use crate::format::{self, NumberFormat};
use crate::number;
use crate::pattern::Pattern;

/// Longest string that is kept in place.
const INLINE: usize = 13;

/// A string of bytes.
#[derive(Clone)]
pub(crate) struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Inline {
        input: bool,
        length: u8,
        bytes: [u8; INLINE],
    },
    /// Shared, with room to append where it is not.
    Heap {
        input: bool,
        bytes: Rc<Vec<u8>>,
    },
}

// Values are moved about all the time.
const _: () = assert!(size_of::<Value>() <= 16);

impl Text {
    /// A string that the program made.
    #[inline]
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self::with_origin(bytes, false)
    }

    #[inline]
    fn with_origin(text: &[u8], input: bool) -> Self {
        if text.len() <= INLINE {
            let mut bytes = [0; INLINE];
            bytes[..text.len()].copy_from_slice(text);
            let length = u8::try_from(text.len()).unwrap_or(0);
            return Self(Repr::Inline { input, length, bytes });
        }
        Self(Repr::Heap { input, bytes: Rc::new(text.to_vec()) })
    }

    fn from_vec(text: Vec<u8>, input: bool) -> Self {
        if text.len() <= INLINE {
            return Self::with_origin(&text, input);
        }
        Self(Repr::Heap { input, bytes: Rc::new(text) })
    }

    /// The bytes.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { length, bytes, .. } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Repr::Heap { bytes, .. } => bytes,
        }
    }

    /// Whether it came from input.
    #[inline]
    pub(crate) fn is_input(&self) -> bool {
        match &self.0 {
            Repr::Inline { input, .. } | Repr::Heap { input, .. } => *input,
        }
    }

    /// Appends, in place where nobody shares the string; the result is one that the program made.
    fn append(&mut self, more: &[u8]) {
        if let Repr::Heap { input, bytes } = &mut self.0
            && let Some(bytes) = Rc::get_mut(bytes)
        {
            *input = false;
            bytes.extend_from_slice(more);
        } else {
            *self = Self::from_vec([self.bytes(), more].concat(), false);
        }
    }
}

/// A value of a variable, element, field or expression.
#[derive(Clone)]
pub(crate) enum Value {
    /// Never assigned: `""` and 0 at once.
    Unset,
    Number(f64),
    Text(Text),
    Array(ArrayRef),
    /// `@/re/`, or a literal where a regular expression is wanted.
    Regex(Rc<Pattern>),
}

impl Value {
    /// A string that the program made.
    #[inline]
    pub(crate) fn text(bytes: &[u8]) -> Self {
        Self::Text(Text::new(bytes))
    }

    /// A string that the program made, owned already.
    #[inline]
    pub(crate) fn from_vec(bytes: Vec<u8>) -> Self {
        Self::Text(Text::from_vec(bytes, false))
    }

    /// A string from input.
    #[inline]
    pub(crate) fn input(bytes: &[u8]) -> Self {
        Self::Text(Text::with_origin(bytes, true))
    }

    /// 1 or 0.
    #[inline]
    pub(crate) fn truth(value: bool) -> Self {
        Self::Number(f64::from(u8::from(value)))
    }

    /// Its number.
    #[inline]
    pub(crate) fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) => number::of_text(text.bytes()),
            Self::Regex(pattern) => number::of_text(pattern.source()),
            Self::Unset | Self::Array(_) => 0.0,
        }
    }

    /// Whether it counts as true.
    #[inline]
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0.0,
            Self::Text(text) if text.is_input() => match number::looks_like(text.bytes()) {
                Some(number) => number != 0.0,
                None => !text.bytes().is_empty(),
            },
            Self::Text(text) => !text.bytes().is_empty(),
            Self::Regex(pattern) => !pattern.source().is_empty(),
            Self::Unset | Self::Array(_) => false,
        }
    }

    /// Its number, if it is compared as one.
    #[inline]
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Unset => Some(0.0),
            Self::Text(text) if text.is_input() => number::looks_like(text.bytes()),
            _ => None,
        }
    }

    /// Its string; numbers that are no integers are spelled by `format` (`CONVFMT` or `OFMT`).
    #[inline]
    pub(crate) fn bytes<'a>(&'a self, format: &NumberFormat) -> Cow<'a, [u8]> {
        match self {
            Self::Text(text) => Cow::Borrowed(text.bytes()),
            Self::Number(number) => {
                let mut out = Vec::with_capacity(24);
                format::push_number(&mut out, *number, format);
                Cow::Owned(out)
            }
            Self::Regex(pattern) => Cow::Borrowed(pattern.source()),
            Self::Unset | Self::Array(_) => Cow::Borrowed(b""),
        }
    }

    /// Appends its string.
    #[inline]
    pub(crate) fn push_to(&self, out: &mut Vec<u8>, format: &NumberFormat) {
        match self {
            Self::Text(text) => out.extend_from_slice(text.bytes()),
            Self::Number(number) => format::push_number(out, *number, format),
            Self::Regex(pattern) => out.extend_from_slice(pattern.source()),
            Self::Unset | Self::Array(_) => {}
        }
    }

    /// Its string as a text of its own.
    #[inline]
    pub(crate) fn into_text(self, format: &NumberFormat) -> Text {
        match self {
            Self::Text(text) => text,
            other => Text::new(&other.bytes(format)),
        }
    }

    /// Makes it the concatenation of itself and more.
    pub(crate) fn append(&mut self, more: &[u8], format: &NumberFormat) {
        if !matches!(self, Self::Text(_)) {
            *self = Self::text(&self.bytes(format));
        }
        if let Self::Text(text) = self {
            text.append(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_a_number_if_it_looks_like_one() {
        assert_eq!(Value::input(b" 10 ").as_number(), Some(10.0));
        assert_eq!(Value::text(b"10").as_number(), None);
        assert_eq!(Value::input(b"10x").as_number(), None);
        assert_eq!(Value::Unset.as_number(), Some(0.0));
    }

    #[test]
    fn truth_is_numeric_for_input_that_looks_so() {
        assert!(!Value::input(b"0.0").is_true());
        assert!(Value::text(b"0").is_true());
        assert!(Value::input(b"a").is_true());
        assert!(!Value::input(b"").is_true());
    }

    #[test]
    fn appending_leaves_what_shares_the_string_alone() {
        let format = NumberFormat::default();
        let mut value = Value::text(b"a string of some length");
        let other = value.clone();
        value.append(b" and more", &format);
        value.append(b"!", &format);
        assert_eq!(&*value.bytes(&format), b"a string of some length and more!");
        assert_eq!(&*other.bytes(&format), b"a string of some length");
        let mut number = Value::Number(1.0);
        number.append(b"x", &format);
        assert_eq!(&*number.bytes(&format), b"1x");
    }
}
