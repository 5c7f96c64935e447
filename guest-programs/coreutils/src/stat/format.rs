//! The formats of `stat`: `%` directives with flags, width and precision, and the escapes of `--printf`.

use crate::basis::errors::complain;
use crate::basis::quoting::locale;

/// A part of a format.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Bytes that stand for themselves.
    Text(Vec<u8>),
    /// A directive.
    Directive { flags: String, width: usize, precision: Option<usize>, modifier: Option<char>, letter: char },
}

/// What a directive stands for.
pub(crate) enum Value {
    /// Text.
    Bytes(Vec<u8>),
    /// A decimal number.
    Number(u64),
    /// An octal number.
    Octal(u64),
    /// A hexadecimal number.
    Hex(u64),
    /// `seconds.nanoseconds`: the precision tells how much of the fraction is shown.
    Seconds(String),
}

/// Parses a format; backslash escapes are only read where `escapes` says so.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn parse(text: &str, escapes: bool, of_file_system: bool) -> Result<Vec<Piece>, i32> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut plain = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if escapes => at += escape(&bytes[at + 1..], &mut plain) + 1,
            b'%' if bytes.get(at + 1) == Some(&b'%') => {
                plain.push(b'%');
                at += 2;
            }
            b'%' => {
                let (piece, length) = directive(&bytes[at..], of_file_system)?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
                at += length;
            }
            byte => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

/// Reads an escape after its backslash; answers the bytes used.
fn escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(&letter) = rest.first() else {
        out.push(b'\\');
        return 0;
    };
    let digits = |radix: u32, from: usize, most: usize| {
        rest[from..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count()
    };
    let number = |radix: u32, digits: &[u8]| {
        let value = digits.iter().fold(0, |sum, digit| sum * radix + char::from(*digit).to_digit(radix).unwrap_or(0));
        u8::try_from(value & 0xff).unwrap_or(0)
    };
    match letter {
        b'0'..=b'7' => {
            let count = digits(8, 0, 3);
            out.push(number(8, &rest[..count]));
            return count;
        }
        b'x' if digits(16, 1, 2) > 0 => {
            let count = digits(16, 1, 2);
            out.push(number(16, &rest[1..=count]));
            return count + 1;
        }
        b'a' => out.push(7),
        b'b' => out.push(8),
        b'e' => out.push(27),
        b'f' => out.push(12),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'v' => out.push(11),
        b'\\' | b'"' => out.push(letter),
        other => {
            complain("stat", &format!("warning: unrecognized escape '\\{}'", char::from(other)));
            out.push(other);
        }
    }
    1
}

/// Reads a directive from its `%`; answers it and the bytes used.
fn directive(bytes: &[u8], of_file_system: bool) -> Result<(Piece, usize), i32> {
    let take = |from: usize, wanted: &dyn Fn(u8) -> bool| {
        from + bytes[from..].iter().take_while(|byte| wanted(**byte)).count()
    };
    let number = |from: usize, to: usize| std::str::from_utf8(&bytes[from..to]).ok().and_then(|text| text.parse().ok());
    let flags_end = take(1, &|byte| b"'-+ #0I".contains(&byte));
    let width_end = take(flags_end, &|byte| byte.is_ascii_digit());
    let (mut at, mut precision) = (width_end, None);
    if bytes.get(at) == Some(&b'.') {
        let end = take(at + 1, &|byte| byte.is_ascii_digit());
        // A bare point shows all of a fraction.
        precision = Some(number(at + 1, end).unwrap_or(9));
        at = end;
    }
    let mut modifier = None;
    if !of_file_system && matches!(bytes.get(at), Some(b'H' | b'L')) && matches!(bytes.get(at + 1), Some(b'd' | b'r')) {
        modifier = bytes.get(at).map(|byte| char::from(*byte));
        at += 1;
    }
    let known: &[u8] = if of_file_system { b"abcdfilnsStT" } else { b"aAbBCdDfFgGhimnNorRstTuUwWxXyYzZ" };
    let letter = bytes.get(at).copied();
    match letter {
        // What stands for nothing is shown as a question mark, however wide.
        Some(letter) if !known.contains(&letter) => Ok((Piece::Text(b"?".to_vec()), at + 1)),
        Some(letter) => Ok((
            Piece::Directive {
                flags: String::from_utf8_lossy(&bytes[1..flags_end]).into_owned(),
                width: number(flags_end, width_end).unwrap_or(0).min(MAX_WIDTH),
                precision,
                modifier,
                letter: char::from(letter),
            },
            at + 1,
        )),
        None if at == 1 => Ok((Piece::Text(b"%".to_vec()), 1)),
        _ => {
            let spelled = String::from_utf8_lossy(&bytes[..bytes.len().min(at + 1)]).into_owned();
            complain("stat", &format!("{}: invalid directive", locale(&spelled)));
            Err(1)
        }
    }
}

/// Widest field: what no script wants more of, so that a format cannot ask for all memory.
const MAX_WIDTH: usize = 1 << 16;

/// Writes a format with its values.
pub(crate) fn expand(pieces: &[Piece], mut value: impl FnMut(char, Option<char>) -> Value) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(bytes) => out.extend_from_slice(bytes),
            Piece::Directive { flags, width, precision, modifier, letter } => {
                let (text, numeric) = show(value(*letter, *modifier), flags, *precision);
                let blank = width.saturating_sub(text.len());
                if flags.contains('-') {
                    out.extend_from_slice(&text);
                    out.resize(out.len() + blank, b' ');
                } else {
                    let zero = flags.contains('0') && numeric;
                    out.resize(out.len() + blank, if zero { b'0' } else { b' ' });
                    out.extend_from_slice(&text);
                }
            }
        }
    }
    out
}

/// Writes a value, and tells whether it is a number.
fn show(value: Value, flags: &str, precision: Option<usize>) -> (Vec<u8>, bool) {
    let alternate = flags.contains('#');
    let signed = |text: String| {
        let sign = if flags.contains('+') {
            "+"
        } else if flags.contains(' ') {
            " "
        } else {
            ""
        };
        format!("{sign}{text}")
    };
    let text = match value {
        Value::Bytes(mut bytes) => {
            bytes.truncate(precision.unwrap_or(usize::MAX));
            return (bytes, false);
        }
        Value::Number(number) => signed(format!("{number:0width$}", width = precision.unwrap_or(0).min(MAX_WIDTH))),
        Value::Octal(number) if alternate && number != 0 => format!("0{number:o}"),
        Value::Octal(number) => format!("{number:0width$o}", width = precision.unwrap_or(0).min(MAX_WIDTH)),
        Value::Hex(number) if alternate && number != 0 => format!("{number:#x}"),
        Value::Hex(number) => format!("{number:0width$x}", width = precision.unwrap_or(0).min(MAX_WIDTH)),
        Value::Seconds(text) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            match precision {
                None | Some(0) => whole.to_owned(),
                Some(digits) => format!("{whole}.{}", &format!("{fraction:0<digits$}")[..digits.min(MAX_WIDTH)]),
            }
        }
    };
    (text.into_bytes(), true)
}
