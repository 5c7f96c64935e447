//! How text is cut into fields: by blanks, a character, a regular expression, widths or the fields' own pattern.

use std::rc::Rc;

use crate::characters;
use crate::failure::{Failure, Result};
use crate::pattern::{Pattern, Span};

/// A way to cut text.
#[derive(Clone)]
pub(crate) enum Splitter {
    /// Runs of blanks, tabs and newlines; those at the ends do not count.
    Blanks,
    Byte(u8),
    /// A byte, and newlines as well: a paragraph's lines end fields.
    ByteOrNewline(u8),
    Regex(Rc<Pattern>),
    Characters,
    /// What the fields look like (`FPAT`).
    Fields(Rc<Pattern>),
    Widths(Rc<Vec<Width>>),
}

/// One field of fixed width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Width {
    skip: usize,
    /// None: all the rest.
    length: Option<usize>,
}

impl Splitter {
    /// Finds the fields of a text.
    pub(crate) fn split(&self, text: &[u8], fields: &mut Vec<Span>) -> Result<()> {
        self.split_with(text, fields, |_| {})
    }

    /// Finds the fields of a text and tells of each separator between them.
    pub(crate) fn split_with(&self, text: &[u8], fields: &mut Vec<Span>, mut gap: impl FnMut(Span)) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        match self {
            Self::Blanks => blanks(text, fields, &mut gap),
            Self::Byte(separator) => {
                cut(text.len(), memchr::memchr_iter(*separator, text).map(|at| (at, at + 1)), fields, &mut gap);
            }
            Self::ByteOrNewline(separator) => {
                let gaps = memchr::memchr2_iter(*separator, b'\n', text).map(|at| (at, at + 1));
                cut(text.len(), gaps, fields, &mut gap);
            }
            Self::Regex(pattern) => by_regex(pattern, text, fields, &mut gap)?,
            Self::Characters => {
                let mut at = 0;
                for character in characters::each(text) {
                    fields.push((at, at + character.len()));
                    at += character.len();
                    if at < text.len() {
                        gap((at, at));
                    }
                }
            }
            Self::Fields(pattern) => by_fields(pattern, text, fields, &mut gap)?,
            Self::Widths(widths) => by_widths(widths, text, fields),
        }
        Ok(())
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

fn blanks(text: &[u8], fields: &mut Vec<Span>, gap: &mut impl FnMut(Span)) {
    let mut at = 0;
    let mut end = 0;
    loop {
        while text.get(at).is_some_and(|byte| is_blank(*byte)) {
            at += 1;
        }
        if at > end || end == 0 && at > 0 {
            gap((end, at));
        }
        let start = at;
        while text.get(at).is_some_and(|byte| !is_blank(*byte)) {
            at += 1;
        }
        if at == start {
            return;
        }
        fields.push((start, at));
        end = at;
    }
}

fn cut(length: usize, gaps: impl Iterator<Item = Span>, fields: &mut Vec<Span>, gap: &mut impl FnMut(Span)) {
    let mut start = 0;
    for (from, to) in gaps {
        fields.push((start, from));
        gap((from, to));
        start = to;
    }
    fields.push((start, length));
}

/// Matches of nothing do not separate.
fn by_regex(pattern: &Pattern, text: &[u8], fields: &mut Vec<Span>, gap: &mut impl FnMut(Span)) -> Result<()> {
    let (mut start, mut at) = (0, 0);
    while let Some((from, to)) = pattern.find_at(text, at)? {
        if from == to {
            at = to + 1;
            if at > text.len() {
                break;
            }
            continue;
        }
        fields.push((start, from));
        gap((from, to));
        (start, at) = (to, to);
    }
    fields.push((start, text.len()));
    Ok(())
}

/// The matches are the fields. One of nothing is a field, unless it is just behind another field.
fn by_fields(pattern: &Pattern, text: &[u8], fields: &mut Vec<Span>, gap: &mut impl FnMut(Span)) -> Result<()> {
    let (mut at, mut end) = (0, None);
    while let Some((from, to)) = pattern.find_at(text, at)? {
        if from == to && end == Some(from) {
            at = to + characters::first_length(text.get(to..).unwrap_or_default()).max(1);
        } else {
            gap((end.unwrap_or(0), from));
            fields.push((from, to));
            end = Some(to);
            at = if from == to { to + 1 } else { to };
        }
        if at > text.len() {
            break;
        }
    }
    gap((end.unwrap_or(0), text.len()));
    Ok(())
}

fn by_widths(widths: &[Width], text: &[u8], fields: &mut Vec<Span>) {
    let mut at = 0;
    for width in widths {
        let rest = text.get(at..).unwrap_or_default();
        let start = at + characters::offset(rest, width.skip);
        if start >= text.len() {
            return;
        }
        let rest = text.get(start..).unwrap_or_default();
        at = width.length.map_or(text.len(), |length| start + characters::offset(rest, length));
        fields.push((start, at));
    }
}

/// Reads the value of `FIELDWIDTHS`: `2 3:4 *`.
pub(crate) fn widths(text: &[u8]) -> Result<Vec<Width>> {
    let text = String::from_utf8_lossy(text);
    let bad = |word: &str| Failure::fatal(format!("invalid FIELDWIDTHS value, for field `{word}'"));
    text.split_whitespace()
        .map(|word| {
            let (skip, length) = word.split_once(':').map_or(("0", word), |(skip, length)| (skip, length));
            let skip = skip.parse().map_err(|_| bad(word))?;
            let length = if length == "*" { None } else { Some(length.parse().map_err(|_| bad(word))?) };
            Ok(Width { skip, length })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(splitter: &Splitter, text: &str, expected: &[&str], separators: &[&str]) {
        let (mut fields, mut gaps) = (Vec::new(), Vec::new());
        splitter.split_with(text.as_bytes(), &mut fields, |gap| gaps.push(gap)).expect("a split");
        let pieces = |spans: &[Span]| spans.iter().map(|(from, to)| text[*from..*to].to_owned()).collect::<Vec<_>>();
        assert_eq!(pieces(&fields), expected, "{text}");
        assert_eq!(pieces(&gaps), separators, "{text}");
    }

    fn regex(source: &str) -> Rc<Pattern> {
        Rc::new(Pattern::new(source.as_bytes(), false).expect("a pattern"))
    }

    #[test]
    fn blanks_at_the_ends_do_not_count() {
        check(&Splitter::Blanks, " a \t b\nc ", &["a", "b", "c"], &[" ", " \t ", "\n", " "]);
        check(&Splitter::Blanks, "a b", &["a", "b"], &[" "]);
        check(&Splitter::Blanks, "", &[], &[]);
    }

    #[test]
    fn each_byte_separates() {
        check(&Splitter::Byte(b','), ",a,,b", &["", "a", "", "b"], &[",", ",", ","]);
        check(&Splitter::ByteOrNewline(b':'), "a:b\nc", &["a", "b", "c"], &[":", "\n"]);
    }

    #[test]
    fn a_regex_separates_where_it_matches_something() {
        check(&Splitter::Regex(regex("[0-9]+")), "a12b3", &["a", "b", ""], &["12", "3"]);
        check(&Splitter::Regex(regex("x*")), "axxb", &["a", "b"], &["xx"]);
    }

    #[test]
    fn fields_may_be_described_or_measured() {
        let fields = regex(r#"([^,]*)|("[^"]+")"#);
        check(&Splitter::Fields(fields), r#"a,"b,c",,d"#, &["a", "\"b,c\"", "", "d"], &["", ",", ",", ",", ""]);
        let widths = widths(b"1 1:2 *").expect("widths");
        check(&Splitter::Widths(Rc::new(widths)), "a-bcdef", &["a", "bc", "def"], &[]);
        check(&Splitter::Characters, "aé", &["a", "é"], &[""]);
    }
}
