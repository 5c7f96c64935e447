//! Doubles as text: the shortest digits that read back, plain up to 17 places, else with an exponent of two digits or more.

use std::fmt::Write;
use std::rc::Rc;

use super::Value;

/// Writes a number the way JSON output has it: not a number is `null`, infinities are the largest doubles.
pub(crate) fn format(number: f64, out: &mut String) {
    if number.is_nan() {
        out.push_str("null");
        return;
    }
    let number = number.clamp(-f64::MAX, f64::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    if number.fract() == 0.0 && number.abs() < 1e15 && !(number == 0.0 && number.is_sign_negative()) {
        // Infallible: a String takes everything.
        let _ = write!(out, "{}", number as i64);
        return;
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = mantissa.strip_prefix('-').map_or(mantissa, |rest| {
        out.push('-');
        rest
    });
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    arrange(&digits, exponent, out);
}

/// Puts the point or the exponent; `exponent` is the first digit's.
fn arrange(digits: &str, exponent: i32, out: &mut String) {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent + 1;
    if point <= -4 || point > count + 15 {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
    } else if point <= 0 {
        out.push_str("0.");
        out.extend((0..point.unsigned_abs()).map(|_| '0'));
        out.push_str(digits);
    } else if point >= count {
        out.push_str(digits);
        out.extend((0..(point - count).unsigned_abs()).map(|_| '0'));
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        out.push_str(whole);
        out.push('.');
        out.push_str(fraction);
    }
}

/// The opposite of a number, of a literal without loss; nothing for what is no number.
pub(crate) fn negated(value: &Value) -> Option<Value> {
    match value {
        Value::Num(number) => Some(Value::Num(-number)),
        Value::Literal(literal) => Some(Value::Literal(Rc::new(literal.negated()))),
        _ => None,
    }
}
