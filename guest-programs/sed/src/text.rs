//! The texts of `a`, `i` and `c`: on the line of the command, or on the lines after `\`.

use crate::escape::{self, Use};
use crate::fragments::{ScriptError, Source};

/// Reads the text after the letter.
///
/// # Errors
///
/// Nothing stands there.
pub(crate) fn read(source: &mut Source) -> Result<Vec<u8>, ScriptError> {
    let first = source.next_nonblank();
    if first.is_none() || (first == Some(b'\n')) {
        source.back(first);
        return Err(source.error("expected \\ after `a', `c' or `i'"));
    }
    if first == Some(b'\\') {
        let after = source.position();
        match source.next_nonblank() {
            None => return Ok(Vec::new()),
            // The text starts on the next line, its blanks kept.
            Some(b'\n') => {}
            // On the same line, after a backslash that keeps the blanks.
            Some(_) => {
                while source.position() > after {
                    source.back(Some(0));
                }
            }
        }
    } else {
        source.back(first);
    }
    Ok(escaped(&lines(source)))
}

/// Takes the lines of the text, a newline after the last, which no backslash continues.
fn lines(source: &mut Source) -> Vec<u8> {
    let mut text = Vec::new();
    while let Some(byte) = source.next() {
        text.push(byte);
        match byte {
            b'\n' => return text,
            b'\\' => text.extend(source.next()),
            _ => {}
        }
    }
    text.push(b'\n');
    text
}

/// Replaces escapes; any other backslash only keeps the byte after it.
fn escaped(text: &[u8]) -> Vec<u8> {
    let replaced = escape::replace(text, Use::Text);
    let mut out = Vec::with_capacity(replaced.len());
    let mut bytes = replaced.into_iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.extend(bytes.next()),
            _ => out.push(byte),
        }
    }
    out
}
