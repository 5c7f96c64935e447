//! Bracket expressions of awk (`[a-z[:digit:]\t]`) as classes of the `regex` crates.

use crate::characters;
use crate::escape;

/// A class in the syntax of the `regex` crates.
pub(crate) struct Bracket {
    /// Over bytes: characters beyond ASCII are left out.
    pub(crate) bytes: String,
    /// Over characters.
    pub(crate) characters: String,
    /// Whether it tells characters beyond ASCII apart.
    pub(crate) tells_characters: bool,
    /// How many bytes of the text it took, its `]` included.
    pub(crate) length: usize,
}

const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";

/// Translates the bracket expression whose `[` was just before the text.
///
/// # Errors
///
/// GNU's message for a malformed one.
pub(crate) fn translate(text: &[u8]) -> Result<Bracket, String> {
    let negated = text.first() == Some(&b'^');
    let first = usize::from(negated);
    let open = if negated { "[^" } else { "[" };
    let (mut bytes, mut wide) = (String::from(open), String::from(open));
    let (mut at, mut tells, mut any) = (first, negated, false);
    loop {
        match text.get(at) {
            None => return Err(UNMATCHED.to_owned()),
            Some(b']') if at > first => break,
            Some(b'[') if text.get(at + 1) == Some(&b':') => {
                let (name, next) = named(text, at + 2, b':')?;
                let (narrow, class) = class(name)?;
                bytes.push_str(narrow);
                wide.push_str(class);
                (at, tells, any) = (next, true, true);
            }
            Some(_) => {
                let (low, next) = element(text, at)?;
                at = next;
                let mut high = low;
                if text.get(at) == Some(&b'-') && text.get(at + 1).is_some_and(|byte| *byte != b']') {
                    let (end, next) = element(text, at + 1)?;
                    if end < low {
                        return Err("Invalid range end".to_owned());
                    }
                    (high, at) = (end, next);
                }
                push_range(&mut wide, low, high);
                tells |= !high.is_ascii();
                if low.is_ascii() {
                    push_range(&mut bytes, low, high.min('\x7f'));
                    any = true;
                }
            }
        }
    }
    bytes.push(']');
    wide.push(']');
    if !any {
        // Nothing is left of it over bytes: it matches none, or any.
        bytes = if negated { r"(?s-u:.)" } else { r"[^\x00-\xff]" }.to_owned();
    }
    Ok(Bracket { bytes, characters: wide, tells_characters: tells, length: at + 1 })
}

/// Reads one element: a character, an escape, `[.x.]` or `[=x=]`; returns it and the place after.
fn element(text: &[u8], at: usize) -> Result<(char, usize), String> {
    let rest = text.get(at..).unwrap_or_default();
    match (rest.first(), rest.get(1)) {
        (Some(b'['), Some(kind @ (b'.' | b'='))) => {
            let (name, next) = named(text, at + 2, *kind)?;
            let only = characters::first_code(name).filter(|only| only.len_utf8() == name.len());
            Ok((only.ok_or("Invalid collation character")?, next))
        }
        (Some(b'\\'), Some(b'0'..=b'7')) => {
            let (byte, digits) = escape::octal(rest.get(1..).unwrap_or_default());
            Ok((char::from(byte), at + 1 + digits))
        }
        (Some(b'\\'), Some(b'x')) => {
            let (byte, digits) = escape::hex_byte(rest.get(2..).unwrap_or_default());
            Ok((char::from(byte.unwrap_or(b'x')), at + 2 + digits))
        }
        (Some(b'\\'), Some(letter)) if letter.is_ascii() => {
            Ok((char::from(escape::simple(*letter).unwrap_or(*letter)), at + 2))
        }
        (Some(byte), _) => {
            // A stray byte stands for the character of that number.
            let found = characters::first_code(rest).unwrap_or(char::from(*byte));
            Ok((found, at + characters::first_length(rest).max(1)))
        }
        (None, _) => Err(UNMATCHED.to_owned()),
    }
}

/// Reads up to `kind` and `]`; returns what stood before and the place after.
fn named(text: &[u8], start: usize, kind: u8) -> Result<(&[u8], usize), String> {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.windows(2).position(|pair| pair == [kind, b']']).ok_or(UNMATCHED)?;
    Ok((rest.get(..end).unwrap_or_default(), start + end + 2))
}

/// The classes of POSIX, over bytes and over characters.
fn class(name: &[u8]) -> Result<(&'static str, &'static str), String> {
    Ok(match name {
        b"alpha" => ("a-zA-Z", r"\p{Alphabetic}"),
        b"digit" => ("0-9", "0-9"),
        b"alnum" => ("a-zA-Z0-9", r"\p{Alphabetic}0-9"),
        b"upper" => ("A-Z", r"\p{Uppercase}"),
        b"lower" => ("a-z", r"\p{Lowercase}"),
        b"space" => (r"\t-\r\x20", r"\s"),
        b"blank" => (r"\t\x20", r"\t\x20"),
        b"punct" => (r"!-/:-@\[-`{-~", r"\p{Punctuation}\p{Symbol}"),
        b"print" => (r"\x20-\x7e", r"[\P{Cc}&&\P{Cn}]"),
        b"graph" => (r"\x21-\x7e", r"[\P{Cc}&&\P{Cn}&&\S]"),
        b"cntrl" => (r"\x00-\x1f\x7f", r"\p{Cc}"),
        b"xdigit" => ("0-9A-Fa-f", "0-9A-Fa-f"),
        _ => return Err("Invalid character class name".to_owned()),
    })
}

fn push_range(class: &mut String, low: char, high: char) {
    push(class, low);
    if high != low {
        class.push('-');
        push(class, high);
    }
}

/// Adds one literal character, escaped as a class wants it.
fn push(class: &mut String, character: char) {
    if character.is_ascii_alphanumeric() {
        class.push(character);
    } else {
        class.push_str(&format!("\\x{{{:x}}}", u32::from(character)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_classes_and_escapes() {
        let check = |text: &str, bytes: &str, length: usize| {
            let bracket = translate(text.as_bytes()).expect(text);
            assert_eq!((bracket.bytes.as_str(), bracket.length), (bytes, length), "{text}");
        };
        check("a-c]x", "[a-c]", 4);
        check("]a]", r"[\x{5d}a]", 3);
        check("^]a]", r"[^\x{5d}a]", 4);
        check(r"\t\]]", r"[\x{9}\x{5d}]", 5);
        check("[:digit:]-]", r"[0-9\x{2d}]", 11);
        check("a-]", r"[a\x{2d}]", 3);
        check("[.-.]]", r"[\x{2d}]", 6);
    }
}
