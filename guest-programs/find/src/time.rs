//! Tests of times: ages in units, and other files' times.

use std::time::Duration;

use sandshell_sys::Stat;

use crate::number::Relation;

/// Nanoseconds since 1970, or a difference of such.
pub(crate) type Nanos = i128;

const SECOND: Nanos = 1_000_000_000;
/// Nanoseconds of a minute.
pub(crate) const MINUTE: Nanos = 60 * SECOND;
/// Nanoseconds of a day.
pub(crate) const DAY: Nanos = 86_400 * SECOND;

/// Which time of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    Accessed,
    Changed,
    Modified,
}

impl Stamp {
    pub(crate) fn of(self, stat: &Stat) -> Nanos {
        nanos(match self {
            Self::Accessed => stat.accessed,
            Self::Changed => stat.changed,
            Self::Modified => stat.modified,
        })
    }
}

/// A time since 1970 as nanoseconds.
pub(crate) fn nanos(since: Duration) -> Nanos {
    Nanos::try_from(since.as_nanos()).unwrap_or(Nanos::MAX)
}

/// What a time is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    relation: Relation,
    reference: Nanos,
    /// With [`Relation::Equal`]: how long after the reference a time may be.
    window: Nanos,
}

impl Age {
    /// Later than another time.
    pub(crate) fn newer_than(reference: Nanos) -> Self {
        Self { relation: Relation::Less, reference, window: 0 }
    }

    /// `-mtime` and the like: whole days ago, a begun one not counted. `day` is when the last day began.
    pub(crate) fn days(text: &str, day: Nanos) -> Option<Self> {
        let (relation, number) = Relation::split(text);
        let back = units(number, DAY)?;
        let origin = if relation == Relation::Less { day + DAY } else { day };
        Some(Self { relation, reference: origin - back, window: DAY })
    }

    /// `-mmin` and the like: minutes ago, a begun one counted.
    pub(crate) fn minutes(text: &str, day: Nanos) -> Option<Self> {
        let (relation, number) = Relation::split(text);
        Some(Self { relation, reference: day + DAY - units(number, MINUTE)?, window: MINUTE })
    }

    pub(crate) fn holds(self, time: Nanos) -> bool {
        match self.relation {
            // Less time ago is later.
            Relation::Less => time > self.reference,
            Relation::More => time < self.reference,
            Relation::Equal => time > self.reference && time <= self.reference + self.window,
        }
    }
}

/// `-used`: days between the last change and the last access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    relation: Relation,
    days: Nanos,
}

impl Used {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (relation, number) = Relation::split(text);
        Some(Self { relation, days: units(number, DAY)? })
    }

    pub(crate) fn holds(self, stat: &Stat) -> bool {
        let unused = nanos(stat.accessed) - nanos(stat.changed);
        match self.relation {
            Relation::Less => unused < self.days,
            Relation::More => unused > self.days,
            Relation::Equal => unused <= self.days && unused > self.days - DAY,
        }
    }
}

/// Reads a decimal number, which may have a fraction, as so many units.
fn units(text: &str, unit: Nanos) -> Option<Nanos> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    // Ten centuries in days fit; what is longer than 18 digits is no age of a file.
    let whole: Nanos = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()?.into() };
    let mut place = unit;
    let mut sum = whole.checked_mul(unit)?;
    for digit in fraction.bytes().take(18) {
        place /= 10;
        sum += place * Nanos::from(digit - b'0');
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the ages, in hundredths of a unit, hold.
    fn which(age: Age, unit: Nanos, now: Nanos) -> Vec<i32> {
        [0, 50, 99, 100, 150, 200, 250, 300]
            .into_iter()
            .filter(|age_of| age.holds(now - unit * Nanos::from(*age_of) / 100))
            .collect()
    }

    #[test]
    fn days_are_counted_when_they_are_over() {
        let now = 100 * DAY;
        let check = |text: &str, expected: &[i32]| {
            assert_eq!(which(Age::days(text, now - DAY).expect(text), DAY, now), expected, "{text}");
        };
        check("0", &[0, 50, 99]);
        check("1", &[100, 150]);
        check("+0", &[150, 200, 250, 300]);
        check("+1", &[250, 300]);
        check("-1", &[0, 50, 99]);
        check("-2", &[0, 50, 99, 100, 150]);
    }

    #[test]
    fn minutes_are_counted_when_they_begin() {
        let now = 100 * DAY;
        let check = |text: &str, expected: &[i32]| {
            assert_eq!(which(Age::minutes(text, now - DAY).expect(text), MINUTE, now), expected, "{text}");
        };
        check("1", &[0, 50, 99]);
        check("2", &[100, 150]);
        check("+1", &[150, 200, 250, 300]);
        check("-1", &[0, 50, 99]);
        check("-1.5", &[0, 50, 99, 100]);
    }

    #[test]
    fn numbers_may_have_fractions_and_nothing_else() {
        assert_eq!((units("1.5", 100), units(".5", 100), units("2", 100)), (Some(150), Some(50), Some(200)));
        for text in ["", ".", "x", "-1", "1e3"] {
            assert_eq!(units(text, 1), None, "{text}");
        }
    }
}
