//! Shell patterns over bytes, as `fnmatch(3)` matches them.
//!
//! A `*` is remembered once, so that matching takes at most pattern times text steps.

/// How a pattern matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent flags of fnmatch")]
pub(crate) struct Flags {
    /// `*`, `?` and brackets are special; otherwise every character is itself.
    pub(crate) wildcards: bool,
    /// `*`, `?` and brackets do not match `/`.
    pub(crate) slash_is_special: bool,
    /// The pattern may match only a leading part that ends before a `/`.
    pub(crate) leading_directory: bool,
    /// Letters match in either case.
    pub(crate) ignore_case: bool,
}

/// Tells whether a pattern matches the whole text, or a leading directory of it.
pub(crate) fn matches(pattern: &[u8], text: &[u8], flags: Flags) -> bool {
    let (mut at, mut place) = (0, 0);
    // Where to go on when what follows the last `*` does not fit: behind it, with one more byte taken by it.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = if at == pattern.len() {
            let is_end = place == text.len() || (flags.leading_directory && text.get(place) == Some(&b'/'));
            if is_end {
                return true;
            }
            None
        } else if flags.wildcards && pattern.get(at) == Some(&b'*') {
            retry = Some((at + 1, place));
            at += 1;
            continue;
        } else {
            text.get(place).and_then(|byte| one(pattern.get(at..)?, *byte, flags))
        };
        match (step, retry) {
            (Some(length), _) => {
                at += length;
                place += 1;
            }
            (None, Some((after, taken))) => {
                match text.get(taken) {
                    None => return false,
                    Some(b'/') if flags.slash_is_special => return false,
                    Some(_) => {}
                }
                retry = Some((after, taken + 1));
                (at, place) = (after, taken + 1);
            }
            (None, None) => return false,
        }
    }
}

/// Matches the first element of a pattern that is no `*`; answers its length.
fn one(pattern: &[u8], byte: u8, flags: Flags) -> Option<usize> {
    let fold = |byte: u8| if flags.ignore_case { byte.to_ascii_lowercase() } else { byte };
    let literal = |wanted: u8, length: usize| (fold(wanted) == fold(byte)).then_some(length);
    if !flags.wildcards {
        return literal(*pattern.first()?, 1);
    }
    match pattern {
        [b'?', ..] => (byte != b'/' || !flags.slash_is_special).then_some(1),
        [b'\\', escaped, ..] => literal(*escaped, 2),
        [b'[', rest @ ..] => match bracket(rest, &fold, byte) {
            Some((is_in, length)) => (is_in && (byte != b'/' || !flags.slash_is_special)).then_some(length + 1),
            None => literal(b'[', 1),
        },
        [other, ..] => literal(*other, 1),
        [] => None,
    }
}

/// Reads a bracket expression behind its `[`: whether the byte is in it, and its length with the `]`. `None`: it is none.
fn bracket(text: &[u8], fold: &dyn Fn(u8) -> u8, byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(text.first(), Some(b'!' | b'^'));
    let first = usize::from(negated);
    let (mut at, mut is_in) = (first, false);
    loop {
        let low = *text.get(at)?;
        if low == b']' && at > first {
            return Some((is_in != negated, at + 1));
        }
        if low == b'[' && text.get(at + 1) == Some(&b':') {
            let rest = text.get(at + 2..)?;
            let length = rest.windows(2).position(|pair| pair == b":]")?;
            is_in |= class(rest.get(..length)?, byte);
            at += length + 4;
            continue;
        }
        let escaped = usize::from(low == b'\\' && at + 1 < text.len());
        let low = *text.get(at + escaped)?;
        at += 1 + escaped;
        match (text.get(at), text.get(at + 1)) {
            (Some(b'-'), Some(high)) if *high != b']' => {
                is_in |= (low..=*high).contains(&byte) || (fold(low)..=fold(*high)).contains(&fold(byte));
                at += 2;
            }
            _ => is_in |= fold(low) == fold(byte),
        }
    }
}

fn class(name: &[u8], byte: u8) -> bool {
    match name {
        b"alpha" => byte.is_ascii_alphabetic(),
        b"digit" => byte.is_ascii_digit(),
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"upper" => byte.is_ascii_uppercase(),
        b"lower" => byte.is_ascii_lowercase(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"blank" => byte == b' ' || byte == b'\t',
        b"punct" => byte.is_ascii_punctuation(),
        b"print" => byte.is_ascii_graphic() || byte == b' ',
        b"graph" => byte.is_ascii_graphic(),
        b"cntrl" => byte.is_ascii_control(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Tells whether a word has a character that is special in a pattern.
pub(crate) fn has_wildcards(word: &[u8]) -> bool {
    word.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Flags =
        Flags { wildcards: true, slash_is_special: false, leading_directory: false, ignore_case: false };

    #[test]
    fn patterns_match_whole_texts() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), PLAIN), expected, "{pattern} {text}");
        };
        check("*.c", "a/b.c", true);
        check("a*b*c", "aXbYbZc", true);
        check("a*b*c", "aXbYbZ", false);
        check("[!a-c]?", "dx", true);
        check("[]x]", "]", true);
        check("[[:digit:]z]", "7", true);
        check("[a", "[a", true);
        check(r"\*", "*", true);
        check(r"\*", "x", false);
        check("", "", true);
        check("**", "", true);
    }

    #[test]
    fn flags_change_what_slashes_and_letters_mean() {
        let check = |pattern: &str, text: &str, flags: Flags, expected: bool| {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), flags), expected, "{pattern} {text}");
        };
        check("*.c", "a/b.c", Flags { slash_is_special: true, ..PLAIN }, false);
        check("a?b", "a/b", Flags { slash_is_special: true, ..PLAIN }, false);
        check("d", "d/x", Flags { leading_directory: true, ..PLAIN }, true);
        check("d*", "da/x/y", Flags { leading_directory: true, slash_is_special: true, ..PLAIN }, true);
        check("d", "dx", Flags { leading_directory: true, ..PLAIN }, false);
        check("A[b-c]", "aB", Flags { ignore_case: true, ..PLAIN }, true);
        check("a*", "a*", Flags { wildcards: false, ..PLAIN }, true);
        check("a*", "ab", Flags { wildcards: false, ..PLAIN }, false);
    }

    #[test]
    fn many_stars_take_no_more_than_their_product() {
        let (pattern, text) = (b"*a".repeat(500), b"a".repeat(20_000));
        assert!(matches(&[&pattern[..], b"*"].concat(), &text, PLAIN));
        assert!(!matches(&[&pattern[..], b"b"].concat(), &text, PLAIN));
    }
}
