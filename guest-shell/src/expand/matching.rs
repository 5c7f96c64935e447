//! Words as patterns and regular expressions: expanded, compiled, remembered.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::flow::Flow;
use crate::options::ShellOption;
use crate::pattern::{Flags, Matcher, Regex};
use crate::shell::Shell;
use crate::tree::{Of, ParamOp, Pattern, Piece};
use crate::vars::{Attrs, Name, Var};

/// Most patterns that are remembered by text; then all are forgotten.
const CACHE_MAX: usize = 128;

/// Longest text of a remembered pattern.
const CACHED_TEXT_MAX: usize = 1024;

/// Compiled patterns by text, for those that expansions are part of.
#[derive(Default)]
pub(crate) struct PatternCache {
    globs: BTreeMap<(Flags, Vec<u8>), Rc<Matcher>>,
    regexes: BTreeMap<(bool, Vec<u8>), Rc<Regex>>,
}

/// What a constant pattern of the tree remembers.
struct Compiled<T> {
    flags: Flags,
    matcher: T,
}

impl Shell {
    /// Expands the pattern of `[[ == ]]` and compiles it, or answers what was compiled before.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_pattern(&mut self, pattern: &Pattern) -> Flow<Rc<Matcher>> {
        let fold = self.is_shopt(ShellOption::NoCaseMatch);
        self.compile_flagged(pattern, Flags { extended: true, fold })
    }

    /// The right side of `==` or `=~` as `set -x` shows it: what it expands to, backslashes before what is quoted. A
    /// word whose expansion does something is shown as it is written.
    pub(crate) fn traced_pattern(&mut self, pattern: &Pattern, regex: bool) -> Vec<u8> {
        if !is_harmless(&pattern.word.pieces) {
            return pattern.word.source();
        }
        let Ok(field) = self.expand_marked(&pattern.word) else { return pattern.word.source() };
        if regex {
            return field.text;
        }
        let mut out = Vec::with_capacity(field.text.len());
        for (at, byte) in field.text.iter().enumerate() {
            if field.is_quoted(at) {
                out.push(b'\\');
            }
            out.push(*byte);
        }
        out
    }

    /// The pattern of `case`, or of an operator of `${...}`.
    pub(crate) fn compile_pattern(&mut self, pattern: &Pattern, fold: bool) -> Flow<Rc<Matcher>> {
        let extended = self.is_shopt(ShellOption::ExtGlob) || pattern.extended;
        self.compile_flagged(pattern, Flags { extended, fold })
    }

    fn compile_flagged(&mut self, pattern: &Pattern, flags: Flags) -> Flow<Rc<Matcher>> {
        if let Some(compiled) = pattern.cache.get::<Compiled<Rc<Matcher>>>()
            && compiled.flags == flags
        {
            return Ok(Rc::clone(&compiled.matcher));
        }
        let text = self.expand_marked(&pattern.word)?.into_pattern();
        if is_constant(&pattern.word.pieces) {
            let matcher = Rc::new(Matcher::new(&text, flags));
            pattern.cache.set(Rc::new(Compiled { flags, matcher: Rc::clone(&matcher) }));
            return Ok(matcher);
        }
        let key = (flags, text);
        let known = self.expand.patterns.borrow().globs.get(&key).cloned();
        Ok(known.unwrap_or_else(|| {
            let matcher = Rc::new(Matcher::new(&key.1, flags));
            if key.1.len() <= CACHED_TEXT_MAX {
                let globs = &mut self.expand.patterns.borrow_mut().globs;
                if globs.len() >= CACHE_MAX {
                    globs.clear();
                }
                globs.insert(key, Rc::clone(&matcher));
            }
            matcher
        }))
    }

    /// Expands and compiles the right side of `=~`; `None` when it is no regular expression (status 2).
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_regex(&mut self, pattern: &Pattern) -> Flow<Option<Rc<Regex>>> {
        let fold = self.is_shopt(ShellOption::NoCaseMatch);
        let flags = Flags { extended: true, fold };
        if let Some(compiled) = pattern.cache.get::<Compiled<Rc<Regex>>>()
            && compiled.flags == flags
        {
            return Ok(Some(Rc::clone(&compiled.matcher)));
        }
        let text = self.expand_marked(&pattern.word)?.into_regex();
        let key = (fold, text);
        let known = self.expand.patterns.borrow().regexes.get(&key).cloned();
        let Some(regex) = known.or_else(|| Regex::new(&key.1, fold).map(Rc::new)) else { return Ok(None) };
        if is_constant(&pattern.word.pieces) {
            pattern.cache.set(Rc::new(Compiled { flags, matcher: Rc::clone(&regex) }));
        } else if key.1.len() <= CACHED_TEXT_MAX {
            let regexes = &mut self.expand.patterns.borrow_mut().regexes;
            if regexes.len() >= CACHE_MAX {
                regexes.clear();
            }
            regexes.insert(key, Rc::clone(&regex));
        }
        Ok(Some(regex))
    }

    /// Matches `subject` against the right side of `=~` and sets BASH_REMATCH; `None` when it is no regular
    /// expression (status 2).
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn match_regex(&mut self, subject: &[u8], pattern: &Pattern) -> Flow<Option<bool>> {
        let Some(regex) = self.expand_regex(pattern)? else { return Ok(None) };
        self.tick()?;
        let found = regex.find(subject);
        let text_of =
            |group: &Option<(usize, usize)>| group.map_or(Vec::new(), |(start, end)| subject[start..end].to_vec());
        let groups: Vec<Vec<u8>> = found.iter().flat_map(|found| found.groups.iter().map(text_of)).collect();
        if !self.vars.var(Name::BASH_REMATCH).is_some_and(|var| var.attrs.has(Attrs::READONLY)) {
            self.vars.put(Name::BASH_REMATCH, Var::indexed(groups));
        }
        Ok(Some(found.is_some()))
    }
}

fn is_constant(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| match piece {
        Piece::Literal(_) | Piece::Quoted(_) => true,
        Piece::Double(inner) => is_constant(inner),
        _ => false,
    })
}

/// Whether expanding the pieces twice is as good as once.
fn is_harmless(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| match piece {
        Piece::Literal(_) | Piece::Quoted(_) | Piece::Tilde(_) => true,
        Piece::Param(param) => !param.indirect && param.op == ParamOp::Value && matches!(param.of, Of::Var(_)),
        Piece::Double(inner) => is_harmless(inner),
        _ => false,
    })
}
