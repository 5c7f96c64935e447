//! The words for an I/O error, as a C library says them.

use std::borrow::Cow;
use std::io;

/// Returns the text of an I/O error without Rust's "(os error N)".
pub(crate) fn reason(error: &io::Error) -> Cow<'static, str> {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((text, _)) => text.to_owned().into(),
        None => text.into(),
    }
}
