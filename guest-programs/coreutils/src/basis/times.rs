//! Times as GNU's programs write them: the zone of `TZ`, `strftime`, and the styles of `ls` and `du`.
//!
//! Without `TZ` the zone is UTC; its tables are only consulted for another one.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = [
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
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAY_SECS: i64 = 86_400;
/// Half of the mean Gregorian year: what `ls -l` calls recent.
const RECENT_SECS: i64 = 31_556_952 / 2;

/// A time zone.
pub(crate) enum Zone {
    /// Universal time, by the name it was asked for.
    Utc,
    /// Another zone.
    Table(Box<jiff::tz::TimeZone>),
}

impl Zone {
    /// Reads `TZ`: a name of the database or a rule of POSIX. What is neither is UTC.
    pub(crate) fn of_environment() -> Self {
        let zone = sandshell_sys::local_zone();
        if zone == jiff::tz::TimeZone::UTC { Self::Utc } else { Self::Table(Box::new(zone)) }
    }

    /// Returns the offset in seconds east of Greenwich at a time, and the zone's abbreviation then.
    fn offset(&self, secs: i64) -> (i64, String) {
        let Self::Table(zone) = self else { return (0, "UTC".to_owned()) };
        let Ok(time) = jiff::Timestamp::from_second(secs) else { return (0, "UTC".to_owned()) };
        let info = zone.to_offset_info(time);
        (info.offset().seconds().into(), info.abbreviation().to_owned())
    }
}

/// Returns the time of day, since 1970.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A time broken into its parts.
struct Parts {
    secs: i64,
    nanos: u32,
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    week_day: i64,
    year_day: i64,
    offset: i64,
    zone: String,
}

/// Returns year, month (0 to 11) and day (from 1) of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, usize, i64) {
    // Years begin in March here, so that the leap day is a year's last.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 2 } else { month - 10 };
    let year = year_of_era + era * 400 + i64::from(month < 2);
    (year, usize::try_from(month).unwrap_or(0), day)
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn year_day(year: i64, month: usize, day: i64) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    BEFORE[month.min(11)] + day - 1 + i64::from(month > 1 && is_leap(year))
}

impl Parts {
    fn new(time: Duration, zone: &Zone) -> Self {
        let secs = i64::try_from(time.as_secs()).unwrap_or(i64::MAX / 2);
        let (offset, name) = zone.offset(secs);
        let local = secs + offset;
        let days = local.div_euclid(DAY_SECS);
        let of_day = local.rem_euclid(DAY_SECS);
        let (year, month, day) = civil(days);
        Self {
            secs,
            nanos: time.subsec_nanos(),
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            week_day: (days + 4).rem_euclid(7),
            year_day: year_day(year, month, day),
            offset,
            zone: name,
        }
    }

    /// ISO 8601 year and week.
    fn iso_week(&self) -> (i64, i64) {
        let from_monday = (self.week_day + 6) % 7;
        let week = (self.year_day - from_monday + 10) / 7;
        let weeks_of = |year: i64| {
            let first = |year: i64| (year + year / 4 - year / 100 + year / 400) % 7;
            if first(year) == 4 || first(year - 1) == 3 { 53 } else { 52 }
        };
        if week < 1 {
            (self.year - 1, weeks_of(self.year - 1))
        } else if week > weeks_of(self.year) {
            (self.year + 1, 1)
        } else {
            (self.year, week)
        }
    }

    fn month_name(&self) -> &'static str {
        MONTHS.get(self.month).copied().unwrap_or("?")
    }

    fn day_name(&self) -> &'static str {
        usize::try_from(self.week_day).ok().and_then(|day| DAYS.get(day)).copied().unwrap_or("?")
    }

    fn zone_number(&self, colon: &str) -> String {
        let (sign, offset) = if self.offset < 0 { ('-', -self.offset) } else { ('+', self.offset) };
        format!("{sign}{:02}{colon}{:02}", offset / 3600, offset / 60 % 60)
    }
}

/// How a number is filled up to its width.
#[derive(Clone, Copy)]
struct Field {
    pad: Option<char>,
    width: Option<usize>,
    upper: bool,
}

impl Field {
    fn number(self, value: i64, width: usize, pad: char) -> String {
        let width = self.width.unwrap_or(width);
        match self.pad.unwrap_or(pad) {
            '-' => value.to_string(),
            '_' | ' ' => format!("{value:width$}"),
            _ => format!("{value:0width$}"),
        }
    }

    fn word(self, word: &str) -> String {
        let word = if self.upper { word.to_uppercase() } else { word.to_owned() };
        format!("{word:>width$}", width = self.width.unwrap_or(0))
    }
}

/// Writes a time by a format of `strftime` with GNU's `%N`, `%:z`, flags and widths.
pub(crate) fn format(time: Duration, format: &str, zone: &Zone) -> String {
    let parts = Parts::new(time, zone);
    let mut out = String::new();
    let mut rest = format.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let mut spelled = String::from('%');
        let mut field = Field { pad: None, width: None, upper: false };
        let mut colons = 0;
        let letter = loop {
            let Some(next) = rest.next() else { break None };
            spelled.push(next);
            match next {
                '-' | '_' => field.pad = Some(next),
                '0' if field.width.is_none() => field.pad = Some('0'),
                '^' => field.upper = true,
                '#' => field.upper = true,
                ':' => colons += 1,
                '0'..='9' => {
                    let digit = next.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or(0);
                    // Wider than any file name makes no sense; GNU refuses such widths too.
                    field.width = Some((field.width.unwrap_or(0) * 10 + digit).min(255));
                }
                'E' | 'O' => {}
                letter => break Some(letter),
            }
        };
        match letter.and_then(|letter| directive(&parts, letter, field, colons, zone, time)) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&spelled),
        }
    }
    out
}

