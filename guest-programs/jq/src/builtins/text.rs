//! Builtins on strings, and conversions to and from them.

use ecow::EcoString;

use super::{Native, Result, take};
use crate::json;
use crate::message::{Failure, described, error, type_error};
use crate::value::Value;

pub(super) const NATIVES: &[Native] = &[
    Native { name: "tostring", arity: 0, run: |_, input, _| Ok(to_string(input)) },
    Native { name: "tonumber", arity: 0, run: |_, input, _| to_number(input) },
    Native { name: "toboolean", arity: 0, run: |_, input, _| to_boolean(&input) },
    Native { name: "fromjson", arity: 0, run: |_, input, _| from_json(&input) },
    Native { name: "utf8bytelength", arity: 0, run: |_, input, _| byte_length(&input) },
    Native { name: "explode", arity: 0, run: |_, input, _| explode(&input) },
    Native { name: "implode", arity: 0, run: |_, input, _| implode(&input) },
    Native { name: "ascii", arity: 0, run: |_, input, _| implode(&Value::array(vec![input])) },
    Native { name: "split", arity: 1, run: |_, input, args| split_by(&input, &take(args, 0)) },
    Native { name: "join", arity: 1, run: |_, input, args| join(&input, &take(args, 0)) },
    Native { name: "ascii_downcase", arity: 0, run: |_, input, _| change_case(&input, str::to_ascii_lowercase) },
    Native { name: "ascii_upcase", arity: 0, run: |_, input, _| change_case(&input, str::to_ascii_uppercase) },
    Native { name: "startswith", arity: 1, run: |_, input, args| starts(&input, &take(args, 0)) },
    Native { name: "endswith", arity: 1, run: |_, input, args| ends(&input, &take(args, 0)) },
    Native { name: "ltrimstr", arity: 1, run: |_, input, args| Ok(trim_text(input, &take(args, 0), true, false)) },
    Native { name: "rtrimstr", arity: 1, run: |_, input, args| Ok(trim_text(input, &take(args, 0), false, true)) },
    Native { name: "trimstr", arity: 1, run: |_, input, args| Ok(trim_text(input, &take(args, 0), true, true)) },
    Native { name: "trim", arity: 0, run: |_, input, _| trim(&input, str::trim) },
    Native { name: "ltrim", arity: 0, run: |_, input, _| trim(&input, str::trim_start) },
    Native { name: "rtrim", arity: 0, run: |_, input, _| trim(&input, str::trim_end) },
    Native { name: "_strindices", arity: 1, run: |_, input, args| string_indices(&input, &take(args, 0)) },
];

/// A string as it is, anything else as JSON.
pub(super) fn to_string(value: Value) -> Value {
    if matches!(value, Value::Str(_)) { value } else { Value::string(json::compact(&value)) }
}

fn to_number(input: Value) -> Result {
    match &input {
        Value::Num(_) | Value::Literal(_) => Ok(input),
        Value::Str(text) => {
            let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
            let number = json::number(trimmed.as_bytes());
            number.ok_or_else(|| type_error(&input, "cannot be parsed as a number"))
        }
        _ => Err(type_error(&input, "cannot be parsed as a number")),
    }
}

fn to_boolean(input: &Value) -> Result {
    match input {
        Value::Bool(truth) => Ok(Value::Bool(*truth)),
        Value::Str(text) if text == "true" => Ok(Value::Bool(true)),
        Value::Str(text) if text == "false" => Ok(Value::Bool(false)),
        _ => Err(type_error(input, "cannot be parsed as a boolean")),
    }
}

fn from_json(input: &Value) -> Result {
    let Some(text) = input.as_str() else { return Err(type_error(input, "only strings can be parsed")) };
    let failed = |message: String| error(format!("{message} (while parsing '{text}')"));
    let mut values = json::parse_text(text.as_bytes()).map_err(failed)?;
    match values.len() {
        0 => Ok(Value::Null),
        1 => Ok(values.swap_remove(0)),
        _ => Err(failed("Unexpected extra JSON values".into())),
    }
}

fn byte_length(input: &Value) -> Result {
    match input.as_str() {
        Some(text) => Ok(Value::count(text.len())),
        None => Err(type_error(input, "only strings have UTF-8 byte length")),
    }
}

