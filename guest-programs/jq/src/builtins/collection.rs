//! Builtins on arrays and objects, and on values as such.

use std::rc::Rc;

use super::{Native, Result, arith, as_size, take};
use crate::message::{Failure, described, error, type_error, type_error2};
use crate::value::{self, Map, Value, equal};

pub(super) const NATIVES: &[Native] = &[
    Native { name: "length", arity: 0, run: |_, input, _| arith::length(&input) },
    Native { name: "add", arity: 0, run: |_, input, _| arith::sum(&input) },
    Native { name: "type", arity: 0, run: |_, input, _| Ok(Value::string(input.kind())) },
    Native { name: "keys", arity: 0, run: |_, input, _| keys(&input, true) },
    Native { name: "keys_unsorted", arity: 0, run: |_, input, _| keys(&input, false) },
    Native { name: "has", arity: 1, run: |_, input, args| value::has(&input, &take(args, 0)).map(Value::Bool) },
    Native { name: "contains", arity: 1, run: |_, input, args| contains(&input, &take(args, 0), 0).map(Value::Bool) },
    Native { name: "setpath", arity: 2, run: |_, input, args| value::set_path(input, &take(args, 0), take(args, 1)) },
    Native { name: "delpaths", arity: 1, run: |_, input, args| value::delete_paths(input, &take(args, 0)) },
    Native { name: "to_entries", arity: 0, run: |_, input, _| to_entries(&input) },
    Native { name: "_member", arity: 1, run: |_, _, args| member(&take(args, 0)) },
    Native { name: "reverse", arity: 0, run: |_, input, _| reverse(input) },
    Native { name: "flatten", arity: 0, run: |_, input, _| flatten(&input, f64::INFINITY) },
    Native { name: "flatten", arity: 1, run: |_, input, args| flatten_to(&input, &take(args, 0)) },
    Native { name: "transpose", arity: 0, run: |_, input, _| transpose(&input) },
    Native { name: "toarray", arity: 0, run: |_, input, _| Ok(to_array(input)) },
    Native { name: "indices", arity: 1, run: |_, input, args| indices(&input, &take(args, 0)) },
    Native { name: "_indices", arity: 1, run: |_, input, args| indices(&input, &take(args, 0)) },
    Native { name: "bsearch", arity: 1, run: |_, input, args| search(&input, &take(args, 0)) },
    Native { name: "error", arity: 0, run: |_, input, _| Err(Failure::Error(input)) },
    Native { name: "error", arity: 1, run: |_, _, args| Err(Failure::Error(take(args, 0))) },
    Native { name: "tojson", arity: 0, run: |_, input, _| Ok(Value::string(crate::json::compact(&input))) },
    Native { name: "_captured", arity: 0, run: |_, input, _| captured(&input) },
];

fn keys(input: &Value, sorted: bool) -> Result {
    let keys = match input {
        Value::Obj(map) if sorted => map.sorted().into_iter().map(|(key, _)| Value::Str(key.clone())).collect(),
        Value::Obj(map) => map.iter().map(|(key, _)| Value::Str(key.clone())).collect(),
        Value::Arr(items) => (0..items.len()).map(Value::count).collect(),
        _ => return Err(type_error(input, "has no keys")),
    };
    Ok(Value::array(keys))
}

/// Deeper values are refused: the stack has an end.
const CONTAINS_DEPTH_MAX: usize = 10_000;

