//! What can go wrong while a program runs, and how values are shown in messages.

use crate::json;
use crate::value::Value;

/// Why evaluation of an expression stopped.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// An error, which `try` catches: its value.
    Error(Value),
    /// `break`, on the way to the label of this number.
    Break(usize),
    /// `halt` and `halt_error`: what is written, and the exit status.
    Halt(Option<Value>, u8),
}

/// An error with a text.
pub(crate) fn error(text: impl AsRef<str>) -> Failure {
    Failure::Error(Value::string(text.as_ref()))
}

/// Bytes of a value that a message shows, and that one about paths does.
const SHOWN_MAX_BYTES: usize = 14;
const SHOWN_LONG_MAX_BYTES: usize = 29;
const DOTS: &str = "...";

/// A value as messages show it: its JSON, cut short.
pub(crate) fn shown(value: &Value) -> String {
    cut(value, SHOWN_MAX_BYTES)
}

/// A value as messages about paths show it.
pub(crate) fn shown_long(value: &Value) -> String {
    cut(value, SHOWN_LONG_MAX_BYTES)
}

fn cut(value: &Value, max_bytes: usize) -> String {
    let text = json::compact(value);
    if text.len() <= max_bytes {
        return text;
    }
    let mut end = max_bytes - DOTS.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{DOTS}", &text[..end])
}

/// `TYPE (VALUE)`.
pub(crate) fn described(value: &Value) -> String {
    format!("{} ({})", value.kind(), shown(value))
}

/// `TYPE (VALUE) REASON` as an error.
pub(crate) fn type_error(value: &Value, reason: &str) -> Failure {
    error(format!("{} {reason}", described(value)))
}

/// `TYPE (VALUE) and TYPE (VALUE) REASON` as an error.
pub(crate) fn type_error2(a: &Value, b: &Value, reason: &str) -> Failure {
    error(format!("{} and {} {reason}", described(a), described(b)))
}
