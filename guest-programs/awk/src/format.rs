//! The formats of `printf` and `sprintf`, and of numbers in general (`CONVFMT`, `OFMT`).

use crate::characters;
use crate::failure::{Failure, Result};
use crate::float;
use crate::number;
use crate::value::Value;

/// Widest field and longest precision, so that no format asks for memory without end.
const WIDEST: usize = 1 << 24;

/// How numbers that are no integers become strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberFormat {
    source: Vec<u8>,
    /// The precision, where the format is `%.Ng`.
    general: Option<usize>,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self::new(b"%.6g")
    }
}

impl NumberFormat {
    /// Any format that `printf` takes.
    pub(crate) fn new(source: &[u8]) -> Self {
        let digits = source.strip_prefix(b"%.").and_then(|rest| rest.strip_suffix(b"g"));
        let general = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        Self { source: source.to_vec(), general: general.filter(|precision| *precision <= 40) }
    }
}

/// Appends a number: integers in full, others as the format says.
#[inline]
pub(crate) fn push_number(out: &mut Vec<u8>, value: f64, format: &NumberFormat) {
    if number::is_integer(value) {
        // Only a negative zero that was computed would show its sign; nobody wants to see it.
        number::push_integer(out, if value == 0.0 { 0.0 } else { value });
    } else if !value.is_finite() {
        out.extend_from_slice(number::special_name(value).as_bytes());
    } else if let Some(precision) = format.general {
        out.extend_from_slice(float::general(value.abs(), precision, false, false).as_str_with_sign(value).as_bytes());
    } else {
        match sprintf(&format.source, &[Value::Number(value)], &NumberFormat::default()) {
            Ok(text) => out.extend_from_slice(&text),
            Err(_) => out.extend_from_slice(&format.source),
        }
    }
}

/// One conversion of a format.
#[derive(Clone, Copy, Debug, Default)]
struct Conversion {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// Takes arguments one after the other, or by number.
struct Arguments<'a> {
    values: &'a [Value],
    next: usize,
    format: &'a [u8],
}

impl<'a> Arguments<'a> {
    fn take(&mut self, position: Option<usize>) -> Result<&'a Value> {
        let at = position.unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        self.values.get(at.wrapping_sub(1)).ok_or_else(|| {
            let format = String::from_utf8_lossy(self.format).replace('\n', "\\n");
            Failure::fatal(format!("not enough arguments to satisfy format string `{format}'"))
        })
    }
}