fn explode(input: &Value) -> Result {
    let Some(text) = input.as_str() else { return Err(error("explode input must be a string")) };
    Ok(Value::array(text.chars().map(|c| Value::Num(u32::from(c).into())).collect()))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts of doubles saturate")]
fn implode(input: &Value) -> Result {
    let Some(codes) = input.as_array() else { return Err(error("implode input must be an array")) };
    let mut text = EcoString::with_capacity(codes.len());
    for code in codes {
        let Some(number) = code.as_number().filter(|number| !number.is_nan()) else {
            return Err(error(format!("{} can't be imploded, unicode codepoint needs to be numeric", described(code))));
        };
        text.push(if number < 0.0 { '\u{fffd}' } else { char::from_u32(number as u32).unwrap_or('\u{fffd}') });
    }
    Ok(Value::Str(text))
}

fn split_by(input: &Value, separator: &Value) -> Result {
    match (input, separator) {
        (Value::Str(text), Value::Str(separator)) => Ok(split(text, separator)),
        _ => Err(error("split input and separator must be strings")),
    }
}

/// The parts of a text between separators; its characters when that is empty.
pub(super) fn split(text: &str, separator: &str) -> Value {
    let part = |part: &str| Value::string(part);
    Value::array(match (text, separator) {
        ("", _) => Vec::new(),
        (_, "") => text.chars().map(|c| part(c.encode_utf8(&mut [0; 4]))).collect(),
        _ => text.split(separator).map(part).collect(),
    })
}

fn join(input: &Value, separator: &Value) -> Result {
    let items: Vec<&Value> = match input {
        Value::Arr(items) => items.iter().collect(),
        Value::Obj(map) => map.iter().map(|(_, value)| value).collect(),
        other => return Err(error(format!("Cannot iterate over {}", described(other)))),
    };
    let mut joined = Value::Null;
    for item in items {
        joined = match joined {
            Value::Null => Value::string(""),
            joined => super::arith::add(joined, separator.clone())?,
        };
        let item = match item {
            Value::Null => Value::string(""),
            Value::Bool(_) | Value::Num(_) | Value::Literal(_) => to_string(item.clone()),
            item => item.clone(),
        };
        joined = super::arith::add(joined, item)?;
    }
    Ok(if matches!(joined, Value::Null) { Value::string("") } else { joined })
}

fn change_case(input: &Value, change: fn(&str) -> String) -> Result {
    match input.as_str() {
        Some(text) => Ok(Value::string(change(text))),
        None => Err(error("explode input must be a string")),
    }
}

fn strings<'a>(a: &'a Value, b: &'a Value, name: &str) -> std::result::Result<(&'a str, &'a str), Failure> {
    let both = a.as_str().zip(b.as_str());
    both.ok_or_else(|| error(format!("{name}() requires string inputs")))
}

fn starts(input: &Value, start: &Value) -> Result {
    strings(input, start, "startswith").map(|(text, start)| Value::Bool(text.starts_with(start)))
}

fn ends(input: &Value, end: &Value) -> Result {
    strings(input, end, "endswith").map(|(text, end)| Value::Bool(text.ends_with(end)))
}

fn trim_text(input: Value, unwanted: &Value, left: bool, right: bool) -> Value {
    let (Some(text), Some(unwanted)) = (input.as_str(), unwanted.as_str()) else { return input };
    let mut rest = text;
    if left {
        rest = rest.strip_prefix(unwanted).unwrap_or(rest);
    }
    if right {
        rest = rest.strip_suffix(unwanted).unwrap_or(rest);
    }
    Value::string(rest)
}

fn trim(input: &Value, cut: fn(&str) -> &str) -> Result {
    match input.as_str() {
        Some(text) => Ok(Value::string(cut(text))),
        None => Err(error("trim input must be a string")),
    }
}

fn string_indices(input: &Value, wanted: &Value) -> Result {
    match (input, wanted) {
        (Value::Str(text), Value::Str(wanted)) => Ok(positions(text, wanted)),
        (Value::Str(_), _) => Err(type_error(wanted, "is not a string")),
        _ => Err(type_error(input, "cannot be searched, as it is not a string")),
    }
}

/// Where a text occurs in another, in characters; occurrences may overlap.
pub(super) fn positions(text: &str, wanted: &str) -> Value {
    if wanted.is_empty() {
        return Value::array(Vec::new());
    }
    let mut found = Vec::new();
    let (mut from, mut chars_before, mut counted) = (0, 0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(wanted)) {
        let at = from + at;
        chars_before += text.get(counted..at).unwrap_or_default().chars().count();
        counted = at;
        found.push(Value::count(chars_before));
        from = at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    }
    Value::array(found)
}
