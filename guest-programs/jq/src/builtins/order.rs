//! Sorting and grouping. The `_by` forms get the keys of all items as arrays.

use std::cmp::Ordering;

use super::{Native, Result, take};
use crate::message::{Failure, type_error, type_error2};
use crate::value::{Value, compare, equal};

pub(super) const NATIVES: &[Native] = &[
    Native { name: "sort", arity: 0, run: |_, input, _| sort(input) },
    Native { name: "unique", arity: 0, run: |_, input, _| unique(input) },
    Native { name: "min", arity: 0, run: |_, input, _| extreme(&input, &input, true) },
    Native { name: "max", arity: 0, run: |_, input, _| extreme(&input, &input, false) },
    Native { name: "_sort_by", arity: 1, run: |_, input, args| sort_by(&input, &take(args, 0)) },
    Native { name: "_group_by", arity: 1, run: |_, input, args| group_by(&input, &take(args, 0)) },
    Native { name: "_unique_by", arity: 1, run: |_, input, args| unique_by(&input, &take(args, 0)) },
    Native { name: "_min_by", arity: 1, run: |_, input, args| extreme(&input, &take(args, 0), true) },
    Native { name: "_max_by", arity: 1, run: |_, input, args| extreme(&input, &take(args, 0), false) },
];

const NOT_ARRAY: &str = "cannot be sorted, as it is not an array";

fn sort(input: Value) -> Result {
    let Value::Arr(mut items) = input else { return Err(type_error(&input, NOT_ARRAY)) };
    std::rc::Rc::make_mut(&mut items).sort_by(compare);
    Ok(Value::Arr(items))
}

fn unique(input: Value) -> Result {
    let Value::Arr(mut items) = sort(input)? else { return Ok(Value::Null) };
    std::rc::Rc::make_mut(&mut items).dedup_by(|a, b| equal(a, b));
    Ok(Value::Arr(items))
}

/// Items with their keys, in the order of the keys.
fn sorted<'a>(
    input: &'a Value,
    keys: &'a Value,
    reason: &str,
) -> std::result::Result<Vec<(&'a Value, &'a Value)>, Failure> {
    let (Some(items), Some(keys_of)) = (input.as_array(), keys.as_array()) else {
        return Err(type_error2(input, keys, reason));
    };
    let mut pairs: Vec<_> = keys_of.iter().zip(items).collect();
    pairs.sort_by(|a, b| compare(a.0, b.0));
    Ok(pairs)
}

fn sort_by(input: &Value, keys: &Value) -> Result {
    let pairs = sorted(input, keys, "cannot be sorted, as they are not both arrays")?;
    Ok(Value::array(pairs.into_iter().map(|(_, item)| item.clone()).collect()))
}

fn group_by(input: &Value, keys: &Value) -> Result {
    let pairs = sorted(input, keys, "cannot be sorted, as they are not both arrays")?;
    let groups = pairs.chunk_by(|a, b| compare(a.0, b.0) == Ordering::Equal);
    let group = |pairs: &[(&Value, &Value)]| Value::array(pairs.iter().map(|(_, item)| (*item).clone()).collect());
    Ok(Value::array(groups.map(group).collect()))
}

fn unique_by(input: &Value, keys: &Value) -> Result {
    let mut pairs = sorted(input, keys, "cannot be sorted, as they are not both arrays")?;
    pairs.dedup_by(|a, b| equal(a.0, b.0));
    Ok(Value::array(pairs.into_iter().map(|(_, item)| item.clone()).collect()))
}

/// The first of the least items, or the last of the greatest.
fn extreme(input: &Value, keys: &Value, least: bool) -> Result {
    let (Some(items), Some(keys_of)) = (input.as_array(), keys.as_array()) else {
        return Err(type_error2(input, keys, "cannot be iterated over"));
    };
    let mut best: Option<(&Value, &Value)> = None;
    for pair in keys_of.iter().zip(items) {
        let better = best.is_none_or(|best| (compare(pair.0, best.0) == Ordering::Less) == least);
        if better {
            best = Some(pair);
        }
    }
    Ok(best.map_or(Value::Null, |(_, item)| item.clone()))
}
