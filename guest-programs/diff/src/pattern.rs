//! Patterns: basic regular expressions that select lines, and shell patterns that select names.

use regex::bytes::{Regex, RegexBuilder};
use sandshell_posix_regex::{Syntax, glob, translate};

/// Memory that a compiled pattern may take, in bytes; a longer one is refused as too big.
const COMPILED_MAX_BYTES: usize = 16 << 20;

fn build(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(COMPILED_MAX_BYTES).build();
    built.map_err(|_| "Regular expression too big".to_owned())
}

/// Compiles regular expressions that select a line when any of them matches in it; none select none.
///
/// # Errors
///
/// The message about the malformed one.
pub(crate) fn lines(patterns: &[Vec<u8>]) -> Result<Option<Regex>, String> {
    let mut alternatives = Vec::new();
    for pattern in patterns {
        let text = String::from_utf8_lossy(pattern);
        let translated = translate(&text, Syntax::Basic, '\n').map_err(|message| format!("{text}: {message}"))?;
        if translated.refers_back {
            return Err(format!("{text}: Invalid back reference"));
        }
        alternatives.push(format!("(?:{})", translated.pattern));
    }
    if alternatives.is_empty() { Ok(None) } else { build(&alternatives.join("|"), false).map(Some) }
}

/// Shell patterns for the names of files.
#[derive(Debug, Default)]
pub(crate) struct Names {
    patterns: Vec<Regex>,
}

impl Names {
    /// Adds a pattern.
    ///
    /// # Errors
    ///
    /// It is too big.
    pub(crate) fn add(&mut self, pattern: &[u8], ignore_case: bool) -> Result<(), String> {
        self.patterns.push(build(&glob(&String::from_utf8_lossy(pattern)), ignore_case)?);
        Ok(())
    }

    /// Tells that one of them matches a name.
    pub(crate) fn match_name(&self, name: &[u8]) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(name))
    }
}
