//! JSON as Go's `encoding/json` writes it, because clients of the older server may compare bytes.
//!
//! Against `serde_json`'s compact form: `<`, `>`, `&`, U+2028 and U+2029 are escaped in strings, and a body ends with a
//! newline.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Encodes `value` on one line that ends with a newline.
///
/// # Errors
/// When `value`'s own serialisation fails; the types of this crate never do.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(256);
    value.serialize(&mut Serializer::with_formatter(&mut out, GoFormatter))?;
    out.push(b'\n');
    Ok(out)
}

/// Adds Go's escapes to the compact layout, which is `Formatter`'s default.
struct GoFormatter;

impl Formatter for GoFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain_from = 0;
        for (at, escape, len) in escapes(fragment) {
            writer.write_all(fragment.as_bytes().get(plain_from..at).unwrap_or_default())?;
            writer.write_all(escape)?;
            plain_from = at + len;
        }
        writer.write_all(fragment.as_bytes().get(plain_from..).unwrap_or_default())
    }
}

/// Returns where Go escapes and `serde_json` does not: position, replacement, length of what is replaced.
fn escapes(text: &str) -> impl Iterator<Item = (usize, &'static [u8], usize)> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter_map(move |(at, byte)| match byte {
        b'<' => Some((at, b"\\u003c".as_slice(), 1)),
        b'>' => Some((at, b"\\u003e".as_slice(), 1)),
        b'&' => Some((at, b"\\u0026".as_slice(), 1)),
        // U+2028 and U+2029 are e2 80 a8 and e2 80 a9.
        0xe2 => match bytes.get(at + 1..at + 3) {
            Some([0x80, 0xa8]) => Some((at, b"\\u2028".as_slice(), 3)),
            Some([0x80, 0xa9]) => Some((at, b"\\u2029".as_slice(), 3)),
            _ => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(String::from_utf8(encode(text).expect("encodes")).expect("UTF-8"), format!("{expected}\n"));
    }

    #[test]
    fn strings_are_escaped_as_go_does() {
        check("a<b>&c", r#""a\u003cb\u003e\u0026c""#);
        check("\u{2028}x\u{2029}", r#""\u2028x\u2029""#);
        check("‧ é 漢 \u{7f}", "\"‧ é 漢 \u{7f}\"");
        check("\"\\\n\t\r\u{8}\u{c}\u{1}\u{0}", r#""\"\\\n\t\r\b\f\u0001\u0000""#);
        check("", r#""""#);
        check("<", r#""\u003c""#);
    }
}
