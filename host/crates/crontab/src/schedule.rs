//! When an entry fires: five fields, or a name for them.

use crate::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MINUTE, MONTH};
use crate::minute::Civil;
use crate::reason::Reason;

/// The names of schedules, and what they stand for; `@reboot` is none of times.
const NICKNAMES: &[(&[u8], &[u8])] = &[
    (b"@yearly", b"0 0 1 1 *"),
    (b"@annually", b"0 0 1 1 *"),
    (b"@monthly", b"0 0 1 * *"),
    (b"@weekly", b"0 0 * * 0"),
    (b"@daily", b"0 0 * * *"),
    (b"@midnight", b"0 0 * * *"),
    (b"@hourly", b"0 * * * *"),
];
const REBOOT: &[u8] = b"@reboot";

/// Days of the months, February's in leap years.
const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// When an entry fires. Some day will come for it: what never fires is not read.
///
/// When both days, of the month and of the week, are restricted, a day is right that is one of them; otherwise it must
/// be both. `*` does not restrict, and neither does `*/1`; `*/2` does (Debian's cron takes any field that begins with
/// `*` as not restricting; the older server, whose tables people have, does not).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Schedule(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    AtStart,
    At(Fields),
}

/// The fields of a schedule of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fields {
    pub(crate) minutes: Field,
    pub(crate) hours: Field,
    pub(crate) days_of_month: Field,
    pub(crate) months: Field,
    pub(crate) days_of_week: Field,
}

impl Schedule {
    /// Reads a schedule with nothing behind it but blanks.
    ///
    /// # Errors
    ///
    /// What is wrong with it; [`Reason::BadDayOfWeek`] when something follows.
    pub fn parse(text: &[u8]) -> Result<Self, Reason> {
        let (schedule, rest) = Self::parse_prefix(text)?;
        if rest.is_empty() { Ok(schedule) } else { Err(Reason::BadDayOfWeek) }
    }

    /// Reads a schedule at the beginning of a line; returns it and what follows, without the blanks between.
    pub(crate) fn parse_prefix(line: &[u8]) -> Result<(Self, &[u8]), Reason> {
        let line = line.trim_ascii_start();
        if line.first() == Some(&b'@') {
            let (name, rest) = word(line);
            if name == REBOOT {
                return Ok((Self(Kind::AtStart), rest));
            }
            let known = NICKNAMES.iter().find(|(nickname, _)| *nickname == name);
            let (_, fields) = known.ok_or(Reason::BadTimeSpecifier)?;
            return Ok((Self(Kind::At(Fields::parse(fields)?.0)), rest));
        }
        let (fields, rest) = Fields::parse(line)?;
        Ok((Self(Kind::At(fields)), rest))
    }

    /// Tells whether the schedule is `@reboot`: it fires when its session begins or comes back, and at no time.
    #[must_use]
    pub fn is_at_start(&self) -> bool {
        self.0 == Kind::AtStart
    }

    /// Returns the fields; `None` for `@reboot`.
    pub(crate) fn fields(&self) -> Option<&Fields> {
        match &self.0 {
            Kind::At(fields) => Some(fields),
            Kind::AtStart => None,
        }
    }
}

impl Fields {
    fn parse(line: &[u8]) -> Result<(Self, &[u8]), Reason> {
        let mut rest = line;
        let mut next = |kind, reason| {
            let (text, behind) = word(rest);
            rest = behind;
            Field::parse(kind, text).ok_or(reason)
        };
        let fields = Self {
            minutes: next(MINUTE, Reason::BadMinute)?,
            hours: next(HOUR, Reason::BadHour)?,
            days_of_month: next(DAY_OF_MONTH, Reason::BadDayOfMonth)?,
            months: next(MONTH, Reason::BadMonth)?,
            days_of_week: next(DAY_OF_WEEK, Reason::BadDayOfWeek)?,
        };
        if fields.has_a_day() { Ok((fields, rest)) } else { Err(Reason::NeverFires) }
    }

