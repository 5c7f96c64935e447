//! Floating-point numbers spelled as C's `%f`, `%e` and `%g` do, without sign.

/// No number of this kind has more decimals; what a precision asks beyond is zeros.
const DECIMALS_MAX: usize = 1100;

/// A number's digits.
pub(crate) struct Spelled(pub(crate) Vec<u8>);

impl Spelled {
    /// With the sign of the value it came from.
    pub(crate) fn as_str_with_sign(&self, value: f64) -> String {
        let digits = String::from_utf8_lossy(&self.0);
        if value.is_sign_negative() { format!("-{digits}") } else { digits.into_owned() }
    }
}

/// `%f`.
pub(crate) fn fixed(value: f64, precision: usize, alternate: bool) -> Spelled {
    let exact = precision.min(DECIMALS_MAX);
    let mut text = format!("{value:.exact$}").into_bytes();
    text.resize(text.len() + (precision - exact), b'0');
    if alternate && precision == 0 {
        text.push(b'.');
    }
    Spelled(text)
}

/// `%e`.
pub(crate) fn exponential(value: f64, precision: usize, alternate: bool, upper: bool) -> Spelled {
    let (mut digits, exponent) = scientific(value, precision);
    if alternate && precision == 0 {
        digits.push(b'.');
    }
    push_exponent(&mut digits, exponent, upper);
    Spelled(digits)
}

/// `%g`.
pub(crate) fn general(value: f64, precision: usize, alternate: bool, upper: bool) -> Spelled {
    let precision = precision.max(1);
    let (mut digits, exponent) = scientific(value, precision - 1);
    let significant = i32::try_from(precision).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= significant {
        if !alternate {
            strip_zeros(&mut digits);
        }
        push_exponent(&mut digits, exponent, upper);
        return Spelled(digits);
    }
    let bare: Vec<u8> = digits.iter().copied().filter(u8::is_ascii_digit).collect();
    let mut text = Vec::with_capacity(bare.len() + 8);
    if let Ok(whole) = usize::try_from(exponent) {
        let (before, after) = bare.split_at(bare.len().min(whole + 1));
        text.extend_from_slice(before);
        text.push(b'.');
        text.extend_from_slice(after);
    } else {
        text.extend_from_slice(b"0.");
        text.resize(text.len() + (exponent.unsigned_abs() as usize).saturating_sub(1), b'0');
        text.extend_from_slice(&bare);
    }
    if !alternate {
        strip_zeros(&mut text);
    }
    Spelled(text)
}

/// One digit, a point, `precision` digits; and the exponent.
fn scientific(value: f64, precision: usize) -> (Vec<u8>, i32) {
    let exact = precision.min(DECIMALS_MAX);
    let text = format!("{value:.exact$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits = digits.as_bytes().to_vec();
    digits.resize(digits.len() + (precision - exact), b'0');
    (digits, exponent.parse().unwrap_or(0))
}

fn push_exponent(digits: &mut Vec<u8>, exponent: i32, upper: bool) {
    let letter = if upper { 'E' } else { 'e' };
    let sign = if exponent < 0 { '-' } else { '+' };
    digits.extend_from_slice(format!("{letter}{sign}{:02}", exponent.unsigned_abs()).as_bytes());
}

fn strip_zeros(digits: &mut Vec<u8>) {
    if digits.contains(&b'.') {
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.last() == Some(&b'.') {
            digits.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn general_chooses_the_shorter_form() {
        let check = |value: f64, precision: usize, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&general(value, precision, false, false).0), expected);
        };
        check(0.0001, 6, "0.0001");
        check(0.00001, 6, "1e-05");
        check(999_999.5, 6, "1e+06");
        check(123456.0, 6, "123456");
        check(0.0, 6, "0");
        check(2.71234, 3, "2.71");
        check(1e100, 20, "1.0000000000000000159e+100");
        check(5.0, 0, "5");
        assert_eq!(fixed(1.5, 100_000, false).0.len(), 100_002);
        assert_eq!(exponential(1.5, 100_000, false, false).0.len(), 100_006);
    }
}
