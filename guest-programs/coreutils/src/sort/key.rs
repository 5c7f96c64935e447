//! Keys of `sort -k`: where a key begins and ends in a line, and how it is compared.

use super::{bad_count, bad_key};

/// How texts are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Text = 0,
    Numeric,
    General,
    Human,
    Month,
    Random,
    Version,
}

/// The ordering options of a key, or of the whole sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a letter of a key")]
pub(crate) struct Ordering {
    /// A bit for each kind asked for; more than one is refused.
    kinds: u8,
    pub(crate) reverse: bool,
    pub(crate) fold: bool,
    pub(crate) dictionary: bool,
    pub(crate) printable: bool,
}

impl Ordering {
    /// Takes a letter. Answers whether it is one.
    pub(crate) fn apply(&mut self, letter: char) -> bool {
        match letter {
            'd' => self.dictionary = true,
            'f' => self.fold = true,
            'g' => self.set(Kind::General),
            'h' => self.set(Kind::Human),
            'i' => self.printable = true,
            'M' => self.set(Kind::Month),
            'n' => self.set(Kind::Numeric),
            'R' => self.set(Kind::Random),
            'r' => self.reverse = true,
            'V' => self.set(Kind::Version),
            _ => return false,
        }
        true
    }

    /// Returns the same but for the direction.
    pub(crate) fn without_reverse(self) -> Self {
        Self { reverse: false, ..self }
    }

    /// Asks for a kind.
    pub(crate) fn set(&mut self, kind: Kind) {
        self.kinds |= 1 << kind as u8;
    }

    /// Returns the kind, which is text when none was asked for.
    pub(crate) fn kind(self) -> Kind {
        KINDS.into_iter().find(|(kind, _)| self.has(*kind)).map_or(Kind::Text, |(kind, _)| kind)
    }

    fn has(self, kind: Kind) -> bool {
        self.kinds >> kind as u8 & 1 == 1
    }

    /// Returns the letters, when they cannot go together.
    pub(crate) fn clash(self) -> Option<String> {
        let numbers = [Kind::General, Kind::Human, Kind::Month, Kind::Numeric];
        let numbers = numbers.into_iter().filter(|kind| self.has(*kind)).count();
        let others = self.has(Kind::Random) || self.has(Kind::Version) || self.dictionary || self.printable;
        (numbers + usize::from(others) > 1).then(|| self.letters())
    }

    /// Returns the letters in GNU's order, but for `r`.
    fn letters(self) -> String {
        let switches = [('d', self.dictionary), ('f', self.fold), ('i', self.printable)];
        let kinds = KINDS.into_iter().map(|(kind, letter)| (letter, self.has(kind)));
        let mut letters: Vec<char> =
            switches.into_iter().chain(kinds).filter(|(_, on)| *on).map(|(letter, _)| letter).collect();
        letters.sort_by_key(|letter| "dfghiMnRV".find(*letter));
        letters.into_iter().collect()
    }
}

const KINDS: [(Kind, char); 6] = [
    (Kind::General, 'g'),
    (Kind::Human, 'h'),
    (Kind::Month, 'M'),
    (Kind::Numeric, 'n'),
    (Kind::Random, 'R'),
    (Kind::Version, 'V'),
];

/// A key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Key {
    pub(crate) start_field: usize,
    pub(crate) start_char: usize,
    /// Field (from 0) and character of the end; no character: the field's end. `None`: the line's end.
    pub(crate) end: Option<(usize, usize)>,
    pub(crate) skip_start_blanks: bool,
    pub(crate) skip_end_blanks: bool,
    pub(crate) ordering: Ordering,
}

impl Key {
    /// The whole line.
    pub(crate) fn line(ordering: Ordering, skip_blanks: bool) -> Self {
        Self { ordering, skip_start_blanks: skip_blanks, skip_end_blanks: skip_blanks, ..Self::default() }
    }

    /// Returns whether the key has ordering options of its own.
    pub(crate) fn is_plain(&self) -> bool {
        self.ordering == Ordering::default() && !self.skip_start_blanks && !self.skip_end_blanks
    }

