//! `@name`: values as text for other languages.

use std::fmt::Write;

use super::text::to_string;
use super::{Native, Result, take};
use crate::json;
use crate::message::{error, type_error};
use crate::value::Value;

pub(super) const NATIVES: &[Native] =
    &[Native { name: "format", arity: 1, run: |_, input, args| format(&take(args, 0), input) }];

fn format(name: &Value, input: Value) -> Result {
    let Some(name) = name.as_str() else { return Err(type_error(name, "is not a valid format")) };
    match name {
        "text" => Ok(to_string(input)),
        "json" => Ok(Value::string(json::compact(&input))),
        "csv" => row(&input, "csv", ",", csv_field),
        "tsv" => row(&input, "tsv", "\t", tsv_field),
        "html" => Ok(escaped(input, |c, out| match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        })),
        "uri" => Ok(escaped(input, |c, out| {
            if c.is_ascii_alphanumeric() || "-_.~".contains(c) {
                out.push(c);
            } else {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Infallible: a String takes everything.
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        })),
        "urid" => decode_uri(input),
        "sh" => shell(&input),
        "base64" => Ok(Value::string(encode(&text_of(input), BASE64, 6))),
        "base64d" => decode64(input),
        "base32" => Ok(Value::string(encode(&text_of(input), BASE32, 5))),
        "base32d" => decode32(input),
        _ => Err(error(format!("{name} is not a valid format"))),
    }
}

fn text_of(input: Value) -> String {
    to_string(input).as_str().unwrap_or_default().to_owned()
}

fn escaped(input: Value, escape: fn(char, &mut String)) -> Value {
    let text = text_of(input);
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| escape(c, &mut out));
    Value::string(out)
}

fn row(input: &Value, name: &str, separator: &str, field: fn(&str) -> String) -> Result {
    let Some(items) = input.as_array() else {
        return Err(type_error(input, &format!("cannot be {name}-formatted, only array")));
    };
    let mut fields = Vec::with_capacity(items.len());
    for item in items {
        fields.push(match item {
            Value::Null => String::new(),
            Value::Bool(_) | Value::Num(_) | Value::Literal(_) => match item.as_number() {
                Some(number) if number.is_nan() => String::new(),
                _ => json::compact(item),
            },
            Value::Str(text) => field(text),
            Value::Arr(_) | Value::Obj(_) => return Err(type_error(item, &format!("is not valid in a {name} row"))),
        });
    }
    Ok(Value::string(fields.join(separator)))
}

fn csv_field(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn tsv_field(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn shell(input: &Value) -> Result {
    let items = input.as_array().unwrap_or(std::slice::from_ref(input));
    let mut words = Vec::with_capacity(items.len());
    for item in items {
        words.push(match item {
            Value::Arr(_) | Value::Obj(_) => return Err(type_error(item, "can not be escaped for shell")),
            Value::Str(text) => format!("'{}'", text.as_str().replace('\'', "'\\''")),
            other => json::compact(other),
        });
    }
    Ok(Value::string(words.join(" ")))
}

fn decode_uri(input: Value) -> Result {
    let text = text_of(input);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        if *first == b'%' {
            let digits = others.get(..2).and_then(|digits| str::from_utf8(digits).ok());
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let Some(byte) = byte else {
                return Err(type_error(&Value::string(text.as_str()), "is not a valid uri encoding"));
            };
            bytes.push(byte);
            rest = &others[2..];
        } else {
            bytes.push(*first);
        }
    }
    match String::from_utf8(bytes) {
        Ok(decoded) => Ok(Value::string(decoded)),
        Err(_) => Err(type_error(&Value::string(text), "is not a valid uri encoding")),
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Digits of so many bits each, padded to whole groups.
fn encode(text: &str, digits: &[u8], bits: usize) -> String {
    let (group_bytes, group_digits) = if bits == 6 { (3, 4) } else { (5, 8) };
    let mut out = String::with_capacity(text.len() / group_bytes * group_digits + group_digits);
    for group in text.as_bytes().chunks(group_bytes) {
        let mut word = group.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        word <<= 8 * (group_bytes - group.len());
        let used = (group.len() * 8).div_ceil(bits);
        for at in 0..group_digits {
            let digit = usize::try_from(word >> (bits * (group_digits - 1 - at))).unwrap_or(0) & (digits.len() - 1);
            out.push(if at < used { char::from(digits[digit]) } else { '=' });
        }
    }
    out
}

/// The bytes of digits; what is left of an unfinished byte is dropped. Nothing when a character is no digit.
fn decode(text: &str, digits: &[u8], bits: u32) -> Option<Vec<u8>> {
    let (mut bytes, mut word, mut held) = (Vec::with_capacity(text.len()), 0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = digits.iter().position(|digit| *digit == byte)?;
        word = (word << bits) | u32::try_from(digit).unwrap_or(0);
        held += bits;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((word >> held) & 0xff).unwrap_or(0));
        }
    }
    Some(bytes)
}

fn decode64(input: Value) -> Result {
    let text = text_of(input);
    if text.trim_end_matches('=').len() % 4 == 1 && text.len() > 1 {
        return Err(type_error(&Value::string(text), "trailing base64 byte found"));
    }
    let bytes = decode(&text, BASE64, 6).filter(|bytes| !bytes.is_empty() || text.trim_end_matches('=').is_empty());
    match bytes {
        Some(bytes) => Ok(Value::string(String::from_utf8_lossy(&bytes))),
        None => Err(type_error(&Value::string(text), "is not valid base64 data")),
    }
}

fn decode32(input: Value) -> Result {
    let text = text_of(input);
    match decode(&text, BASE32, 5) {
        Some(bytes) => Ok(Value::string(String::from_utf8_lossy(&bytes))),
        None => Err(type_error(&Value::string(text), "is not valid base32 data")),
    }
}
