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
    pub(crate) keys: Vec<Key>,
    pub(crate) separator: Option<u8>,
    pub(crate) stable: bool,
    pub(crate) reverse: bool,
    pub(crate) unique: bool,
    pub(crate) end: u8,
    /// What the hash of `-R` starts with: another order with each run.
    pub(crate) salt: u64,
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
        let mut rules = Self {
            keys: Vec::new(),
            separator: None,
            stable: false,
            reverse: false,
            unique: false,
            end: b'\n',
            salt: 0,
        };
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
                    let kind = kinds[grammar.choose("--sort", &option.text(), WORDS)?];
                    global.set(kind);
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
        for ordering in rules.keys.iter().map(|key| key.ordering).chain([global]) {
            if let Some(letters) = ordering.clash() {
                complain(grammar.program, &format!("options '-{letters}' are incompatible"));
                return Err(2);
            }
        }
        for key in &mut rules.keys {
            if key.is_plain() {
                key.ordering = global;
                key.skip_start_blanks = blanks;
                key.skip_end_blanks = blanks;
            }
        }
        if rules.keys.is_empty() && (global.without_reverse() != KeyOrdering::default() || blanks) {
            rules.keys.push(Key::line(global, blanks));
        }
        Ok(rules)
    }

    /// Compares two lines.
    pub(crate) fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        for key in &self.keys {
            let order = self.compare_keys(key.of(a, self.separator), key.of(b, self.separator), key.ordering);
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

    fn compare_keys(&self, a: &[u8], b: &[u8], ordering: KeyOrdering) -> Ordering {
        let order = match ordering.kind() {
            Kind::Numeric => numeric(a, b),
            Kind::General => general(a).cmp(&general(b)),
            Kind::Human => human(a).cmp(&human(b)).then_with(|| numeric(a, b)),
            Kind::Month => month(a).cmp(&month(b)),
            Kind::Random => {
                let (a, b) = (letters(a, ordering), letters(b, ordering));
                self.shuffle(&a).cmp(&self.shuffle(&b)).then_with(|| a.cmp(&b))
            }
            Kind::Version => versions::compare(&letters(a, ordering), &letters(b, ordering)),
            Kind::Text => letters(a, ordering).cmp(&letters(b, ordering)),
        };
        if ordering.reverse { order.reverse() } else { order }
    }

    /// A number that is as the key is: when two lines' numbers differ, their first keys differ the same way.
    pub(crate) fn rank(&self, line: &[u8]) -> u64 {
        let Some(first) = self.keys.first() else {
            let rank = start_of(line);
            return if self.reverse { !rank } else { rank };
        };
        let key = first.of(line, self.separator);
        let rank = match first.ordering.kind() {
            Kind::Numeric => numeric_rank(key),
            Kind::General => general(key),
            Kind::Month => u64::try_from(month(key)).unwrap_or(0),
            Kind::Random => self.shuffle(&letters(key, first.ordering)),
            Kind::Text => start_of(&letters(key, first.ordering)),
            Kind::Human | Kind::Version => 0,
        };
        if first.ordering.reverse { !rank } else { rank }
    }

    /// A number that says nothing of the text's order (FNV-1a, mixed once more).
    fn shuffle(&self, text: &[u8]) -> u64 {
        let start = 0xcbf2_9ce4_8422_2325 ^ self.salt;
        let hash = text.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// The first bytes as a number that orders as they do.
fn start_of(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(start) => u64::from_be_bytes(*start),
        None => text.iter().chain(std::iter::repeat(&0)).take(8).fold(0, |rank, byte| rank << 8 | u64::from(*byte)),
    }
}

/// A number's rank: its thousandths, as far as they go, and whether there is more behind them.
fn numeric_rank(text: &[u8]) -> u64 {
    /// Whole parts of more digits than this are all one rank.
    const WHOLE_DIGITS: usize = 15;
    const MIDDLE: u64 = 1 << 63;
    let (negative, whole, fraction, _) = number(text);
    let digits = |text: &[u8]| text.iter().fold(0u64, |value, byte| value * 10 + u64::from(byte - b'0'));
    let (value, more) = if whole.len() > WHOLE_DIGITS {
        (10u64.pow(15) * 1000, 1)
    } else {
        let (start, rest) = fraction.split_at(fraction.len().min(3));
        let thousandths = digits(start) * [1000, 100, 10, 1][start.len()];
        (digits(whole) * 1000 + thousandths, u64::from(!rest.is_empty()))
    };
    let rank = value * 2 + more;
    if negative { MIDDLE - rank } else { MIDDLE + rank }
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
    let blanks = text.iter().take_while(|byte| super::key::is_blank(**byte)).count();
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

/// A floating-point number's rank; what is none comes first, then what is no number by its own word.
fn general(text: &[u8]) -> u64 {
    match floating(text) {
        None => 0,
        Some(value) if value.is_nan() => 1,
        // Zero has no sign here; the bits of the others order as the numbers do, once the sign is turned.
        Some(value) => {
            let bits = (value + 0.0).to_bits();
            if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
        }
    }
}

/// Reads the number a text begins with, as `strtold` does.
fn floating(text: &[u8]) -> Option<f64> {
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let text = &text[blanks..floating_end(text)];
    let negative = text.first() == Some(&b'-');
    let value = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let magnitude = match value {
        [] => return None,
        [b'n' | b'N', ..] => f64::NAN,
        [b'i' | b'I', ..] => f64::INFINITY,
        [b'0', b'x' | b'X', digits @ ..] => {
            digits.iter().fold(0.0, |sum, byte| sum * 16.0 + f64::from(char::from(*byte).to_digit(16).unwrap_or(0)))
        }
        decimal => std::str::from_utf8(decimal).ok()?.parse().ok()?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Returns where the number that a text begins with ends; without one, where the blanks do.
pub(crate) fn floating_end(text: &[u8]) -> usize {
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start = blanks + usize::from(matches!(text.get(blanks), Some(b'-' | b'+')));
    let value = &text[start..];
    let word = |word: &[u8]| value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if word(b"nan") || word(b"inf") {
        return start + 3;
    }
    if word(b"0x") {
        return start + 2 + value[2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    }
    let count = |from: usize| value.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let whole = count(0);
    let mut end = whole;
    if value.get(end) == Some(&b'.') {
        end += 1 + count(end + 1);
    }
    if whole == 0 && end < 2 {
        return blanks;
    }
    if matches!(value.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(value.get(end + 1), Some(b'-' | b'+')));
        let digits = count(end + 1 + sign);
        end += if digits > 0 { 1 + sign + digits } else { 0 };
    }
    start + end
}

/// Returns where the number of `-n` or `-h` that a text begins with ends; without one, where the blanks do.
pub(crate) fn number_end(text: &[u8], with_suffix: bool) -> usize {
    let (_, _, _, rest) = number(text);
    let end = text.len() - rest.len();
    if !text[..end].iter().any(u8::is_ascii_digit) {
        return text.iter().take_while(|byte| super::key::is_blank(**byte)).count();
    }
    let suffix = with_suffix && rest.first().is_some_and(|letter| b"kKMGTPEZYRQ".contains(letter));
    end + usize::from(suffix)
}

/// Returns a month's number, which a text begins with; 0 for none.
pub(crate) fn month(text: &[u8]) -> usize {
    let blanks = text.iter().take_while(|byte| super::key::is_blank(**byte)).count();
    let start: Vec<u8> = text[blanks..].iter().take(3).map(u8::to_ascii_uppercase).collect();
    MONTHS.iter().position(|month| **month == *start).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_order_as_numbers_do() {
        let check = |a: &str, b: &str, expected: Ordering| {
            assert_eq!(numeric(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
            let ranks = numeric_rank(a.as_bytes()).cmp(&numeric_rank(b.as_bytes()));
            assert!(ranks == expected || ranks == Ordering::Equal, "{a} {b}");
        };
        check("1", "2", Ordering::Less);
        check("-1.0005", "-1", Ordering::Less);
        check("1.0005", "1.0004", Ordering::Greater);
        check("123456789012345678901", "123456789012345678902", Ordering::Less);
        check("999999999999999", "1000000000000000", Ordering::Less);
        check("-0", "0", Ordering::Equal);
        check(" .5", "x", Ordering::Greater);
        check("-999999999999999.9999", "-1000000000000000", Ordering::Greater);
    }

    #[test]
    fn floating_points_are_read_as_far_as_they_go() {
        let check = |text: &str, expected: Option<f64>| assert_eq!(floating(text.as_bytes()), expected, "{text}");
        check("1e3x", Some(1000.0));
        check("1e", Some(1.0));
        check(" -.5", Some(-0.5));
        check("0x10", Some(16.0));
        check("-inf", Some(f64::NEG_INFINITY));
        check(".", None);
        check("e5", None);
        assert!(
            general(b"-2") < general(b"-1") && general(b"nan") < general(b"-inf") && general(b"x") < general(b"nan")
        );
    }
}
