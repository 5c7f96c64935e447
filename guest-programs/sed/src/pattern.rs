//! Regular expressions of a script: their delimiters, escapes and flags.

use std::rc::Rc;

use sandshell_posix_regex::{Dialect, Regex, Syntax};

use crate::escape::{self, Use};
use crate::fragments::Source;
use crate::script::Pattern;

/// Flags of a regular expression.
#[derive(Clone, Copy, Default)]
pub(crate) struct Flags {
    pub(crate) ignore_case: bool,
    pub(crate) multi_line: bool,
}

/// Reads up to the delimiter, which a backslash makes literal. `None`: the line ends first.
pub(crate) fn delimited(source: &mut Source, delimiter: u8, is_pattern: bool) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    // What has been read of a bracket expression, in which the delimiter is a character like others.
    let mut bracket: Option<Bracket> = None;
    loop {
        let byte = source.next();
        if let (Some(inside), Some(byte)) = (&mut bracket, byte)
            && byte != b'\n'
        {
            text.push(byte);
            if inside.ends_with(byte, source.peek()) {
                bracket = None;
            }
            continue;
        }
        match byte {
            None => return None,
            Some(b'\n') => {
                source.back(Some(b'\n'));
                return None;
            }
            Some(byte) if byte == delimiter => return Some(text),
            Some(b'\\') => match source.next() {
                None => return None,
                Some(b'n') if is_pattern && delimiter != b'n' => text.extend_from_slice(b"\\n"),
                Some(b'\n') if is_pattern => text.push(b'\n'),
                Some(byte) if byte == delimiter && (is_pattern || byte != b'&') => text.push(byte),
                Some(byte) => text.extend_from_slice(&[b'\\', byte]),
            },
            Some(b'[') if is_pattern => {
                text.push(b'[');
                bracket = Some(Bracket::default());
            }
            Some(byte) => text.push(byte),
        }
    }
}

/// How far a bracket expression is read.
#[derive(Default)]
struct Bracket {
    length: usize,
    negated: bool,
    /// The character after `[` of a class, `:`, `.` or `=`, while it is open, and whether it was the last one.
    class: Option<(u8, bool)>,
    /// The last character was a `[`.
    opened: bool,
}

impl Bracket {
    /// Takes a character; answers whether it ends the expression.
    fn ends_with(&mut self, byte: u8, next: Option<u8>) -> bool {
        self.length += 1;
        if let Some((kind, was_kind)) = self.class {
            self.class = if was_kind && byte == b']' { None } else { Some((kind, byte == kind)) };
            return false;
        }
        let first = self.length == 1 + usize::from(self.negated);
        if self.length == 1 && byte == b'^' {
            self.negated = true;
        } else if byte == b'[' && next.is_some_and(|next| b":.=".contains(&next)) {
            self.opened = true;
        } else if std::mem::take(&mut self.opened) {
            self.class = Some((byte, false));
        } else if byte == b']' && !first {
            return true;
        }
        false
    }
}

/// Compiles what stood between delimiters.
///
/// # Errors
///
/// GNU's message for a malformed expression.
pub(crate) fn compile(text: &[u8], flags: Flags, extended: bool) -> Result<Pattern, String> {
    let shown = format!("{}{}", if flags.ignore_case { "I" } else { "" }, if flags.multi_line { "M" } else { "" });
    let mut pattern = Pattern { regex: None, source: text.to_vec(), flags: shown };
    if text.is_empty() {
        return Ok(pattern);
    }
    let bytes = newlines(&escape::replace(text, Use::Pattern));
    let dialect = Dialect {
        syntax: if extended { Syntax::Extended } else { Syntax::Basic },
        separator: None,
        line_anchors: flags.multi_line,
        strict: true,
    };
    pattern.regex = Some(Rc::new(Regex::new(&String::from_utf8_lossy(&bytes), dialect, flags.ignore_case)?));
    Ok(pattern)
}

/// Replaces `\n`, which no escape of a backslash is part of, by the newline it stands for, in brackets, too.
fn newlines(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, if byte == b'\\' { bytes.next() } else { None }) {
            (b'\\', Some(b'n')) => out.push(b'\n'),
            (b'\\', Some(next)) => out.extend_from_slice(&[b'\\', next]),
            _ => out.push(byte),
        }
    }
    out
}
