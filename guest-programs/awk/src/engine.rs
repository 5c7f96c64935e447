//! One automaton of a regular expression, over bytes or over characters.

use std::cell::{OnceCell, RefCell};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use crate::failure::{Failure, Result};
use crate::pattern::Span;
use crate::translate::Translated;

/// Memory that one compiled expression may take, in bytes; a larger one is refused.
const COMPILED_MAX_BYTES: usize = 32 << 20;

/// An automaton.
pub(crate) struct Engine {
    regex: Regex,
    pattern: String,
    syntax: syntax::Config,
    /// Finds the end of the longest match, where that may not be the first that is found.
    longest: Option<Longest>,
    /// Finds groups; made when they are first asked for.
    groups: OnceCell<Regex>,
}

struct Longest {
    dfa: DFA,
    cache: RefCell<Cache>,
}

impl Engine {
    pub(crate) fn new(translated: &Translated, ignore_case: bool, characters: bool) -> Result<Self> {
        let pattern = if characters { &translated.characters } else { &translated.bytes };
        let syntax = syntax::Config::new()
            .case_insensitive(ignore_case)
            .dot_matches_new_line(true)
            .unicode(characters)
            .utf8(false)
            .nest_limit(500);
        let regex = build(pattern, syntax, false)?;
        let longest = if translated.varies { Longest::new(pattern, syntax) } else { None };
        Ok(Self { regex, pattern: pattern.clone(), syntax, longest, groups: OnceCell::new() })
    }

    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    pub(crate) fn find_at(&self, text: &[u8], start: usize) -> Option<Span> {
        let found = self.regex.search(&Input::new(text).range(start.min(text.len())..))?;
        let end = self.longest.as_ref().and_then(|longest| longest.end(text, found.start()));
        Some((found.start(), end.unwrap_or(0).max(found.end())))
    }

    /// The groups within a match: the expression is made to end where the match ends.
    pub(crate) fn groups(&self, text: &[u8], span: Span) -> Result<Vec<Option<Span>>> {
        let regex = match self.groups.get() {
            Some(regex) => regex,
            None => {
                let regex = build(&format!(r"(?:{})\z", self.pattern), self.syntax, true)?;
                self.groups.get_or_init(|| regex)
            }
        };
        let mut captures = regex.create_captures();
        let text = text.get(..span.1).unwrap_or(text);
        regex.search_captures(&Input::new(text).range(span.0..).anchored(Anchored::Yes), &mut captures);
        let mut groups: Vec<_> = captures.iter().map(|group| group.map(|group| (group.start, group.end))).collect();
        if let Some(whole) = groups.first_mut() {
            *whole = Some(span);
        }
        Ok(groups)
    }
}

fn build(pattern: &str, syntax: syntax::Config, captures: bool) -> Result<Regex> {
    let which = if captures { thompson::WhichCaptures::All } else { thompson::WhichCaptures::Implicit };
    let config =
        Regex::config().utf8_empty(false).which_captures(which).nfa_size_limit(Some(COMPILED_MAX_BYTES)).onepass(false);
    Regex::builder().configure(config).syntax(syntax).build(pattern).map_err(|error| {
        let message = error.syntax_error().map_or("Regular expression too big".to_owned(), ToString::to_string);
        Failure::fatal(format!("invalid regexp: {message}"))
    })
}

impl Longest {
    /// Compiles for all matches; an expression that the lazy automaton cannot do keeps the first match.
    fn new(pattern: &str, syntax: syntax::Config) -> Option<Self> {
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).unicode_word_boundary(true))
            .syntax(syntax)
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(COMPILED_MAX_BYTES)))
            .build(pattern)
            .ok()?;
        let cache = RefCell::new(dfa.create_cache());
        Some(Self { dfa, cache })
    }

    fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        self.dfa.try_search_fwd(&mut self.cache.borrow_mut(), &input).ok().flatten().map(|half| half.offset())
    }
}
