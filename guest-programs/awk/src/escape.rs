//! Backslash escapes: of string literals and assignments, and the slash of regular expressions.

/// Returns what a string literal's text (without its quotes) means.
///
/// An escape that awk does not know keeps its backslash, so that `"\."` is the regular expression it looks like.
pub(crate) fn string(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'\\' {
            result.push(byte);
            continue;
        }
        let Some(&escaped) = text.get(at) else {
            result.push(b'\\');
            break;
        };
        at += 1;
        match escaped {
            b'\n' => {}
            b'0'..=b'7' => {
                let (value, taken) = octal(text.get(at - 1..).unwrap_or_default());
                result.push(value);
                at += taken - 1;
            }
            b'x' => at += hexadecimal(text.get(at..).unwrap_or_default(), &mut result),
            other => match simple(other) {
                Some(meant) => result.push(meant),
                None => result.extend([b'\\', other]),
            },
        }
    }
    result
}

/// The one-letter escapes.
pub(crate) fn simple(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'/' | b'\\' => letter,
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        _ => return None,
    })
}

/// Reads up to three octal digits; returns the byte and how many were read.
pub(crate) fn octal(text: &[u8]) -> (u8, usize) {
    let digits = text.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let value = text.iter().take(digits).fold(0u32, |value, byte| value * 8 + u32::from(byte - b'0'));
    (u8::try_from(value & 0xff).unwrap_or(0), digits)
}

/// Reads up to two hexadecimal digits after `\x`; without one the escape stands for itself.
fn hexadecimal(text: &[u8], result: &mut Vec<u8>) -> usize {
    let (value, digits) = hex_byte(text);
    match value {
        Some(value) => result.push(value),
        None => result.extend(b"\\x"),
    }
    digits
}

/// Reads up to two hexadecimal digits: the byte, if there was one, and how many.
pub(crate) fn hex_byte(text: &[u8]) -> (Option<u8>, usize) {
    let digits = text.iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    let value = text.iter().take(digits).fold(0u8, |value, byte| value << 4 | digit(byte));
    ((digits > 0).then_some(value), digits)
}

/// Makes `\/` of a regular expression's literal a plain slash, and joins its continued lines.
pub(crate) fn slashes(text: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(b'/') => result.push(b'/'),
                Some(b'\n') => {}
                Some(other) => result.extend([b'\\', other]),
                None => result.push(b'\\'),
            },
            _ => result.push(byte),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_escapes_are_replaced_and_others_stay() {
        let check = |text: &str, expected: &[u8]| assert_eq!(string(text.as_bytes()), expected, "{text}");
        check(r"a\tb\n", b"a\tb\n");
        check(r"\101\7\0603", b"A\x0703");
        check(r"\x41\x4g\xg", b"A\x04g\\xg");
        check(r"\.\/\\\q", b"\\./\\\\q");
        check("a\\\nb", b"ab");
        check("a\\", b"a\\");
    }

    #[test]
    fn a_regex_keeps_all_but_the_slash() {
        assert_eq!(slashes(br"a\/b\.c"), br"a/b\.c");
    }
}
