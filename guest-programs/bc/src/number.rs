//! Decimal numbers of any length with a scale, and POSIX bc's rule for the scale of each result. All results are truncated.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive, Zero};

/// Digits that a power may have: more take longer than anybody waits.
const POWER_MAX_DIGITS: u64 = 20_000_000;

/// A number: `value` divided by 10 to the power `scale`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Number {
    value: BigInt,
    scale: usize,
}

/// Why there is no power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PowerError {
    TooLarge,
    DivideByZero,
}

/// Ten to a power.
pub(crate) fn ten_to(power: usize) -> BigInt {
    // Lengths are bounded by memory long before they reach this.
    BigInt::from(10).pow(u32::try_from(power).unwrap_or(u32::MAX))
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self { value: BigInt::from(value), scale: 0 }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

impl Number {
    pub(crate) fn new(value: BigInt, scale: usize) -> Self {
        Self { value, scale }
    }

    pub(crate) fn scale(&self) -> usize {
        self.scale
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.value.is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.value.sign() == Sign::Minus
    }

    /// Its value times ten to the power `scale`: exact if that is no less than its own, else truncated.
    pub(crate) fn scaled(&self, scale: usize) -> BigInt {
        match scale.cmp(&self.scale) {
            Ordering::Equal => self.value.clone(),
            Ordering::Greater => &self.value * ten_to(scale - self.scale),
            Ordering::Less => &self.value / ten_to(self.scale - scale),
        }
    }

    /// Truncates to a smaller scale, or extends to a larger one.
    pub(crate) fn with_scale(&self, scale: usize) -> Self {
        Self { value: self.scaled(scale), scale }
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.scaled(scale).cmp(&other.scaled(scale))
    }

    pub(crate) fn negated(&self) -> Self {
        Self { value: -&self.value, scale: self.scale }
    }

    pub(crate) fn absolute(&self) -> Self {
        Self { value: self.value.abs(), scale: self.scale }
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self { value: self.scaled(scale) + other.scaled(scale), scale }
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self { value: self.scaled(scale) - other.scaled(scale), scale }
    }

    pub(crate) fn times(&self, other: &Self, scale: usize) -> Self {
        let full = self.scale + other.scale;
        let product = Self { value: &self.value * &other.value, scale: full };
        product.cut(full.min(scale.max(self.scale).max(other.scale)))
    }

    /// Truncates where the scale is larger than that.
    fn cut(self, scale: usize) -> Self {
        if self.scale > scale { self.with_scale(scale) } else { self }
    }

    /// None: division by zero.
    pub(crate) fn divided(&self, other: &Self, scale: usize) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        // (a / 10^s) / (b / 10^t) * 10^scale = a * 10^(scale + t) / (b * 10^s), with what both have in common left out.
        let (up, down) = (scale + other.scale, self.scale);
        let common = up.min(down);
        let value = (&self.value * ten_to(up - common)) / (&other.value * ten_to(down - common));
        Some(Self { value, scale })
    }

    /// What is left of a division; none: by zero.
    pub(crate) fn remainder(&self, other: &Self, scale: usize) -> Option<Self> {
        let quotient = self.divided(other, scale)?;
        let scale = self.scale.max(other.scale + scale);
        let product = Self { value: &quotient.value * &other.value, scale: quotient.scale + other.scale };
        Some(self.minus(&product.with_scale(scale)))
    }

    /// Raises to the power of a whole number.
    ///
    /// # Errors
    ///
    /// The exponent is too large, or zero is raised to a negative power.
    pub(crate) fn power(&self, exponent: &Self, scale: usize) -> Result<Self, PowerError> {
        let exponent = exponent.scaled(0);
        if exponent.is_zero() {
            return Ok(Self::from(1));
        }
        let negative = exponent.sign() == Sign::Minus;
        let times = exponent.magnitude().to_u64().ok_or(PowerError::TooLarge)?;
        let digits = self.value.bits().max(1).saturating_mul(times) / 3;
        let plain = self.value.magnitude().bits() <= 1 && self.scale == 0;
        let times = match u32::try_from(times) {
            Ok(times) if plain || digits <= POWER_MAX_DIGITS => times,
            // 0, 1 and -1: only whether it is even counts.
            _ if plain => u32::from(times % 2 == 1) + 2,
            _ => return Err(PowerError::TooLarge),
        };
        let full = self.scale * times as usize;
        let power = Self { value: self.value.pow(times), scale: full };
        if negative {
            return Self::from(1).divided(&power, scale).ok_or(PowerError::DivideByZero);
        }
        Ok(power.cut(full.min(scale.max(self.scale))))
    }

    /// The square root; none of a negative number.
    pub(crate) fn root(&self, scale: usize) -> Option<Self> {
        if self.is_negative() {
            return None;
        }
        for whole in [0, 1] {
            if *self == Self::from(whole) {
                return Some(Self::from(whole));
            }
        }
        let scale = scale.max(self.scale);
        Some(Self { value: self.scaled(scale * 2).sqrt(), scale })
    }

    /// How many digits it has.
    pub(crate) fn length(&self) -> usize {
        let digits = if self.value.is_zero() { 0 } else { self.value.magnitude().to_string().len() };
        // A number below 1 has the digits of its scale; zero has one.
        digits.max(self.scale).max(1)
    }

    /// Its whole part, if that fits.
    pub(crate) fn whole(&self) -> Option<i64> {
        self.scaled(0).to_i64()
    }

    /// Reads digits as a base has them: `0` to `9`, `A` to `Z`, and a point. A digit too large for the base counts as its
    /// largest, unless it stands alone.
    pub(crate) fn parse(text: &[u8], base: u32) -> Self {
        let digit = |byte: u8| match byte {
            b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            byte => u32::from(byte.saturating_sub(b'0')),
        };
        let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
        let (whole, fraction) = (&text[..point], text.get(point + 1..).unwrap_or_default());
        if base == 10 && !text.iter().any(u8::is_ascii_uppercase) {
            let digits = [whole, fraction].concat();
            let value = BigInt::parse_bytes(&digits, 10).unwrap_or_default();
            return Self { value, scale: fraction.len() };
        }
        let read = |digits: &[u8], alone: bool| {
            digits.iter().fold(BigInt::zero(), |sum, byte| {
                let value = if alone { digit(*byte) } else { digit(*byte).min(base - 1) };
                sum * base + value
            })
        };
        let whole = Self { value: read(whole, whole.len() == 1), scale: 0 };
        if fraction.is_empty() {
            return whole;
        }
        let divisor = BigInt::from(base).pow(u32::try_from(fraction.len()).unwrap_or(u32::MAX));
        let value = read(fraction, false) * ten_to(fraction.len()) / divisor;
        whole.plus(&Self { value, scale: fraction.len() })
    }

    /// Its digits in base 10: sign, whole part (nothing for 0), fraction.
    pub(crate) fn digits(&self) -> (bool, String, String) {
        let text = self.value.magnitude().to_string();
        let text = if text.len() <= self.scale { "0".repeat(self.scale - text.len()) + &text } else { text };
        let (whole, fraction) = text.split_at(text.len() - self.scale);
        let whole = if whole.bytes().all(|byte| byte == b'0') { "" } else { whole };
        (self.is_negative(), whole.to_owned(), fraction.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        let positive = text.trim_start_matches('-');
        let number = Number::parse(positive.as_bytes(), 10);
        if positive.len() < text.len() { number.negated() } else { number }
    }

    fn check(result: &Number, expected: &str) {
        let (negative, whole, fraction) = result.digits();
        let point = if fraction.is_empty() { "" } else { "." };
        assert_eq!(format!("{}{whole}{point}{fraction}", if negative { "-" } else { "" }), expected);
    }

    #[test]
    fn each_operator_has_its_scale() {
        let (a, b) = (number("7.5"), number("-2.25"));
        check(&a.plus(&b), "5.25");
        check(&a.minus(&b), "9.75");
        check(&a.times(&b, 0), "-16.87");
        check(&a.times(&b, 9), "-16.875");
        check(&a.divided(&b, 3).expect("no zero"), "-3.333");
        check(&a.remainder(&b, 0).expect("no zero"), ".75");
        check(&a.remainder(&b, 1).expect("no zero"), ".075");
        check(&a.power(&number("3"), 0).expect("small"), "421.8");
        check(&a.power(&number("-2"), 4).expect("small"), ".0177");
        check(&number("2").root(5).expect("positive"), "1.41421");
    }

    #[test]
    fn what_is_impossible_is_told() {
        assert!(number("1").divided(&number("0.00"), 3).is_none());
        assert!(number("-1").root(3).is_none());
        assert_eq!(number("0").power(&number("-1"), 0), Err(PowerError::DivideByZero));
        assert_eq!(number("2").power(&number("99999999999"), 0), Err(PowerError::TooLarge));
        check(&number("-1").power(&number("99999999999"), 0).expect("plain"), "-1");
    }

    #[test]
    fn digits_beyond_the_base_are_its_largest_unless_alone() {
        check(&Number::parse(b"FF.8", 16), "255.5");
        check(&Number::parse(b"AB", 10), "99");
        check(&Number::parse(b"Z", 10), "35");
        check(&Number::parse(b"1.1", 3), "1.3");
    }

    #[test]
    fn lengths_count_significant_digits() {
        let length = |text: &str| number(text).length();
        assert_eq!([length("0"), length("0.001"), length("123.45"), length("0.00"), length("1.20")], [1, 3, 5, 2, 3]);
    }
}
