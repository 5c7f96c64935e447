//! The escapes that stand for one byte (`\t`, `\x41`, `\cA`), replaced before a text is read further.

/// What a text becomes, which decides how a byte that came from a number is kept from being special.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Use {
    Pattern,
    Replacement,
    Text,
}

/// Replaces the escapes of single bytes; all others stay as they are.
pub(crate) fn replace(text: &[u8], purpose: Use) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if byte != b'\\' {
            out.push(byte);
            at += 1;
            continue;
        }
        let Some(&kind) = text.get(at + 1) else {
            out.push(byte);
            break;
        };
        let (produced, length) = match kind {
            b'a' => (Some(0x07), 2),
            b'f' => (Some(0x0c), 2),
            b'r' => (Some(b'\r'), 2),
            b't' => (Some(b'\t'), 2),
            b'v' => (Some(0x0b), 2),
            b'n' if purpose != Use::Text => (None, 2),
            b'n' => (Some(b'\n'), 2),
            b'c' => match text.get(at + 2) {
                // The backslash itself is written twice.
                Some(b'\\') => (Some(b'\\' ^ 0x40), if text.get(at + 3) == Some(&b'\\') { 4 } else { 3 }),
                Some(&letter) => (Some(letter.to_ascii_uppercase() ^ 0x40), 3),
                None => (None, 2),
            },
            b'd' => number(&text[at + 2..], 10, 3),
            b'o' => number(&text[at + 2..], 8, 3),
            b'x' => number(&text[at + 2..], 16, 2),
            _ => (None, 2),
        };
        match produced {
            Some(produced) => {
                let special: &[u8] = match purpose {
                    // GNU's sed lets these be operators.
                    Use::Pattern => b"",
                    Use::Replacement => b"&\\\n",
                    Use::Text => b"\\",
                };
                if matches!(kind, b'd' | b'o' | b'x') && special.contains(&produced) {
                    out.push(b'\\');
                }
                out.push(produced);
            }
            None => out.extend_from_slice(&text[at..at + length]),
        }
        at += length;
    }
    out
}

/// Reads a number of at most `most` digits after the letter; answers the byte and the length with the backslash and letter.
fn number(text: &[u8], radix: u32, most: usize) -> (Option<u8>, usize) {
    let digits: Vec<u32> = text.iter().take(most).map_while(|byte| char::from(*byte).to_digit(radix)).collect();
    if digits.is_empty() {
        return (None, 2);
    }
    let value = digits.iter().fold(0, |value, digit| value * radix + digit);
    (Some(value.to_le_bytes()[0]), 2 + digits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_bytes_and_no_operators_of_replacements() {
        let check = |text: &str, purpose, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&replace(text.as_bytes(), purpose)), expected, "{text}")
        };
        check(r"a\x5eb", Use::Pattern, "a^b");
        check(r"\x26\o101\d066", Use::Replacement, r"\&AB");
        check(r"\t\\t\(", Use::Pattern, "\t\\\\t\\(");
        check(r"\n\x4", Use::Text, "\n\u{4}");
        check(r"\xg", Use::Pattern, r"\xg");
        check(r"\cA\c", Use::Text, "\u{1}\\c");
    }
}
