//! One variable: its value and its attributes.

use serde::{Deserialize, Serialize};

use super::{AssocArray, IndexedArray};

/// Attributes of a variable, a set of bits.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Attrs(u16);

impl Attrs {
    /// Passed to programs.
    pub const EXPORT: Attrs = Attrs(1);
    /// Cannot be changed or unset.
    pub const READONLY: Attrs = Attrs(2);
    /// Assigned values are arithmetic expressions.
    pub const INTEGER: Attrs = Attrs(4);
    /// Assigned values become lower case.
    pub const LOWER: Attrs = Attrs(8);
    /// Assigned values become upper case.
    pub const UPPER: Attrs = Attrs(16);
    /// The first letter of assigned values becomes upper case.
    pub const CAPITAL: Attrs = Attrs(32);
    /// The value is the name of another variable.
    pub const NAMEREF: Attrs = Attrs(64);
    /// Traced functions (kept for `declare -t`).
    pub const TRACE: Attrs = Attrs(128);
    /// Declared without a value: it has attributes and a kind but is unset.
    pub const INVISIBLE: Attrs = Attrs(256);
    /// Made by `local` (or `declare` in a function).
    pub const LOCAL: Attrs = Attrs(512);
    /// The value is computed when read; see `dynamic.rs`.
    pub const DYNAMIC: Attrs = Attrs(1024);
    /// Assignments are ignored without an error, as to FUNCNAME or GROUPS.
    pub const NOASSIGN: Attrs = Attrs(2048);
    /// No attribute.
    pub const NONE: Attrs = Attrs(0);

    /// True when all of `other` are set.
    #[inline]
    pub fn has(self, other: Attrs) -> bool {
        self.0 & other.0 == other.0
    }

    /// True when any of `other` is set.
    #[inline]
    pub fn any(self, other: Attrs) -> bool {
        self.0 & other.0 != 0
    }

    /// Sets `other`.
    #[inline]
    pub fn add(&mut self, other: Attrs) {
        self.0 |= other.0;
    }

    /// Clears `other`.
    #[inline]
    pub fn remove(&mut self, other: Attrs) {
        self.0 &= !other.0;
    }

    /// The attributes in `self` and `other`.
    #[inline]
    pub fn and(self, other: Attrs) -> Attrs {
        Attrs(self.0 & other.0)
    }

    /// Those of both.
    #[inline]
    pub const fn or(self, other: Attrs) -> Attrs {
        Attrs(self.0 | other.0)
    }

    /// No attribute is set.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// One text.
    Scalar(#[serde(with = "crate::state::bytes")] Vec<u8>),
    /// An indexed array.
    Indexed(IndexedArray),
    /// An associative array.
    Assoc(AssocArray),
}

/// A variable without its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Var {
    /// What it holds.
    pub value: Value,
    /// How it behaves.
    pub attrs: Attrs,
}

impl Var {
    /// An ordinary variable that holds `text`.
    pub fn scalar(text: impl Into<Vec<u8>>) -> Var {
        Var { value: Value::Scalar(text.into()), attrs: Attrs::NONE }
    }

    /// An ordinary indexed array.
    pub fn indexed(list: Vec<Vec<u8>>) -> Var {
        Var { value: Value::Indexed(list.into()), attrs: Attrs::NONE }
    }

    /// A variable that was declared with `attrs` and has no value yet.
    pub fn declared(attrs: Attrs) -> Var {
        Var { value: Value::Scalar(Vec::new()), attrs: attrs.or(Attrs::INVISIBLE) }
    }

    /// Whether it has a value (an array: at least one element).
    pub fn is_set(&self) -> bool {
        !self.attrs.has(Attrs::INVISIBLE)
    }

    /// What `$name` stands for: the text, element 0 of an array, or the element with key `0`.
    #[inline]
    pub fn text(&self) -> Option<&[u8]> {
        if self.attrs.has(Attrs::INVISIBLE) {
            return None;
        }
        match &self.value {
            Value::Scalar(text) => Some(text),
            Value::Indexed(array) => array.get(0),
            Value::Assoc(array) => array.get(b"0"),
        }
    }

    /// True for both kinds of arrays.
    pub fn is_array(&self) -> bool {
        !matches!(self.value, Value::Scalar(_))
    }

    /// All texts: one, or the array's elements.
    pub fn texts(&self) -> Vec<&[u8]> {
        if !self.is_set() {
            return Vec::new();
        }
        match &self.value {
            Value::Scalar(text) => vec![text.as_slice()],
            Value::Indexed(array) => array.values().collect(),
            Value::Assoc(array) => array.values().collect(),
        }
    }

    /// All subscripts: `0`, or the array's indices or keys.
    pub fn keys(&self) -> Vec<Vec<u8>> {
        if !self.is_set() {
            return Vec::new();
        }
        match &self.value {
            Value::Scalar(_) => vec![b"0".to_vec()],
            Value::Indexed(array) => array.iter().map(|(index, _)| index.to_string().into_bytes()).collect(),
            Value::Assoc(array) => array.keys().map(<[u8]>::to_vec).collect(),
        }
    }

    /// Letters of the attributes in the order of `declare -p` and `${x@a}`.
    pub fn letters(&self) -> String {
        let mut letters = String::new();
        match &self.value {
            Value::Scalar(_) => {}
            Value::Indexed(_) => letters.push('a'),
            Value::Assoc(_) => letters.push('A'),
        }
        for (attr, letter) in [
            (Attrs::INTEGER, 'i'),
            (Attrs::NAMEREF, 'n'),
            (Attrs::READONLY, 'r'),
            (Attrs::TRACE, 't'),
            (Attrs::EXPORT, 'x'),
            (Attrs::CAPITAL, 'c'),
            (Attrs::LOWER, 'l'),
            (Attrs::UPPER, 'u'),
        ] {
            if self.attrs.has(attr) {
                letters.push(letter);
            }
        }
        letters
    }

    /// Turns a scalar into an indexed array with that text as element 0.
    pub fn make_indexed(&mut self) -> Option<&mut IndexedArray> {
        if let Value::Scalar(text) = &mut self.value {
            let text = std::mem::take(text);
            let mut array = IndexedArray::default();
            if self.is_set() {
                array.set(0, text);
            }
            self.value = Value::Indexed(array);
        }
        match &mut self.value {
            Value::Indexed(array) => Some(array),
            _ => None,
        }
    }

    /// Bytes this variable counts for in the limit of the shell's state.
    pub fn footprint(&self) -> usize {
        /// What an element costs beside its text: its buffer, its place in a vector or map.
        const PER_ELEMENT: usize = 48;
        match &self.value {
            Value::Scalar(text) => text.len(),
            Value::Indexed(array) => array.values().map(|text| text.len() + PER_ELEMENT).sum(),
            Value::Assoc(array) => array.iter().map(|(key, text)| key.len() + text.len() + PER_ELEMENT).sum(),
        }
    }
}
