//! Bracket expressions `[...]`: sets of characters, for globs and regular expressions.

use crate::expand::text::{lower, upper};

/// A named class such as `[:alpha:]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Alnum,
    Alpha,
    Ascii,
    Blank,
    Cntrl,
    Digit,
    Graph,
    Lower,
    Print,
    Punct,
    Space,
    Upper,
    Word,
    Xdigit,
}

impl Named {
    fn from_name(name: &[u8]) -> Option<Named> {
        Some(match name {
            b"alnum" => Named::Alnum,
            b"alpha" => Named::Alpha,
            b"ascii" => Named::Ascii,
            b"blank" => Named::Blank,
            b"cntrl" => Named::Cntrl,
            b"digit" => Named::Digit,
            b"graph" => Named::Graph,
            b"lower" => Named::Lower,
            b"print" => Named::Print,
            b"punct" => Named::Punct,
            b"space" => Named::Space,
            b"upper" => Named::Upper,
            b"word" => Named::Word,
            b"xdigit" => Named::Xdigit,
            _ => return None,
        })
    }

    fn contains(self, c: char) -> bool {
        match self {
            Named::Alnum => c.is_alphanumeric(),
            Named::Alpha => c.is_alphabetic(),
            Named::Ascii => c.is_ascii(),
            Named::Blank => matches!(c, ' ' | '\t'),
            Named::Cntrl => c.is_control(),
            Named::Digit => c.is_ascii_digit(),
            Named::Graph => !c.is_control() && !c.is_whitespace(),
            Named::Lower => c.is_lowercase(),
            Named::Print => !c.is_control(),
            Named::Punct => {
                c.is_ascii_punctuation()
                    || (!c.is_ascii() && !c.is_alphanumeric() && !c.is_control() && !c.is_whitespace())
            }
            Named::Space => c.is_whitespace(),
            Named::Upper => c.is_uppercase(),
            Named::Word => c.is_alphanumeric() || c == '_',
            Named::Xdigit => c.is_ascii_hexdigit(),
        }
    }
}

/// A set of characters. Bytes that are no UTF-8 are in it only when they were written in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Class {
    negated: bool,
    fold: bool,
    /// Membership of the ASCII characters, before negation.
    ascii: [u64; 2],
    ranges: Vec<(char, char)>,
    named: Vec<Named>,
    bytes: Vec<u8>,
}

impl Class {
    /// Parses what follows `[` in `text`; answers the class and the length up to and including `]`. `None` when no `]`
    /// ends it. A backslash quotes the next character in globs and is ordinary in regular expressions.
    pub(super) fn parse(text: &[u8], escapes: bool, fold: bool) -> Option<(Class, usize)> {
        let mut class = Class { fold, ..Class::default() };
        let mut at = 0;
        if text.first() == Some(&b'^') || (escapes && text.first() == Some(&b'!')) {
            class.negated = true;
            at = 1;
        }
        let first = at;
        loop {
            if *text.get(at)? == b']' && at > first {
                class.index_ascii();
                return Some((class, at + 1));
            }
            if text[at..].starts_with(b"[:")
                && let Some(len) = text[at + 2..].windows(2).position(|pair| pair == b":]")
                && text[at + 2..at + 2 + len].iter().all(u8::is_ascii_alphabetic)
            {
                // An unknown name makes a class that holds nothing; a regular expression is wrong with it.
                let named = Named::from_name(&text[at + 2..at + 2 + len]);
                if named.is_none() && !escapes {
                    return None;
                }
                class.named.extend(named);
                at += len + 4;
                continue;
            }
            let (low, len) = member(&text[at..], escapes)?;
            at += len;
            if text.get(at) == Some(&b'-') && !matches!(text.get(at + 1), None | Some(b']')) {
                let (high, len) = member(&text[at + 1..], escapes)?;
                at += len + 1;
                match (low, high) {
                    (Member::Char(low), Member::Char(high)) if low <= high => class.ranges.push((low, high)),
                    (Member::Char(_), Member::Char(_)) if !escapes => return None,
                    _ => {}
                }
                continue;
            }
            match low {
                Member::Char(c) => class.ranges.push((c, c)),
                Member::Byte(byte) => class.bytes.push(byte),
            }
        }
    }

