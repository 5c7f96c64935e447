//! Bracket expressions of POSIX (`[a-z[:digit:]]`) as classes of the `regex` crate.

/// A bracket expression could not be read; the text is GNU grep's.
#[derive(Debug, PartialEq)]
pub(crate) struct BracketError(pub(crate) &'static str);

/// Translates the bracket expression that starts after the `[` at `text[0..]`.
///
/// Returns the class and how many characters it took, its `]` included. The class never matches `separator`, so that a match
/// stays within its line.
pub(crate) fn translate(text: &[char], separator: Option<char>) -> Result<(String, usize), BracketError> {
    let mut at = 0;
    let negated = text.first() == Some(&'^');
    if negated {
        at += 1;
    }
    let mut class = String::from(if negated { "[^" } else { "[" });
    if negated && let Some(separator) = separator {
        push(&mut class, separator);
    }
    let first = at;
    let mut any = false;
    loop {
        match text.get(at) {
            // GNU tells a bracket with nothing in it from one that has no end.
            None if at == first => return Err(BracketError("Invalid regular expression")),
            None => return Err(BracketError("Unmatched [, [^, [:, [., or [=")),
            Some(']') if at > first => break,
            Some('[') if text.get(at + 1) == Some(&':') => {
                let (name, next) = named(text, at + 2, ':')?;
                class.push_str(named_class(&name)?);
                at = next;
            }
            Some(_) => {
                let (low, next) = element(text, at)?;
                at = next;
                if text.get(at) == Some(&'-') && text.get(at + 1).is_some_and(|&c| c != ']') {
                    let (high, next) = element(text, at + 1)?;
                    at = next;
                    if high < low {
                        return Err(BracketError("Invalid range end"));
                    }
                    push(&mut class, low);
                    class.push('-');
                    push(&mut class, high);
                } else {
                    push(&mut class, low);
                }
            }
        }
        any = true;
    }
    debug_assert!(any, "a `]` in first place is literal, so a class has an element");
    class.push(']');
    // A positive class may name the separator (`[[:space:]]`); subtracting it keeps matches within a line.
    if !negated && let Some(separator) = separator {
        let mut bounded = String::from("[");
        bounded.push_str(&class);
        bounded.push_str("--[");
        push(&mut bounded, separator);
        bounded.push_str("]]");
        class = bounded;
    }
    Ok((class, at + 1))
}

/// Whether this is a class that lacks its outer brackets: `:name:]`.
pub(crate) fn is_misplaced_class(text: &[char]) -> bool {
    text.first() == Some(&':')
        && text.iter().position(|&character| character == ']').is_some_and(|end| end > 1 && text[end - 1] == ':')
}

/// Reads one element of a range: a character, `[.x.]` or `[=x=]`.
fn element(text: &[char], at: usize) -> Result<(char, usize), BracketError> {
    if text[at] == '['
        && let Some(&kind @ ('.' | '=')) = text.get(at + 1)
    {
        let (name, next) = named(text, at + 2, kind)?;
        let mut characters = name.chars();
        return match (characters.next(), characters.next()) {
            (Some(only), None) => Ok((only, next)),
            _ => Err(BracketError("Invalid collation character")),
        };
    }
    Ok((text[at], at + 1))
}

/// Reads up to `kind` and `]`; returns what stood before and the place after.
fn named(text: &[char], start: usize, kind: char) -> Result<(String, usize), BracketError> {
    let rest = text.get(start..).unwrap_or(&[]);
    let end =
        rest.windows(2).position(|pair| pair == [kind, ']']).ok_or(BracketError("Unmatched [, [^, [:, [., or [="))?;
    Ok((rest[..end].iter().collect(), start + end + 2))
}

fn named_class(name: &str) -> Result<&'static str, BracketError> {
    Ok(match name {
        "alpha" => r"\p{Alphabetic}",
        "digit" => "0-9",
        "alnum" => r"\p{Alphabetic}0-9",
        "upper" => r"\p{Uppercase}",
        "lower" => r"\p{Lowercase}",
        "space" => r"\s",
        "blank" => r"\t\x20",
        "punct" => r"\p{Punctuation}\p{Symbol}",
        "print" => r"[\P{Cc}&&\P{Cn}]",
        "graph" => r"[\P{Cc}&&\P{Cn}&&\S]",
        "cntrl" => r"\p{Cc}",
        "xdigit" => "0-9A-Fa-f",
        _ => return Err(BracketError("Invalid character class name")),
    })
}

/// Adds one literal character, escaped as the `regex` crate wants it inside a class.
fn push(class: &mut String, character: char) {
    if character.is_ascii_punctuation() {
        class.push('\\');
        class.push(character);
    } else if character.is_ascii_control() {
        class.push_str(&format!("\\x{:02x}", u32::from(character)));
    } else {
        class.push(character);
    }
}
