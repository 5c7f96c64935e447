//! Numbers kept as they were written, since a double would lose digits: until arithmetic touches them they print, compare
//! and convert as decimals.

use std::cmp::Ordering;

/// A decimal number: its digits, the exponent of the last one, and its value as a double.
#[derive(Clone, Debug)]
pub(crate) struct Literal {
    negative: bool,
    /// Without leading zeros; `0` alone for zero.
    digits: String,
    exponent: i64,
    number: f64,
}

/// Exponents beyond this are out of any reach: the number is infinite or zero.
const EXPONENT_MAX: i64 = 999_999_999;

impl Literal {
    /// Reads a JSON number; nothing when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], exponent_of(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let both = || whole.bytes().chain(fraction.bytes());
        if both().next().is_none() || !both().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut digits: String = [whole, fraction].concat().trim_start_matches('0').into();
        if digits.is_empty() {
            digits.push('0');
        }
        let exponent = exponent - i64::try_from(fraction.len()).ok()?;
        let number: f64 = text.strip_prefix('+').unwrap_or(text).parse().ok()?;
        Some(Self { negative, digits, exponent, number })
    }

    /// The nearest double; the largest one when it is beyond them.
    pub(crate) fn number(&self) -> f64 {
        self.number.clamp(-f64::MAX, f64::MAX)
    }

    /// The number's opposite.
    pub(crate) fn negated(&self) -> Self {
        Self { negative: !self.negative, number: -self.number, ..self.clone() }
    }

    /// Whether it is below zero.
    pub(crate) fn is_negative(&self) -> bool {
        self.negative && self.digits != "0"
    }

    /// The text: plain when the exponent is small, else scientific.
    pub(crate) fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let count = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        let adjusted = self.exponent.saturating_add(count - 1);
        if self.exponent > 0 || adjusted < -6 {
            let (first, rest) = self.digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            return format!("{sign}{first}{point}{rest}E{adjusted:+}");
        }
        if self.exponent == 0 {
            return format!("{sign}{}", self.digits);
        }
        let fraction = usize::try_from(-self.exponent).unwrap_or(0);
        if fraction < self.digits.len() {
            let (whole, fraction) = self.digits.split_at(self.digits.len() - fraction);
            return format!("{sign}{whole}.{fraction}");
        }
        format!("{sign}0.{}{}", "0".repeat(fraction - self.digits.len()), self.digits)
    }

    /// Compares as decimals.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self.is_negative(), other.is_negative()) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (true, true) => other.compare_size(self),
            (false, false) => self.compare_size(other),
        }
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        match (self.digits == "0", other.digits == "0") {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        let top = |literal: &Self| literal.exponent.saturating_add(i64::try_from(literal.digits.len()).unwrap_or(0));
        top(self).cmp(&top(other)).then_with(|| {
            let (a, b) = (self.digits.trim_end_matches('0'), other.digits.trim_end_matches('0'));
            a.cmp(b)
        })
    }
}

/// The exponent after `e`, held within what counts.
fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(EXPONENT_MAX).min(EXPONENT_MAX);
    Some(if negative { -size } else { size })
}
