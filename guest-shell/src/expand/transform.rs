//! `${x@operator}`.

use super::param::Values;
use super::text::{map_chars, to_lower, to_upper, upper};
use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::tree::Of;
use crate::vars::{Name, Value, Var, quote_array, quote_declared, quote_key, quote_single};

impl Shell {
    pub(super) fn transform(&mut self, values: Values, of: &Of, letter: u8) -> Flow<Values> {
        match letter {
            b'a' => return Ok(self.attributes(values, of)),
            b'A' => return Ok(self.assignments(values, of)),
            b'K' | b'k' => {
                if let Values::Many(list, joined) = values {
                    return Ok(self.pairs(list, joined, of, letter == b'K'));
                }
                return self.map(values, |_, text| quote_single(&text));
            }
            _ => {}
        }
        let mut failed = None;
        let values = self.map(values, |shell, text| match letter {
            b'Q' => quote_single(&text),
            b'E' => super::escape::decode(&text),
            b'U' => to_upper(&text),
            b'L' => to_lower(&text),
            b'u' => map_chars(&text, |first, c| if first { upper(c) } else { c }),
            b'P' => shell.expand_prompt(&text).unwrap_or_else(|unwind: Unwind| {
                failed = Some(unwind);
                Vec::new()
            }),
            _ => text,
        })?;
        failed.map_or(Ok(values), Err)
    }

    /// The variable a parameter is (part) of.
    fn variable_of(&self, of: &Of) -> Option<(Name, Var)> {
        let (Of::Var(name) | Of::Element(name, _) | Of::All(name, _)) = of else { return None };
        let target = self.referred(*name).ok()?;
        self.variable(target).map(|var| (target, var.into_owned()))
    }

    /// `@a`: the letters of the attributes, once for every element.
    fn attributes(&self, values: Values, of: &Of) -> Values {
        let Some((_, var)) = self.variable_of(of) else {
            return match values {
                Values::Unset => Values::Unset,
                Values::One(_) => Values::One(Vec::new()),
                Values::Many(list, joined) => Values::Many(vec![Vec::new(); list.len()], joined),
            };
        };
        let letters = var.letters().into_bytes();
        match values {
            Values::Many(list, joined) => Values::Many(vec![letters; list.len()], joined),
            _ => Values::One(letters),
        }
    }

    /// `@A`: an assignment or `declare` command that makes the variable again.
    fn assignments(&self, values: Values, of: &Of) -> Values {
        if let (Of::Arguments(_), Values::Many(list, joined)) = (of, &values) {
            let quoted: Vec<Vec<u8>> = list.iter().map(|text| quote_single(text)).collect();
            let text = [b"set -- ".as_slice(), &quoted.join(&b' ')].concat();
            return Values::Many(vec![text], *joined);
        }
        let Some((name, var)) = self.variable_of(of) else {
            return if values == Values::Unset { Values::Unset } else { Values::One(Vec::new()) };
        };
        let letters = var.letters();
        if letters.is_empty() && !var.is_set() {
            return Values::Unset;
        }
        let mut text = match letters.as_str() {
            "" => Vec::new(),
            letters => format!("declare -{letters} ").into_bytes(),
        };
        text.extend_from_slice(name.bytes());
        match (of, values) {
            (Of::All(..), Values::Many(_, joined)) => {
                let value = match &var.value {
                    Value::Scalar(text) => quote_single(text),
                    array => quote_array(array),
                };
                if var.is_set() {
                    text.push(b'=');
                    text.extend(value);
                }
                Values::Many(vec![text], joined)
            }
            (_, Values::One(value)) => {
                text.push(b'=');
                text.extend(quote_single(&value));
                Values::One(text)
            }
            (_, values) if var.attrs.is_none() && !var.is_array() => values,
            _ => Values::One(text),
        }
    }

    /// `@K` (one text, quoted) and `@k` (words) of keys and values.
    fn pairs(&self, list: Vec<Vec<u8>>, joined: crate::tree::Joined, of: &Of, quoted: bool) -> Values {
        let Some((_, var)) = self.variable_of(of) else {
            return Values::Many(list.iter().map(|text| quote_single(text)).collect(), joined);
        };
        let keys = var.keys();
        if !quoted {
            let pairs = keys.into_iter().zip(list).flat_map(|(key, text)| [key, text]);
            return Values::Many(pairs.collect(), joined);
        }
        let mut out = Vec::new();
        for (i, (key, text)) in keys.iter().zip(&list).enumerate() {
            if i > 0 {
                out.push(b' ');
            }
            out.extend(quote_key(key));
            out.push(b' ');
            out.extend(quote_declared(text));
        }
        if matches!(var.value, Value::Assoc(_)) && !list.is_empty() {
            out.push(b' ');
        }
        Values::Many(vec![out], joined)
    }
}
