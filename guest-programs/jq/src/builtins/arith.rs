//! The operators.

use std::cmp::Ordering;
use std::rc::Rc;

use super::Result;
use crate::lang::Binary;
use crate::message::{error, type_error, type_error2};
use crate::value::{Map, Value, compare, equal};

/// Longest string that repetition makes.
const REPEAT_MAX_BYTES: f64 = 536_870_911.0;
/// How deep objects are merged.
const MERGE_DEPTH_MAX: usize = 10_000;

/// Applies an operator.
pub(crate) fn binary(op: Binary, left: Value, right: Value) -> Result {
    if let (Value::Num(a), Value::Num(b)) = (&left, &right)
        && let Some(value) = numbers(op, *a, *b)
    {
        return Ok(value);
    }
    match op {
        Binary::Add => add(left, right),
        Binary::Subtract => subtract(&left, &right),
        Binary::Multiply => multiply(left, right),
        Binary::Divide => divide(&left, &right),
        Binary::Remainder => remainder(&left, &right),
        Binary::Equal => Ok(Value::Bool(equal(&left, &right))),
        Binary::NotEqual => Ok(Value::Bool(!equal(&left, &right))),
        Binary::Less => Ok(Value::Bool(compare(&left, &right) == Ordering::Less)),
        Binary::LessEqual => Ok(Value::Bool(compare(&left, &right) != Ordering::Greater)),
        Binary::Greater => Ok(Value::Bool(compare(&left, &right) == Ordering::Greater)),
        Binary::GreaterEqual => Ok(Value::Bool(compare(&left, &right) != Ordering::Less)),
    }
}

/// The common case.
fn numbers(op: Binary, a: f64, b: f64) -> Option<Value> {
    Some(match op {
        Binary::Add => Value::Num(a + b),
        Binary::Subtract => Value::Num(a - b),
        Binary::Multiply => Value::Num(a * b),
        Binary::Divide if b != 0.0 => Value::Num(a / b),
        Binary::Divide | Binary::Remainder => return None,
        Binary::Equal => Value::Bool(a == b),
        Binary::NotEqual => Value::Bool(a != b),
        // Not a number is below all.
        Binary::Less => Value::Bool(a < b || a.is_nan()),
        Binary::LessEqual => Value::Bool(a <= b || a.is_nan()),
        Binary::Greater => Value::Bool(!(a <= b || a.is_nan())),
        Binary::GreaterEqual => Value::Bool(!(a < b || a.is_nan())),
    })
}

fn both_numbers(a: &Value, b: &Value) -> Option<(f64, f64)> {
    Some((a.as_number()?, b.as_number()?))
}

/// `a + b`; what `a` owns alone grows in place.
pub(super) fn add(a: Value, b: Value) -> Result {
    match (a, b) {
        (Value::Null, value) | (value, Value::Null) => Ok(value),
        (Value::Str(mut a), Value::Str(b)) => {
            a.push_str(&b);
            Ok(Value::Str(a))
        }
        (Value::Arr(mut a), Value::Arr(b)) => {
            if a.is_empty() {
                return Ok(Value::Arr(b));
            }
            Rc::make_mut(&mut a).extend(b.iter().cloned());
            Ok(Value::Arr(a))
        }
        (Value::Obj(mut a), Value::Obj(b)) => {
            let map = Rc::make_mut(&mut a);
            b.iter().for_each(|(key, value)| map.insert(key.clone(), value.clone()));
            Ok(Value::Obj(a))
        }
        (a, b) => match both_numbers(&a, &b) {
            Some((a, b)) => Ok(Value::Num(a + b)),
            None => Err(type_error2(&a, &b, "cannot be added")),
        },
    }
}

fn subtract(a: &Value, b: &Value) -> Result {
    if let Some((a, b)) = both_numbers(a, b) {
        return Ok(Value::Num(a - b));
    }
    let (Value::Arr(items), Value::Arr(unwanted)) = (a, b) else {
        return Err(type_error2(a, b, "cannot be subtracted"));
    };
    let kept = items.iter().filter(|item| !unwanted.iter().any(|other| equal(item, other)));
    Ok(Value::array(kept.cloned().collect()))
}