    /// Parses `F[.C][OPTS][,F[.C][OPTS]]`.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn parse(text: &str) -> Result<Self, i32> {
        let mut key = Self::default();
        let (first, second) = text.split_once(',').map_or((text, None), |(first, second)| (first, Some(second)));
        let (field, character, rest) = position(first, "invalid number at field start")?;
        key.start_field = field.checked_sub(1).ok_or_else(|| bad_key("field number is zero", text))?;
        key.start_char = match character {
            None => 0,
            Some(0) => return Err(bad_key("character offset is zero", text)),
            Some(character) => character - 1,
        };
        key.letters(rest, true, text)?;
        if let Some(second) = second {
            let (field, character, rest) = position(second, "invalid number after ','")?;
            let field = field.checked_sub(1).ok_or_else(|| bad_key("field number is zero", text))?;
            key.end = Some((field, character.unwrap_or(0)));
            key.letters(rest, false, text)?;
        }
        Ok(key)
    }

    fn letters(&mut self, letters: &str, start: bool, text: &str) -> Result<(), i32> {
        for letter in letters.chars() {
            if letter == 'b' {
                if start {
                    self.skip_start_blanks = true;
                } else {
                    self.skip_end_blanks = true;
                }
            } else if !self.ordering.apply(letter) {
                return Err(bad_key("stray character in field spec", text));
            }
        }
        Ok(())
    }

    /// Returns the key's part of a line.
    pub(crate) fn of<'a>(&self, line: &'a [u8], separator: Option<u8>) -> &'a [u8] {
        let (start, end) = self.range(line, separator);
        &line[start..end]
    }

    /// Returns where the key begins and ends in a line.
    pub(crate) fn range(&self, line: &[u8], separator: Option<u8>) -> (usize, usize) {
        if self.start_field == 0 && self.start_char == 0 && self.end.is_none() && !self.skip_start_blanks {
            return (0, line.len());
        }
        let mut start = skip_fields(line, 0, self.start_field, separator, true);
        if self.skip_start_blanks {
            start = skip_blanks(line, start);
        }
        start = (start + self.start_char).min(line.len());
        let end = match self.end {
            None => line.len(),
            Some((field, 0)) => skip_fields(line, 0, field + 1, separator, false),
            Some((field, character)) => {
                let mut end = skip_fields(line, 0, field, separator, true);
                if self.skip_end_blanks {
                    end = skip_blanks(line, end);
                }
                (end + character).min(line.len())
            }
        };
        (start, end.max(start))
    }
}

/// Reads a number; answers it and what follows.
fn number(text: &str) -> (Option<usize>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    // A number beyond all lines is as good as any other.
    let value = (digits > 0).then(|| text[..digits].parse().unwrap_or(usize::MAX / 2));
    (value, &text[digits..])
}

/// Reads `F[.C]`; answers the numbers and the letters that follow.
fn position<'a>(part: &'a str, failure: &str) -> Result<(usize, Option<usize>, &'a str), i32> {
    let (field, rest) = number(part);
    let field = field.ok_or_else(|| bad_count(failure, part))?;
    match rest.strip_prefix('.') {
        None => Ok((field, None, rest)),
        Some(rest) => {
            let (character, after) = number(rest);
            Ok((field, Some(character.ok_or_else(|| bad_count("invalid number after '.'", rest))?), after))
        }
    }
}

pub(crate) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t' || byte == b'\n'
}

fn skip_blanks(line: &[u8], from: usize) -> usize {
    from + line[from..].iter().take_while(|byte| is_blank(**byte)).count()
}

/// Passes over fields. Behind a separator begins the next field, if that is wanted.
fn skip_fields(line: &[u8], from: usize, fields: usize, separator: Option<u8>, past_last: bool) -> usize {
    let mut at = from;
    for index in 0..fields {
        if at >= line.len() {
            break;
        }
        match separator {
            Some(separator) => {
                at += line[at..].iter().take_while(|&&byte| byte != separator).count();
                if at < line.len() && (past_last || index + 1 < fields) {
                    at += 1;
                }
            }
            None => {
                at = skip_blanks(line, at);
                at += line[at..].iter().take_while(|byte| !is_blank(**byte)).count();
            }
        }
    }
    at.min(line.len())
}