    /// Whether a character is in the set.
    #[inline]
    pub(super) fn contains(&self, c: char) -> bool {
        let code = u32::from(c);
        let found = if code < 128 { self.ascii[(code / 64) as usize] >> (code % 64) & 1 == 1 } else { self.lists(c) };
        found != self.negated
    }

    /// Whether a byte that is no UTF-8 is in the set.
    pub(super) fn contains_byte(&self, byte: u8) -> bool {
        self.bytes.contains(&byte) != self.negated
    }

    fn index_ascii(&mut self) {
        for code in 0..128u8 {
            if self.lists(char::from(code)) {
                self.ascii[usize::from(code / 64)] |= 1 << (code % 64);
            }
        }
    }

    fn lists(&self, c: char) -> bool {
        let listed = |c: char| {
            self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c))
                || self.named.iter().any(|named| named.contains(c))
        };
        listed(c) || (self.fold && (listed(lower(c)) || listed(upper(c))))
    }
}

#[derive(Clone, Copy)]
enum Member {
    Char(char),
    Byte(u8),
}

/// One member of a bracket expression: a character, `[.x.]` or `[=x=]`.
fn member(text: &[u8], escapes: bool) -> Option<(Member, usize)> {
    for mark in [b".", b"="] {
        let open = [b'[', mark[0]];
        let close = [mark[0], b']'];
        if text.starts_with(&open)
            && let Some(len) = text[2..].windows(2).position(|pair| pair == close)
        {
            let inside = &text[2..2 + len];
            let (member, used) = single(inside)?;
            if used == len {
                return Some((member, len + 4));
            }
            match collating_symbol(inside) {
                Some(c) => return Some((Member::Char(c), len + 4)),
                None if !escapes => return None,
                None => {}
            }
        }
    }
    if escapes && text.first() == Some(&b'\\') && text.len() > 1 {
        let (member, len) = single(&text[1..])?;
        return Some((member, len + 1));
    }
    single(text)
}

/// The character that POSIX names so.
fn collating_symbol(name: &[u8]) -> Option<char> {
    const NAMES: &[(&str, char)] = &[
        ("NUL", '\0'),
        ("alert", '\x07'),
        ("backspace", '\x08'),
        ("tab", '\t'),
        ("newline", '\n'),
        ("vertical-tab", '\x0b'),
        ("form-feed", '\x0c'),
        ("carriage-return", '\r'),
        ("space", ' '),
        ("exclamation-mark", '!'),
        ("quotation-mark", '"'),
        ("number-sign", '#'),
        ("dollar-sign", '$'),
        ("percent-sign", '%'),
        ("ampersand", '&'),
        ("apostrophe", '\''),
        ("left-parenthesis", '('),
        ("right-parenthesis", ')'),
        ("asterisk", '*'),
        ("plus-sign", '+'),
        ("comma", ','),
        ("hyphen", '-'),
        ("hyphen-minus", '-'),
        ("minus", '-'),
        ("dash", '-'),
        ("period", '.'),
        ("full-stop", '.'),
        ("slash", '/'),
        ("solidus", '/'),
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("colon", ':'),
        ("semicolon", ';'),
        ("less-than-sign", '<'),
        ("equals-sign", '='),
        ("greater-than-sign", '>'),
        ("question-mark", '?'),
        ("commercial-at", '@'),
        ("left-square-bracket", '['),
        ("backslash", '\\'),
        ("reverse-solidus", '\\'),
        ("right-square-bracket", ']'),
        ("circumflex", '^'),
        ("circumflex-accent", '^'),
        ("underscore", '_'),
        ("low-line", '_'),
        ("grave-accent", '`'),
        ("left-brace", '{'),
        ("left-curly-bracket", '{'),
        ("vertical-line", '|'),
        ("right-brace", '}'),
        ("right-curly-bracket", '}'),
        ("tilde", '~'),
        ("DEL", '\x7f'),
    ];
    NAMES.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, c)| *c)
}

fn single(text: &[u8]) -> Option<(Member, usize)> {
    let (c, len) = crate::expand::text::first_char(text);
    match c {
        Some(c) => Some((Member::Char(c), len)),
        None => text.first().map(|byte| (Member::Byte(*byte), 1)),
    }
}
