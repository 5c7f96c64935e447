//! Compiled regular expressions: whether and where one matches, leftmost and longest.
//!
//! Plain text is searched as such. All else has two automata, each made when it is first needed: one over bytes, for text
//! that is ASCII (or no UTF-8 at all), which is small and quick to make, and one over characters.

use std::cell::OnceCell;

use memchr::memmem::Finder;

use crate::engine::Engine;
use crate::failure::Result;
use crate::translate::{self, Translated};

/// A match: its first byte and the byte after its last.
pub(crate) type Span = (usize, usize);

/// One regular expression.
pub(crate) struct Pattern {
    source: Box<[u8]>,
    ignore_case: bool,
    kind: Kind,
}

enum Kind {
    /// Text without operators, perhaps anchored.
    Plain {
        finder: Box<Finder<'static>>,
        at_start: bool,
        at_end: bool,
    },
    Automata {
        translated: Translated,
        bytes: OnceCell<Box<Engine>>,
        characters: OnceCell<Box<Engine>>,
    },
}

impl Pattern {
    /// Reads a regular expression.
    pub(crate) fn new(source: &[u8], ignore_case: bool) -> Result<Self> {
        let kind = match plain(source).filter(|_| !ignore_case) {
            Some((text, at_start, at_end)) => {
                Kind::Plain { finder: Box::new(Finder::new(&text).into_owned()), at_start, at_end }
            }
            None => Kind::Automata {
                translated: translate::translate(source, ignore_case)?,
                bytes: OnceCell::new(),
                characters: OnceCell::new(),
            },
        };
        Ok(Self { source: source.into(), ignore_case, kind })
    }

    /// As it was written.
    pub(crate) fn source(&self) -> &[u8] {
        &self.source
    }

    /// Whether it was compiled to ignore case.
    pub(crate) fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    /// Whether it matches anywhere.
    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> Result<bool> {
        match &self.kind {
            Kind::Plain { finder, at_start: false, at_end: false } => Ok(finder.find(text).is_some()),
            Kind::Plain { .. } => Ok(self.find_at(text, 0)?.is_some()),
            Kind::Automata { .. } => Ok(self.engine(text)?.is_match(text)),
        }
    }

    /// The leftmost match that begins at or after `start`, the longest of those.
    #[inline]
    pub(crate) fn find_at(&self, text: &[u8], start: usize) -> Result<Option<Span>> {
        match &self.kind {
            Kind::Plain { finder, at_start, at_end } => {
                let needle = finder.needle();
                let from = match (at_start, at_end) {
                    (true, _) if start > 0 => return Ok(None),
                    (true, true) => Some(0).filter(|_| text == needle),
                    (true, false) => Some(0).filter(|_| text.starts_with(needle)),
                    (false, true) => text.len().checked_sub(needle.len()).filter(|_| text.ends_with(needle)),
                    (false, false) => text.get(start..).and_then(|rest| finder.find(rest)).map(|at| start + at),
                };
                Ok(from.filter(|from| *from >= start).map(|from| (from, from + needle.len())))
            }
            Kind::Automata { .. } => Ok(self.engine(text)?.find_at(text, start)),
        }
    }

    /// The spans of the groups of a match that [`Pattern::find_at`] found, the whole first.
    pub(crate) fn groups(&self, text: &[u8], span: Span) -> Result<Vec<Option<Span>>> {
        match &self.kind {
            Kind::Plain { .. } => Ok(vec![Some(span)]),
            Kind::Automata { .. } => self.engine(text)?.groups(text, span),
        }
    }

    fn engine(&self, text: &[u8]) -> Result<&Engine> {
        let Kind::Automata { translated, bytes, characters } = &self.kind else {
            unreachable!("plain text has no engine")
        };
        let by_bytes = !translated.tells_characters || text.is_ascii() || std::str::from_utf8(text).is_err();
        let cell = if by_bytes { bytes } else { characters };
        if let Some(engine) = cell.get() {
            return Ok(engine);
        }
        let engine = Box::new(Engine::new(translated, self.ignore_case, !by_bytes)?);
        Ok(cell.get_or_init(|| engine))
    }
}