fn directive(parts: &Parts, letter: char, field: Field, colons: usize, zone: &Zone, time: Duration) -> Option<String> {
    let again = |text: &str| Some(field.word(&self::format(time, text, zone)));
    let twelve = if parts.hour % 12 == 0 { 12 } else { parts.hour % 12 };
    let half = if parts.hour < 12 { "AM" } else { "PM" };
    Some(match letter {
        'a' => field.word(&parts.day_name()[..3]),
        'A' => field.word(parts.day_name()),
        'b' | 'h' => field.word(&parts.month_name()[..3]),
        'B' => field.word(parts.month_name()),
        'C' => field.number(parts.year / 100, 2, '0'),
        'd' => field.number(parts.day, 2, '0'),
        'e' => field.number(parts.day, 2, '_'),
        'g' => field.number(parts.iso_week().0 % 100, 2, '0'),
        'G' => field.number(parts.iso_week().0, 4, '0'),
        'H' => field.number(parts.hour, 2, '0'),
        'I' => field.number(twelve, 2, '0'),
        'j' => field.number(parts.year_day + 1, 3, '0'),
        'k' => field.number(parts.hour, 2, '_'),
        'l' => field.number(twelve, 2, '_'),
        'm' => field.number(i64::try_from(parts.month).unwrap_or(0) + 1, 2, '0'),
        'M' => field.number(parts.minute, 2, '0'),
        'N' => {
            let digits = field.width.unwrap_or(9).clamp(1, 9);
            format!("{:09}", parts.nanos)[..digits].to_owned()
        }
        'p' => field.word(half),
        'P' => field.word(&half.to_lowercase()),
        's' => field.number(parts.secs, 1, '0'),
        'S' => field.number(parts.second, 2, '0'),
        'u' => field.number((parts.week_day + 6) % 7 + 1, 1, '0'),
        'U' => field.number((parts.year_day + 7 - parts.week_day) / 7, 2, '0'),
        'V' => field.number(parts.iso_week().1, 2, '0'),
        'w' => field.number(parts.week_day, 1, '0'),
        'W' => field.number((parts.year_day + 7 - (parts.week_day + 6) % 7) / 7, 2, '0'),
        'y' => field.number(parts.year.rem_euclid(100), 2, '0'),
        'Y' => field.number(parts.year, 1, '0'),
        'z' => field.word(&parts.zone_number(if colons == 0 { "" } else { ":" })),
        'Z' => field.word(&parts.zone),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        '%' => "%".to_owned(),
        'c' => return again("%a %b %e %H:%M:%S %Y"),
        'D' | 'x' => return again("%m/%d/%y"),
        'F' => return again("%Y-%m-%d"),
        'r' => return again("%I:%M:%S %p"),
        'R' => return again("%H:%M"),
        'T' | 'X' => return again("%H:%M:%S"),
        _ => return None,
    })
}

/// How `ls` and `du` write times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeStyle {
    old: String,
    recent: String,
}

impl TimeStyle {
    /// The style of a listing when none is asked for.
    pub(crate) fn locale() -> Self {
        Self { old: "%b %e  %Y".to_owned(), recent: "%b %e %H:%M".to_owned() }
    }

    /// One format for all times.
    pub(crate) fn always(format: &str) -> Self {
        Self { old: format.to_owned(), recent: format.to_owned() }
    }

    /// Parses the value of `--time-style`. `None`: GNU has no such style.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(format) = text.strip_prefix('+') {
            let (old, recent) = format.split_once('\n').unwrap_or((format, format));
            return Some(Self { old: old.to_owned(), recent: recent.to_owned() });
        }
        // In the C locale the posix- prefix means the locale's own style.
        let style = match text.strip_prefix("posix-") {
            Some(_) => "locale",
            None => text,
        };
        Some(match style {
            "full-iso" => Self::always("%Y-%m-%d %H:%M:%S.%N %z"),
            "long-iso" => Self::always("%Y-%m-%d %H:%M"),
            "iso" => Self { old: "%Y-%m-%d ".to_owned(), recent: "%m-%d %H:%M".to_owned() },
            "locale" => Self::locale(),
            _ => return None,
        })
    }

    /// Writes a time, seen from `now`.
    pub(crate) fn show(&self, time: Duration, now: Duration, zone: &Zone) -> String {
        let secs = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX / 2);
        let recent = time < now && secs(now) - secs(time) < RECENT_SECS;
        format(time, if recent { &self.recent } else { &self.old }, zone)
    }
}

/// Writes a time as `seconds.nanoseconds`.
pub(crate) fn seconds(time: Duration) -> String {
    let mut text = String::new();
    // A string takes whatever is written.
    let _ = write!(text, "{}.{:09}", time.as_secs(), time.subsec_nanos());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_by_their_format() {
        let time = Duration::new(1_577_934_245, 123_456_789);
        let check = |text: &str, expected: &str| assert_eq!(format(time, text, &Zone::Utc), expected);
        check("%Y-%m-%d %H:%M:%S.%N %z", "2020-01-02 03:04:05.123456789 +0000");
        check("%a %b %e %j %U %V %G %u", "Thu Jan  2 002 00 01 2020 4");
        check("%-d/%_m %3N %% %q %I%p", "2/ 1 123 % %q 03AM");
        check("%^a %10Y", "THU 0000002020");
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 0, 1));
        assert_eq!(civil(-1), (1969, 11, 31));
        assert_eq!(civil(11_016), (2000, 1, 29));
        assert_eq!(year_day(2000, 11, 31), 365);
    }
}
