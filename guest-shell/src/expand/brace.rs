//! Brace expansion: one word becomes many before anything else is expanded.

use std::borrow::Cow;

use crate::flow::{Flow, Unwind};
use crate::parse::{Tilde, lower_tildes};
use crate::shell::Shell;
use crate::tree::{Braces, Name, Of, Param, Piece};

/// Most words one word may become; more would fill the instance's memory.
const WORDS_MAX: u64 = 2_000_000;

/// Receives the words one by one.
pub(super) type Receive<'f, 'a> = &'f mut dyn FnMut(&mut Shell, &[Cow<'a, Piece>]) -> Flow;

/// What has to be looked at where the parts of a word meet after brace expansion, which works on text: `$x{a,b}` is
/// `$xa $xb`, `~{a,b}` is `~a ~b`.
pub(super) struct Joints {
    tilde: Option<Tilde>,
    bare: bool,
}

impl Joints {
    /// What there is in these pieces; `tilde`: where tildes count.
    pub(super) fn of(pieces: &[Piece], tilde: Tilde) -> Joints {
        let mut found = Joints { tilde: None, bare: false };
        found.look(pieces, tilde);
        found
    }

    fn look(&mut self, pieces: &[Piece], tilde: Tilde) {
        for piece in pieces {
            match piece {
                Piece::Literal(text) if text.contains(&b'~') => self.tilde = Some(tilde),
                Piece::Param(param) => self.bare |= param.bare,
                Piece::Braces(braces) => {
                    if let Braces::Alternatives(list) = &**braces {
                        list.iter().for_each(|pieces| self.look(pieces, tilde));
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether words have to be mended at all.
    pub(super) fn any(&self) -> bool {
        self.bare || self.tilde.is_some()
    }

    /// One word with its parts as they would be read from its text.
    pub(super) fn mend(&self, pieces: &[Cow<'_, Piece>]) -> Vec<Piece> {
        let mut row: Vec<Piece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            // Numbers and letters of a sequence stand for unquoted text.
            let literal = match piece {
                Cow::Owned(Piece::Quoted(text)) | Cow::Owned(Piece::Literal(text)) => Some(text),
                Cow::Borrowed(Piece::Literal(text)) => Some(text),
                _ => None,
            };
            match (literal, row.last_mut()) {
                (Some(text), Some(Piece::Param(param))) if param.bare => {
                    let rest = lengthen(param, text);
                    if !rest.is_empty() {
                        row.push(Piece::Literal(rest.into()));
                    }
                }
                (Some(text), Some(Piece::Literal(before))) => {
                    let joined = [&before[..], &text[..]].concat();
                    *before = joined.into();
                }
                (Some(text), _) => row.push(Piece::Literal(text.clone())),
                (None, _) => row.push((**piece).clone()),
            }
        }
        if let Some(tilde) = self.tilde {
            lower_tildes(&mut row, tilde);
        }
        row
    }
}

/// Moves the name characters at the start of `text` into the name of `$x`; answers what is left.
fn lengthen<'t>(param: &mut Param, text: &'t [u8]) -> &'t [u8] {
    let n = text.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(text.len());
    let (more, rest) = text.split_at(n);
    if let Of::Var(name) = &mut param.of
        && n > 0
    {
        *name = Name::new(&[name.bytes(), more].concat());
    }
    rest
}

impl Shell {
    /// Hands every word that `pieces` stands for to `receive`, leftmost braces varying slowest.
    pub(super) fn expand_braces<'a>(&mut self, pieces: &'a [Piece], receive: Receive<'_, 'a>) -> Flow {
        let count = count(pieces);
        if count > WORDS_MAX {
            self.report(format!("brace expansion: failed to allocate memory for `{count}' elements").as_bytes());
            return Err(Unwind::Discard(1));
        }
        let mut prefix = Vec::new();
        self.expand_rest(&mut prefix, &[pieces], receive)
    }

    /// `prefix` is done; `rest` are rows of pieces still to come, one after another.
    fn expand_rest<'a>(
        &mut self,
        prefix: &mut Vec<Cow<'a, Piece>>,
        rest: &[&'a [Piece]],
        receive: Receive<'_, 'a>,
    ) -> Flow {
        let mark = prefix.len();
        let mut rows = rest.iter();
        while let Some(row) = rows.next() {
            for (i, piece) in row.iter().enumerate() {
                let Piece::Braces(braces) = piece else {
                    prefix.push(Cow::Borrowed(piece));
                    continue;
                };
                let after: Vec<&'a [Piece]> =
                    std::iter::once(&row[i + 1..]).chain(rows.as_slice().iter().copied()).collect();
                let result = self.expand_one(prefix, braces, &after, receive);
                prefix.truncate(mark);
                return result;
            }
        }
        self.tick()?;
        let result = receive(self, prefix);
        prefix.truncate(mark);
        result
    }

    fn expand_one<'a>(
        &mut self,
        prefix: &mut Vec<Cow<'a, Piece>>,
        braces: &'a Braces,
        after: &[&'a [Piece]],
        receive: Receive<'_, 'a>,
    ) -> Flow {
        let mut with = |shell: &mut Shell, prefix: &mut Vec<Cow<'a, Piece>>, text: Vec<u8>| {
            prefix.push(Cow::Owned(Piece::Quoted(text.into())));
            let result = shell.expand_rest(prefix, after, receive);
            prefix.pop();
            result
        };
        match braces {
            Braces::Alternatives(list) => {
                for alternative in list {
                    let mut rest: Vec<&'a [Piece]> = vec![alternative];
                    rest.extend_from_slice(after);
                    let mark = prefix.len();
                    let result = self.expand_rest(prefix, &rest, receive);
                    prefix.truncate(mark);
                    result?;
                }
                Ok(())
            }
            Braces::Numbers { first, last, step, width } => {
                for text in numbers(*first, *last, *step, *width) {
                    with(self, prefix, text)?;
                }
                Ok(())
            }
            Braces::Letters { first, last, step } => {
                for number in sequence(i64::from(*first), i64::from(*last), *step) {
                    let letter = u8::try_from(number).unwrap_or(b'?');
                    // A backslash that comes out of a range quotes what follows and vanishes, as in bash.
                    let text = if letter == b'\\' { Vec::new() } else { vec![letter] };
                    with(self, prefix, text)?;
                }
                Ok(())
            }
        }
    }
}

/// The numbers of `{first..last..step}`.
fn sequence(first: i64, last: i64, step: u64) -> impl Iterator<Item = i64> {
    let step = step.max(1);
    let steps = first.abs_diff(last) / step;
    (0..=steps).map(move |n| {
        let offset = n.wrapping_mul(step);
        if first <= last { first.wrapping_add_unsigned(offset) } else { first.wrapping_sub_unsigned(offset) }
    })
}

/// Their texts, padded with zeros to `width` characters.
pub(super) fn numbers(first: i64, last: i64, step: u64, width: usize) -> impl Iterator<Item = Vec<u8>> {
    sequence(first, last, step).map(move |number| {
        if width == 0 {
            return crate::arith::Decimal::new(number).as_bytes().to_vec();
        }
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}{:0width$}", number.unsigned_abs(), width = width.saturating_sub(sign.len())).into_bytes()
    })
}

/// How many words the pieces stand for.
pub(super) fn count(pieces: &[Piece]) -> u64 {
    let mut total = 1u64;
    for piece in pieces {
        let Piece::Braces(braces) = piece else { continue };
        let here = match &**braces {
            Braces::Alternatives(list) => list.iter().fold(0u64, |sum, list| sum.saturating_add(count(list))),
            Braces::Numbers { first, last, step, .. } => (first.abs_diff(*last) / (*step).max(1)).saturating_add(1),
            Braces::Letters { first, last, step } => u64::from(first.abs_diff(*last)) / (*step).max(1) + 1,
        };
        total = total.saturating_mul(here);
    }
    total
}
