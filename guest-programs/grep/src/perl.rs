//! What PCRE has and `fancy-regex` has not, where it can be written in other words: `\Q...\E`, `\h`, `\H`, `\N`, `\R`.
//!
//! Recursion (`(?1)`) and branch reset (`(?|`) cannot; patterns with them are refused.

/// Rewrites a pattern.
pub(crate) fn rewritten(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    let mut in_class = false;
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some('Q') => {
                    let text = rest.as_str();
                    let (quoted, after) = text.split_once("\\E").unwrap_or((text, ""));
                    out.push_str(&regex::escape(quoted));
                    rest = after.chars();
                }
                Some('E') => {}
                Some('h') => out.push_str(if in_class { r"\t\x20\xa0" } else { r"[\t\x20\xa0]" }),
                Some('H') if !in_class => out.push_str(r"[^\t\x20\xa0]"),
                Some('N') if !in_class => out.push_str(r"[^\n]"),
                Some('R') if !in_class => out.push_str(r"(?:\r\n|[\n\x0b\x0c\r\x{85}\x{2028}\x{2029}])"),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                // A `]` in first place is a character.
                for first in ['^', ']'] {
                    if rest.as_str().starts_with(first) {
                        rest.next();
                        out.push_str(if first == ']' { "\\]" } else { "^" });
                    }
                }
            }
            // A class within a class, `[:alpha:]`, is taken as it is.
            '[' if rest.as_str().starts_with(':') && rest.as_str().contains(":]") => {
                out.push('[');
                for inner in rest.by_ref() {
                    out.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            '[' => out.push_str("\\["),
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn pcres_words_are_said_otherwise() {
        let check = |pattern: &str, expected: &str| assert_eq!(rewritten(pattern), expected);
        check(r"a\Qb.c\Ed", r"ab\.cd");
        check(r"\Qa*", r"a\*");
        check(r"x\h[\h,]", r"x[\t\x20\xa0][\t\x20\xa0,]");
        check(r"[]a][^]][[:alpha:][]", r"[\]a][^\]][[:alpha:]\[]");
        check(r"\d\\Q", r"\d\\Q");
    }
}
