//! One of the five fields of a schedule: which numbers it names.

/// The values of a field, bit N for the number N.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    bits: u64,
    /// An item is `*`, or `*/1`: the field does not restrict anything.
    pub(crate) is_open: bool,
    /// The field begins with `*`, whatever its step.
    pub(crate) begins_with_star: bool,
}

/// What numbers and names a field may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    first: u8,
    last: u8,
    /// Three letters each, for the numbers from `first` on.
    names: &'static [&'static [u8; 3]],
}

pub(crate) const MINUTE: Kind = Kind { first: 0, last: 59, names: &[] };
pub(crate) const HOUR: Kind = Kind { first: 0, last: 23, names: &[] };
pub(crate) const DAY_OF_MONTH: Kind = Kind { first: 1, last: 31, names: &[] };
pub(crate) const MONTH: Kind = Kind {
    first: 1,
    last: 12,
    names: &[b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"],
};
/// Sunday is 0; 7 is read as 0.
pub(crate) const DAY_OF_WEEK: Kind =
    Kind { first: 0, last: 6, names: &[b"sun", b"mon", b"tue", b"wed", b"thu", b"fri", b"sat"] };

/// The other number of Sunday.
const SEVEN: u8 = 7;

impl Field {
    /// Reads a field: items between commas, each `*`, a number or name, or a range `A-B` whose end is not before its
    /// start; all may have a step `/N`, where a single number stands for the range from it to the last. `None`: it is
    /// wrong.
    pub(crate) fn parse(kind: Kind, text: &[u8]) -> Option<Self> {
        let mut field = Self { bits: 0, is_open: false, begins_with_star: text.first() == Some(&b'*') };
        for item in text.split(|byte| *byte == b',') {
            field.add(kind, item)?;
        }
        Some(field)
    }

    fn add(&mut self, kind: Kind, item: &[u8]) -> Option<()> {
        let (range, step) = match split_at(item, b'/') {
            Some((range, step)) => (range, Some(number(step).filter(|step| *step > 0)?)),
            None => (item, None),
        };
        let (first, last) = match (range, split_at(range, b'-'), step) {
            (b"*", _, _) => (kind.first, kind.last),
            (_, Some((first, last)), _) => (kind.value(first)?, kind.value(last)?),
            (single, None, None) => (kind.value(single)?, kind.value(single)?),
            (single, None, Some(_)) => {
                let first = kind.value(single)?;
                (first, kind.last.max(first))
            }
        };
        if first > last {
            return None;
        }
        let step = step.unwrap_or(1);
        self.is_open |= range == b"*" && step == 1;
        for value in (first..=last).step_by(usize::from(step)) {
            self.bits |= 1 << if value > kind.last { kind.first } else { value };
        }
        Some(())
    }

    /// Tells whether the field names a number.
    pub(crate) fn has(self, value: u8) -> bool {
        value < 64 && self.bits & (1 << value) != 0
    }

    /// Returns the numbers in their order.
    pub(crate) fn values(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |value| self.has(*value))
    }
}

impl Kind {
    /// Reads a number or a name, in any case of its letters.
    fn value(self, text: &[u8]) -> Option<u8> {
        if let Some(value) = number(text) {
            let is_sunday = self.last == DAY_OF_WEEK.last && value == u16::from(SEVEN);
            return u8::try_from(value).ok().filter(|value| (self.first..=self.last).contains(value) || is_sunday);
        }
        let at = self.names.iter().position(|name| name.eq_ignore_ascii_case(text))?;
        Some(self.first + u8::try_from(at).ok()?)
    }
}

fn split_at(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Reads digits; a step may be larger than any value.
fn number(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u16, |value, byte| match byte {
        b'0'..=b'9' => value.checked_mul(10)?.checked_add(u16::from(byte - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, text: &str, expected: &[u8]) {
        let read = Field::parse(kind, text.as_bytes()).map(|field| field.values().collect::<Vec<_>>());
        assert_eq!(read.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn items_are_numbers_ranges_and_steps() {
        check(MINUTE, "5", &[5]);
        check(MINUTE, "05,59,0", &[0, 5, 59]);
        check(MINUTE, "*/20", &[0, 20, 40]);
        check(MINUTE, "50/4", &[50, 54, 58]);
        check(MINUTE, "10-20/5,1", &[1, 10, 15, 20]);
        check(MINUTE, "*/60", &[0]);
        check(MINUTE, "*/1000", &[0]);
        check(HOUR, "*", &(0..24).collect::<Vec<_>>());
        check(HOUR, "7-7", &[7]);
        check(DAY_OF_MONTH, "*/10", &[1, 11, 21, 31]);
    }

    #[test]
    fn months_and_days_have_names() {
        check(MONTH, "Jan,DEC,mar-may", &[1, 3, 4, 5, 12]);
        check(DAY_OF_WEEK, "mon-fri/2", &[1, 3, 5]);
        check(DAY_OF_WEEK, "sun,SAT", &[0, 6]);
    }

    #[test]
    fn sunday_is_0_and_7() {
        check(DAY_OF_WEEK, "7", &[0]);
        check(DAY_OF_WEEK, "5-7", &[0, 5, 6]);
        check(DAY_OF_WEEK, "0-7", &[0, 1, 2, 3, 4, 5, 6]);
        check(DAY_OF_WEEK, "1-7/2", &[0, 1, 3, 5]);
        check(DAY_OF_WEEK, "*/7", &[0]);
        check(DAY_OF_WEEK, "7/2", &[0]);
        check(DAY_OF_WEEK, "5/1", &[5, 6]);
    }

    #[test]
    fn what_is_neither_is_refused() {
        let wrong =
            ["", ",", "1,", "60", "-1", "5-1", "*/0", "*/", "1-", "-", "a", "1-2-3", "1/2/3", "**", "*-5", "+1", "? "];
        for text in wrong.into_iter().chain(["99999999999999999999", "1-99999", "jan"]) {
            assert_eq!(Field::parse(MINUTE, text.as_bytes()), None, "{text}");
        }
        for (kind, text) in [(HOUR, "24"), (DAY_OF_MONTH, "0"), (DAY_OF_MONTH, "32"), (MONTH, "0"), (MONTH, "13")] {
            assert_eq!(Field::parse(kind, text.as_bytes()), None, "{text}");
        }
        for text in ["8", "fri-mon", "fri-sun", "monday", "jan", "0-8"] {
            assert_eq!(Field::parse(DAY_OF_WEEK, text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_star_is_open_and_its_steps_are_not() {
        let read = |text: &str| Field::parse(HOUR, text.as_bytes()).expect("right");
        assert!(read("*").is_open && read("*/1").is_open && read("3,*").is_open);
        assert!(!read("*/2").is_open && !read("0-23").is_open);
        assert!(read("*/2").begins_with_star && !read("3,*").begins_with_star && !read("0-23").begins_with_star);
    }
}
