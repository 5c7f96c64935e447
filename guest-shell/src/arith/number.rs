//! Numbers: bash's integer constants, the plain decimals variables usually hold, and numbers back to text.

/// Why a constant is no number, in bash's words.
pub(super) type NumberError = &'static str;

/// The value of a constant: decimal, `0` octal, `0x` hexadecimal, `base#digits`. Overflow wraps.
pub(super) fn parse_constant(text: &[u8]) -> Result<i64, NumberError> {
    let mut base: i64 = 10;
    let mut based = false;
    let mut rest = text;
    if let Some(after) = rest.strip_prefix(b"0") {
        rest = after;
        match rest.first() {
            None => return Ok(0),
            Some(b'x' | b'X') => {
                base = 16;
                rest = &rest[1..];
            }
            Some(_) => base = 8,
        }
        based = true;
    }
    let mut value: i64 = 0;
    let mut bytes = rest.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte == b'#' {
            if based {
                return Err("invalid number");
            }
            if !(2..=64).contains(&value) {
                return Err("invalid arithmetic base");
            }
            base = value;
            value = 0;
            based = true;
            let next = bytes.clone().next();
            if !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@')) {
                return Err("invalid integer constant");
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => byte - b'A' + 10,
            b'A'..=b'Z' => byte - b'A' + 36,
            b'@' => 62,
            b'_' => 63,
            _ => break,
        };
        if i64::from(digit) >= base {
            return Err("value too great for base");
        }
        value = value.wrapping_mul(base).wrapping_add(i64::from(digit));
    }
    Ok(value)
}

/// The value of a text that is a plain decimal number of at most 18 digits, as variables in loops hold.
#[inline]
pub(crate) fn parse_plain(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    // A leading zero would be octal.
    if digits.is_empty() || digits.len() > 18 || (digits[0] == b'0' && digits.len() > 1) {
        return None;
    }
    let mut value = 0i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

/// A number's text without an allocation.
pub(crate) struct Decimal {
    bytes: [u8; 20],
    start: usize,
}

impl Decimal {
    /// Formats `value`.
    #[inline]
    pub(crate) fn new(value: i64) -> Decimal {
        let mut bytes = [0; 20];
        let mut start = bytes.len();
        let mut rest = value.unsigned_abs();
        loop {
            start -= 1;
            bytes[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            start -= 1;
            bytes[start] = b'-';
        }
        Decimal { bytes, start }
    }

    /// The digits, with a sign when negative.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_back() {
        for value in [0, 1, -1, 42, 999_999, i64::MAX, i64::MIN] {
            assert_eq!(Decimal::new(value).as_bytes(), value.to_string().as_bytes());
        }
        assert_eq!(parse_plain(b"-17"), Some(-17));
        assert_eq!(parse_plain(b"010"), None);
        assert_eq!(parse_plain(b""), None);
        assert_eq!(parse_plain(b"1a"), None);
    }
}
