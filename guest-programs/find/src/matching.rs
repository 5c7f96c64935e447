//! Patterns of names and paths, compiled: shell patterns and regular expressions.

use sandshell_posix_regex::{Syntax, glob, translate};

/// Memory that one compiled pattern may take, in bytes.
const COMPILED_MAX_BYTES: usize = 16 << 20;

/// Something that whole texts match.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// No special characters: compared byte by byte.
    Literal(Vec<u8>),
    /// Linear time.
    Automaton(regex::bytes::Regex),
    /// Refers back to a group, which needs backtracking.
    Backtracking(Box<fancy_regex::Regex>),
}

impl Pattern {
    /// Compiles a shell pattern.
    pub(crate) fn glob(pattern: &[u8], ignore_case: bool) -> Result<Self, String> {
        if !ignore_case && !pattern.iter().any(|byte| b"*?[\\".contains(byte)) {
            return Ok(Self::Literal(pattern.to_vec()));
        }
        automaton(&glob(&String::from_utf8_lossy(pattern)), ignore_case)
    }

    /// Compiles a regular expression that a whole path must match.
    pub(crate) fn regex(pattern: &[u8], syntax: Syntax, ignore_case: bool) -> Result<Self, String> {
        let translated = translate(&String::from_utf8_lossy(pattern), syntax, '\0')?;
        let whole = format!(r"\A(?:{})\z", translated.pattern);
        if !translated.refers_back {
            return automaton(&whole, ignore_case);
        }
        let flag = if ignore_case { "(?i)" } else { "" };
        let compiled = fancy_regex::Regex::new(&format!("{flag}{whole}"));
        compiled.map(|regex| Self::Backtracking(Box::new(regex))).map_err(|error| error.to_string())
    }

    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        match self {
            Self::Literal(literal) => literal == text,
            Self::Automaton(regex) => regex.is_match(text),
            // One that gives up has found no match.
            Self::Backtracking(regex) => {
                std::str::from_utf8(text).is_ok_and(|text| regex.is_match(text).unwrap_or(false))
            }
        }
    }
}

fn automaton(pattern: &str, ignore_case: bool) -> Result<Pattern, String> {
    let built =
        regex::bytes::RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(COMPILED_MAX_BYTES).build();
    match built {
        Ok(regex) => Ok(Pattern::Automaton(regex)),
        Err(regex::Error::CompiledTooBig(_)) => Err("Regular expression too big".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Finds the syntax that a name of `-regextype` means.
pub(crate) fn syntax_of(name: &str) -> Option<Syntax> {
    TYPES.iter().find(|(known, _)| *known == name).map(|(_, syntax)| *syntax)
}

/// The types of `-regextype`, as GNU lists them.
pub(crate) const TYPES: &[(&str, Syntax)] = &[
    ("findutils-default", Syntax::Emacs),
    ("ed", Syntax::Basic),
    ("emacs", Syntax::Emacs),
    ("gnu-awk", Syntax::Extended),
    ("grep", Syntax::Basic),
    ("posix-awk", Syntax::Extended),
    ("awk", Syntax::Extended),
    ("posix-basic", Syntax::Basic),
    ("posix-egrep", Syntax::Extended),
    ("egrep", Syntax::Extended),
    ("posix-extended", Syntax::Extended),
    ("posix-minimal-basic", Syntax::Basic),
    ("sed", Syntax::Basic),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_match_whole_paths() {
        let check = |pattern: &str, syntax: Syntax, ignore_case: bool, path: &str, expected: bool| {
            let pattern = Pattern::regex(pattern.as_bytes(), syntax, ignore_case).expect(pattern);
            assert_eq!(pattern.matches(path.as_bytes()), expected, "{pattern:?} {path}");
        };
        check(r".*\.\(txt\|c\)", Syntax::Emacs, false, "d/a.txt", true);
        check("a", Syntax::Emacs, false, "d/a", false);
        check(".*/(a|b).c", Syntax::Extended, false, "d/b.c", true);
        check(".*B", Syntax::Emacs, true, "d/b", true);
        check(r"\(.\)/\1", Syntax::Emacs, false, "a/a", true);
        check(r"\(.\)/\1", Syntax::Emacs, false, "a/b", false);
        check("a.*", Syntax::Emacs, false, "a\nb", true);
    }

    #[test]
    fn shell_patterns_match_whole_names() {
        let matches = |pattern: &str, ignore_case: bool, name: &str| {
            Pattern::glob(pattern.as_bytes(), ignore_case).expect(pattern).matches(name.as_bytes())
        };
        assert!(matches("a.txt", false, "a.txt") && matches("*.TXT", true, "a.txt") && matches("*", false, ".hidden"));
        assert!(!matches("a", false, "ab") && !matches("*.TXT", false, "a.txt"));
    }
}
