//! The patterns of a call, compiled: whether and where a piece of text matches.

use regex::bytes::{Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::{Anchored, Input, MatchKind};
use std::cell::RefCell;

use crate::options::{Kind, Options};
use sandshell_posix_regex::{Syntax, translate};

/// Memory that one compiled pattern may take, in bytes; a longer one is refused as too big.
const COMPILED_MAX_BYTES: usize = 64 << 20;

/// Finds matches in text; a match never crosses a line separator.
pub(crate) enum Matcher {
    /// No pattern at all (an empty `-f` file): nothing matches.
    Nothing,
    /// Finite automata: linear time.
    Linear { regex: Regex, longest: Option<Box<Longest>> },
    /// Back references or Perl's syntax: backtracking, a line at a time, where the filter does not rule a match out.
    Backtracking { regexes: Vec<fancy_regex::Regex>, filter: Option<Regex> },
}

/// Finds the end of the longest match from a known start, as POSIX wants it where alternatives differ in length.
pub(crate) struct Longest {
    dfa: DFA,
    cache: RefCell<Cache>,
}

impl Matcher {
    /// Compiles the patterns.
    ///
    /// # Errors
    ///
    /// The message for stderr.
    pub(crate) fn new(options: &Options) -> Result<Self, String> {
        let separator = if options.null_data { '\0' } else { '\n' };
        let (mut pieces, mut supersets) = (Vec::new(), Vec::new());
        let (mut refers_back, mut alternates) = (options.kind == Kind::Perl, options.patterns.len() > 1);
        for pattern in &options.patterns {
            let text = String::from_utf8_lossy(pattern);
            let piece = match options.kind {
                Kind::Fixed => regex::escape(&text),
                Kind::Perl => crate::perl::rewritten(&text),
                Kind::Basic | Kind::Extended => {
                    let syntax = if options.kind == Kind::Basic { Syntax::Basic } else { Syntax::Extended };
                    let translated = translate(&text, syntax, separator)?;
                    refers_back |= translated.refers_back;
                    alternates |= translated.alternates;
                    supersets.push(translated.superset.unwrap_or_else(|| translated.pattern.clone()));
                    translated.pattern
                }
            };
            pieces.push(bounded(&piece, options, refers_back));
        }
        if pieces.is_empty() {
            return Ok(Self::Nothing);
        }
        if refers_back {
            let compile = |piece: &String| {
                let flags = if options.ignore_case { "(?i)" } else { "" };
                fancy_regex::Regex::new(&format!("{flags}{piece}")).map_err(|error| error.to_string())
            };
            let regexes = pieces.iter().map(compile).collect::<Result<_, _>>()?;
            // A filter that cannot be had is done without.
            let filter = (supersets.len() == pieces.len()).then(|| linear(&supersets, options).ok()).flatten();
            return Ok(Self::Backtracking { regexes, filter });
        }
        let regex = linear(&pieces, options)?;
        let pattern = regex.as_str().to_owned();
        let shows_matches = options.only_matching || options.colour;
        let longest = if alternates && shows_matches { Longest::new(&pattern, options) } else { None };
        Ok(Self::Linear { regex, longest: longest.map(Box::new) })
    }

    /// Returns the first match at or after `start`: its first byte and the byte after its last.
    pub(crate) fn find_at(&self, text: &[u8], start: usize) -> Option<(usize, usize)> {
        match self {
            Self::Nothing => None,
            Self::Linear { regex, longest } => {
                let found = regex.find_at(text, start)?;
                let end = longest.as_ref().and_then(|longest| longest.end(text, found.start())).unwrap_or(found.end());
                Some((found.start(), end.max(found.end())))
            }
            Self::Backtracking { filter: Some(filter), .. } if !filter.is_match_at(text, start) => None,
            Self::Backtracking { regexes, .. } => {
                let text = std::str::from_utf8(text).ok()?;
                let start = (start..=text.len()).find(|&at| text.is_char_boundary(at))?;
                let found = |regex: &fancy_regex::Regex| {
                    regex.find_from_pos(text, start).ok().flatten().map(|found| (found.start(), found.end()))
                };
                regexes.iter().filter_map(found).min_by_key(|&(start, end)| (start, usize::MAX - end))
            }
        }
    }

    /// Whether matches may be looked for in several lines at once.
    pub(crate) fn spans_blocks(&self) -> bool {
        !matches!(self, Self::Backtracking { .. })
    }
}

/// Compiles patterns for the linear engine.
fn linear(pieces: &[String], options: &Options) -> Result<Regex, String> {
    let separator = if options.null_data { 0 } else { b'\n' };
    let pattern = pieces.iter().map(|piece| format!("(?:{piece})")).collect::<Vec<_>>().join("|");
    let built = RegexBuilder::new(&pattern)
        .case_insensitive(options.ignore_case)
        .multi_line(true)
        .line_terminator(separator)
        .size_limit(COMPILED_MAX_BYTES)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "Regular expression too big".to_owned(),
        other => other.to_string(),
    })
}

/// Adds what `-x` and `-w` ask around a pattern.
fn bounded(piece: &str, options: &Options, backtracking: bool) -> String {
    if options.line {
        format!("(?m:^)(?:{piece})(?m:$)")
    } else if options.word && backtracking {
        format!(r"(?<!\w)(?:{piece})(?!\w)")
    } else if options.word {
        format!(r"\b{{start-half}}(?:{piece})\b{{end-half}}")
    } else {
        piece.to_owned()
    }
}

impl Longest {
    /// Compiles for all matches; a pattern that the lazy automaton cannot do keeps the first match.
    fn new(pattern: &str, options: &Options) -> Option<Self> {
        let separator = if options.null_data { 0 } else { b'\n' };
        let syntax = regex_automata::util::syntax::Config::new()
            .case_insensitive(options.ignore_case)
            .multi_line(true)
            .line_terminator(separator)
            .utf8(false);
        let look = regex_automata::util::look::LookMatcher::new();
        let thompson = regex_automata::nfa::thompson::Config::new().utf8(false).look_matcher(look);
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).unicode_word_boundary(true))
            .syntax(syntax)
            .thompson(thompson)
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