    fn has_a_day(&self) -> bool {
        let first_day = self.days_of_month.values().next().unwrap_or(u8::MAX);
        let days_of = |month: u8| DAYS.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or(0);
        self.either_day() || self.months.values().any(|month| first_day <= days_of(month))
    }

    /// Tells whether a day is right that is one of the month's or one of the week's.
    pub(crate) fn either_day(&self) -> bool {
        !self.days_of_month.is_open && !self.days_of_week.is_open
    }

    /// Tells whether the minute or the hour is left open, so that the schedule follows the passing of real time: a
    /// change of the clock neither repeats nor skips it. Other schedules name times of the clock.
    pub(crate) fn follows_real_time(&self) -> bool {
        self.minutes.begins_with_star || self.hours.begins_with_star
    }

    /// Tells whether a minute of the clock is one of the schedule's.
    pub(crate) fn has(&self, civil: Civil) -> bool {
        let at = civil.date_time();
        let has = |field: Field, value: i8| u8::try_from(value).is_ok_and(|value| field.has(value));
        let day_of_month = has(self.days_of_month, at.day());
        let day_of_week = has(self.days_of_week, at.weekday().to_sunday_zero_offset());
        let day = if self.either_day() { day_of_month || day_of_week } else { day_of_month && day_of_week };
        day && has(self.minutes, at.minute()) && has(self.hours, at.hour()) && has(self.months, at.month())
    }
}

/// Splits off the first word; returns it and what follows the blanks behind it.
fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (word, rest.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Reason {
        Schedule::parse(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn the_field_that_is_wrong_or_missing_is_told() {
        assert_eq!(reason("60 * * * *"), Reason::BadMinute);
        assert_eq!(reason(""), Reason::BadMinute);
        assert_eq!(reason("* 24 * * *"), Reason::BadHour);
        assert_eq!(reason("*"), Reason::BadHour);
        assert_eq!(reason("* * 0 * *"), Reason::BadDayOfMonth);
        assert_eq!(reason("* * * 13 *"), Reason::BadMonth);
        assert_eq!(reason("* * * * 8"), Reason::BadDayOfWeek);
        assert_eq!(reason("* * * *"), Reason::BadDayOfWeek);
        assert_eq!(reason("* * * * * *"), Reason::BadDayOfWeek);
        assert_eq!(reason("@every 5m"), Reason::BadTimeSpecifier);
        assert_eq!(reason("@"), Reason::BadTimeSpecifier);
        assert_eq!(reason("@DAILY"), Reason::BadTimeSpecifier);
    }

    #[test]
    fn what_never_fires_is_refused() {
        for text in ["0 0 31 2 *", "0 0 30,31 feb *", "0 0 31 2,4,6,9,11 *", "0 0 31 2 */1"] {
            assert_eq!(reason(text), Reason::NeverFires, "{text}");
        }
        for text in ["0 0 29 2 *", "0 0 31 2,3 *", "0 0 31 2 1", "0 0 30 4 *", "0 0 29-31 2 *"] {
            assert!(Schedule::parse(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn names_stand_for_fields() {
        let same = |name: &str, fields: &str| {
            assert_eq!(Schedule::parse(name.as_bytes()), Schedule::parse(fields.as_bytes()), "{name}");
        };
        same("@yearly", "0 0 1 1 *");
        same("@annually", "0 0 1 1 *");
        same("@monthly", "0 0 1 * *");
        same("@weekly", "0 0 * * 0");
        same("@daily", "0 0 * * *");
        same("@midnight ", "\t0  0\t* * * ");
        same("@hourly", "0 * * * *");
        assert!(Schedule::parse(b"@reboot").expect("a schedule").is_at_start());
        assert!(!Schedule::parse(b"@daily").expect("a schedule").is_at_start());
    }
}
