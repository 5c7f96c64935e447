//! The built-in functions from numbers to numbers.

use crate::ast::Builtin;
use crate::failure::{Failure, Result};
use crate::message;
use crate::number;
use crate::value::Value;

/// Largest integer that the functions on bits take: 2^53.
const BITS_MAX: f64 = 9_007_199_254_740_992.0;

/// Calls one of them.
pub(crate) fn call(builtin: Builtin, arguments: &[Value]) -> Result<f64> {
    let argument = |at: usize| arguments.get(at).map_or(0.0, Value::number);
    let first = argument(0);
    Ok(match builtin {
        Builtin::Sin => first.sin(),
        Builtin::Cos => first.cos(),
        Builtin::Atan2 => first.atan2(argument(1)),
        Builtin::Exp => first.exp(),
        Builtin::Log => of_domain("log", first, first.ln()),
        Builtin::Sqrt => of_domain("sqrt", first, first.sqrt()),
        Builtin::Int => first.trunc(),
        Builtin::Strtonum => match arguments.first() {
            Some(value) if value.as_number().is_some() => first,
            Some(Value::Text(text)) => number::of_based_text(text.bytes()),
            _ => first,
        },
        Builtin::And => fold("and", arguments, |left, right| left & right)?,
        Builtin::Or => fold("or", arguments, |left, right| left | right)?,
        Builtin::Xor => fold("xor", arguments, |left, right| left ^ right)?,
        Builtin::Compl => complement(bits("compl", first)?),
        Builtin::Lshift => float(bits("lshift", first)?.checked_shl(shift("lshift", argument(1))?).unwrap_or(0)),
        Builtin::Rshift => float(bits("rshift", first)?.checked_shr(shift("rshift", argument(1))?).unwrap_or(0)),
        other => return Err(Failure::fatal(format!("{other:?} is no function of numbers"))),
    })
}

/// Warns of an argument that has no result, which is shown as `-nan`.
fn of_domain(name: &str, argument: f64, result: f64) -> f64 {
    if argument < 0.0 {
        message::write(&format!("awk: warning: {name}: received negative argument {argument}\n"));
        return f64::NAN.copysign(-1.0);
    }
    result
}

fn fold(name: &str, arguments: &[Value], apply: fn(u64, u64) -> u64) -> Result<f64> {
    let mut values = arguments.iter().map(|value| bits(name, value.number()));
    let first = values.next().unwrap_or(Ok(0))?;
    values.try_fold(first, |left, right| Ok(apply(left, right?))).map(float)
}

/// All bits the other way round; of those only as many lower ones are kept as a number holds exactly.
fn complement(value: u64) -> f64 {
    let kept = 53 + (!value).trailing_zeros();
    float(!value & 1u64.checked_shl(kept).map_or(u64::MAX, |end| end - 1))
}

fn bits(name: &str, value: f64) -> Result<u64> {
    if value < 0.0 {
        return Err(Failure::fatal(format!("{name}: argument {value} negative value is not allowed")));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
    Ok(value.min(BITS_MAX * 2048.0) as u64)
}

fn shift(name: &str, value: f64) -> Result<u32> {
    Ok(u32::try_from(bits(name, value)?).unwrap_or(u32::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "as gawk does")]
fn float(bits: u64) -> f64 {
    bits as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_those_of_whole_numbers() {
        let check = |builtin, arguments: &[f64], expected: f64| {
            let values: Vec<_> = arguments.iter().copied().map(Value::Number).collect();
            assert_eq!(call(builtin, &values), Ok(expected), "{builtin:?}");
        };
        check(Builtin::And, &[12.0, 10.0], 8.0);
        check(Builtin::Or, &[12.0, 10.0, 1.0], 15.0);
        check(Builtin::Xor, &[12.0, 10.0], 6.0);
        check(Builtin::Lshift, &[1.0, 10.0], 1024.0);
        check(Builtin::Rshift, &[1024.0, 3.0], 128.0);
        check(Builtin::Compl, &[0.0], 9_007_199_254_740_991.0);
        check(Builtin::Compl, &[5.0], 18_014_398_509_481_978.0);
        assert!(call(Builtin::And, &[Value::Number(-1.0), Value::Number(1.0)]).is_err());
    }
}
