//! Matching regular expressions, in the syntax of Oniguruma as far as `fancy-regex` shares it.

use std::rc::Rc;

use fancy_regex::{Regex, RegexBuilder};

use super::{Context, Native, Result, take};
use crate::message::{Failure, error, type_error};
use crate::value::{Map, Value};

pub(super) const NATIVES: &[Native] = &[Native {
    name: "_match",
    arity: 3,
    run: |context, input, args| {
        let (pattern, flags, test) = (take(args, 0), take(args, 1), take(args, 2).is_true());
        run(context, &input, &pattern, &flags, test)
    },
}];

/// Compiled expressions that are kept; programs with more go round.
const KEPT_MAX: usize = 64;
/// Steps of backtracking before a match is given up: a second or so.
const STEPS_MAX: usize = 10_000_000;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Compiled {
    pattern: String,
    flags: String,
    regex: Regex,
    names: Vec<Option<String>>,
}

fn run(context: &mut Context, input: &Value, pattern: &Value, flags: &Value, test: bool) -> Result {
    let Some(text) = input.as_str() else {
        return Err(type_error(input, "cannot be matched, as it is not a string"));
    };
    let Some(pattern) = pattern.as_str() else { return Err(type_error(pattern, "is not a string")) };
    let flags = match flags {
        Value::Null => "",
        Value::Str(flags) => flags,
        other => return Err(type_error(other, "is not a string")),
    };
    let compiled = context.regexes.iter().find(|known| known.pattern == pattern && known.flags == flags).cloned();
    let compiled = match compiled {
        Some(compiled) => compiled,
        None => {
            let compiled = Rc::new(compile(pattern, flags)?);
            if context.regexes.len() >= KEPT_MAX {
                context.regexes.remove(0);
            }
            context.regexes.push(Rc::clone(&compiled));
            compiled
        }
    };
    matches(&compiled, text, test)
}

fn compile(pattern: &str, flags: &str) -> std::result::Result<Compiled, Failure> {
    if flags.chars().any(|flag| !"gixsnpl".contains(flag)) {
        return Err(error(format!("{flags} is not a valid modifier string")));
    }
    let has = |flag: char| flags.contains(flag);
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(has('i'))
        .ignore_whitespace(has('x'))
        .dot_matches_new_line(has('p'))
        .multi_line(!has('s') && !has('p'))
        .backtrack_limit(STEPS_MAX)
        .build()
        .map_err(|failure| error(format!("{pattern} (at offset 0) is not a valid regex: {failure}")))?;
    let names = regex.capture_names().map(|name| name.map(str::to_owned)).collect();
    Ok(Compiled { pattern: pattern.to_owned(), flags: flags.to_owned(), regex, names })
}

/// Counts characters up to byte offsets that grow.
struct Counter<'a> {
    text: &'a str,
    byte: usize,
    chars: usize,
}

impl Counter<'_> {
    fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.chars) = (0, 0);
        }
        self.chars += self.text.get(self.byte..byte).unwrap_or_default().chars().count();
        self.byte = byte;
        self.chars
    }
}

fn matches(compiled: &Compiled, text: &str, test: bool) -> Result {
    let global = compiled.flags.contains('g');
    let skip_empty = compiled.flags.contains('n');
    let mut counter = Counter { text, byte: 0, chars: 0 };
    let mut found = Vec::new();
    let mut from = 0;
    while from <= text.len() {
        let captures = compiled.regex.captures_from_pos(text, from);
        let captures = captures.map_err(|failure| error(format!("Regex failure: {failure}")))?;
        let Some(captures) = captures else { break };
        let Some(whole) = captures.get(0) else { break };
        let empty = whole.start() == whole.end();
        from = if empty {
            whole.end() + text.get(whole.end()..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        } else {
            whole.end()
        };
        if empty && skip_empty {
            continue;
        }
        if test {
            return Ok(Value::Bool(true));
        }
        let groups = compiled.names.iter().enumerate().skip(1);
        let captured = groups.map(|(at, name)| capture(captures.get(at), name.as_deref(), &mut counter)).collect();
        let mut object = place(&whole, &mut counter);
        object.insert("captures".into(), Value::array(captured));
        found.push(Value::object(object));
        if !global {
            break;
        }
    }
    Ok(if test { Value::Bool(false) } else { Value::array(found) })
}

fn place(found: &fancy_regex::Match<'_>, counter: &mut Counter<'_>) -> Map {
    Map::from_iter([
        ("offset".into(), Value::count(counter.at(found.start()))),
        ("length".into(), Value::count(found.as_str().chars().count())),
        ("string".into(), Value::string(found.as_str())),
    ])
}

fn capture(found: Option<fancy_regex::Match<'_>>, name: Option<&str>, counter: &mut Counter<'_>) -> Value {
    let mut object = match found {
        Some(found) => place(&found, counter),
        None => Map::from_iter([
            ("offset".into(), Value::Num(-1.0)),
            ("string".into(), Value::Null),
            ("length".into(), Value::Num(0.0)),
        ]),
    };
    object.insert("name".into(), name.map_or(Value::Null, Value::string));
    Value::object(object)
}
