//! Reading, writing and deleting by key and by path.

use std::cmp::Ordering;
use std::rc::Rc;

use ecow::EcoString;

use super::{List, Map, Value, compare};
use crate::message::{Failure, error};

/// Longest path: JSON text nests at most as deep.
pub(crate) const PATH_MAX: usize = 10_000;
/// Longest array that assigning beyond the end may make: 16 bytes and more an item.
const ARRAY_MAX: f64 = 536_870_911.0;

/// The bounds of a slice of something of this length, from a key such as `{"start": 1, "end": null}`.
pub(crate) fn slice_bounds(key: &Map, length: usize) -> Result<(usize, usize), Failure> {
    let length_number = Value::count(length).as_number().unwrap_or(0.0);
    let bound = |name: &str, default: f64, round: fn(f64) -> f64| {
        let number = match key.get(name) {
            None | Some(Value::Null) => return Some(default),
            Some(value) => value.as_number()?,
        };
        let number = if number.is_nan() { default } else { number };
        Some(round(if number < 0.0 { (number + length_number).max(0.0) } else { number.min(length_number) }))
    };
    let (start, end) = (bound("start", 0.0, f64::floor), bound("end", length_number, f64::ceil));
    let (Some(start), Some(end)) = (start, end) else {
        return Err(error("Array/string slice indices must be integers"));
    };
    let (start, end) = (as_index(start), as_index(end));
    Ok((start, end.max(start)))
}

/// A double that is a position.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts of doubles saturate")]
fn as_index(number: f64) -> usize {
    number as usize
}

/// The position in an array that a number names; nothing when it is outside.
fn array_index(number: f64, length: usize) -> Option<usize> {
    let length = Value::count(length).as_number().unwrap_or(0.0);
    let number = number.floor();
    let number = if number < 0.0 { number + length } else { number };
    (number >= 0.0 && number < length).then(|| as_index(number))
}

/// The message for a key that does not fit.
fn cannot_index(value: &Value, key: &Value) -> Failure {
    match key {
        Value::Str(text) => error(format!("Cannot index {} with string \"{text}\"", value.kind())),
        _ => error(format!("Cannot index {} with {}", value.kind(), key.kind())),
    }
}

/// `value[key]`.
pub(crate) fn get(value: &Value, key: &Value) -> Result<Value, Failure> {
    Ok(match (value, key) {
        (Value::Obj(map), Value::Str(name)) => map.get(name).cloned().unwrap_or(Value::Null),
        (Value::Arr(items), Value::Num(_) | Value::Literal(_)) => {
            let index = key.as_number().filter(|number| !number.is_nan());
            let index = index.and_then(|number| array_index(number, items.len()));
            index.and_then(|at| items.get(at)).cloned().unwrap_or(Value::Null)
        }
        (Value::Arr(items), Value::Obj(bounds)) => {
            let (start, end) = slice_bounds(bounds, items.len())?;
            Value::array(items.get(start..end).unwrap_or_default().to_vec())
        }
        (Value::Str(text), Value::Obj(bounds)) => {
            let (start, end) = slice_bounds(bounds, text.chars().count())?;
            Value::string(text.chars().skip(start).take(end - start).collect::<EcoString>())
        }
        (Value::Null, Value::Obj(bounds)) => {
            slice_bounds(bounds, 0)?;
            Value::Null
        }
        (Value::Arr(items), Value::Arr(wanted)) => positions(items, wanted),
        (Value::Null, Value::Str(_) | Value::Num(_) | Value::Literal(_) | Value::Null) => Value::Null,
        _ => return Err(cannot_index(value, key)),
    })
}

/// Where `wanted` begins in `items`.
fn positions(items: &[Value], wanted: &[Value]) -> Value {
    if wanted.is_empty() {
        return Value::Null;
    }
    let at = items.windows(wanted.len()).enumerate();
    let found = at.filter(|(_, window)| window.iter().zip(wanted).all(|(a, b)| super::equal(a, b)));
    Value::array(found.map(|(at, _)| Value::count(at)).collect())
}

/// `has(key)`.
pub(crate) fn has(value: &Value, key: &Value) -> Result<bool, Failure> {
    match (value, key) {
        (Value::Obj(map), Value::Str(name)) => Ok(map.get(name).is_some()),
        (Value::Arr(items), Value::Num(_) | Value::Literal(_)) => {
            let number = key.as_number().unwrap_or(f64::NAN);
            Ok(number >= 0.0 && array_index(number, items.len()).is_some())
        }
        _ => Err(error(format!("Cannot check whether {} has a {} key", value.kind(), key.kind()))),
    }
}

