//! Numbers of `printf`: reading arguments, writing fields.

/// Flags, width and precision of one conversion.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spec {
    pub(super) left: bool,
    pub(super) plus: bool,
    pub(super) space: bool,
    pub(super) alternate: bool,
    pub(super) zero: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

impl Spec {
    /// Appends a text, padded with blanks to the width.
    pub(super) fn pad(&self, out: &mut Vec<u8>, text: &[u8]) {
        let blanks = self.width.saturating_sub(text.len());
        if !self.left {
            out.resize(out.len() + blanks, b' ');
        }
        out.extend_from_slice(text);
        if self.left {
            out.resize(out.len() + blanks, b' ');
        }
    }

    /// Appends a number: sign or prefix first, zeros after it when they fill the field.
    fn pad_number(&self, out: &mut Vec<u8>, prefix: &str, digits: &str, zeros: bool) {
        let length = prefix.len() + digits.len();
        if zeros && self.zero && !self.left && self.width > length {
            out.extend_from_slice(prefix.as_bytes());
            out.resize(out.len() + self.width - length, b'0');
            out.extend_from_slice(digits.as_bytes());
        } else {
            self.pad(out, [prefix, digits].concat().as_bytes());
        }
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }
}

/// Reads an integer as `strtoimax` with base 0 does; false when something is left over. `'c` is the character's code.
pub(super) fn integer(text: &[u8]) -> (i128, bool) {
    if let Some((b'\'' | b'"', rest)) = text.split_first() {
        return (i128::from(first_code(rest)), true);
    }
    let trimmed = text.trim_ascii_start();
    let (negative, digits) = match trimmed.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, trimmed),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => (16, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, digits),
        _ => (10, digits),
    };
    let count = digits.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let mut value: i128 = 0;
    for digit in digits.iter().take(count) {
        let digit = char::from(*digit).to_digit(radix).unwrap_or(0);
        value = value.saturating_mul(i128::from(radix)).saturating_add(i128::from(digit));
    }
    let good = count == digits.len() && (count > 0 || text.is_empty());
    (if negative { -value } else { value }, good)
}

fn first_code(text: &[u8]) -> u32 {
    let head = text.get(..4.min(text.len())).unwrap_or_default();
    match head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
        Some(letter) => u32::from(letter),
        None => text.first().copied().map_or(0, u32::from),
    }
}

/// Reads a number with a fraction; false when something is left over.
pub(super) fn float(text: &[u8]) -> (f64, bool) {
    if let Some((b'\'' | b'"', rest)) = text.split_first() {
        return (f64::from(first_code(rest)), true);
    }
    let Ok(text) = std::str::from_utf8(text) else { return (0.0, false) };
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return (0.0, text.is_empty());
    }
    let bare = trimmed.trim_start_matches(['-', '+']);
    if bare.starts_with("0x") || bare.starts_with("0X") {
        let (value, good) = integer(trimmed.as_bytes());
        #[expect(clippy::cast_precision_loss, reason = "a float is what is wanted")]
        return (value as f64, good);
    }
    let longest = (1..=trimmed.len().min(400)).rev().filter(|at| trimmed.is_char_boundary(*at));
    for end in longest {
        let piece = trimmed.get(..end).unwrap_or_default();
        if let Ok(value) = piece.parse::<f64>() {
            return (value, end == trimmed.len());
        }
    }
    (0.0, false)
}

/// `%d`.
pub(super) fn format_signed(out: &mut Vec<u8>, spec: &Spec, value: i64) {
    let digits = with_precision(value.unsigned_abs().to_string(), spec.precision);
    spec.pad_number(out, spec.sign(value < 0), &digits, spec.precision.is_none());
}

/// `%u`, `%o`, `%x`, `%X`.
pub(super) fn format_unsigned(out: &mut Vec<u8>, spec: &Spec, value: u64, letter: u8) {
    let (prefix, digits) = match letter {
        b'o' => ("", format!("{value:o}")),
        b'x' => (if spec.alternate && value != 0 { "0x" } else { "" }, format!("{value:x}")),
        b'X' => (if spec.alternate && value != 0 { "0X" } else { "" }, format!("{value:X}")),
        _ => ("", value.to_string()),
    };
    let mut digits = with_precision(digits, spec.precision);
    if letter == b'o' && spec.alternate && !digits.starts_with('0') {
        digits.insert(0, '0');
    }
    spec.pad_number(out, prefix, &digits, spec.precision.is_none());
}

fn with_precision(digits: String, precision: Option<usize>) -> String {
    match precision {
        Some(0) if digits == "0" => String::new(),
        Some(precision) if digits.len() < precision => format!("{digits:0>precision$}"),
        _ => digits,
    }
}

