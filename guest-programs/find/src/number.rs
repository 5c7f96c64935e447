//! Numeric arguments: `n`, `+n`, `-n`.

use std::cmp::Ordering;

/// What a number is compared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// `-n`
    Less,
    /// `n`
    Equal,
    /// `+n`
    More,
}

/// A number and what is compared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) relation: Relation,
    pub(crate) number: u64,
}

impl Relation {
    /// Splits the sign off an argument.
    pub(crate) fn split(text: &str) -> (Self, &str) {
        match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(rest), _) => (Self::More, rest),
            (_, Some(rest)) => (Self::Less, rest),
            (None, None) => (Self::Equal, text),
        }
    }
}

impl Comparison {
    /// Reads a sign and a decimal number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (relation, digits) = Relation::split(text);
        decimal(digits).map(|number| Self { relation, number })
    }

    pub(crate) fn holds(self, value: u64) -> bool {
        matches!(
            (value.cmp(&self.number), self.relation),
            (Ordering::Less, Relation::Less) | (Ordering::Equal, Relation::Equal) | (Ordering::Greater, Relation::More)
        )
    }
}

/// Reads decimal digits and nothing else.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_makes_a_bound_of_a_number() {
        let holds = |text: &str| [4, 5, 6].map(|value| Comparison::parse(text).expect(text).holds(value));
        assert_eq!(holds("5"), [false, true, false]);
        assert_eq!(holds("+5"), [false, false, true]);
        assert_eq!(holds("-5"), [true, false, false]);
        for text in ["", "+", "x", "5x", "++5", "1.5"] {
            assert_eq!(Comparison::parse(text), None, "{text}");
        }
    }
}
