//! Values as YAML in block style.

use crate::json;
use crate::value::Value;

/// Deeper values are written as JSON on one line.
const DEPTH_MAX: usize = 1_000;

/// Writes a document's content, each line ended.
pub(super) fn document(value: &Value, indent: usize, raw: bool, out: &mut String) {
    match value {
        Value::Str(text) if raw => {
            out.push_str(text);
            if !text.ends_with('\n') || text.is_empty() {
                out.push('\n');
            }
        }
        _ => node(value, indent, 0, out),
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Arr(items) => !items.is_empty(),
        Value::Obj(map) => !map.is_empty(),
        _ => false,
    }
}

/// A value at the start of a line, or after `- `.
fn node(value: &Value, indent: usize, depth: usize, out: &mut String) {
    match value {
        Value::Arr(items) if is_block(value) && depth < DEPTH_MAX => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    pad(depth * indent, out);
                }
                out.push('-');
                pad(indent.max(2) - 1, out);
                node(item, indent, depth + 1, out);
            }
        }
        Value::Obj(map) if is_block(value) && depth < DEPTH_MAX => {
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    pad(depth * indent, out);
                }
                scalar(&Value::Str(key.clone()), usize::MAX, out);
                out.push(':');
                if is_block(value) {
                    out.push('\n');
                    pad((depth + 1) * indent, out);
                    node(value, indent, depth + 1, out);
                } else {
                    out.push(' ');
                    scalar(value, (depth + 1) * indent, out);
                    out.push('\n');
                }
            }
        }
        _ => {
            scalar(value, depth.max(1) * indent, out);
            out.push('\n');
        }
    }
}

fn pad(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// What fits on the line of its key; lines of a long text go below, indented by `column` (none for keys).
fn scalar(value: &Value, column: usize, out: &mut String) {
    match value {
        Value::Str(text) if is_plain(text) => out.push_str(text),
        Value::Str(text) if text.contains('\n') && column != usize::MAX && is_literal(text) => {
            let body = text.trim_end_matches('\n');
            let ends = text.len() - body.len();
            out.push('|');
            if body.starts_with([' ', '\n']) {
                out.push('2');
            }
            out.push_str(match ends {
                0 => "-",
                1 => "",
                _ => "+",
            });
            for line in body.split('\n') {
                out.push('\n');
                if !line.is_empty() {
                    pad(column, out);
                    out.push_str(line);
                }
            }
            out.extend(std::iter::repeat_n('\n', ends.saturating_sub(1)));
        }
        Value::Num(number) if number.is_nan() => out.push_str(".nan"),
        Value::Num(number) if number.is_infinite() => out.push_str(if *number > 0.0 { ".inf" } else { "-.inf" }),
        other => out.push_str(&json::compact(other)),
    }
}

/// Whether a text with several lines may stand as a literal block.
fn is_literal(text: &str) -> bool {
    !text.trim_matches('\n').is_empty() && text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control())
}

/// Words and forms that YAML readers take for something else than text.
fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", ".nan", ".inf", "-.inf"];
    let first = text.chars().next().unwrap_or(' ');
    let second = text.chars().nth(1).unwrap_or(' ');
    let starts_well = match first {
        '-' | '?' | ':' => second != ' ',
        ' ' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => false,
        _ => true,
    };
    let number_like = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && (text.replace('_', "").parse::<f64>().is_ok() || text.starts_with("0x") || text.starts_with("0o"));
    starts_well
        && !number_like
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text != "<<"
        && text != "---"
        && text != "..."
        && !text.chars().any(|c| c.is_control() || c == '\u{feff}')
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