/// `%f`, `%e`, `%g`, `%a` and their capitals.
pub(super) fn format_float(out: &mut Vec<u8>, spec: &Spec, value: f64, letter: u8) {
    let sign = spec.sign(value.is_sign_negative() && !value.is_nan() || value.is_sign_negative() && value.is_nan());
    let magnitude = value.abs();
    let upper = letter.is_ascii_uppercase();
    if !magnitude.is_finite() {
        let text = if magnitude.is_nan() { "nan" } else { "inf" };
        let text = if upper { text.to_ascii_uppercase() } else { text.to_owned() };
        return spec.pad_number(out, sign, &text, false);
    }
    let precision = spec.precision.unwrap_or(6).min(4096);
    let text = match letter.to_ascii_lowercase() {
        b'f' => fixed(magnitude, precision, spec.alternate),
        b'e' => exponential(magnitude, precision, spec.alternate),
        b'a' => hexadecimal(magnitude, spec.precision),
        _ => general(magnitude, precision.max(1), spec.alternate),
    };
    let text = if upper { text.to_ascii_uppercase() } else { text };
    spec.pad_number(out, sign, &text, true);
}

fn fixed(value: f64, precision: usize, point: bool) -> String {
    let mut text = format!("{value:.precision$}");
    if point && precision == 0 {
        text.push('.');
    }
    text
}

/// Rust writes `1e2`; C writes `1e+02`.
fn exponential(value: f64, precision: usize, point: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    let dot = if point && precision == 0 { "." } else { "" };
    format!("{mantissa}{dot}e{sign}{:02}", exponent.unsigned_abs())
}

fn general(value: f64, precision: usize, alternate: bool) -> String {
    let text = format!("{:.*e}", precision - 1, value);
    let exponent: i64 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let digits = i64::try_from(precision).unwrap_or(i64::MAX);
    if exponent >= -4 && exponent < digits {
        let places = usize::try_from(digits - 1 - exponent).unwrap_or(0);
        let text = fixed(value, places, alternate);
        return if alternate { text } else { without_zeros(&text).to_owned() };
    }
    let text = exponential(value, precision - 1, alternate);
    if alternate {
        return text;
    }
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", without_zeros(mantissa)),
        None => text,
    }
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn hexadecimal(value: f64, precision: Option<usize>) -> String {
    if value == 0.0 {
        return "0x0p+0".to_owned();
    }
    // C's long double has 64 bits with the leading one among them: four before the point, 60 after it.
    let bits = value.to_bits();
    let mut exponent = i64::try_from(bits >> 52 & 0x7ff).unwrap_or(0) - 1023;
    let mut mantissa = (bits & 0x000f_ffff_ffff_ffff) << 11 | 1 << 63;
    if exponent == -1023 {
        // A subnormal number has no leading one.
        let fraction = bits & 0x000f_ffff_ffff_ffff;
        let shift = fraction.leading_zeros();
        mantissa = fraction << shift;
        exponent = -1022 - i64::from(shift) + 11;
    }
    exponent -= 3;
    if let Some(places) = precision.filter(|places| *places < 15) {
        let dropped = 60 - 4 * places;
        let half = 1u64 << (dropped - 1);
        let rest = mantissa & ((half << 1) - 1);
        mantissa &= !((half << 1) - 1);
        if rest > half || rest == half && mantissa >> dropped & 1 == 1 {
            let (sum, over) = mantissa.overflowing_add(half << 1);
            mantissa = if over { 1 << 63 } else { sum };
            exponent += i64::from(over);
        }
    }
    let mut fraction = format!("{:015x}", mantissa & 0x0fff_ffff_ffff_ffff);
    match precision {
        Some(places) if places <= 15 => fraction.truncate(places),
        Some(places) => fraction.extend(std::iter::repeat_n('0', places - 15)),
        None => fraction = fraction.trim_end_matches('0').to_owned(),
    }
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("0x{:x}{dot}{fraction}p{exponent:+}", mantissa >> 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(spec: Spec, value: f64, letter: u8) -> String {
        let mut out = Vec::new();
        format_float(&mut out, &spec, value, letter);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn floats_are_written_as_c_writes_them() {
        assert_eq!(shown(Spec::default(), 1234.5, b'e'), "1.234500e+03");
        assert_eq!(shown(Spec::default(), 0.0001, b'g'), "0.0001");
        assert_eq!(shown(Spec::default(), 1e10, b'g'), "1e+10");
        assert_eq!(shown(Spec { width: 8, zero: true, precision: Some(2), ..Spec::default() }, -1.5, b'f'), "-0001.50");
    }

    #[test]
    fn integers_are_read_in_three_bases() {
        assert_eq!(integer(b"0x1F"), (31, true));
        assert_eq!(integer(b"010"), (8, true));
        assert_eq!(integer(b"-12"), (-12, true));
        assert_eq!(integer(b"12abc"), (12, false));
        assert_eq!(integer(b"'A"), (65, true));
    }
}