/// `value[key] = new`.
pub(crate) fn set(value: Value, key: &Value, new: Value) -> Result<Value, Failure> {
    match (value, key) {
        (value @ (Value::Null | Value::Obj(_)), Value::Str(name)) => {
            let mut map = if let Value::Obj(map) = value { map } else { Rc::default() };
            Rc::make_mut(&mut map).insert(name.clone(), new);
            Ok(Value::Obj(map))
        }
        (value @ (Value::Null | Value::Arr(_)), Value::Num(_) | Value::Literal(_)) => {
            let mut items = if let Value::Arr(items) = value { items } else { Rc::default() };
            set_index(Rc::make_mut(&mut items), key.as_number().unwrap_or(f64::NAN), new)?;
            Ok(Value::Arr(items))
        }
        (value @ (Value::Null | Value::Arr(_)), Value::Obj(bounds)) => {
            let mut items = if let Value::Arr(items) = value { items } else { Rc::default() };
            let Value::Arr(new) = new else {
                return Err(error("A slice of an array can only be assigned another array"));
            };
            let (start, end) = slice_bounds(bounds, items.len())?;
            Rc::make_mut(&mut items).splice(start..end, new.iter().cloned());
            Ok(Value::Arr(items))
        }
        (Value::Str(_), Value::Obj(_)) => Err(error("Cannot update string slices")),
        (Value::Arr(_), Value::Arr(_)) => Err(error("Cannot update field at array index of array")),
        (value, Value::Obj(_)) if !matches!(value, Value::Obj(_)) => {
            Err(error(format!("Cannot update field at object index of {}", value.kind())))
        }
        (value, key) => Err(cannot_index(&value, key)),
    }
}

fn set_index(items: &mut List, number: f64, new: Value) -> Result<(), Failure> {
    if number.is_nan() {
        return Err(error("Cannot set array element at NaN index"));
    }
    let number = number.floor();
    let length = Value::count(items.len()).as_number().unwrap_or(0.0);
    let number = if number < 0.0 { number + length } else { number };
    if number < 0.0 {
        return Err(error("Out of bounds negative array index"));
    }
    if number > ARRAY_MAX {
        return Err(error("Array index too large"));
    }
    let at = as_index(number);
    if at >= items.len() {
        items.resize(at + 1, Value::Null);
    }
    items[at] = new;
    Ok(())
}

/// A path's keys.
fn keys_of(path: &Value) -> Result<&[Value], Failure> {
    let Some(keys) = path.as_array() else { return Err(error("Path must be specified as an array")) };
    if keys.len() > PATH_MAX {
        return Err(error("Path too deep"));
    }
    Ok(keys)
}

/// `getpath(path)`: null once the way ends.
pub(crate) fn get_path(value: &Value, path: &Value) -> Result<Value, Failure> {
    let mut value = value.clone();
    for key in keys_of(path)? {
        if matches!(value, Value::Null) {
            return Ok(Value::Null);
        }
        value = get(&value, key)?;
    }
    Ok(value)
}

/// Takes the item of a key out of a container that has no other owner, so that a change to it copies nothing: null is left
/// there. Otherwise a copy.
fn take(container: &mut Value, key: &Value) -> Result<Value, Failure> {
    match (&mut *container, key) {
        (Value::Obj(map), Value::Str(name)) if map.get(name).is_some() => {
            Ok(std::mem::replace(Rc::make_mut(map).slot(name), Value::Null))
        }
        (Value::Arr(items), Value::Num(number)) => match array_index(*number, items.len()) {
            Some(at) => Ok(std::mem::replace(&mut Rc::make_mut(items)[at], Value::Null)),
            None => Ok(Value::Null),
        },
        _ => get(container, key),
    }
}

/// `setpath(path; new)`.
pub(crate) fn set_path(mut value: Value, path: &Value, new: Value) -> Result<Value, Failure> {
    let keys = keys_of(path)?;
    let Some((last, way)) = keys.split_last() else { return Ok(new) };
    let mut parents = Vec::with_capacity(way.len());
    for key in way {
        let child = take(&mut value, key)?;
        parents.push((value, key));
        value = child;
    }
    value = set(value, last, new)?;
    while let Some((parent, key)) = parents.pop() {
        value = set(parent, key, value)?;
    }
    Ok(value)
}

