//! Months, and which day of the week each of their days is.

/// The names of the months.
const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The month in which the calendar changed, and its days that were not.
const REFORM: Month = Month::new(1752, 8);
const SKIPPED: std::ops::RangeInclusive<i64> = 3..=13;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    /// Months since January of the year 0.
    number: i64,
}

/// One day of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// Its number in the month.
    pub(super) of_month: i64,
    /// Its number in the year.
    pub(super) of_year: i64,
    /// 0 is Sunday.
    pub(super) weekday: i64,
}

impl Month {
    /// Returns a month; January is 0.
    pub(super) const fn new(year: i64, month: i64) -> Self {
        Self { number: year * 12 + month }
    }

    pub(super) fn year(self) -> i64 {
        self.number.div_euclid(12)
    }

    /// Which month of the year it is; January is 0.
    pub(super) fn of_year(self) -> i64 {
        self.number.rem_euclid(12)
    }

    pub(super) fn name(self) -> &'static str {
        usize::try_from(self.of_year()).ok().and_then(|month| NAMES.get(month)).copied().unwrap_or_default()
    }

    /// The month so many months later.
    pub(super) fn later(self, months: i64) -> Self {
        Self { number: self.number + months }
    }

    /// All days of the month that were.
    pub(super) fn days(self) -> Vec<Day> {
        let before: i64 = (0..self.of_year()).map(|month| Self::new(self.year(), month).length()).sum();
        let weekday = self.first_weekday();
        let dates = (1..=self.last_date()).filter(|date| self != REFORM || !SKIPPED.contains(date));
        let day = |(at, of_month): (i64, i64)| Day {
            of_month,
            of_year: before + 1 + at,
            weekday: (weekday + at).rem_euclid(7),
        };
        (0..).zip(dates).map(day).collect()
    }

    /// How many days the month has.
    fn length(self) -> i64 {
        let skipped = if self == REFORM { SKIPPED.end() - SKIPPED.start() + 1 } else { 0 };
        self.last_date() - skipped
    }

    fn last_date(self) -> i64 {
        let year = self.year();
        let is_leap = year % 4 == 0 && (self < REFORM || year % 100 != 0 || year % 400 == 0);
        match self.of_year() {
            1 if is_leap => 29,
            1 => 28,
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        }
    }

    /// The weekday of the first.
    fn first_weekday(self) -> i64 {
        // March begins the year, so that the leap day is its last.
        let (year, month) =
            if self.of_year() < 2 { (self.year() - 1, self.of_year() + 10) } else { (self.year(), self.of_year() - 2) };
        let days = year * 365 + year.div_euclid(4) + (month * 153 + 2) / 5;
        let centuries = if self <= REFORM { 1 } else { 3 - year.div_euclid(100) + year.div_euclid(400) };
        (days + centuries).rem_euclid(7)
    }
}

/// Which month a number or a name is, from 0; three letters of a name are enough.
pub(super) fn named(text: &str) -> Option<i64> {
    const LETTERS_MIN: usize = 3;
    if let Ok(number) = text.parse::<i64>() {
        return (1..=12).contains(&number).then(|| number - 1);
    }
    let begins = |name: &str| name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
    let at = NAMES.iter().position(|name| text.len() >= LETTERS_MIN && begins(name))?;
    i64::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(year: i64, month: i64) -> i64 {
        Month::new(year, month - 1).days()[0].weekday
    }

    #[test]
    fn weekdays_are_those_of_the_calendar_of_the_time() {
        assert_eq!([first(2024, 2), first(2026, 11), first(1970, 1), first(2000, 3)], [4, 0, 4, 3]);
        assert_eq!([first(1752, 9), first(1752, 10), first(1700, 2), first(1, 1)], [2, 0, 4, 6]);
    }

    #[test]
    fn months_have_the_days_that_were() {
        let days = |year: i64, month: i64| Month::new(year, month - 1).days();
        assert_eq!(
            [days(2024, 2).len(), days(1900, 2).len(), days(1700, 2).len(), days(2000, 2).len()],
            [29, 28, 29, 29]
        );
        let reform = days(1752, 9);
        assert_eq!(reform.len(), 19);
        assert_eq!((reform[1].of_month, reform[1].of_year), (2, 246));
        assert_eq!((reform[2].of_month, reform[2].of_year, reform[2].weekday), (14, 247, 4));
        assert_eq!(days(2024, 12)[30].of_year, 366);
    }

    #[test]
    fn months_are_named_by_number_or_name() {
        assert_eq!([named("2"), named("feb"), named("SEPT"), named("december")], [Some(1), Some(1), Some(8), Some(11)]);
        assert_eq!([named("0"), named("13"), named("fe"), named("febx"), named("é")], [None; 5]);
    }
}
