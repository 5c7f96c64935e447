//! A pattern compiled for texts that are matched whole, as `sed` has them: where it matches, and its groups.
//!
//! The `regex` crate does most patterns in linear time. Where an alternation may make the first match shorter than the
//! longest, which POSIX wants, an automaton of all matches decides; references back need `fancy-regex`'s backtracking.

use std::cell::RefCell;

use fancy_regex::Regex as Backtracking;
use regex::bytes::{CaptureLocations, Regex as Linear, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::{Cache as VmCache, PikeVM};
use regex_automata::{Anchored, Input, MatchKind};

use crate::translate::{Dialect, translate_as};

/// Memory that one compiled pattern may take, in bytes; a longer one is refused as too big.
const COMPILED_MAX_BYTES: usize = 64 << 20;

/// First byte of a match or group, and the byte after its last.
pub type Span = (usize, usize);

/// A compiled pattern.
pub struct Regex {
    engine: Engine,
    groups: usize,
}

enum Engine {
    Linear {
        regex: Linear,
        locations: RefCell<CaptureLocations>,
        longest: Option<Box<Longest>>,
    },
    /// The filter rules out most of the texts without a match.
    Backtracking {
        regex: Box<Backtracking>,
        filter: Option<Linear>,
    },
}

struct Longest {
    dfa: DFA,
    cache: RefCell<Cache>,
    vm: PikeVM,
    vm_cache: RefCell<VmCache>,
}

impl Regex {
    /// Compiles a pattern of a dialect.
    ///
    /// # Errors
    ///
    /// GNU's message for a malformed pattern.
    pub fn new(pattern: &str, dialect: Dialect, ignore_case: bool) -> Result<Self, String> {
        let translated = translate_as(pattern, dialect)?;
        let groups = translated.groups;
        if translated.refers_back {
            let flags = if ignore_case { "(?i)" } else { "" };
            let regex =
                Backtracking::new(&format!("{flags}{}", translated.pattern)).map_err(|error| error.to_string())?;
            let filter = translated.superset.and_then(|superset| {
                RegexBuilder::new(&superset).case_insensitive(ignore_case).size_limit(COMPILED_MAX_BYTES).build().ok()
            });
            return Ok(Self { engine: Engine::Backtracking { regex: Box::new(regex), filter }, groups });
        }
        let regex = RegexBuilder::new(&translated.pattern)
            .case_insensitive(ignore_case)
            .size_limit(COMPILED_MAX_BYTES)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => "Regular expression too big".to_owned(),
                other => other.to_string(),
            })?;
        let longest = if translated.alternates { Longest::new(&translated.pattern, ignore_case) } else { None };
        let locations = RefCell::new(regex.capture_locations());
        Ok(Self { engine: Engine::Linear { regex, locations, longest: longest.map(Box::new) }, groups })
    }

    /// Returns how many groups the pattern has.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it matches anywhere in `text`.
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        match &self.engine {
            Engine::Linear { regex, .. } => regex.is_match(text),
            Engine::Backtracking { .. } => self.find_at(text, 0).is_some(),
        }
    }

    /// Returns the first match that starts at `start` or later: the longest there.
    #[must_use]
    pub fn find_at(&self, text: &[u8], start: usize) -> Option<Span> {
        match &self.engine {
            Engine::Linear { regex, longest, .. } => {
                let found = regex.find_at(text, start)?;
                let end = longest.as_ref().and_then(|longest| longest.end(text, found.start())).unwrap_or(found.end());
                Some((found.start(), end.max(found.end())))
            }
            Engine::Backtracking { filter: Some(filter), .. } if !filter.is_match_at(text, start) => None,
            Engine::Backtracking { regex, .. } => {
                let text = std::str::from_utf8(text).ok()?;
                let start = (start..=text.len()).find(|&at| text.is_char_boundary(at))?;
                let found = regex.find_from_pos(text, start).ok().flatten()?;
                Some((found.start(), found.end()))
            }
        }
    }

    /// Like [`Self::find_at`], and leaves the match and then its groups in `spans`. Returns whether there is a match.
    pub fn captures_at(&self, text: &[u8], start: usize, spans: &mut Vec<Option<Span>>) -> bool {
        spans.clear();
        match &self.engine {
            Engine::Linear { regex, locations, longest } => {
                let mut locations = locations.borrow_mut();
                let Some(found) = regex.captures_read_at(&mut locations, text, start) else { return false };
                let (first, end) = (found.start(), found.end());
                if let Some(longest) = longest
                    && longest.end(text, first).is_some_and(|longer| longer > end)
                {
                    longest.captures(text, first, self.groups, spans);
                    return true;
                }
                spans.extend((0..=self.groups).map(|group| locations.get(group)));
                true
            }
            Engine::Backtracking { filter: Some(filter), .. } if !filter.is_match_at(text, start) => false,
            Engine::Backtracking { regex, .. } => {
                let Ok(text) = std::str::from_utf8(text) else { return false };
                let Some(start) = (start..=text.len()).find(|&at| text.is_char_boundary(at)) else { return false };
                let Ok(Some(captures)) = regex.captures_from_pos(text, start) else { return false };
                spans.extend((0..=self.groups).map(|group| captures.get(group).map(|one| (one.start(), one.end()))));
                true
            }
        }
    }
}