/// Takes the value at a path out of `root`, leaving null there.
pub(crate) fn take_path(root: &mut Value, path: &Value) -> Result<Value, Failure> {
    let keys = keys_of(path)?;
    let mut at = root;
    for (depth, key) in keys.iter().enumerate() {
        let index = match (&*at, key) {
            (Value::Null, _) => return Ok(Value::Null),
            (Value::Obj(map), Value::Str(name)) => map.get(name).map(|_| 0),
            (Value::Arr(items), Value::Num(number)) => array_index(*number, items.len()),
            _ => None,
        };
        at = match (at, key, index) {
            (Value::Obj(map), Value::Str(name), Some(_)) => Rc::make_mut(map).slot(name),
            (Value::Arr(items), _, Some(index)) => &mut Rc::make_mut(items)[index],
            // Slices and what is missing are copied.
            (at, ..) => return get_path(at, &Value::array(keys[depth..].to_vec())),
        };
    }
    Ok(std::mem::replace(at, Value::Null))
}

/// `delpaths(paths)`: the last ones first, so that positions stay true.
pub(crate) fn delete_paths(mut value: Value, paths: &Value) -> Result<Value, Failure> {
    let Some(paths) = paths.as_array() else { return Err(error("Paths must be specified as an array")) };
    let mut sorted: Vec<&Value> = paths.iter().collect();
    for path in &sorted {
        keys_of(path)?;
    }
    sorted.sort_by(|a, b| compare(a, b));
    while let Some(last) = sorted.last() {
        // All paths that differ in the last key only go in one pass.
        let Some((_, parent)) = last.as_array().unwrap_or_default().split_last() else { return Ok(Value::Null) };
        let siblings = sorted.iter().rev().take_while(|path| {
            let keys = path.as_array().unwrap_or_default();
            keys.split_last().is_some_and(|(_, way)| same_keys(way, parent))
        });
        let count = siblings.count();
        let doomed = sorted.split_off(sorted.len() - count);
        let keys: Vec<&Value> = doomed.iter().filter_map(|path| path.as_array().unwrap_or_default().last()).collect();
        value = delete_below(value, parent, &keys)?;
    }
    Ok(value)
}

fn same_keys(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| compare(a, b) == Ordering::Equal)
}

fn delete_below(mut value: Value, way: &[Value], keys: &[&Value]) -> Result<Value, Failure> {
    let mut parents = Vec::with_capacity(way.len());
    for key in way {
        let missing = matches!(get(&value, key)?, Value::Null);
        if missing {
            break;
        }
        let child = take(&mut value, key)?;
        parents.push((value, key));
        value = child;
    }
    if parents.len() == way.len() {
        value = delete_keys(value, keys)?;
    }
    while let Some((parent, key)) = parents.pop() {
        value = set(parent, key, value)?;
    }
    Ok(value)
}

fn delete_keys(value: Value, keys: &[&Value]) -> Result<Value, Failure> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::Obj(mut map) => {
            if let Some(key) = keys.iter().find(|key| key.as_str().is_none()) {
                return Err(error(format!("Cannot delete {} field of object", key.kind())));
            }
            Rc::make_mut(&mut map).remove_where(|name| keys.iter().any(|key| key.as_str() == Some(name)));
            Ok(Value::Obj(map))
        }
        Value::Arr(mut items) => {
            let mut doomed = vec![false; items.len()];
            for key in keys {
                match key {
                    Value::Num(_) | Value::Literal(_) => {
                        let at = key.as_number().and_then(|number| array_index(number, items.len()));
                        at.into_iter().for_each(|at| doomed[at] = true);
                    }
                    Value::Obj(bounds) => {
                        let (start, end) = slice_bounds(bounds, items.len())?;
                        doomed[start..end].fill(true);
                    }
                    _ => return Err(error(format!("Cannot delete {} element of array", field(key)))),
                }
            }
            let mut fate = doomed.into_iter();
            Rc::make_mut(&mut items).retain(|_| fate.next() != Some(true));
            Ok(Value::Arr(items))
        }
        value => Err(match keys.first() {
            Some(Value::Str(_)) => error(format!("Cannot delete field at object index of {}", value.kind())),
            Some(Value::Num(_) | Value::Literal(_)) => {
                error(format!("Cannot delete field at array index of {}", value.kind()))
            }
            _ => error(format!("Cannot delete fields from {}", value.kind())),
        }),
    }
}

fn field(key: &Value) -> &'static str {
    key.kind()
}