fn contains(a: &Value, b: &Value, depth: usize) -> std::result::Result<bool, Failure> {
    if depth > CONTAINS_DEPTH_MAX {
        return Err(error("Containment check too deep"));
    }
    match (a, b) {
        (Value::Obj(a), Value::Obj(b)) => {
            for (key, part) in b.iter() {
                let Some(whole) = a.get(key) else { return Ok(false) };
                if !contains_or_equal(whole, part, depth)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Arr(a), Value::Arr(b)) => {
            for part in b.iter() {
                let mut found = false;
                for whole in a.iter() {
                    if contains_or_equal(whole, part, depth)? {
                        found = true;
                        break;
                    }
                }
                if !found {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Str(a), Value::Str(b)) => Ok(a.contains(b.as_str())),
        _ if a.kind() == b.kind() => Ok(equal(a, b)),
        _ => Err(type_error2(a, b, "cannot have their containment checked")),
    }
}

/// Inside containers, values of different types just differ.
fn contains_or_equal(a: &Value, b: &Value, depth: usize) -> std::result::Result<bool, Failure> {
    if a.kind() == b.kind() { contains(a, b, depth + 1) } else { Ok(false) }
}

fn to_entries(input: &Value) -> Result {
    let entry = |key: Value, value: &Value| {
        Value::object(Map::from_iter([("key".into(), key), ("value".into(), value.clone())]))
    };
    let entries = match input {
        Value::Obj(map) => map.iter().map(|(key, value)| entry(Value::Str(key.clone()), value)).collect(),
        Value::Arr(items) => items.iter().enumerate().map(|(at, value)| entry(Value::count(at), value)).collect(),
        _ => return Err(type_error(input, "has no keys")),
    };
    Ok(Value::array(entries))
}

/// The object of one entry of `from_entries`.
fn member(entry: &Value) -> Result {
    let find = |names: &[&str]| -> Result {
        let mut last = Value::Null;
        for name in names {
            let found = value::get(entry, &Value::string(*name))?;
            if found.is_true() {
                return Ok(found);
            }
            if !matches!(found, Value::Null) || matches!(last, Value::Null) {
                last = found;
            }
        }
        Ok(last)
    };
    let key = find(&["key", "k", "name", "Name", "Key", "K"])?;
    let key = match key {
        Value::Str(key) => key,
        Value::Bool(_) | Value::Null | Value::Num(_) | Value::Literal(_) => crate::json::compact(&key).into(),
        other => return Err(error(format!("Cannot use {} as object key", described(&other)))),
    };
    let Value::Obj(map) = entry else { return Ok(Value::object(Map::default())) };
    let value = ["value", "v", "Value", "V"].iter().find_map(|name| map.get(name)).cloned().unwrap_or_default();
    Ok(Value::object(Map::from_iter([(key, value)])))
}

fn reverse(input: Value) -> Result {
    match input {
        Value::Arr(mut items) => {
            Rc::make_mut(&mut items).reverse();
            Ok(Value::Arr(items))
        }
        Value::Null => Ok(Value::array(Vec::new())),
        Value::Str(text) => Ok(Value::string(text.chars().rev().collect::<String>())),
        Value::Bool(_) => Err(type_error(&input, "has no length")),
        Value::Obj(map) if map.is_empty() => Ok(Value::array(Vec::new())),
        other => Err(error(format!("Cannot index {} with number", other.kind()))),
    }
}

fn flatten_to(input: &Value, depth: &Value) -> Result {
    match depth.as_number() {
        Some(depth) if depth < 0.0 => Err(error("flatten depth must not be negative")),
        Some(depth) => flatten(input, depth),
        None => Err(error("flatten depth must not be negative")),
    }
}

fn flatten(input: &Value, depth: f64) -> Result {
    let mut flat = Vec::new();
    let first: Box<dyn Iterator<Item = &Value>> = match input {
        Value::Arr(items) => Box::new(items.iter()),
        Value::Obj(map) => Box::new(map.iter().map(|(_, value)| value)),
        other => return Err(error(format!("Cannot iterate over {}", described(other)))),
    };
    // Iterators in place of recursion: arrays may be nested deeper than the stack.
    let mut levels = vec![first];
    while let Some(items) = levels.last_mut() {
        match items.next() {
            None => drop(levels.pop()),
            Some(Value::Arr(inner)) if Value::count(levels.len()).as_number().is_some_and(|level| level <= depth) => {
                levels.push(Box::new(inner.iter()));
            }
            Some(item) => flat.push(item.clone()),
        }
    }
    Ok(Value::array(flat))
}

fn transpose(input: &Value) -> Result {
    let Some(rows) = input.as_array() else {
        return Err(error(format!("Cannot iterate over {}", described(input))));
    };
    let mut width = 0;
    for row in rows {
        width = width.max(as_size(arith::length(row)?.as_number()));
    }
    let column = |at: usize| -> Result {
        let items = rows.iter().map(|row| value::get(row, &Value::count(at)));
        items.collect::<std::result::Result<_, _>>().map(Value::array)
    };
    (0..width).map(column).collect::<std::result::Result<_, _>>().map(Value::array)
}

fn to_array(input: Value) -> Value {
    if matches!(input, Value::Arr(_)) { input } else { Value::array(vec![input]) }
}

fn indices(input: &Value, wanted: &Value) -> Result {
    match (input, wanted) {
        (Value::Str(text), Value::Str(wanted)) => Ok(super::text::positions(text, wanted)),
        (Value::Arr(_), Value::Arr(_)) | (Value::Null, _) => value::get(input, wanted),
        (Value::Arr(_), _) => value::get(input, &Value::array(vec![wanted.clone()])),
        _ => value::get(input, wanted),
    }
}

fn search(input: &Value, wanted: &Value) -> Result {
    let Some(items) = input.as_array() else { return Err(type_error(input, "cannot be searched from")) };
    Ok(match items.binary_search_by(|item| value::compare(item, wanted)) {
        Ok(at) => Value::count(at),
        Err(at) => Value::Num(-1.0 - Value::count(at).as_number().unwrap_or(0.0)),
    })
}

/// The named captures of a match, as an object.
fn captured(found: &Value) -> Result {
    let captures = value::get(found, &Value::string("captures"))?;
    let mut map = Map::default();
    for capture in captures.as_array().unwrap_or_default() {
        if let Value::Str(name) = value::get(capture, &Value::string("name"))? {
            map.insert(name, value::get(capture, &Value::string("string"))?);
        }
    }
    Ok(Value::object(map))
}
