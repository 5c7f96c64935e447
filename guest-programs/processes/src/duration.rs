//! Durations as `timeout` and `sleep` of GNU read them: a decimal number with a unit.

use std::time::Duration;

/// A duration; `None` is one without end.
pub(crate) type Bound = Option<Duration>;

/// Reads a non-negative number, decimal or hexadecimal, fraction and exponent included, and a unit of `s` (also none), `m`,
/// `h` or `d`. `None` for anything else.
pub(crate) fn parse(text: &[u8]) -> Option<Bound> {
    let text = std::str::from_utf8(text).ok()?;
    let (number, factor) = match text.char_indices().next_back()? {
        (at, 's') => (&text[..at], 1.0),
        (at, 'm') => (&text[..at], 60.0),
        (at, 'h') => (&text[..at], 3600.0),
        // A hexadecimal number may end in this digit.
        (at, 'd') if !is_hexadecimal(text) => (&text[..at], 86400.0),
        _ => (text, 1.0),
    };
    let seconds = if is_hexadecimal(number) { hexadecimal(number)? } else { decimal(number)? } * factor;
    if seconds < 0.0 || seconds.is_nan() {
        return None;
    }
    // What a Duration cannot hold ends after any process.
    Some(Duration::try_from_secs_f64(seconds).ok())
}

fn decimal(text: &str) -> Option<f64> {
    // Rust reads more words than C does.
    let is_word = text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("infinity");
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|_| is_word || is_number)
}

fn is_hexadecimal(text: &str) -> bool {
    text.starts_with("0x") || text.starts_with("0X")
}

/// Reads `0x` and digits with an optional fraction.
fn hexadecimal(text: &str) -> Option<f64> {
    let digits = &text[2..];
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for digit in whole.chars() {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let mut place = 1.0;
    for digit in fraction.chars() {
        place /= 16.0;
        value += f64::from(digit.to_digit(16)?) * place;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        let check = |text: &str, expected: Option<Bound>| assert_eq!(parse(text.as_bytes()), expected, "{text}");
        let seconds = |seconds: f64| Some(Some(Duration::from_secs_f64(seconds)));
        check("1", seconds(1.0));
        check("0.25s", seconds(0.25));
        check("1.5m", seconds(90.0));
        check("2h", seconds(7200.0));
        check("1d", seconds(86400.0));
        check("1e1", seconds(10.0));
        check("0x1d", seconds(29.0));
        check("inf", Some(None));
        check("1e300", Some(None));
        for text in ["", "s", "x", "1x", "-1", "nan", "1 s", "1ss", "0x", "0xg"] {
            check(text, None);
        }
    }
}
