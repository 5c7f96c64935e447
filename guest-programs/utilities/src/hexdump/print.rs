//! One conversion: bytes as text.

use super::unit::{Piece, Spec, What};

/// Names of the control characters of ASCII.
const CONTROLS: [&str; 32] = [
    "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "lf", "vt", "ff", "cr", "so", "si", "dle",
    "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc", "fs", "gs", "rs", "us",
];

/// Appends what a piece shows of `bytes`; `address` is their position.
pub(super) fn print(piece: &Piece, bytes: &[u8], address: u64, line: &mut Vec<u8>) {
    let spec = &piece.spec;
    let first = bytes.first().copied().unwrap_or(0);
    match piece.what {
        What::Nothing => {}
        What::Address { letter, .. } => number(spec, letter, address, line),
        What::Integer(letter @ ('d' | 'i')) => signed(spec, letter, bytes, line),
        What::Integer(letter) => number(spec, letter, unsigned(bytes), line),
        What::Float(letter) => float(spec, letter, bytes, line),
        What::Character => pad(spec, &[first], line),
        What::Text => {
            let length = bytes.iter().take_while(|byte| **byte != 0).count();
            let length = length.min(spec.precision.unwrap_or(length));
            pad(spec, bytes.get(..length).unwrap_or_default(), line);
        }
        What::Escaped => pad(spec, &escaped(first), line),
        What::Printable => pad(spec, &[if is_printable(first) { first } else { b'.' }], line),
        What::Named => {
            let text = match CONTROLS.get(usize::from(first)) {
                Some(name) => (*name).to_owned(),
                None if first == 0x7f => "del".to_owned(),
                None if is_printable(first) => char::from(first).to_string(),
                None => format!("{first:02x}"),
            };
            pad(spec, text.as_bytes(), line);
        }
    }
}

/// Appends the blanks that stand for a conversion behind the end of the input.
pub(super) fn blank(piece: &Piece, line: &mut Vec<u8>) {
    line.resize(line.len() + piece.spec.width, b' ');
}

fn is_printable(byte: u8) -> bool {
    (b' '..0x7f).contains(&byte)
}

fn escaped(byte: u8) -> Vec<u8> {
    let letter = match byte {
        0 => '0',
        7 => 'a',
        8 => 'b',
        9 => 't',
        10 => 'n',
        11 => 'v',
        12 => 'f',
        13 => 'r',
        _ if is_printable(byte) => return vec![byte],
        _ => return format!("{byte:03o}").into_bytes(),
    };
    format!("\\{letter}").into_bytes()
}

fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn signed(spec: &Spec, letter: char, bytes: &[u8], line: &mut Vec<u8>) {
    let bits = 64 - 8 * u32::try_from(bytes.len().clamp(1, 8)).unwrap_or(8);
    let value = (unsigned(bytes) << bits).cast_signed() >> bits;
    let sign = match value {
        ..0 => "-",
        _ if spec.sign => "+",
        _ if spec.blank => " ",
        _ => "",
    };
    digits(spec, sign, text_of(letter, value.unsigned_abs(), &mut [0; DIGITS_MAX]), line);
}

fn number(spec: &Spec, letter: char, value: u64, line: &mut Vec<u8>) {
    let prefix = match letter {
        'x' if spec.alternative && value != 0 => "0x",
        'X' if spec.alternative && value != 0 => "0X",
        'o' if spec.alternative && value != 0 => "0",
        _ => "",
    };
    digits(spec, prefix, text_of(letter, value, &mut [0; DIGITS_MAX]), line);
}

/// Octal digits of the largest number.
const DIGITS_MAX: usize = 22;

/// Writes a number's digits at the end of a buffer.
fn text_of(letter: char, value: u64, buffer: &mut [u8; DIGITS_MAX]) -> &[u8] {
    let (base, digits) = match letter {
        'o' => (8, b"0123456789abcdef"),
        'x' => (16, b"0123456789abcdef"),
        'X' => (16, b"0123456789ABCDEF"),
        _ => (10, b"0123456789abcdef"),
    };
    let (mut left, mut at) = (value, DIGITS_MAX);
    for place in buffer.iter_mut().rev() {
        let digit = usize::try_from(left % base).unwrap_or(0);
        *place = digits.get(digit).copied().unwrap_or(b'0');
        left /= base;
        at -= 1;
        if left == 0 {
            break;
        }
    }
    buffer.get(at..).unwrap_or_default()
}

