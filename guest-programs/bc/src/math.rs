//! The functions of `-l`: sine, cosine, arctangent, logarithm, exponential and Bessel's, truncated to a scale.
//!
//! Each is computed with digits to spare in whole numbers, a fixed point behind the last digit wanted and some more.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::number::{Number, ten_to};

/// Digits beyond those asked for.
const SPARE: usize = 12;

/// Largest scale that is computed with; the functions take cubic time.
const SCALE_MAX: usize = 100_000;

/// Whole digits that the exponential of a number may have.
const EXPONENT_MAX: i64 = 10_000_000;

/// A fixed point number: this many digits behind the point.
struct Fixed {
    places: usize,
    one: BigInt,
}

impl Fixed {
    fn new(places: usize) -> Self {
        Self { places, one: ten_to(places) }
    }

    fn read(&self, number: &Number) -> BigInt {
        number.scaled(self.places)
    }

    fn times(&self, one: &BigInt, other: &BigInt) -> BigInt {
        one * other / &self.one
    }

    fn result(&self, value: BigInt, scale: usize) -> Number {
        Number::new(value, self.places).with_scale(scale)
    }

    /// The sum of a series: each term comes from the one before it, until they vanish.
    fn series(&self, first: BigInt, mut next: impl FnMut(&BigInt, u64) -> BigInt) -> BigInt {
        let (mut term, mut sum) = (first.clone(), first);
        for index in 1.. {
            term = next(&term, index);
            if term.is_zero() {
                break;
            }
            sum += &term;
        }
        sum
    }

    /// Arctangent of a number below 1, the smaller the faster.
    fn small_arctangent(&self, x: &BigInt) -> BigInt {
        let square = self.times(x, x);
        let mut power = x.clone();
        self.series_of(x.clone(), |index| {
            power = -self.times(&power, &square);
            &power / (2 * index + 1)
        })
    }

    /// The sum of terms that do not come from each other.
    fn series_of(&self, first: BigInt, mut term: impl FnMut(u64) -> BigInt) -> BigInt {
        let mut sum = first;
        for index in 1.. {
            let next = term(index);
            if next.is_zero() {
                break;
            }
            sum += next;
        }
        sum
    }

    fn root(&self, x: &BigInt) -> BigInt {
        (x * &self.one).sqrt()
    }
}

fn places(scale: usize, more: usize) -> usize {
    scale.min(SCALE_MAX) + SPARE + more
}

/// How many digits a number has before its point.
fn whole_digits(number: &Number) -> usize {
    number.digits().1.len()
}

/// The exponential of a number; none when it is too large to be written.
pub(crate) fn exponential(x: &Number, scale: usize) -> Option<Number> {
    // The exponential of n has about 0.44 n digits before its point, which must be right, too.
    let size = x.absolute().whole().filter(|size| *size < EXPONENT_MAX)?;
    let extra = if x.is_negative() { 0 } else { usize::try_from(size).unwrap_or(0) * 44 / 100 + 1 };
    // Halved until it is small, then squared as often.
    let halvings = (64 - size.leading_zeros() as usize) + 8;
    let fixed = Fixed::new(places(scale, 2 * extra + halvings));
    let small = fixed.read(x) >> halvings;
    let mut value = fixed.series(fixed.one.clone(), |term, index| fixed.times(term, &small) / index);
    for _ in 0..halvings {
        value = fixed.times(&value, &value);
    }
    Some(fixed.result(value, scale))
}

/// The natural logarithm; of what has none, GNU's answer: the most negative number of the scale.
pub(crate) fn logarithm(x: &Number, scale: usize) -> Number {
    if x.is_zero() || x.is_negative() {
        return Number::new(BigInt::from(1) - ten_to(scale), 0).with_scale(scale);
    }
    let whole = whole_digits(x);
    let fixed = Fixed::new(places(scale, x.scale() + whole + 6));
    let mut value = fixed.read(x);
    // Roots until it is near 1, doubling the result for each.
    let mut doublings = 0_u32;
    let near = &fixed.one / 16;
    while (&value - &fixed.one).abs() > near && doublings < 200 {
        value = fixed.root(&value);
        doublings += 1;
    }
    // ln v = 2 artanh((v - 1) / (v + 1))
    let ratio = (&value - &fixed.one) * &fixed.one / (&value + &fixed.one);
    let square = fixed.times(&ratio, &ratio);
    let mut power = ratio.clone();
    let sum = fixed.series_of(ratio, |index| {
        power = fixed.times(&power, &square);
        &power / (2 * index + 1)
    });
    fixed.result((sum * 2) << doublings, scale)
}

