//! Shell patterns over names: `*`, `?`, `[...]`, as `fnmatch` matches them.

/// Matches a file name; a leading dot needs a dot in the pattern.
pub(crate) fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && pattern.first() != Some(&b'.') {
        return false;
    }
    matches(pattern, name)
}

/// Matches any text; nothing is special about dots and slashes.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where to go on when the text after the last star does not fit.
    let mut retry: Option<(usize, usize)> = None;
    while from < text.len() {
        let step = match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, from));
                at += 1;
                continue;
            }
            Some(_) => one(&pattern[at..], &text[from..]),
            None => None,
        };
        match (step, retry) {
            (Some((in_pattern, in_text)), _) => {
                at += in_pattern;
                from += in_text;
            }
            (None, Some((after_star, start))) => {
                retry = Some((after_star, start + 1));
                (at, from) = (after_star, start + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// Matches one character; answers the bytes used of pattern and text.
fn one(pattern: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    let length = character_len(text);
    match pattern {
        [b'?', ..] => Some((1, length)),
        [b'[', rest @ ..] => match bracket(rest, &text[..length]) {
            Some((used, matched)) => matched.then_some((used + 1, length)),
            // Without its end a bracket is a character.
            None => (text.first() == Some(&b'[')).then_some((1, 1)),
        },
        [b'\\', escaped, ..] => (text.first() == Some(escaped)).then_some((2, 1)),
        [byte, ..] => (text.first() == Some(byte)).then_some((1, 1)),
        [] => None,
    }
}

fn character_len(text: &[u8]) -> usize {
    let length = match text.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        _ => 1,
    };
    if std::str::from_utf8(text.get(..length).unwrap_or(&[0xff])).is_ok() { length } else { 1 }
}

/// Matches a bracket expression after its `[`; answers the bytes used with the `]`, and whether it matched.
fn bracket(pattern: &[u8], character: &[u8]) -> Option<(usize, bool)> {
    let (negated, mut at) = match pattern.first() {
        Some(b'!' | b'^') => (true, 1),
        _ => (false, 0),
    };
    let start = at;
    let mut matched = false;
    loop {
        let rest = pattern.get(at..)?;
        match rest {
            [b']', ..] if at > start => return Some((at + 1, matched != negated)),
            [b'[', b':', class @ ..] if class.windows(2).any(|pair| pair == b":]") => {
                let end = class.windows(2).position(|pair| pair == b":]")?;
                matched |= in_class(&class[..end], character);
                at += end + 4;
            }
            [] => return None,
            _ => {
                let low = &rest[..character_len(rest)];
                at += low.len();
                let after = pattern.get(at..)?;
                if after.first() == Some(&b'-') && after.get(1).is_some_and(|&byte| byte != b']') {
                    let high = &after[1..=character_len(&after[1..])];
                    at += 1 + high.len();
                    // The order of UTF-8 is that of its characters.
                    matched |= low <= character && character <= high;
                } else {
                    matched |= low == character;
                }
            }
        }
    }
}

fn in_class(class: &[u8], character: &[u8]) -> bool {
    let Some(character) = std::str::from_utf8(character).ok().and_then(|text| text.chars().next()) else {
        return false;
    };
    match class {
        b"alpha" => character.is_alphabetic(),
        b"digit" => character.is_ascii_digit(),
        b"alnum" => character.is_alphanumeric(),
        b"upper" => character.is_uppercase(),
        b"lower" => character.is_lowercase(),
        b"space" => character.is_whitespace(),
        b"blank" => character == ' ' || character == '\t',
        b"punct" => character.is_ascii_punctuation(),
        b"cntrl" => character.is_control(),
        b"print" => !character.is_control(),
        b"graph" => !character.is_control() && !character.is_whitespace(),
        b"xdigit" => character.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_fnmatch_does() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        };
        check("*.o", "a.o", true);
        check("*.o", "a.oo", false);
        check("a*b*c", "axxbyybzc", true);
        check("[a-c]?", "bä", true);
        check("[!a]", "a", false);
        check("[[:digit:]]*", "7x", true);
        check("[", "[", true);
        check("\\*", "*", true);
        assert!(!matches_name(b"*", b".hidden"));
    }
}