fn digits(spec: &Spec, prefix: &str, digits: &[u8], line: &mut Vec<u8>) {
    let mut zeros = spec.precision.unwrap_or(1).saturating_sub(digits.len());
    if spec.zero && !spec.left && spec.precision.is_none() {
        zeros = spec.width.saturating_sub(prefix.len() + digits.len());
    }
    let blanks = spec.width.saturating_sub(prefix.len() + zeros + digits.len());
    let before = if spec.left { 0 } else { blanks };
    line.resize(line.len() + before, b' ');
    line.extend_from_slice(prefix.as_bytes());
    line.resize(line.len() + zeros, b'0');
    line.extend_from_slice(digits);
    line.resize(line.len() + blanks - before, b' ');
}

fn float(spec: &Spec, letter: char, bytes: &[u8], line: &mut Vec<u8>) {
    let value = match (bytes.first_chunk::<8>(), bytes.first_chunk::<4>()) {
        (Some(bytes), _) => f64::from_le_bytes(*bytes),
        (None, Some(bytes)) => f64::from(f32::from_le_bytes(*bytes)),
        (None, None) => 0.0,
    };
    let sign = match value.is_sign_negative() {
        true => "-",
        false if spec.sign => "+",
        false if spec.blank => " ",
        false => "",
    };
    let value = value.abs();
    let precision = spec.precision.unwrap_or(6);
    let text = match letter {
        _ if value.is_nan() => "nan".to_owned(),
        _ if value.is_infinite() => "inf".to_owned(),
        'f' => format!("{value:.precision$}"),
        'e' | 'E' => exponential(value, precision),
        _ => general(value, precision.max(1), spec.alternative),
    };
    let text = if letter.is_ascii_uppercase() { text.to_ascii_uppercase() } else { text };
    let zeros = if spec.zero && !spec.left { spec.width.saturating_sub(sign.len() + text.len()) } else { 0 };
    pad(spec, format!("{sign}{}{text}", "0".repeat(zeros)).as_bytes(), line);
}

/// `%e`: an exponent has a sign and two digits at least.
fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%g`: so many significant digits, without zeros at the end.
fn general(value: f64, precision: usize, keep_zeros: bool) -> String {
    let shown = exponential(value, precision - 1);
    let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "+00"));
    let power: i64 = exponent.parse().unwrap_or(0);
    let limit = i64::try_from(precision).unwrap_or(i64::MAX);
    let trim = |text: &str| match text.contains('.') && !keep_zeros {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if power < -4 || power >= limit {
        return format!("{}e{exponent}", trim(mantissa));
    }
    let decimals = usize::try_from(limit - 1 - power).unwrap_or(0);
    trim(&format!("{value:.decimals$}"))
}

fn pad(spec: &Spec, text: &[u8], line: &mut Vec<u8>) {
    let blanks = spec.width.saturating_sub(text.len());
    if !spec.left {
        line.resize(line.len() + blanks, b' ');
    }
    line.extend_from_slice(text);
    if spec.left {
        line.resize(line.len() + blanks, b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hexdump::unit::parse;

    fn shown(format: &str, bytes: &[u8]) -> String {
        let format = parse(format).expect("well-formed");
        let mut line = Vec::new();
        for piece in format.units.iter().flat_map(|unit| &unit.pieces) {
            line.extend_from_slice(piece.text.as_bytes());
            print(piece, bytes, 0, &mut line);
        }
        String::from_utf8(line).expect("text")
    }

    #[test]
    fn numbers_are_shown_as_printf_shows_them() {
        assert_eq!(shown("1/2 \"%05u\"", b"\x01\x02"), "00513");
        assert_eq!(shown("1/1 \"%d|\"", b"\xff"), "-1|");
        assert_eq!(shown("1/4 \"%-6x|\"", b"\x01\0\0\0"), "1     |");
        assert_eq!(shown("1/8 \"%g\"", &1.5f64.to_le_bytes()), "1.5");
        assert_eq!(shown("1/8 \"%e\"", &1.5f64.to_le_bytes()), "1.500000e+00");
        assert_eq!(shown("1/8 \"%g\"", &1e20f64.to_le_bytes()), "1e+20");
        assert_eq!(shown("1/4 \"%.2f\"", &2.25f32.to_le_bytes()), "2.25");
    }

    #[test]
    fn characters_have_escapes_and_names() {
        assert_eq!(shown("1/1 \"%3_c\"", b"\n"), " \\n");
        assert_eq!(shown("1/1 \"%_c\"", b"\xe4"), "344");
        assert_eq!(shown("1/1 \"%_u\"", b"\0"), "nul");
        assert_eq!(shown("1/1 \"%_p\"", b"\x01"), ".");
    }
}