/// The sine. As in GNU's library, the angle is reduced by a pi of a tenth more digits than are asked for, and two: of large
/// angles, the last digits are the same wrong ones.
pub(crate) fn sine(x: &Number, scale: usize) -> Number {
    let quarter = arctangent(&Number::from(1), scale.min(SCALE_MAX) * 11 / 10 + 2);
    let half_turn = quarter.times(&Number::from(4), 0);
    let angle = x.absolute();
    let halves = angle.divided(&quarter, 0).unwrap_or_default().plus(&Number::from(2));
    let turns = halves.divided(&Number::from(4), 0).unwrap_or_default();
    let small = angle.minus(&turns.times(&half_turn, half_turn.scale()));
    let fixed = Fixed::new(places(scale, 4).max(small.scale()));
    let value = sine_of(&fixed, &fixed.read(&small));
    let is_odd = num_integer::Integer::is_odd(&turns.scaled(0));
    let result = fixed.result(value, scale);
    if is_odd == x.is_negative() { result } else { result.negated() }
}

/// The cosine: the sine a quarter turn on, with a fifth more digits.
pub(crate) fn cosine(x: &Number, scale: usize) -> Number {
    let wide = scale.min(SCALE_MAX) * 12 / 10;
    let quarter_turn = arctangent(&Number::from(1), wide).times(&Number::from(2), 0);
    sine(&x.plus(&quarter_turn), wide).with_scale(scale)
}

fn sine_of(fixed: &Fixed, angle: &BigInt) -> BigInt {
    let square = fixed.times(angle, angle);
    fixed.series(angle.clone(), |term, index| {
        let index = 2 * index;
        -fixed.times(term, &square) / (index * (index + 1))
    })
}

/// The arctangent.
pub(crate) fn arctangent(x: &Number, scale: usize) -> Number {
    let fixed = Fixed::new(places(scale, x.scale() + whole_digits(x) + 6));
    let mut value = fixed.read(x).abs();
    // atan v = 2 atan(v / (1 + sqrt(1 + v^2)))
    let mut doublings = 0_u32;
    let small = &fixed.one / 8;
    while value > small {
        let hypotenuse = fixed.root(&(&fixed.one + fixed.times(&value, &value)));
        value = &value * &fixed.one / (&fixed.one + hypotenuse);
        doublings += 1;
    }
    let angle = fixed.small_arctangent(&value) << doublings;
    let result = fixed.result(angle, scale);
    if x.is_negative() { result.negated() } else { result }
}

/// Bessel's function of a whole order; none when the order or the argument is too large.
pub(crate) fn bessel(order: &Number, x: &Number, scale: usize) -> Option<Number> {
    const LARGEST: i64 = 100_000;
    let order = order.whole().filter(|order| order.abs() < LARGEST)?;
    let size = x.absolute().whole().filter(|size| *size < LARGEST)?;
    // Terms grow to e^|x| before they vanish.
    let fixed = Fixed::new(places(scale, usize::try_from(size).unwrap_or(0) + 4));
    let half = fixed.read(x) / 2;
    let square = fixed.times(&half, &half);
    let number = order.unsigned_abs();
    let mut first = fixed.one.clone();
    for index in 1..=number {
        first = fixed.times(&first, &half) / index;
    }
    let value = fixed.series(first, |term, index| -fixed.times(term, &square) / (index * (index + number)));
    let negative = order < 0 && order.to_i64().is_some_and(|order| order % 2 != 0);
    Some(fixed.result(if negative { -value } else { value }, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(result: &Number, expected: &str) {
        let (negative, whole, fraction) = result.digits();
        assert_eq!(format!("{}{whole}.{fraction}", if negative { "-" } else { "" }), expected);
    }

    fn number(text: &str) -> Number {
        let positive = Number::parse(text.trim_start_matches('-').as_bytes(), 10);
        if text.starts_with('-') { positive.negated() } else { positive }
    }

    #[test]
    fn the_functions_have_the_digits_of_gnu_bc() {
        check(&exponential(&number("0.5"), 20).expect("small"), "1.64872127070012814684");
        check(&exponential(&number("-3"), 20).expect("small"), ".04978706836786394297");
        check(&exponential(&number("50"), 20).expect("small"), "5184705528587072464087.45332293348538482746");
        check(&sine(&number("100000"), 20), ".03574879797201650920");
        check(&cosine(&number("3.7"), 20), "-.84810003171040815883");
        check(&arctangent(&number("100"), 20), "1.56079666010823138102");
        check(&logarithm(&number("0.001"), 20), "-6.90775527898213705205");
        check(&bessel(&number("2"), &number("3.5"), 20).expect("small"), ".45862918419430748350");
        check(&bessel(&number("-1"), &number("2"), 20).expect("small"), "-.57672480775687338720");
    }
}
