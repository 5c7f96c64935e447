//! The operators of `${x...}` that make a new text of a value: slices, trims, replacements, cases.

use std::rc::Rc;

use super::fields::{Field, Fields, Mode};
use super::param::Values;
use super::text::{char_len, count_chars, first_char, lower, offset_of, upper};
use super::word::{Place, WORD_MAX_BYTES};
use crate::flow::{Flow, Unwind};
use crate::options::ShellOption;
use crate::pattern::Matcher;
use crate::shell::Shell;
use crate::tree::{Arith, CaseChange, Joined, Of, ParamOp, Pattern, ReplaceScope, Word};
use crate::vars::{Value, VarError};

impl Shell {
    /// Applies the operator to a value and pushes the result.
    pub(super) fn apply(&mut self, values: Values, of: &Of, op: &ParamOp, place: Place, fields: &mut Fields) -> Flow {
        let values = match op {
            ParamOp::Slice { offset, length } => self.slice(values, of, offset, length.as_ref())?,
            ParamOp::Trim { suffix, longest, pattern } => {
                if values == Values::Unset {
                    Values::Unset
                } else {
                    let matcher = self.expand_pattern_for(pattern, false)?;
                    self.map(values, |_, text| trim(text, &matcher, *suffix, *longest))?
                }
            }
            ParamOp::Replace { scope, pattern, with } => self.replace(values, *scope, pattern, with.as_ref())?,
            ParamOp::Case { change, all, pattern } => {
                let matcher = match pattern {
                    Some(pattern) => Some(self.expand_pattern_for(pattern, false)?),
                    None => None,
                };
                self.map(values, |_, text| change_case(&text, *change, *all, matcher.as_deref()))?
            }
            ParamOp::Transform(letter) => self.transform(values, of, *letter)?,
            _ => values,
        };
        let made = match op {
            ParamOp::Slice { .. } => place.quoted,
            ParamOp::Trim { .. } | ParamOp::Replace { .. } | ParamOp::Case { .. } | ParamOp::Transform(_) => true,
            _ => false,
        };
        let values = if made { assigned(values, fields) } else { values };
        self.push_values(values, place, fields);
        Ok(())
    }

    /// Applies a function to every text.
    pub(super) fn map(&mut self, values: Values, mut map: impl FnMut(&mut Shell, Vec<u8>) -> Vec<u8>) -> Flow<Values> {
        Ok(match values {
            Values::Unset => Values::Unset,
            Values::One(text) => Values::One(map(self, text)),
            Values::Many(list, joined) => {
                let mut out = Vec::with_capacity(list.len());
                for text in list {
                    self.tick()?;
                    out.push(map(self, text));
                }
                Values::Many(out, joined)
            }
        })
    }

    // Slices.

    fn slice(&mut self, values: Values, of: &Of, offset: &Arith, length: Option<&Arith>) -> Flow<Values> {
        if values == Values::Unset {
            return Ok(Values::Unset);
        }
        let offset = self.evaluate_bound(of, offset)?;
        let shown = length;
        let length = match length {
            Some(length) => Some(self.evaluate_bound(of, length)?),
            None => None,
        };
        let sliced = self.slice_values(values, of, offset, length);
        sliced.ok_or_else(|| self.negative_slice(shown))
    }

    /// An offset or a length; a wrong one is told with the parameter it is for.
    fn evaluate_bound(&mut self, of: &Of, bound: &Arith) -> Flow<i64> {
        self.try_evaluate(bound).map_err(|error| match error {
            VarError::Expression(text) => {
                let name = self.describe(of);
                let name = name.strip_prefix(b"$").unwrap_or(&name);
                self.fail(&VarError::Expression([name, b": ", &text].concat()))
            }
            error => self.fail(&error),
        })
    }

    /// `None`: the length asks for less than nothing.
    fn slice_values(&mut self, values: Values, of: &Of, offset: i64, length: Option<i64>) -> Option<Values> {
        match (values, of) {
            (Values::One(text), _) => self.slice_text(text, offset, length),
            (Values::Many(list, joined), Of::Arguments(_)) => {
                let mut all = vec![self.name.to_vec()];
                all.extend(list);
                // Counted from the end, `$0` is one before `$1`.
                self.slice_list(all, joined, offset, length)
            }
            (Values::Many(list, joined), Of::All(name, _)) => {
                let name = *name;
                let sparse = self.variable(name).and_then(|var| match &var.value {
                    Value::Indexed(array) => Some((array.end(), array.iter().map(|(index, _)| index).collect())),
                    _ => None,
                });
                match sparse {
                    Some((end, indices)) => self.slice_array(list, joined, (end, indices), offset, length),
                    // The elements of an associative array count from 1, and so does the first offset.
                    None => self.slice_list(list, joined, if offset > 0 { offset - 1 } else { offset }, length),
                }
            }
            (values, _) => Some(values),
        }
    }