impl Longest {
    /// Compiles for all matches; a pattern that the automata cannot do keeps the first match.
    fn new(pattern: &str, ignore_case: bool) -> Option<Self> {
        let syntax = regex_automata::util::syntax::Config::new().case_insensitive(ignore_case).utf8(false);
        let thompson = regex_automata::nfa::thompson::Config::new().utf8(false);
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).unicode_word_boundary(true))
            .syntax(syntax)
            .thompson(thompson.clone())
            .build(pattern)
            .ok()?;
        let vm = PikeVM::builder()
            .configure(PikeVM::config().match_kind(MatchKind::All))
            .syntax(syntax)
            .thompson(thompson)
            .build(pattern)
            .ok()?;
        let cache = RefCell::new(dfa.create_cache());
        let vm_cache = RefCell::new(vm.create_cache());
        Some(Self { dfa, cache, vm, vm_cache })
    }

    fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        self.dfa.try_search_fwd(&mut self.cache.borrow_mut(), &input).ok().flatten().map(|half| half.offset())
    }

    fn captures(&self, text: &[u8], start: usize, groups: usize, spans: &mut Vec<Option<Span>>) {
        let mut captures = self.vm.create_captures();
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        self.vm.search(&mut self.vm_cache.borrow_mut(), &input, &mut captures);
        spans.extend((0..=groups).map(|group| captures.get_group(group).map(|span| (span.start, span.end))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::Syntax;

    fn check(pattern: &str, text: &str, expected: &[Option<&str>]) {
        let dialect = Dialect { syntax: Syntax::Extended, separator: None, line_anchors: false, strict: true };
        let regex = Regex::new(pattern, dialect, false).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let mut spans = Vec::new();
        let found = regex.captures_at(text.as_bytes(), 0, &mut spans);
        let texts: Vec<Option<&str>> = spans.iter().map(|span| span.map(|(start, end)| &text[start..end])).collect();
        assert_eq!((found, texts.as_slice()), (!expected.is_empty(), expected), "{pattern}");
    }

    #[test]
    fn the_longest_of_the_leftmost_matches_counts() {
        check("a|ab", "xab", &[Some("ab")]);
        check("(a|ab)(c|bcd)(d*)", "abcd", &[Some("abcd"), Some("a"), Some("bcd"), Some("")]);
        check("a?(ab)?", "ab", &[Some("ab"), Some("ab")]);
        check("x*", "abc", &[Some("")]);
        check("(.)\\1", "abb", &[Some("bb"), Some("b")]);
        check("(.)\\1", "abc", &[]);
        check("(^a|b)x\\1", "axb bxb", &[Some("bxb"), Some("b")]);
        check("((a)\\2)+", "xaaaa", &[Some("aaaa"), Some("aa"), Some("a")]);
        check("q", "abc", &[]);
    }

    #[test]
    fn anchors_and_dots_see_the_text_as_one() {
        check("^b", "a\nb", &[]);
        check("a.b$", "a\nb", &[Some("a\nb")]);
        check("[^x]b", "a\nb", &[Some("\nb")]);
    }

    #[test]
    fn mistakes_are_told_in_gnus_words() {
        let dialect = Dialect { syntax: Syntax::Extended, separator: None, line_anchors: false, strict: true };
        let error = |pattern: &str| Regex::new(pattern, dialect, false).err().unwrap_or_default();
        assert_eq!(error("*a"), "Invalid preceding regular expression");
        assert_eq!(error("a{x}"), "Invalid content of \\{\\}");
        assert_eq!(error("a{2"), "Unmatched \\{");
        assert_eq!(error("(a)\\2"), "Invalid back reference");
        assert_eq!(error("[:space:]"), "character class syntax is [[:space:]], not [:space:]");
    }
}
