//! How two lines compare.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::key::{Key, Kind, Ordering as KeyOrdering};
use crate::basis::errors::complain;
use crate::basis::options::{Given, Grammar};
use crate::basis::quoting::locale;
use crate::basis::versions;

const MONTHS: [&[u8]; 12] =
    [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"];

/// What the options say about the order.
pub(crate) struct Rules {
    keys: Vec<Key>,
    separator: Option<u8>,
    stable: bool,
    reverse: bool,
    pub(crate) unique: bool,
    pub(crate) end: u8,
}

impl Rules {
    /// Reads the ordering options.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn parse(grammar: &Grammar, given: &[Given]) -> Result<Self, i32> {
        let mut global = KeyOrdering::default();
        let mut blanks = false;
        let mut rules =
            Self { keys: Vec::new(), separator: None, stable: false, reverse: false, unique: false, end: b'\n' };
        for option in given {
            match option.id {
                "b" => blanks = true,
                "s" => rules.stable = true,
                "u" => rules.unique = true,
                "z" => rules.end = 0,
                "k" => rules.keys.push(Key::parse(&option.text())?),
                "t" => rules.separator = Some(separator(grammar, &option.text())?),
                "sort" => {
                    const WORDS: &[&[&str]] = &[
                        &["general-numeric"],
                        &["human-numeric"],
                        &["month"],
                        &["numeric"],
                        &["random"],
                        &["version"],
                    ];
                    let kinds = [Kind::General, Kind::Human, Kind::Month, Kind::Numeric, Kind::Random, Kind::Version];
                    global.kind = kinds[grammar.choose("--sort", &option.text(), WORDS)?];
                }
                letter => {
                    let mut letters = letter.chars();
                    if let (Some(letter), None) = (letters.next(), letters.next()) {
                        global.apply(letter);
                    }
                }
            }
        }
        rules.reverse = global.reverse;
        for key in &mut rules.keys {
            if key.is_plain() {
                key.ordering = global;
                key.skip_start_blanks = blanks;
                key.skip_end_blanks = blanks;
            }
        }
        if rules.keys.is_empty()
            && (global != KeyOrdering { reverse: global.reverse, ..KeyOrdering::default() } || blanks)
        {
            rules.keys.push(Key::line(global, blanks));
        }
        Ok(rules)
    }

    /// Compares two lines.
    pub(crate) fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        for key in &self.keys {
            let order = compare_keys(key.of(a, self.separator), key.of(b, self.separator), key.ordering);
            if order != Ordering::Equal {
                return order;
            }
        }
        // Without keys the line itself is the key.
        if !self.keys.is_empty() && (self.stable || self.unique) {
            return Ordering::Equal;
        }
        let order = a.cmp(b);
        if self.reverse { order.reverse() } else { order }
    }
}

fn separator(grammar: &Grammar, text: &str) -> Result<u8, i32> {
    match text.as_bytes() {
        b"\\0" => Ok(0),
        [byte] => Ok(*byte),
        [] => {
            complain(grammar.program, "empty tab");
            Err(2)
        }
        _ => {
            complain(grammar.program, &format!("multi-character tab {}", locale(text)));
            Err(2)
        }
    }
}

fn compare_keys(a: &[u8], b: &[u8], ordering: KeyOrdering) -> Ordering {
    let order = match ordering.kind {
        Kind::Numeric => numeric(a, b),
        Kind::General => general(a).partial_cmp(&general(b)).unwrap_or(Ordering::Equal),
        Kind::Human => human(a).cmp(&human(b)).then_with(|| numeric(a, b)),
        Kind::Month => month(a).cmp(&month(b)),
        Kind::Random => shuffle(&letters(a, ordering)).cmp(&shuffle(&letters(b, ordering))),
        Kind::Version => versions::compare(&letters(a, ordering), &letters(b, ordering)),
        Kind::Text => letters(a, ordering).cmp(&letters(b, ordering)),
    };
    if ordering.reverse { order.reverse() } else { order }
}

/// The bytes that count, in the case they count in.
fn letters(text: &[u8], ordering: KeyOrdering) -> Cow<'_, [u8]> {
    if !(ordering.fold || ordering.dictionary || ordering.printable) {
        return Cow::Borrowed(text);
    }
    let counts = |byte: &u8| {
        (!ordering.dictionary || byte.is_ascii_alphanumeric() || *byte == b' ' || *byte == b'\t')
            && (!ordering.printable || matches!(byte, b' '..=b'~'))
    };
    let cased = |byte: u8| if ordering.fold { byte.to_ascii_uppercase() } else { byte };
    Cow::Owned(text.iter().copied().filter(|byte| counts(byte)).map(cased).collect())
}

/// Splits a number into sign, digits before and after the point, without what does not count.
fn number(text: &[u8]) -> (bool, &[u8], &[u8], &[u8]) {
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let text = &text[blanks..];
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let zeros = text.iter().take_while(|&&byte| byte == b'0').count();
    let text = &text[zeros..];
    let whole = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (whole, rest) = text.split_at(whole);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()),
        _ => (&[][..], rest),
    };
    let length = fraction.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1);
    (negative, whole, &fraction[..length], rest)
}

fn numeric(a: &[u8], b: &[u8]) -> Ordering {
    let (negative_a, whole_a, fraction_a, _) = number(a);
    let (negative_b, whole_b, fraction_b, _) = number(b);
    let zero = |whole: &[u8], fraction: &[u8]| whole.is_empty() && fraction.is_empty();
    let sign = |negative: bool, zero: bool| if zero { 0 } else { 1 - 2 * i8::from(negative) };
    let (sign_a, sign_b) = (sign(negative_a, zero(whole_a, fraction_a)), sign(negative_b, zero(whole_b, fraction_b)));
    let order = sign_a.cmp(&sign_b);
    if order != Ordering::Equal {
        return order;
    }
    let size =
        whole_a.len().cmp(&whole_b.len()).then_with(|| whole_a.cmp(whole_b)).then_with(|| fraction_a.cmp(fraction_b));
    if sign_a < 0 { size.reverse() } else { size }
}

/// The rank of a number's suffix; a negative number's counts the other way.
fn human(text: &[u8]) -> i32 {
    let (negative, whole, fraction, rest) = number(text);
    if whole.is_empty() && fraction.is_empty() {
        return 0;
    }
    let rank = match rest.first() {
        Some(b'k' | b'K') => 1,
        Some(letter) => {
            b"MGTPEZYRQ".iter().position(|known| known == letter).map_or(0, |at| i32::try_from(at).unwrap_or(0) + 2)
        }
        None => 0,
    };
    if negative { -rank - 1 } else { rank + 1 }
}

/// A floating-point number; what is none comes first, then what is no number by its own word.
fn general(text: &[u8]) -> (u8, f64) {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    // The longest start that is a number counts.
    let longest = (1..=text.len().min(64)).rev().filter(|end| text.is_char_boundary(*end));
    let value = longest.map(|end| text[..end].trim_end()).find_map(|start| start.parse::<f64>().ok());
    match value {
        None => (0, 0.0),
        Some(value) if value.is_nan() => (1, 0.0),
        Some(value) => (2, value),
    }
}

fn month(text: &[u8]) -> usize {
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start: Vec<u8> = text[blanks..].iter().take(3).map(u8::to_ascii_uppercase).collect();
    MONTHS.iter().position(|month| **month == *start).map_or(0, |at| at + 1)
}

/// A number that says nothing of the text's order (FNV-1a).
fn shuffle(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
