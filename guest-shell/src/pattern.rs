//! Patterns: glob patterns with extended operators, and the regular expressions of `=~`, compiled once.
//!
//! Pure: texts in, positions out. Where patterns come from words, and what is cached, is `expand`'s; paths are
//! `expand::glob`'s.

mod class;
mod glob;
mod regex;
mod sets;
mod simple;

pub use glob::{Flags, is_pattern, quote_into, unquote};
pub use regex::{Match, Regex};

use glob::Item;
use sets::{Set, SetMatcher};
use simple::Simple;

/// A compiled glob pattern.
#[derive(Debug, Default)]
pub struct Matcher {
    items: Vec<Item>,
    simple: Option<Simple>,
    star_first: bool,
}

impl Matcher {
    /// Compiles a pattern; a backslash quotes. Every text is a pattern: what is no operator is literal.
    pub fn new(text: &[u8], flags: Flags) -> Matcher {
        let items = glob::parse(text, flags);
        let simple = Simple::new(&items);
        Matcher { items: if simple.is_some() { Vec::new() } else { items }, simple, star_first: text.starts_with(b"*") }
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        match &self.simple {
            Some(simple) => match simple.literal() {
                Some(literal) => literal == text,
                None => simple.matches(text),
            },
            None => SetMatcher::new(text, false).run(&self.items, 0).contains(text.len()),
        }
    }

    /// The text of a pattern without operators.
    pub fn literal(&self) -> Option<&[u8]> {
        self.simple.as_ref().and_then(Simple::literal)
    }

    /// Whether it was written with a star first: in replacements only such a pattern matches an empty text.
    pub fn starts_with_star(&self) -> bool {
        self.star_first
    }

    /// The end of the shortest or longest match that begins at `start`.
    pub fn prefix_at(&self, text: &[u8], start: usize, longest: bool) -> Option<usize> {
        match &self.simple {
            Some(simple) => simple.prefix(text, start, longest),
            None => {
                let ends = SetMatcher::new(text, false).run(&self.items, start);
                if longest { ends.last() } else { ends.first() }
            }
        }
    }

    /// The begin of the shortest or longest match that ends with the text.
    pub fn suffix(&self, text: &[u8], longest: bool) -> Option<usize> {
        match &self.simple {
            Some(simple) => simple.suffix(text, longest),
            None => {
                let starts = SetMatcher::new(text, true).run(&self.items, text.len());
                if longest { starts.first() } else { starts.last() }
            }
        }
    }

    /// Looks for matches in a text, one behind the other.
    pub fn finder<'a>(&'a self, text: &'a [u8]) -> Finder<'a> {
        let starts = match &self.simple {
            Some(_) => None,
            None => {
                // From where anything ends back to where anything begins: afterwards only begins of matches are tried.
                let ends = SetMatcher::new(text, false).run_all(&self.items, None);
                let found = !ends.is_empty();
                Some(if found { SetMatcher::new(text, true).run_all(&self.items, Some(ends)) } else { Set::default() })
            }
        };
        Finder { matcher: self, text, starts }
    }
}

/// Finds the matches of a pattern in a text.
pub struct Finder<'a> {
    matcher: &'a Matcher,
    text: &'a [u8],
    /// Where matches begin, of a pattern with extended operators.
    starts: Option<Set>,
}

impl Finder<'_> {
    /// The leftmost match at or behind `start`, the longest there.
    pub fn find(&self, start: usize) -> Option<(usize, usize)> {
        if let Some(simple) = &self.matcher.simple {
            return simple.find(self.text, start);
        }
        let mut at = start;
        loop {
            at = self.starts.as_ref()?.next_from(at)?;
            if let Some(end) = self.matcher.prefix_at(self.text, at, true) {
                return Some((at, end));
            }
            at += 1;
        }
    }
}

/// The first place of `needle` in `text`.
pub fn find_bytes(text: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let mut at = 0;
    loop {
        at += text.get(at..)?.iter().position(|byte| byte == first)?;
        if text[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests;
