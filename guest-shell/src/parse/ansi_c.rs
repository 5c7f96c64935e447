//! Decodes `$'...'`. Its result is plain quoted text.

use super::state::{Parser, Result};

impl Parser<'_, '_> {
    /// `'...'` of `$'...'` from its opening quote on, decoded.
    pub(super) fn ansi_c_quoted(&mut self) -> Result<Vec<u8>> {
        let line = self.input.line();
        self.input.bump();
        let mut raw = Vec::new();
        loop {
            match self.input.take_raw() {
                None => return Err(self.unclosed('\'', line)),
                Some(b'\'') => return Ok(decode(&raw)),
                Some(b'\\') => {
                    raw.push(b'\\');
                    raw.extend(self.input.take_raw());
                }
                Some(byte) => raw.push(byte),
            }
        }
    }
}

/// Decodes the escapes of `$'...'`; a NUL ends the text, as in bash.
pub fn decode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        match escape(rest) {
            Escape::Byte(0, _) | Escape::Character(0, _) => break,
            Escape::Byte(byte, used) => {
                out.push(byte);
                rest = &rest[used..];
            }
            Escape::Character(value, used) => {
                push_character(&mut out, value);
                rest = &rest[used..];
            }
            Escape::None => out.push(b'\\'),
        }
    }
    out
}

/// What stands behind a backslash, and how many bytes of it there are.
enum Escape {
    Byte(u8, usize),
    Character(u32, usize),
    /// No escape: the backslash stays.
    None,
}

fn escape(text: &[u8]) -> Escape {
    let Some((&letter, rest)) = text.split_first() else { return Escape::None };
    let byte = match letter {
        b'a' => 7,
        b'b' => 8,
        b'e' | b'E' => 27,
        b'f' => 12,
        b'n' => 10,
        b'r' => 13,
        b't' => 9,
        b'v' => 11,
        b'\\' | b'\'' | b'"' | b'?' => letter,
        b'0'..=b'7' => {
            let (value, used) = number(text, 8, 3);
            return Escape::Byte(value.to_le_bytes()[0], used);
        }
        b'x' => {
            let Some((value, used)) = hex(rest) else { return Escape::None };
            return Escape::Byte(value.to_le_bytes()[0], used + 1);
        }
        b'u' | b'U' => {
            let (value, used) = number(rest, 16, if letter == b'u' { 4 } else { 8 });
            return if used == 0 { Escape::None } else { Escape::Character(value, used + 1) };
        }
        b'c' => {
            let Some(&control) = rest.first() else { return Escape::None };
            let used = if rest.starts_with(b"\\\\") { 3 } else { 2 };
            return Escape::Byte(if control == b'?' { 0x7f } else { control.to_ascii_uppercase() & 0x1f }, used);
        }
        _ => return Escape::None,
    };
    Escape::Byte(byte, 1)
}

/// `\xHH` or `\x{H...}`: value and bytes used.
fn hex(text: &[u8]) -> Option<(u32, usize)> {
    if let Some(inner) = text.strip_prefix(b"{") {
        let (value, used) = number(inner, 16, usize::MAX);
        let closed = usize::from(inner.get(used) == Some(&b'}'));
        return (used > 0).then_some((value, used + 1 + closed));
    }
    let (value, used) = number(text, 16, 2);
    (used > 0).then_some((value, used))
}

/// The number at the start of `text` and how many digits it has.
fn number(text: &[u8], radix: u32, digits_max: usize) -> (u32, usize) {
    let mut value = 0_u32;
    let mut used = 0;
    while used < digits_max
        && let Some(digit) = text.get(used).and_then(|&byte| char::from(byte).to_digit(radix))
    {
        value = value.wrapping_mul(radix).wrapping_add(digit);
        used += 1;
    }
    (value, used)
}

fn push_character(out: &mut Vec<u8>, value: u32) {
    match char::from_u32(value) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        // Surrogates and beyond are written in the old six-byte scheme, which bash's encoder does not refuse.
        None => out.extend(wide_utf8(value)),
    }
}

fn wide_utf8(value: u32) -> Vec<u8> {
    let (lead, count) = match value {
        0..0x1_0000 => (0xe0, 2),
        0x1_0000..0x20_0000 => (0xf0, 3),
        0x20_0000..0x400_0000 => (0xf8, 4),
        _ => (0xfc, 5),
    };
    let part = |shift: u32| (value >> shift).to_le_bytes()[0] & 0x3f;
    let mut bytes = vec![lead | part(6 * count)];
    bytes.extend((0..count).rev().map(|n| 0x80 | part(6 * n)));
    bytes
}
