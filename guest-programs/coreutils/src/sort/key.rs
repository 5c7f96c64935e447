//! Keys of `sort -k`: where a key begins and ends in a line, and how it is compared.

use super::{bad_count, bad_key};

/// How texts are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Text,
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
    pub(crate) kind: Kind,
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
            'g' => self.kind = Kind::General,
            'h' => self.kind = Kind::Human,
            'i' => self.printable = true,
            'M' => self.kind = Kind::Month,
            'n' => self.kind = Kind::Numeric,
            'R' => self.kind = Kind::Random,
            'r' => self.reverse = true,
            'V' => self.kind = Kind::Version,
            _ => return false,
        }
        true
    }
}

/// A key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Key {
    start_field: usize,
    start_char: usize,
    /// Field (from 0) and character of the end; no character: the field's end. `None`: the line's end.
    end: Option<(usize, usize)>,
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
        let (field, character, rest) = position(first)?;
        key.start_field = field.checked_sub(1).ok_or_else(|| bad_key("field number is zero", text))?;
        key.start_char = match character {
            None => 0,
            Some(0) => return Err(bad_key("character offset is zero", text)),
            Some(character) => character - 1,
        };
        key.letters(rest, true, text)?;
        if let Some(second) = second {
            let (field, character, rest) = position(second)?;
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
        &line[start..end.max(start)]
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
fn position(part: &str) -> Result<(usize, Option<usize>, &str), i32> {
    let (field, rest) = number(part);
    let field = field.ok_or_else(|| bad_count("invalid number at field start", part))?;
    match rest.strip_prefix('.') {
        None => Ok((field, None, rest)),
        Some(rest) => {
            let (character, after) = number(rest);
            Ok((field, Some(character.ok_or_else(|| bad_count("invalid number after '.'", rest))?), after))
        }
    }
}

fn is_blank(byte: u8) -> bool {
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