    fn slice_text(&mut self, mut text: Vec<u8>, offset: i64, length: Option<i64>) -> Option<Values> {
        let count = to_i64(count_chars(&text));
        let start = if offset < 0 { offset.saturating_add(count) } else { offset };
        if start < 0 || start > count {
            return Some(Values::One(Vec::new()));
        }
        let end = match length {
            None => count,
            Some(length) if length < 0 => {
                let end = count.saturating_add(length);
                if end < start {
                    return None;
                }
                end
            }
            Some(length) => start.saturating_add(length).min(count),
        };
        let from = offset_of(&text, to_usize(start));
        let to = from + offset_of(&text[from..], to_usize(end - start));
        text.truncate(to);
        text.drain(..from);
        Some(Values::One(text))
    }

    fn slice_list(&mut self, list: Vec<Vec<u8>>, joined: Joined, offset: i64, length: Option<i64>) -> Option<Values> {
        let indices = (0..list.len() as u64).collect();
        let end = list.len() as u64;
        self.slice_array(list, joined, (end, indices), offset, length)
    }

    /// Elements whose index is not below the offset; `indices` go with the list and end before `end`.
    fn slice_array(
        &mut self,
        list: Vec<Vec<u8>>,
        joined: Joined,
        (end, indices): (u64, Vec<u64>),
        offset: i64,
        length: Option<i64>,
    ) -> Option<Values> {
        let end = i64::try_from(end).unwrap_or(i64::MAX);
        let start = if offset < 0 { offset.saturating_add(end) } else { offset };
        if start > end {
            return Some(Values::Many(Vec::new(), joined));
        }
        if length.is_some_and(|length| length < 0) {
            return None;
        }
        let Ok(start) = u64::try_from(start) else { return Some(Values::Many(Vec::new(), joined)) };
        let most = length.map_or(usize::MAX, to_usize);
        let skip = indices.partition_point(|index| *index < start);
        Some(Values::Many(list.into_iter().skip(skip).take(most).collect(), joined))
    }

    fn negative_slice(&mut self, length: Option<&Arith>) -> Unwind {
        let shown = length.map(|length| length.word.source()).unwrap_or_default();
        self.report(&[&shown, b": substring expression < 0".as_slice()].concat());
        Unwind::Discard(1)
    }

    // Replacements.

    fn replace(&mut self, values: Values, scope: ReplaceScope, pattern: &Pattern, with: Option<&Word>) -> Flow<Values> {
        if values == Values::Unset {
            return Ok(Values::Unset);
        }
        let fold = self.is_shopt(ShellOption::NoCaseMatch);
        let matcher = self.expand_pattern_for(pattern, fold)?;
        let with = match with {
            Some(word) => {
                let field = self.expand_marked(word)?;
                Replacement::new(field, self.is_shopt(ShellOption::PatsubReplacement))
            }
            None => Replacement::Text(Vec::new()),
        };
        let mut too_large = None;
        let values = self.map(values, |shell, text| {
            replace(shell, &text, scope, &matcher, &with).unwrap_or_else(|unwind| {
                too_large = Some(unwind);
                Vec::new()
            })
        })?;
        too_large.map_or(Ok(values), Err)
    }

    /// Compiles the pattern of an operator.
    fn expand_pattern_for(&mut self, pattern: &Pattern, fold: bool) -> Flow<Rc<Matcher>> {
        self.compile_pattern(pattern, fold)
    }
}

/// A list that an operator made, as the place wants it: a value that is assigned takes it joined by IFS.
pub(super) fn assigned(values: Values, fields: &Fields) -> Values {
    match values {
        Values::Many(list, Joined::At) if fields.mode == Mode::Value && !fields.ifs().is_empty() => {
            Values::Many(list, Joined::Star)
        }
        other => other,
    }
}

fn to_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn to_usize(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}

