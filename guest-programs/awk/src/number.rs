//! Numbers in text: what a string is worth as a number, whether input looks like one, and how numbers are spelled.

/// Largest magnitude below which every integer is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Powers of ten that are exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// White space around a number, as C's `isspace` has it.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 11 | 12)
}

/// Returns what a string's numeric beginning is worth; 0 without one.
#[inline]
pub(crate) fn of_text(text: &[u8]) -> f64 {
    if let Some(value) = short_integer(text) {
        return value;
    }
    prefix(text).map_or(0.0, |(value, _)| value)
}

/// Returns the number that all of the text looks like, blanks around it aside.
#[inline]
pub(crate) fn looks_like(text: &[u8]) -> Option<f64> {
    if let Some(value) = short_integer(text) {
        return Some(value);
    }
    let (value, end) = prefix(text)?;
    text.get(end..)?.iter().all(|byte| is_space(*byte)).then_some(value)
}

/// One to nine digits and nothing else.
#[inline]
fn short_integer(text: &[u8]) -> Option<f64> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let mut value = 0u32;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some(f64::from(value))
}

/// Reads a decimal number at the beginning, after blanks: its value and where it ends.
fn prefix(text: &[u8]) -> Option<(f64, usize)> {
    let start = text.iter().position(|byte| !is_space(*byte))?;
    let rest = text.get(start..)?;
    let signed = matches!(rest.first(), Some(b'+' | b'-'));
    let negative = rest.first() == Some(&b'-');
    let body = rest.get(usize::from(signed)..)?;
    if signed && let Some(value) = named(body) {
        return Some((if negative { -value } else { value }, start + 4));
    }
    let (value, length) = decimal(body)?;
    Some((if negative { -value } else { value }, start + usize::from(signed) + length))
}

/// `inf` and `nan`, which need their sign to be numbers.
fn named(body: &[u8]) -> Option<f64> {
    let ends = body.get(3).is_none_or(|byte| is_space(*byte));
    let word = body.get(..3).filter(|_| ends)?;
    if word.eq_ignore_ascii_case(b"inf") {
        Some(f64::INFINITY)
    } else if word.eq_ignore_ascii_case(b"nan") {
        Some(f64::NAN.copysign(1.0))
    } else {
        None
    }
}

/// Reads digits, a fraction and an exponent: the value and the length.
fn decimal(text: &[u8]) -> Option<(f64, usize)> {
    let (mut at, mut mantissa, mut digits, mut scale) = (0, 0u64, 0u32, 0i32);
    let mut seen = false;
    let mut point = false;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                if digits < 18 {
                    mantissa = mantissa * 10 + u64::from(byte - b'0');
                    digits += u32::from(mantissa != 0);
                    scale -= i32::from(point);
                } else {
                    // Too long for the quick way; the exact one reads the text again.
                    digits = 19;
                }
            }
            b'.' if !point => point = true,
            _ => break,
        }
        at += 1;
    }
    if !seen {
        return None;
    }
    let (exponent, at) = exponent(text, at);
    #[expect(clippy::cast_precision_loss, reason = "checked against the exact range")]
    let quick = mantissa as f64;
    let power = scale.saturating_add(exponent);
    if digits < 19 && quick <= EXACT && power.unsigned_abs() <= 22 {
        let factor = POWERS.get(power.unsigned_abs() as usize).copied().unwrap_or(1.0);
        return Some((if power < 0 { quick / factor } else { quick * factor }, at));
    }
    let exact = std::str::from_utf8(text.get(..at)?).ok().and_then(|text| text.parse().ok());
    Some((exact.unwrap_or(0.0), at))
}

/// Reads an exponent at `at`, if one is there: it and the place after.
fn exponent(text: &[u8], at: usize) -> (i32, usize) {
    if !matches!(text.get(at), Some(b'e' | b'E')) {
        return (0, at);
    }
    let negative = text.get(at + 1) == Some(&b'-');
    let first = at + 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
    let (mut value, mut end) = (0i32, first);
    while let Some(byte @ b'0'..=b'9') = text.get(end) {
        value = value.saturating_mul(10).saturating_add(i32::from(byte - b'0'));
        end += 1;
    }
    if end == first { (0, at) } else { (if negative { -value } else { value }, end) }
}

/// Reads a number of the program's text (decimal, hexadecimal after `0x`, octal after `0`): value and length.
pub(crate) fn source_literal(text: &[u8]) -> (f64, usize) {
    if let Some((value, length)) = hexadecimal(text) {
        return (value, length);
    }
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let ends = !matches!(text.get(digits), Some(b'.' | b'e' | b'E'));
    let whole = text.get(..digits).unwrap_or_default();
    if ends && digits > 1 && whole.first() == Some(&b'0') && whole.iter().all(|byte| matches!(byte, b'0'..=b'7')) {
        return (based(whole, 8), digits);
    }
    decimal(text).unwrap_or((0.0, 0))
}

