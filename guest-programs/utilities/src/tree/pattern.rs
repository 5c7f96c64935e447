//! The patterns of `-P` and `-I`: those of a shell, alternatives separated by `|`.

use regex::bytes::{Regex, RegexBuilder};

/// Translates a pattern. A trailing slash, which says that a directory is meant, is left out.
pub(super) fn compile(pattern: &str, ignore_case: bool) -> Regex {
    let alternatives: Vec<String> = split(pattern)
        .iter()
        .map(|one| sandshell_posix_regex::glob(one.strip_suffix('/').unwrap_or(one).replace("**", "*").as_str()))
        .collect();
    let text = alternatives.join("|");
    RegexBuilder::new(&text)
        .case_insensitive(ignore_case)
        .build()
        .or_else(|_| Regex::new(&regex::escape(pattern)))
        .unwrap_or_else(|_| Regex::new(r"\z.").expect("a well-formed expression"))
}

/// Cuts at each `|` that is neither escaped nor in brackets.
fn split(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut escaped, mut in_brackets) = (false, false);
    for character in pattern.chars() {
        if character == '|' && !escaped && !in_brackets {
            parts.push(String::new());
            continue;
        }
        if let Some(last) = parts.last_mut() {
            last.push(character);
        }
        match character {
            '[' if !escaped => in_brackets = true,
            ']' if !escaped => in_brackets = false,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_match_whole_names() {
        let check = |pattern: &str, name: &str| compile(pattern, false).is_match(name.as_bytes());
        assert!(check("*.rs|*.toml", "Cargo.toml"));
        assert!(check("[a|b]c", "|c"));
        assert!(!check("*.rs", "x.rs.bak"));
        assert!(check("a/", "a"));
        assert!(compile("A*", true).is_match(b"abc"));
    }
}
