//! The native builtins, grouped by what they work on.

mod arith;
mod collection;
mod format;
mod math;
mod order;
mod outside;
mod regex;
mod strftime;
mod strptime;
mod text;
mod time;

pub(crate) use arith::binary;
pub(crate) use outside::{Context, Input, print_error};

use crate::message::Failure;
use crate::value::Value;

/// What the outcome of a builtin is.
pub(crate) type Result = std::result::Result<Value, Failure>;

/// A builtin: it has an input and its arguments' values, which it may take.
#[derive(Debug)]
pub(crate) struct Native {
    pub(crate) name: &'static str,
    pub(crate) arity: usize,
    pub(crate) run: fn(&mut Context, Value, &mut [Value]) -> Result,
}

const GROUPS: &[&[Native]] = &[
    collection::NATIVES,
    text::NATIVES,
    order::NATIVES,
    math::OTHERS,
    math::UNARY,
    math::BINARY,
    format::NATIVES,
    regex::NATIVES,
    time::NATIVES,
    outside::NATIVES,
];

/// Builtins that the compiler turns into instructions.
const IN_PLACE: &[(&str, usize)] = &[
    ("empty", 0),
    ("not", 0),
    ("path", 1),
    ("getpath", 1),
    ("map", 1),
    ("select", 1),
    ("first", 1),
    ("range", 2),
    ("map_values", 1),
];

/// The native builtin of a name.
pub(crate) fn native(name: &str, arity: usize) -> Option<&'static Native> {
    GROUPS.iter().flat_map(|group| group.iter()).find(|native| native.name == name && native.arity == arity)
}

/// Names and numbers of parameters of all builtins that programs may use.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, usize)> {
    let natives = GROUPS.iter().flat_map(|group| group.iter()).map(|native| (native.name, native.arity));
    let all = natives.chain(IN_PLACE.iter().copied()).chain(crate::compile::prelude_names());
    all.filter(|(name, _)| !name.starts_with('_'))
}

/// A count that was stored as a number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts of doubles saturate")]
pub(crate) fn as_size(number: Option<f64>) -> usize {
    number.unwrap_or(0.0) as usize
}

/// An argument, taken.
fn take(args: &mut [Value], at: usize) -> Value {
    args.get_mut(at).map(std::mem::take).unwrap_or_default()
}
