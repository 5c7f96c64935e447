//! The values of the language: JSON, whose containers are shared and copied when they are written to.
//!
//! Owns the representation, identity and truth. Not here: reading and writing as text (`json`), and what the builtins do.

mod compare;
mod list;
mod literal;
mod map;
mod number;
mod path;

use std::rc::Rc;

use ecow::EcoString;

pub(crate) use compare::{compare, equal};
pub(crate) use list::List;
pub(crate) use literal::Literal;
pub(crate) use map::Map;
pub(crate) use number::{format as format_number, negated};
pub(crate) use path::{delete_paths, get, get_path, has, set_path, take_path};

/// One value.
#[derive(Clone, Debug, Default)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    /// A number that arithmetic made, or whose text a double holds.
    Num(f64),
    /// A number as it was written, of more digits than a double holds or with another look.
    Literal(Rc<Literal>),
    Str(EcoString),
    Arr(Rc<List>),
    Obj(Rc<Map>),
}

impl Value {
    /// A string.
    pub(crate) fn string(text: impl Into<EcoString>) -> Self {
        Self::Str(text.into())
    }

    /// An array of these values.
    pub(crate) fn array(items: Vec<Self>) -> Self {
        Self::Arr(Rc::new(List::from(items)))
    }

    /// An object.
    pub(crate) fn object(map: Map) -> Self {
        Self::Obj(Rc::new(map))
    }

    /// A count or position.
    #[expect(clippy::cast_precision_loss, reason = "numbers of the language are doubles")]
    pub(crate) fn count(number: usize) -> Self {
        Self::Num(number as f64)
    }

    /// What `if` takes it for: all but `null` and `false` is true.
    pub(crate) fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    /// The number as a double.
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Num(number) => Some(*number),
            Self::Literal(literal) => Some(literal.number()),
            _ => None,
        }
    }

    /// The string's text.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The array's items.
    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Arr(items) => Some(items),
            _ => None,
        }
    }

    /// The name of its type.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Num(_) | Self::Literal(_) => "number",
            Self::Str(_) => "string",
            Self::Arr(_) => "array",
            Self::Obj(_) => "object",
        }
    }

    /// Whether both are the very same value, not merely equal: what a path expression has to hand on.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Num(a), Self::Num(b)) => a.to_bits() == b.to_bits(),
            (Self::Literal(a), Self::Literal(b)) => Rc::ptr_eq(a, b),
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Arr(a), Self::Arr(b)) => Rc::ptr_eq(a, b),
            (Self::Obj(a), Self::Obj(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    fn is_container(&self) -> bool {
        matches!(self, Self::Arr(_) | Self::Obj(_))
    }
}

/// Drops containers one after the other: a value may be nested deeper than the stack is.
fn bury(mut containers: Vec<Value>) {
    while let Some(container) = containers.pop() {
        match container {
            Value::Arr(list) => {
                if let Ok(mut list) = Rc::try_unwrap(list) {
                    containers.extend(list.take().into_iter().filter(Value::is_container));
                }
            }
            Value::Obj(map) => {
                if let Ok(mut map) = Rc::try_unwrap(map) {
                    containers.extend(map.take().into_iter().map(|(_, value)| value).filter(Value::is_container));
                }
            }
            _ => {}
        }
    }
}