/// Formats the arguments as C's `printf` does.
pub(crate) fn sprintf(format: &[u8], values: &[Value], convfmt: &NumberFormat) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(format.len() + 16);
    let mut arguments = Arguments { values, next: 0, format };
    let mut rest = format;
    while let Some(at) = memchr::memchr(b'%', rest) {
        let (plain, conversion) = rest.split_at(at);
        out.extend_from_slice(plain);
        let taken = convert(conversion, &mut arguments, convfmt, &mut out)?;
        rest = conversion.get(taken.max(1)..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// Does the conversion that begins the text; returns its length.
fn convert(text: &[u8], arguments: &mut Arguments<'_>, convfmt: &NumberFormat, out: &mut Vec<u8>) -> Result<usize> {
    if text.get(1) == Some(&b'%') {
        out.push(b'%');
        return Ok(2);
    }
    let mut conversion = Conversion::default();
    let mut at = 1;
    let mut position = None;
    if let (Some(number), end) = digits(text, at)
        && text.get(end) == Some(&b'$')
    {
        position = Some(number);
        at = end + 1;
    }
    while let Some(flag) = text.get(at) {
        match flag {
            b'-' => conversion.left = true,
            b'+' => conversion.plus = true,
            b' ' => conversion.blank = true,
            b'#' => conversion.alternate = true,
            b'0' => conversion.zero = true,
            b'\'' => {}
            _ => break,
        }
        at += 1;
    }
    at = width(text, at, arguments, &mut conversion)?;
    at = precision(text, at, arguments, &mut conversion)?;
    at += text.get(at..).unwrap_or_default().iter().take_while(|byte| b"hlLqjzt".contains(byte)).count();
    let Some(&letter) = text.get(at) else {
        out.extend_from_slice(text);
        return Ok(text.len());
    };
    if letter == b'%' {
        out.push(b'%');
        return Ok(at + 1);
    }
    if !b"diouxXeEfFgGcs".contains(&letter) {
        out.extend_from_slice(text.get(..=at).unwrap_or_default());
        return Ok(at + 1);
    }
    let value = arguments.take(position)?;
    one(letter, conversion, value, convfmt, out);
    Ok(at + 1)
}

fn width(text: &[u8], at: usize, arguments: &mut Arguments<'_>, conversion: &mut Conversion) -> Result<usize> {
    if text.get(at) == Some(&b'*') {
        let value = arguments.take(None)?.number();
        conversion.left |= value < 0.0;
        conversion.width = bounded(value.abs());
        return Ok(at + 1);
    }
    let (number, end) = digits(text, at);
    conversion.width = number.unwrap_or(0).min(WIDEST);
    Ok(end)
}

fn precision(text: &[u8], at: usize, arguments: &mut Arguments<'_>, conversion: &mut Conversion) -> Result<usize> {
    if text.get(at) != Some(&b'.') {
        return Ok(at);
    }
    if text.get(at + 1) == Some(&b'*') {
        let value = arguments.take(None)?.number();
        conversion.precision = (value >= 0.0).then(|| bounded(value));
        return Ok(at + 2);
    }
    let (number, end) = digits(text, at + 1);
    conversion.precision = Some(number.unwrap_or(0).min(WIDEST));
    Ok(end)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
fn bounded(value: f64) -> usize {
    (value as usize).min(WIDEST)
}

fn digits(text: &[u8], at: usize) -> (Option<usize>, usize) {
    let mut end = at;
    let mut number = None;
    while let Some(byte @ b'0'..=b'9') = text.get(end) {
        let digit = usize::from(byte - b'0');
        number = Some(number.unwrap_or(0usize).saturating_mul(10).saturating_add(digit));
        end += 1;
    }
    (number, end)
}

/// Appends one value by one conversion.
fn one(letter: u8, conversion: Conversion, value: &Value, convfmt: &NumberFormat, out: &mut Vec<u8>) {
    match letter {
        b's' => {
            let text = value.bytes(convfmt);
            let end = conversion.precision.map_or(text.len(), |characters| characters::offset(&text, characters));
            pad(out, text.get(..end).unwrap_or(&text), conversion, false);
        }
        b'c' => pad(out, &character(value, convfmt), conversion, false),
        _ => {
            let number = value.number();
            if number.is_finite() {
                finite(letter, conversion, number, out);
            } else {
                pad(out, number::special_name(number).as_bytes(), conversion, false);
            }
        }
    }
}

/// What `%c` shows: the character a number names, or the first one of a string.
fn character(value: &Value, convfmt: &NumberFormat) -> Vec<u8> {
    let number = match value {
        Value::Unset => None,
        other => other.as_number(),
    };
    let Some(number) = number else {
        let text = value.bytes(convfmt);
        // Of nothing C shows the byte that ends strings.
        return text.get(..characters::first_length(&text).max(1)).unwrap_or(b"\0").to_vec();
    };
    #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates")]
    let code = number as i64;
    match u32::try_from(code).ok().and_then(char::from_u32) {
        Some(character) => character.encode_utf8(&mut [0; 4]).as_bytes().to_vec(),
        None => vec![u8::try_from(code & 0xff).unwrap_or(0)],
    }
}

fn finite(letter: u8, conversion: Conversion, number: f64, out: &mut Vec<u8>) {
    match letter {
        b'd' | b'i' => {
            let mut text = Vec::new();
            number::push_integer(&mut text, number.trunc().abs());
            integer(&text, number.trunc() < 0.0, conversion, out);
        }
        b'o' | b'u' | b'x' | b'X' => unsigned(letter, conversion, number, out),
        _ => {
            let precision = conversion.precision.unwrap_or(6);
            let upper = letter.is_ascii_uppercase();
            let body = match letter.to_ascii_lowercase() {
                b'f' => float::fixed(number.abs(), precision, conversion.alternate),
                b'e' => float::exponential(number.abs(), precision, conversion.alternate, upper),
                _ => float::general(number.abs(), precision, conversion.alternate, upper),
            };
            signed(&body.0, number.is_sign_negative(), conversion, conversion.zero, out);
        }
    }
}

/// `%o`, `%u`, `%x`: negative numbers wrap as they do in C; what 64 bits do not hold is shown as a decimal.
fn unsigned(letter: u8, conversion: Conversion, number: f64, out: &mut Vec<u8>) {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    let whole = number.trunc();
    if !(-LIMIT / 2.0..LIMIT).contains(&whole) {
        let text = float::general(number.abs(), conversion.precision.unwrap_or(6), conversion.alternate, false);
        return signed(&text.0, number < 0.0, conversion, conversion.zero, out);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to fit; negative ones wrap")]
    let bits = if whole < 0.0 { whole as i64 as u64 } else { whole as u64 };
    let mut text = match letter {
        b'o' => format!("{bits:o}"),
        b'x' => format!("{bits:x}"),
        b'X' => format!("{bits:X}"),
        _ => bits.to_string(),
    };
    let plain = Conversion { plus: false, blank: false, ..conversion };
    if conversion.alternate && bits != 0 {
        match letter {
            b'o' => text.insert(0, '0'),
            b'x' | b'X' => {
                let prefix = if letter == b'x' { "0x" } else { "0X" };
                let missing = conversion.precision.unwrap_or(0).saturating_sub(text.len());
                let fill = conversion.zero && !conversion.left && conversion.precision.is_none();
                let wide = if fill { conversion.width.saturating_sub(text.len() + 2) } else { 0 };
                let text = format!("{prefix}{}{text}", "0".repeat(missing.max(wide)));
                return pad(out, text.as_bytes(), plain, false);
            }
            _ => {}
        }
    }
    integer(text.as_bytes(), false, plain, out);
}

/// Appends digits with their sign: a precision asks for zeros before them, and then the flag `0` does not count.
fn integer(digits: &[u8], negative: bool, conversion: Conversion, out: &mut Vec<u8>) {
    let missing = conversion.precision.unwrap_or(0).saturating_sub(digits.len());
    let hidden = conversion.precision == Some(0) && digits == b"0";
    let mut text = vec![b'0'; missing];
    text.extend_from_slice(if hidden { b"" } else { digits });
    signed(&text, negative, conversion, conversion.zero && conversion.precision.is_none(), out);
}

fn signed(body: &[u8], negative: bool, conversion: Conversion, zero: bool, out: &mut Vec<u8>) {
    let sign: &[u8] = match (negative, conversion.plus, conversion.blank) {
        (true, ..) => b"-",
        (_, true, _) => b"+",
        (_, _, true) => b" ",
        _ => b"",
    };
    if zero && !conversion.left {
        out.extend_from_slice(sign);
        let missing = conversion.width.saturating_sub(sign.len() + body.len());
        out.resize(out.len() + missing, b'0');
        out.extend_from_slice(body);
    } else {
        pad(out, &[sign, body].concat(), conversion, false);
    }
}

/// Appends a text with the blanks that its width in characters lacks.
fn pad(out: &mut Vec<u8>, text: &[u8], conversion: Conversion, zero: bool) {
    let missing = if conversion.width == 0 { 0 } else { conversion.width.saturating_sub(characters::count(text)) };
    let fill = if zero { b'0' } else { b' ' };
    if !conversion.left {
        out.resize(out.len() + missing, fill);
    }
    out.extend_from_slice(text);
    if conversion.left {
        out.resize(out.len() + missing, fill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, values: &[Value], expected: &str) {
        let out = sprintf(format.as_bytes(), values, &NumberFormat::default()).expect("enough arguments");
        assert_eq!(String::from_utf8_lossy(&out), expected, "{format}");
    }

    #[test]
    fn integers_take_sign_width_and_precision() {
        let number = |value: f64| [Value::Number(value)];
        check("%d|", &number(-3.9), "-3|");
        check("%5d|%", &number(42.0), "   42|%");
        check("%-5d|", &number(42.0), "42   |");
        check("%05d|", &number(-42.0), "-0042|");
        check("%+.3d|", &number(7.0), "+007|");
        check("%i", &number(1e20), "100000000000000000000");
        check("%x", &number(-1.0), "ffffffffffffffff");
        check("%#o %%", &number(8.0), "010 %");
        check("%#06x", &number(255.0), "0x00ff");
        check("%d", &number(f64::NAN), "+nan");
    }

    #[test]
    fn floats_are_cs() {
        let number = |value: f64| [Value::Number(value)];
        check("%f", &number(1.5), "1.500000");
        check("%.2e", &number(12345.678), "1.23e+04");
        check("%g", &number(1e-5), "1e-05");
        check("%g", &number(123_456_789.0), "1.23457e+08");
        check("%G", &number(1e-10), "1E-10");
        check("%#.3g", &number(1.0), "1.00");
        check("%08.2f", &number(-2.71234), "-0002.71");
        check("%.0f", &number(2.5), "2");
        check("%5.1f|", &number(9.96), " 10.0|");
    }

    #[test]
    fn strings_are_measured_in_characters() {
        check("%-4s|", &[Value::text("é".as_bytes())], "é   |");
        check("%.1s|", &[Value::text("éa".as_bytes())], "é|");
        check("%c%c%c", &[Value::Number(233.0), Value::text(b"xyz"), Value::input(b"65")], "éxA");
        check("%*d|%-*d|", &[3, 1, 4, 2].map(|n| Value::Number(f64::from(n))), "  1|2   |");
        check("%2$s %1$s", &[Value::text(b"a"), Value::text(b"b")], "b a");
        check("%z %", &[], "%z %");
    }

    #[test]
    fn missing_arguments_are_an_error() {
        assert!(sprintf(b"%s %d", &[Value::Unset], &NumberFormat::default()).is_err());
    }

    #[test]
    fn numbers_are_spelled_by_their_format() {
        let check = |value: f64, format: &str, expected: &str| {
            let mut out = Vec::new();
            push_number(&mut out, value, &NumberFormat::new(format.as_bytes()));
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        check(3.0, "%.2f", "3");
        check(0.1 + 0.2, "%.6g", "0.3");
        check(1.0 / 3.0, "%.3f", "0.333");
        check(-1234567.8, "%.6g", "-1.23457e+06");
        check(f64::INFINITY, "%.6g", "+inf");
        check(-0.0, "%.6g", "0");
        check(100000.5, "%d", "100000");
    }
}