fn multiply(a: Value, b: Value) -> Result {
    match (a, b) {
        (Value::Obj(a), Value::Obj(b)) => merge(a, &b, 0),
        (Value::Str(text), times) | (times, Value::Str(text)) if times.as_number().is_some() => {
            repeat(&text, times.as_number().unwrap_or(0.0))
        }
        (a, b) => match both_numbers(&a, &b) {
            Some((a, b)) => Ok(Value::Num(a * b)),
            None => Err(type_error2(&a, &b, "cannot be multiplied")),
        },
    }
}

fn repeat(text: &str, times: f64) -> Result {
    if times.is_nan() || times < 0.0 {
        return Ok(Value::Null);
    }
    let count = super::as_size(Some(times));
    if Value::count(text.len()).as_number().unwrap_or(0.0) * times > REPEAT_MAX_BYTES {
        return Err(error("Repeat string result too long"));
    }
    Ok(Value::string(text.repeat(if text.is_empty() { 1 } else { count })))
}

fn merge(mut a: Rc<Map>, b: &Map, depth: usize) -> Result {
    if depth > MERGE_DEPTH_MAX {
        return Err(error("Object merge too deep"));
    }
    let map = Rc::make_mut(&mut a);
    for (key, value) in b.iter() {
        let slot = map.slot(key);
        *slot = match (std::mem::take(slot), value) {
            (Value::Obj(old), Value::Obj(new)) => merge(old, new, depth + 1)?,
            (_, value) => value.clone(),
        };
    }
    Ok(Value::Obj(a))
}

fn divide(a: &Value, b: &Value) -> Result {
    if let Some((x, y)) = both_numbers(a, b) {
        if y == 0.0 {
            return Err(type_error2(a, b, "cannot be divided because the divisor is zero"));
        }
        return Ok(Value::Num(x / y));
    }
    match (a, b) {
        (Value::Str(text), Value::Str(separator)) => Ok(super::text::split(text, separator)),
        _ => Err(type_error2(a, b, "cannot be divided")),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "whole numbers, saturating")]
fn remainder(a: &Value, b: &Value) -> Result {
    let Some((x, y)) = both_numbers(a, b) else { return Err(type_error2(a, b, "cannot be divided")) };
    if x.is_nan() || y.is_nan() {
        return Ok(Value::Num(f64::NAN));
    }
    let (x, y) = (x as i64, y as i64);
    if y == 0 {
        return Err(type_error2(a, b, "cannot be divided (remainder) because the divisor is zero"));
    }
    let size = (x.unsigned_abs() % y.unsigned_abs()) as f64;
    Ok(Value::Num(if x < 0 && size != 0.0 { -size } else { size }))
}

/// `add` of an array's or object's values.
pub(super) fn sum(value: &Value) -> Result {
    let fold = |sum: Result, item: &Value| add(sum?, item.clone());
    match value {
        Value::Arr(items) => items.iter().fold(Ok(Value::Null), fold),
        Value::Obj(map) => map.iter().map(|(_, value)| value).fold(Ok(Value::Null), fold),
        other => Err(error(format!("Cannot iterate over {}", crate::message::described(other)))),
    }
}

/// `length`.
pub(super) fn length(value: &Value) -> Result {
    Ok(match value {
        Value::Null => Value::Num(0.0),
        Value::Bool(_) => return Err(type_error(value, "has no length")),
        Value::Num(number) => Value::Num(number.abs()),
        Value::Literal(literal) if literal.is_negative() => Value::Literal(Rc::new(literal.negated())),
        Value::Literal(_) => value.clone(),
        Value::Str(text) => Value::count(text.chars().count()),
        Value::Arr(items) => Value::count(items.len()),
        Value::Obj(map) => Value::count(map.len()),
    })
}
