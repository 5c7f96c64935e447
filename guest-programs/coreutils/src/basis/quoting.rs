//! GNU's quoting styles for file names, in listings and in messages.

use std::ffi::OsStr;
use std::fmt::Write as _;

use super::bytes::OsStrExt;

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Literal,
    /// Quoted for the shell when it must be; unprintable bytes stay.
    Shell,
    /// Quoted for the shell, always.
    ShellAlways,
    /// As [`Style::Shell`], unprintable bytes as `$'...'`.
    ShellEscape,
    /// As [`Style::ShellEscape`], always quoted.
    ShellEscapeAlways,
    /// As a string of C.
    C,
    /// As a string of C without the quotes.
    Escape,
    /// In the quotation marks of the locale.
    Locale,
}

/// The styles by their GNU names.
pub(crate) const STYLES: &[(&str, Style)] = &[
    ("literal", Style::Literal),
    ("shell", Style::Shell),
    ("shell-always", Style::ShellAlways),
    ("shell-escape", Style::ShellEscape),
    ("shell-escape-always", Style::ShellEscapeAlways),
    ("c", Style::C),
    ("c-maybe", Style::C),
    ("escape", Style::Escape),
    ("locale", Style::Locale),
    ("clocale", Style::Locale),
];

/// Text as a name.
pub(crate) fn plain(text: &str) -> &OsStr {
    OsStr::new(text)
}

/// Quotes a name for a message: `'name'`, escaped so that a shell would read it back.
pub(crate) fn name(name: impl AsRef<OsStr>) -> String {
    lossy(quote(name.as_ref().as_bytes(), Style::ShellEscapeAlways))
}

/// Quotes a name for a message only where a shell needs it.
pub(crate) fn name_maybe(name: impl AsRef<OsStr>) -> String {
    lossy(quote(name.as_ref().as_bytes(), Style::ShellEscape))
}

/// Quotes a word for a message in the quotation marks of the locale.
pub(crate) fn locale(word: impl AsRef<OsStr>) -> String {
    lossy(quote(word.as_ref().as_bytes(), Style::Locale))
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Returns whether the locale's character set is UTF-8.
pub(crate) fn locale_is_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os).find(|value| !value.is_empty()).is_some_and(
        |value| {
            let value = value.to_string_lossy().to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        },
    )
}

/// Writes a name in a style.
pub(crate) fn quote(name: &[u8], style: Style) -> Vec<u8> {
    match style {
        Style::Literal => name.to_vec(),
        Style::Shell => shell(name, false, false),
        Style::ShellAlways => shell(name, true, false),
        Style::ShellEscape => shell(name, false, true),
        Style::ShellEscapeAlways => shell(name, true, true),
        Style::C => c_string(name, "\"", "\"", Some(b'"')),
        Style::Escape => c_string(name, "", "", Some(b' ')),
        Style::Locale if locale_is_utf8() => c_string(name, "\u{2018}", "\u{2019}", None),
        Style::Locale => c_string(name, "'", "'", Some(b'\'')),
    }
}

/// A stretch of a name.
enum Piece<'a> {
    /// A character that is shown.
    Shown(&'a [u8]),
    /// A byte that is not.
    Hidden(u8),
}

/// Cuts a name into characters that are shown and bytes that are not.
fn pieces(name: &[u8]) -> Vec<Piece<'_>> {
    let mut found = Vec::with_capacity(name.len());
    let mut rest = name;
    while !rest.is_empty() {
        let (text, bad) = match std::str::from_utf8(rest) {
            Ok(text) => (text, 0),
            Err(error) => {
                let (good, tail) = rest.split_at(error.valid_up_to());
                (std::str::from_utf8(good).unwrap_or(""), error.error_len().unwrap_or(tail.len()))
            }
        };
        let mut at = 0;
        for character in text.chars() {
            let bytes = &rest[at..at + character.len_utf8()];
            at += bytes.len();
            if character.is_control() {
                found.extend(bytes.iter().map(|&byte| Piece::Hidden(byte)));
            } else {
                found.push(Piece::Shown(bytes));
            }
        }
        found.extend(rest[at..at + bad].iter().map(|&byte| Piece::Hidden(byte)));
        rest = &rest[at + bad..];
    }
    found
}

/// Replaces what is not shown by question marks.
pub(crate) fn question_marks(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for piece in pieces(name) {
        match piece {
            Piece::Shown(bytes) => out.extend_from_slice(bytes),
            Piece::Hidden(_) => out.push(b'?'),
        }
    }
    out
}

