//! The right side of `s`: text, references to groups and changes of case.

use crate::escape::{self, Use};

/// A part of a replacement.
#[derive(Debug, PartialEq)]
pub(crate) enum Part {
    Text(Vec<u8>),
    /// A group; 0 is the whole match.
    Group(usize),
    Case(Case),
}

/// A change of case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Case {
    /// `\U`: from here on.
    Upper,
    /// `\L`: from here on.
    Lower,
    /// `\E`: no longer.
    End,
    /// `\u`: the next character.
    UpperNext,
    /// `\l`: the next character.
    LowerNext,
}

/// A replacement.
pub(crate) struct Replacement {
    pub(crate) parts: Vec<Part>,
    /// The greatest group it refers to.
    pub(crate) groups: usize,
    /// As it was written.
    pub(crate) source: Vec<u8>,
}

impl Replacement {
    /// Reads what stood between delimiters.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let escaped = escape::replace(text, Use::Replacement);
        let mut parts = Vec::new();
        let mut literal = Vec::new();
        let mut groups = 0;
        let mut bytes = escaped.iter().copied();
        while let Some(byte) = bytes.next() {
            let part = match byte {
                b'&' => Part::Group(0),
                b'\\' => match bytes.next() {
                    Some(digit @ b'0'..=b'9') => Part::Group(usize::from(digit - b'0')),
                    Some(b'U') => Part::Case(Case::Upper),
                    Some(b'L') => Part::Case(Case::Lower),
                    Some(b'E') => Part::Case(Case::End),
                    Some(b'u') => Part::Case(Case::UpperNext),
                    Some(b'l') => Part::Case(Case::LowerNext),
                    Some(b'n') => {
                        literal.push(b'\n');
                        continue;
                    }
                    other => {
                        literal.push(other.unwrap_or(b'\\'));
                        continue;
                    }
                },
                _ => {
                    literal.push(byte);
                    continue;
                }
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            if let Part::Group(group) = part {
                groups = groups.max(group);
            }
            parts.push(part);
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Self { parts, groups, source: text.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_cases_part_the_text() {
        let replacement = Replacement::parse(br"a\&&\2\U\x26\n\q");
        let expected = [
            Part::Text(b"a&".to_vec()),
            Part::Group(0),
            Part::Group(2),
            Part::Case(Case::Upper),
            Part::Text(b"&\nq".to_vec()),
        ];
        assert_eq!(replacement.parts, expected);
        assert_eq!(replacement.groups, 2);
    }
}