fn trim(mut text: Vec<u8>, matcher: &Matcher, suffix: bool, longest: bool) -> Vec<u8> {
    if suffix {
        if let Some(start) = matcher.suffix(&text, longest) {
            text.truncate(start);
        }
    } else if let Some(end) = matcher.prefix_at(&text, 0, longest) {
        text.drain(..end);
    }
    text
}

/// What matches are replaced by.
enum Replacement {
    /// A text as it stands.
    Text(Vec<u8>),
    /// Texts with the match between each two of them.
    Parts(Vec<Vec<u8>>),
}

impl Replacement {
    /// With `references`, an unquoted `&` stands for the match; then a backslash before `&` or itself goes.
    fn new(field: Field, references: bool) -> Replacement {
        if !references {
            return Replacement::Text(field.text);
        }
        let mut parts = vec![Vec::new()];
        let mut escaped = false;
        let mut at = 0;
        while let Some(byte) = field.text.get(at) {
            let quoted = field.is_quoted(at);
            let last = parts.len() - 1;
            match byte {
                b'&' if !quoted => parts.push(Vec::new()),
                b'\\'
                    if !quoted && matches!(field.text.get(at + 1), Some(b'&' | b'\\')) && !field.is_quoted(at + 1) =>
                {
                    at += 1;
                    escaped |= field.text[at] == b'&';
                    parts[last].push(field.text[at]);
                }
                byte => parts[last].push(*byte),
            }
            at += 1;
        }
        if parts.len() == 1 && !escaped { Replacement::Text(field.text) } else { Replacement::Parts(parts) }
    }

    fn push(&self, out: &mut Vec<u8>, matched: &[u8]) {
        match self {
            Replacement::Text(text) => out.extend_from_slice(text),
            Replacement::Parts(parts) => out.extend_from_slice(&parts.join(matched)),
        }
    }
}

fn replace(
    shell: &mut Shell,
    text: &[u8],
    scope: ReplaceScope,
    matcher: &Matcher,
    with: &Replacement,
) -> Flow<Vec<u8>> {
    let literal = matcher.literal();
    let wanted = matches!(scope, ReplaceScope::All | ReplaceScope::First);
    let finder = (wanted && !text.is_empty()).then(|| matcher.finder(text));
    let found = match scope {
        ReplaceScope::All | ReplaceScope::First if text.is_empty() && !matcher.starts_with_star() => None,
        ReplaceScope::Prefix if text.is_empty() && literal.is_none() && !matcher.starts_with_star() => None,
        ReplaceScope::Prefix => matcher.prefix_at(text, 0, true).map(|end| (0, end)),
        ReplaceScope::Suffix => matcher.suffix(text, true).map(|start| (start, text.len())),
        // An empty pattern matches nothing, so that `${x//}` leaves `x`.
        _ if literal.is_some_and(<[u8]>::is_empty) => None,
        _ => finder.as_ref().map_or_else(|| matcher.finder(text).find(0), |finder| finder.find(0)),
    };
    let Some((mut start, mut end)) = found else { return Ok(text.to_vec()) };
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    loop {
        out.extend_from_slice(&text[at..start]);
        with.push(&mut out, &text[start..end]);
        at = end;
        if out.len() > WORD_MAX_BYTES {
            return Err(shell.too_large(out.len()));
        }
        if scope != ReplaceScope::All || at >= text.len() {
            break;
        }
        if start == end {
            // After an empty match one character is passed over.
            let len = char_len(&text[at..]);
            out.extend_from_slice(&text[at..at + len]);
            at += len;
        }
        shell.tick()?;
        match finder.as_ref().and_then(|finder| finder.find(at)) {
            Some(next) if at < text.len() => (start, end) = next,
            _ => break,
        }
    }
    out.extend_from_slice(&text[at..]);
    Ok(out)
}

fn change_case(text: &[u8], change: CaseChange, all: bool, matcher: Option<&Matcher>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (found, len) = first_char(rest);
        let (here, after) = rest.split_at(len);
        match found {
            Some(c) if matcher.is_none_or(|matcher| matcher.matches(here)) => {
                let changed = match change {
                    CaseChange::Upper => upper(c),
                    CaseChange::Lower => lower(c),
                    CaseChange::Toggle if c.is_uppercase() => lower(c),
                    CaseChange::Toggle => upper(c),
                };
                out.extend_from_slice(changed.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => out.extend_from_slice(here),
        }
        rest = after;
        if !all {
            out.extend_from_slice(rest);
            break;
        }
    }
    out
}