/// Returns the columns a text takes on a terminal.
pub(crate) fn width(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    unicode_width::UnicodeWidthStr::width(String::from_utf8_lossy(text).as_ref())
}

fn escape_letter(byte: u8) -> Option<char> {
    Some(match byte {
        0x07 => 'a',
        0x08 => 'b',
        0x0c => 'f',
        b'\n' => 'n',
        b'\r' => 'r',
        b'\t' => 't',
        0x0b => 'v',
        _ => return None,
    })
}

fn push_escape(byte: u8, out: &mut Vec<u8>) {
    let mut text = String::new();
    match escape_letter(byte) {
        Some(letter) => text.extend(['\\', letter]),
        // A string takes whatever is written.
        None => drop(write!(text, "\\{byte:03o}")),
    }
    out.extend_from_slice(text.as_bytes());
}

fn c_string(name: &[u8], open: &str, close: &str, quoted: Option<u8>) -> Vec<u8> {
    let mut out = open.as_bytes().to_vec();
    for piece in pieces(name) {
        match piece {
            Piece::Shown(bytes) => {
                if bytes == b"\\" || (bytes.len() == 1 && Some(bytes[0]) == quoted) {
                    out.push(b'\\');
                }
                out.extend_from_slice(bytes);
            }
            Piece::Hidden(byte) => push_escape(byte, &mut out),
        }
    }
    out.extend_from_slice(close.as_bytes());
    out
}

/// Returns whether a shown character needs quotes at its place.
fn needs_quotes(character: &[u8], first: bool, alone: bool) -> bool {
    match character {
        b"{" | b"}" => alone,
        b"#" | b"~" => first,
        [byte] => b" !\"$&()*;<=>[^`|?\\'".contains(byte),
        _ => false,
    }
}

/// Returns whether a character means itself between double quotes too, in C and in a shell.
fn means_itself(character: &[u8]) -> bool {
    match character {
        [byte] => byte.is_ascii_alphanumeric() || b" '%+,-./:]_".contains(byte),
        _ => true,
    }
}

fn shell(name: &[u8], always: bool, escape: bool) -> Vec<u8> {
    let pieces = pieces(name);
    let alone = pieces.len() == 1;
    let hidden = escape && pieces.iter().any(|piece| matches!(piece, Piece::Hidden(_)));
    let needed = name.is_empty()
        || hidden
        || pieces.iter().enumerate().any(|(index, piece)| match piece {
            Piece::Shown(bytes) => needs_quotes(bytes, index == 0, alone),
            Piece::Hidden(byte) => matches!(byte, b'\n' | b'\t' | b'\r' | 0x0b | 0x0c),
        });
    if !needed && !always {
        return name.to_vec();
    }
    let has_single = name.contains(&b'\'');
    let soft = has_single && pieces.iter().all(|piece| matches!(piece, Piece::Shown(bytes) if means_itself(bytes)));
    if soft {
        return [b"\"", name, b"\""].concat();
    }
    let mut out = vec![b'\''];
    let mut in_escape = false;
    for piece in pieces {
        match piece {
            Piece::Hidden(byte) if escape => {
                if !in_escape {
                    out.extend_from_slice(b"'$'");
                    in_escape = true;
                }
                push_escape(byte, &mut out);
            }
            piece => {
                if in_escape {
                    out.extend_from_slice(b"''");
                    in_escape = false;
                }
                match piece {
                    Piece::Shown(b"'") => out.extend_from_slice(b"'\\''"),
                    Piece::Shown(bytes) => out.extend_from_slice(bytes),
                    Piece::Hidden(byte) => out.push(byte),
                }
            }
        }
    }
    out.push(b'\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_a_shell_reads_them() {
        let check = |name: &[u8], expected: &str| assert_eq!(lossy(quote(name, Style::ShellEscape)), expected);
        check(b"plain", "plain");
        check(b"a b", "'a b'");
        check(b"it's", "\"it's\"");
        check(b"it's $x", "'it'\\''s $x'");
        check(b"a\nb", "'a'$'\\n''b'");
        check(b"\xff", "''$'\\377'");
        check(b"", "''");
    }

    #[test]
    fn c_strings_escape_what_does_not_print() {
        assert_eq!(quote(b"a\t\"\\\x01", Style::C), b"\"a\\t\\\"\\\\\\001\"");
        assert_eq!(quote(b"a b", Style::Escape), b"a\\ b");
        assert_eq!(question_marks("ä\n".as_bytes()), "ä?".as_bytes());
    }
}
