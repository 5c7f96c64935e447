//! Values as JSON text: compact or indented, ASCII or not, sorted or not, coloured or not.

use std::fmt::Write;

use crate::value::{Value, format_number};

/// Containers nested deeper than this are not printed.
const DEPTH_MAX: usize = 10_000;

/// The colours of the kinds of values: null, false, true, numbers, strings, arrays, objects, object keys.
pub(crate) type Colors = [String; 8];

const COLOR_OFF: &str = "\x1b[0m";

/// How text is laid out. Any value is fine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// What one level is indented by; nothing for compact text.
    pub(crate) indent: Option<String>,
    pub(crate) sort_keys: bool,
    pub(crate) ascii: bool,
    pub(crate) colors: Option<Box<Colors>>,
}

/// A value as compact JSON.
pub(crate) fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(value, &Layout::default(), &mut out);
    out
}

/// Writes a value.
pub(crate) fn write(value: &Value, layout: &Layout, out: &mut String) {
    Writer { layout, out }.value(value, 0);
}

/// Writes a string's quoted form.
pub(crate) fn escape(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f && (byte < 0x80 || !ascii) {
            continue;
        }
        if byte >= 0x80 && !text.is_char_boundary(at) {
            plain = at + 1;
            continue;
        }
        out.push_str(text.get(plain..at).unwrap_or_default());
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            _ => {
                let mut units = [0; 2];
                let c = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}');
                for unit in c.encode_utf16(&mut units) {
                    // Infallible: a String takes everything.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}

struct Writer<'a> {
    layout: &'a Layout,
    out: &'a mut String,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        if depth > DEPTH_MAX {
            self.out.push_str("<skipped: too deep>");
            return;
        }
        match value {
            Value::Arr(items) => self.array(items, depth),
            Value::Obj(map) => {
                if self.layout.sort_keys {
                    let sorted = map.sorted();
                    self.object(sorted.len(), sorted.into_iter(), depth);
                } else {
                    self.object(map.len(), map.iter(), depth);
                }
            }
            _ => {
                let color = self.color(scalar_color(value));
                self.out.push_str(&color);
                self.scalar(value);
                self.end(&color);
            }
        }
    }

    fn scalar(&mut self, value: &Value) {
        match value {
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Num(number) => format_number(*number, self.out),
            Value::Literal(literal) => self.out.push_str(&literal.text()),
            Value::Str(text) => escape(text, self.layout.ascii, self.out),
            Value::Null | Value::Arr(_) | Value::Obj(_) => self.out.push_str("null"),
        }
    }

    /// The start of a colour; empty without colours.
    fn color(&self, kind: usize) -> String {
        self.layout.colors.as_ref().and_then(|colors| colors.get(kind)).cloned().unwrap_or_default()
    }

    fn end(&mut self, color: &str) {
        if !color.is_empty() {
            self.out.push_str(COLOR_OFF);
        }
    }

    fn line(&mut self, depth: usize) {
        if let Some(indent) = &self.layout.indent {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str(indent);
            }
        }
    }

    /// Before the closing mark.
    fn close(&mut self, empty: bool, color: &str, depth: usize) {
        if !empty {
            self.out.push_str(color);
            self.line(depth);
            self.out.push_str(color);
        }
    }

    fn array(&mut self, items: &[Value], depth: usize) {
        let color = self.color(5);
        self.out.push_str(&color);
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push_str(&color);
                self.out.push(',');
            }
            self.line(depth + 1);
            self.value(item, depth + 1);
        }
        self.close(items.is_empty(), &color, depth);
        self.out.push(']');
        self.end(&color);
    }

    fn object<'v>(&mut self, count: usize, members: impl Iterator<Item = &'v (ecow::EcoString, Value)>, depth: usize) {
        let (color, key_color) = (self.color(6), self.color(7));
        self.out.push_str(&color);
        self.out.push('{');
        for (at, (key, value)) in members.enumerate() {
            if at > 0 {
                self.out.push_str(&color);
                self.out.push(',');
            }
            self.line(depth + 1);
            self.end(&color);
            self.out.push_str(&key_color);
            escape(key, self.layout.ascii, self.out);
            self.end(&key_color);
            self.out.push_str(&color);
            self.out.push(':');
            if self.layout.indent.is_some() {
                self.out.push(' ');
            }
            self.end(&color);
            self.value(value, depth + 1);
        }
        self.close(count == 0, &color, depth);
        self.out.push('}');
        self.end(&color);
    }
}

fn scalar_color(value: &Value) -> usize {
    match value {
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Num(_) | Value::Literal(_) => 3,
        Value::Str(_) => 4,
        Value::Null | Value::Arr(_) | Value::Obj(_) => 0,
    }
}
