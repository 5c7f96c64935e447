//! Backslash escapes as in `$'...'`, for `${x@E}`.

/// Decodes the escapes of a text.
pub fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let Some((letter, after)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        rest = after;
        let plain = match letter {
            b'a' => 7,
            b'b' => 8,
            b'e' | b'E' => 27,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'v' => 11,
            b'\\' | b'\'' | b'"' | b'?' => *letter,
            _ => {
                rest = decode_number(*letter, rest, &mut out);
                continue;
            }
        };
        out.push(plain);
    }
    out
}

/// `\nnn`, `\xHH`, `\uHHHH`, `\UHHHHHHHH`, `\cx`; anything else stays. Answers what follows.
fn decode_number<'a>(letter: u8, rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let (radix, most, start) = match letter {
        b'0'..=b'7' => (8, 2, u32::from(letter - b'0')),
        b'x' => (16, 2, 0),
        b'u' => (16, 4, 0),
        b'U' => (16, 8, 0),
        b'c' if !rest.is_empty() => {
            out.push(rest[0].to_ascii_uppercase() & 0x1f);
            return &rest[1..];
        }
        _ => {
            out.extend_from_slice(&[b'\\', letter]);
            return rest;
        }
    };
    let mut value = start;
    let mut n = 0;
    while n < most
        && let Some(digit) = rest.get(n).and_then(|byte| char::from(*byte).to_digit(radix))
    {
        value = value.wrapping_mul(radix).wrapping_add(digit);
        n += 1;
    }
    if n == 0 && radix == 16 {
        out.extend_from_slice(&[b'\\', letter]);
    } else if matches!(letter, b'u' | b'U') {
        let c = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        out.push(value.to_le_bytes()[0]);
    }
    &rest[n..]
}