fn hexadecimal(text: &[u8]) -> Option<(f64, usize)> {
    let body = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"))?;
    let digits = body.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    (digits > 0).then(|| (based(body.get(..digits).unwrap_or_default(), 16), digits + 2))
}

fn based(digits: &[u8], base: u32) -> f64 {
    let step =
        |value: f64, byte: &u8| value * f64::from(base) + f64::from(char::from(*byte).to_digit(base).unwrap_or(0));
    digits.iter().fold(0.0, step)
}

/// gawk's `strtonum`: like a string's number, but `0x` begins hexadecimal and `0` octal digits.
pub(crate) fn of_based_text(text: &[u8]) -> f64 {
    let negative = text.first() == Some(&b'-');
    let body = text.get(usize::from(matches!(text.first(), Some(b'+' | b'-')))..).unwrap_or_default();
    let value = if let Some((value, _)) = hexadecimal(body) {
        value
    } else if body.first() == Some(&b'0') && !body.iter().take_while(|b| !is_space(**b)).any(|b| b".eE89".contains(b)) {
        based(body.get(..body.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count()).unwrap_or_default(), 8)
    } else {
        return of_text(text);
    };
    if negative { -value } else { value }
}

/// Whether a number is an integer that is spelled without exponent whatever the format says.
#[inline]
pub(crate) fn is_integer(value: f64) -> bool {
    value.is_finite() && value.trunc() == value
}

/// Appends an integer's decimal digits.
pub(crate) fn push_integer(out: &mut Vec<u8>, value: f64) {
    if value.abs() >= EXACT {
        out.extend_from_slice(format!("{value:.0}").as_bytes());
        return;
    }
    #[expect(clippy::cast_possible_truncation, reason = "an integer below 2^53")]
    let mut rest = (value as i64).unsigned_abs();
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    // Minus zero is an integer that is spelled `-0`.
    if value.is_sign_negative() {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// The spelling of what is no number or infinite.
pub(crate) fn special_name(value: f64) -> &'static str {
    match (value.is_nan(), value.is_sign_negative()) {
        (true, true) => "-nan",
        (true, false) => "+nan",
        (false, true) => "-inf",
        (false, false) => "+inf",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strings_number_is_its_beginning() {
        let check = |text: &str, expected: f64| assert_eq!(of_text(text.as_bytes()), expected, "{text}");
        check("12abc", 12.0);
        check(" \t-3.5e2x", -350.0);
        check(".5", 0.5);
        check("5.", 5.0);
        check("1e", 1.0);
        check("1e+", 1.0);
        check("0x1A", 0.0);
        check("", 0.0);
        check("+-1", 0.0);
        check("123456789012345678901234567890", 123_456_789_012_345_678_901_234_567_890.0);
        check("0.1", 0.1);
        check("1e400", f64::INFINITY);
        check("inf", 0.0);
        check("-inf", f64::NEG_INFINITY);
        check("+infinite", 0.0);
        check("0.000000000000000000001", 1e-21);
        check("1797693134862315700000000e284", f64::MAX);
    }

    #[test]
    fn input_looks_like_a_number_as_a_whole() {
        let check = |text: &str, expected: Option<f64>| assert_eq!(looks_like(text.as_bytes()), expected, "{text}");
        check(" 10 ", Some(10.0));
        check("1e3\n", Some(1000.0));
        check("10x", None);
        check("", None);
        check("  ", None);
        check("0x11", None);
        check("+", None);
        check(".", None);
        check("1234567890", Some(1_234_567_890.0));
    }

    #[test]
    fn integers_are_spelled_in_full() {
        let check = |value: f64, expected: &str| {
            let mut out = Vec::new();
            push_integer(&mut out, value);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        check(0.0, "0");
        check(-0.0, "-0");
        check(-42.0, "-42");
        check(9_007_199_254_740_993.0, "9007199254740992");
        check(1e30, "1000000000000000019884624838656");
    }

    #[test]
    fn bases_are_read_where_they_are_asked_for() {
        assert_eq!(of_based_text(b"0x1F"), 31.0);
        assert_eq!(of_based_text(b"-017"), -15.0);
        assert_eq!(of_based_text(b"09"), 9.0);
        assert_eq!(of_based_text(b"0.5"), 0.5);
        assert_eq!(source_literal(b"0x10+"), (16.0, 4));
        assert_eq!(source_literal(b"1.5e3x"), (1500.0, 5));
        assert_eq!(source_literal(b"010"), (8.0, 3));
        assert_eq!(source_literal(b"09"), (9.0, 2));
        assert_eq!(source_literal(b"00.5"), (0.5, 4));
    }
}
