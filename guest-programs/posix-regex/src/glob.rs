//! Shell patterns as `fnmatch(3)` takes them without flags: `*` and `?` match `/` and a leading period, too.

use crate::bracket;

/// Translates a shell pattern to one of the `regex` crate's for bytes; it matches whole texts only.
#[must_use]
pub fn glob(pattern: &str) -> String {
    let text: Vec<char> = pattern.chars().collect();
    let mut result = String::from(r"\A(?s-u:");
    let mut at = 0;
    while let Some(&character) = text.get(at) {
        at += 1;
        match character {
            '*' => result.push_str(".*"),
            // A character, or a byte that is part of none.
            '?' => result.push_str("(?:(?s:(?u:.))|.)"),
            '[' => match class(&text[at..]) {
                Some((class, length)) => {
                    result.push_str(&format!("(?u:{class})"));
                    at += length;
                }
                None => result.push_str(r"\["),
            },
            '\\' => {
                push_literal(&mut result, text.get(at).copied().unwrap_or('\\'));
                at += 1;
            }
            other => push_literal(&mut result, other),
        }
    }
    result.push_str(r")\z");
    result
}

fn push_literal(result: &mut String, character: char) {
    let mut buffer = [0; 4];
    result.push_str(&format!("(?u:{})", regex::escape(character.encode_utf8(&mut buffer))));
}

/// Translates what follows a `[`; `None` when it is no bracket expression and the `[` stands for itself.
fn class(text: &[char]) -> Option<(String, usize)> {
    let mut text = text.to_vec();
    if text.first() == Some(&'!') {
        text[0] = '^';
    }
    bracket::translate(&text, Some('\0')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        let check = |pattern: &str, text: &[u8], expected: bool| {
            let regex = regex::bytes::Regex::new(&glob(pattern)).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(regex.is_match(text), expected, "{pattern} {text:?}");
        };
        check("*.txt", b"a.txt", true);
        check("*.txt", b"a.txt.gz", false);
        check("a?c", "aéc".as_bytes(), true);
        check("a?c", b"a\xffc", true);
        check("a*", b"a/\n\xff", true);
        check("[!a-c]x", b"dx", true);
        check("[!a-c]x", b"ax", false);
        check("[[:digit:]]", b"7", true);
        check("[a", b"[a", true);
        check(r"\*", b"*", true);
        check(r"\*", b"a", false);
        check("", b"", true);
        check("é*", "éa".as_bytes(), true);
    }
}
