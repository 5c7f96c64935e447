//! The order of all values: null, false, true, numbers, strings, arrays, objects.

use std::cmp::Ordering;

use super::{Map, Value};

/// Values nested deeper than this count as equal from there on: a program's own loop can nest without bound, the stack
/// cannot. JSON text is refused at 10,000.
const DEPTH_MAX: u32 = 20_000;

/// Compares two values.
pub(crate) fn compare(a: &Value, b: &Value) -> Ordering {
    compare_at(a, b, 0)
}

/// Whether two values are equal.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Arr(a), Value::Arr(b)) if a.len() != b.len() => false,
        (Value::Obj(a), Value::Obj(b)) if a.len() != b.len() => false,
        _ => compare(a, b) == Ordering::Equal,
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Num(_) | Value::Literal(_) => 3,
        Value::Str(_) => 4,
        Value::Arr(_) => 5,
        Value::Obj(_) => 6,
    }
}

fn compare_at(a: &Value, b: &Value, depth: u32) -> Ordering {
    if depth > DEPTH_MAX {
        return Ordering::Equal;
    }
    match (a, b) {
        (Value::Num(a), Value::Num(b)) => compare_numbers(*a, *b),
        (Value::Literal(a), Value::Literal(b)) => a.compare(b),
        (Value::Literal(a), Value::Num(b)) => compare_numbers(a.number(), *b),
        (Value::Num(a), Value::Literal(b)) => compare_numbers(*a, b.number()),
        (Value::Str(a), Value::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Arr(a), Value::Arr(b)) => {
            let differing =
                a.iter().zip(b.iter()).map(|(a, b)| compare_at(a, b, depth + 1)).find(|order| order.is_ne());
            differing.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Obj(a), Value::Obj(b)) => compare_objects(a, b, depth),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Not a number is below all numbers, itself included.
fn compare_numbers(a: f64, b: f64) -> Ordering {
    if a.is_nan() || a < b {
        Ordering::Less
    } else if a == b {
        Ordering::Equal
    } else {
        Ordering::Greater
    }
}

/// First the sets of keys, as sorted arrays; then the values, key by key.
fn compare_objects(a: &Map, b: &Map, depth: u32) -> Ordering {
    let (a, b) = (a.sorted(), b.sorted());
    let keys = a.iter().map(|entry| &entry.0).cmp(b.iter().map(|entry| &entry.0));
    keys.then_with(|| {
        let values = a.iter().zip(&b).map(|(a, b)| compare_at(&a.1, &b.1, depth + 1));
        values.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    })
}