/// Reads an expression that has no operator but anchors: its text, and whether it is bound to the start and the end.
fn plain(source: &[u8]) -> Option<(Vec<u8>, bool, bool)> {
    let (at_start, mut body) = source.strip_prefix(b"^").map_or((false, source), |rest| (true, rest));
    let mut text = Vec::with_capacity(body.len());
    let mut at_end = false;
    while let Some((byte, rest)) = body.split_first() {
        body = rest;
        match byte {
            b'$' if rest.is_empty() => at_end = true,
            b'\\' => {
                let (escaped, rest) = rest.split_first()?;
                // The rest of the escapes are operators or numbers.
                if escaped.is_ascii_alphanumeric() || matches!(escaped, b'<' | b'>' | b'`' | b'\'') {
                    return None;
                }
                text.push(*escaped);
                body = rest;
            }
            b'.' | b'[' | b'*' | b'+' | b'?' | b'(' | b')' | b'{' | b'|' | b'^' | b'$' => return None,
            other => text.push(*other),
        }
    }
    (!text.is_empty()).then_some((text, at_start, at_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, text: &str, expected: Option<&str>) {
        let pattern = Pattern::new(source.as_bytes(), false).unwrap_or_else(|error| panic!("{source}: {error:?}"));
        let found = pattern.find_at(text.as_bytes(), 0).expect("an engine").map(|(start, end)| &text[start..end]);
        assert_eq!(found, expected, "{source} in {text}");
        assert_eq!(pattern.is_match(text.as_bytes()).expect("an engine"), expected.is_some());
    }

    #[test]
    fn the_longest_of_the_leftmost_matches() {
        check("a|ab|abc", "xabcd", Some("abc"));
        check("(a|ab)(c|bcd)", "abcd", Some("abcd"));
        check("(a?)(ab)?", "ab", Some("ab"));
        check("x*", "aaa", Some(""));
        check("abcd|c", "abcd", Some("abcd"));
        check("b+", "abbb", Some("bbb"));
    }

    #[test]
    fn plain_text_may_be_anchored() {
        check("bc", "abcd", Some("bc"));
        check("^ab", "abab", Some("ab"));
        check("^b", "ab", None);
        check("d$", "dad", Some("d"));
        check("^abc$", "abc", Some("abc"));
        check(r"a\.b", "axb a.b", Some("a.b"));
        check(r"\$1", "$1", Some("$1"));
    }

    #[test]
    fn anchors_are_of_the_whole_text() {
        check("^b", "a\nb", None);
        check("a$", "a\nb", None);
        check("a.b", "a\nb", Some("a\nb"));
        check("(^a|b)c", "ac", Some("ac"));
        check("a^b", "a^b", None);
    }

    #[test]
    fn characters_and_bytes() {
        check("^.$", "é", Some("é"));
        check("[é-ë]+", "aêé", Some("êé"));
        check("[^a]", "é", Some("é"));
        check("[[:alpha:]]+", "1éa2", Some("éa"));
        let pattern = Pattern::new(b"a.b", false).expect("a pattern");
        assert_eq!(pattern.find_at(b"a\xffb", 0), Ok(Some((0, 3))));
    }

    #[test]
    fn case_is_ignored_on_demand() {
        let pattern = Pattern::new("ÉtÉ".as_bytes(), true).expect("a pattern");
        assert_eq!(pattern.is_match("étÉ".as_bytes()), Ok(true));
    }

    #[test]
    fn groups_are_those_of_the_longest_match() {
        let pattern = Pattern::new(b"(a|ab)(c|bcd)?", false).expect("a pattern");
        let span = pattern.find_at(b"xabcd", 0).expect("an engine").expect("a match");
        assert_eq!(span, (1, 5));
        let groups = pattern.groups(b"xabcd", span).expect("an engine");
        assert_eq!(groups, [Some((1, 5)), Some((1, 2)), Some((2, 5))]);
    }
}
