//! Dates as `-newermt` takes them: ISO 8601, seconds after `@`, and the words of GNU's `date` that scripts use.
//!
//! Times without a zone are UTC, which is what a session's clock shows.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use crate::time::Nanos;

const SECOND: Nanos = 1_000_000_000;

/// Reads a date; `now` is what relative words start from.
pub(crate) fn parse(text: &str, now: Nanos) -> Option<Nanos> {
    let text = text.trim().replace(',', " ");
    if let Some(seconds) = text.strip_prefix('@') {
        return epoch(seconds);
    }
    let start = Timestamp::from_nanosecond(now).ok()?.to_zoned(TimeZone::UTC).datetime();
    let mut reading = Reading { start, ..Reading::default() };
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        at += reading.read(rest)?;
    }
    reading.finish()
}

/// Reads seconds since 1970 with an optional fraction.
fn epoch(text: &str) -> Option<Nanos> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: Nanos = whole.parse::<i64>().ok()?.into();
    Some(seconds * SECOND + fraction_of(fraction)?)
}

/// Reads the digits behind the point of a second.
fn fraction_of(digits: &str) -> Option<Nanos> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
    nine.parse().ok()
}

/// What the words have said so far.
#[derive(Default)]
struct Reading {
    start: DateTime,
    date: Option<Date>,
    time: Option<Time>,
    zone: Option<Offset>,
    /// The sum of relative words; the last of them apart, since `ago` may follow.
    moved: Vec<Span>,
}

impl Reading {
    /// Reads what the first words mean; answers how many they are.
    fn read(&mut self, words: &[&str]) -> Option<usize> {
        let word = words.first()?.to_ascii_lowercase();
        let next = words.get(1).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
        if self.word(&word) {
            return Some(1);
        }
        if let Some(number) = integer(&word)
            && let Some(month) = month(&next)
        {
            let year = words.get(2).and_then(|year| integer(year)).filter(|year| *year > 31);
            self.date = Some(date(year.unwrap_or(self.start.year().into()), month, number)?);
            return Some(if year.is_some() { 3 } else { 2 });
        }
        if let Some(month) = month(&word) {
            let day = integer(&next)?;
            let year = words.get(2).and_then(|year| integer(year)).filter(|year| *year > 31);
            self.date = Some(date(year.unwrap_or(self.start.year().into()), month, day)?);
            return Some(if year.is_some() { 3 } else { 2 });
        }
        let counted = match word.as_str() {
            "next" => Some(1),
            "last" => Some(-1),
            word => integer(word),
        };
        if let Some(count) = counted
            && let Some(span) = span(count, &next)
        {
            self.moved.push(span);
            return Some(2);
        }
        if let Some(span) = span(1, &word) {
            self.moved.push(span);
            return Some(1);
        }
        // An ISO date and time in one word.
        if let Some((day, time)) = word.split_once('t')
            && let Some(day) = iso_date(day)
        {
            self.date = Some(day);
            return self.time_of_day(time).then_some(1);
        }
        if let Some(day) = iso_date(&word) {
            self.date = Some(day);
            return Some(1);
        }
        self.time_of_day(&word).then_some(1)
    }

    /// Takes a word that stands for itself.
    fn word(&mut self, word: &str) -> bool {
        match word {
            "now" | "today" => {}
            "yesterday" => self.moved.push(Span::new().days(-1)),
            "tomorrow" => self.moved.push(Span::new().days(1)),
            "midnight" => self.time = Some(Time::midnight()),
            "noon" => self.time = Time::new(12, 0, 0, 0).ok(),
            "utc" | "gmt" | "z" => self.zone = Some(Offset::UTC),
            "ago" => match self.moved.pop() {
                Some(span) => self.moved.push(span.negate()),
                None => return false,
            },
            _ => match zone(word) {
                // A sign alone would make a count of "+1 day".
                Some(offset) if word.len() > 3 => self.zone = Some(offset),
                _ => return false,
            },
        }
        true
    }

    /// Takes `HH:MM`, seconds and their fraction, and a zone behind them.
    fn time_of_day(&mut self, text: &str) -> bool {
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
        let (clock, rest) = text.split_at(end);
        let fields: Vec<&str> = clock.split(':').collect();
        let [hour, minute, seconds @ ..] = fields.as_slice() else { return false };
        let (second, fraction) = match seconds {
            [] => ("0", ""),
            [seconds] => seconds.split_once('.').unwrap_or((seconds, "")),
            _ => return false,
        };
        let field = |text: &str| text.parse::<i8>().ok();
        let (Some(hour), Some(minute), Some(second)) = (field(hour), field(minute), field(second)) else {
            return false;
        };
        let Some(fraction) = fraction_of(fraction).and_then(|nanos| i32::try_from(nanos).ok()) else { return false };
        let Ok(time) = Time::new(hour, minute, second, fraction) else { return false };
        self.time = Some(time);
        if rest.is_empty() {
            return true;
        }
        self.zone = zone(rest);
        self.zone.is_some()
    }

    fn finish(self) -> Option<Nanos> {
        let time = match (self.time, self.date) {
            (Some(time), _) => time,
            (None, Some(_)) => Time::midnight(),
            (None, None) => self.start.time(),
        };
        let mut moment = self.date.unwrap_or(self.start.date()).to_datetime(time);
        for span in self.moved {
            moment = moment.checked_add(span).ok()?;
        }
        let zone = self.zone.unwrap_or(Offset::UTC);
        Some(zone.to_timestamp(moment).ok()?.as_nanosecond())
    }
}

fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Reads `YYYY-MM-DD`, `YYYYMMDD`, `YYYY/MM/DD` or `MM/DD/YYYY`.
fn iso_date(text: &str) -> Option<Date> {
    let is_digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits {
        return date(integer(&text[..4])?, integer(&text[4..6])?, integer(&text[6..])?);
    }
    let separator = if text.contains('/') { '/' } else { '-' };
    let fields: Option<Vec<i64>> = text.split(separator).map(integer).collect();
    match *fields?.as_slice() {
        [year, month, day] if year > 31 => date(year, month, day),
        [month, day, year] if separator == '/' => date(year, month, day),
        _ => None,
    }
}

fn month(word: &str) -> Option<i64> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = NAMES.iter().position(|name| word == *name || (word.len() == 3 && name.starts_with(word)))?;
    i64::try_from(at + 1).ok()
}

/// Reads `Z`, `UTC`, `+HH`, `+HHMM` or `+HH:MM`.
fn zone(text: &str) -> Option<Offset> {
    if matches!(text, "z" | "utc" | "gmt") {
        return Some(Offset::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text[1..].replace(':', "");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn span(count: i64, unit: &str) -> Option<Span> {
    let span = Span::new();
    match unit.strip_suffix('s').filter(|unit| !unit.is_empty()).unwrap_or(unit) {
        "sec" | "second" => span.try_seconds(count),
        "min" | "minute" => span.try_minutes(count),
        "hour" => span.try_hours(count),
        "day" => span.try_days(count),
        "week" => span.try_weeks(count),
        "fortnight" => span.try_weeks(count.checked_mul(2)?),
        "month" => span.try_months(count),
        "year" => span.try_years(count),
        _ => return None,
    }
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-10 12:00:00 UTC.
    const NOW: Nanos = 1_710_072_000 * SECOND;

    #[test]
    fn dates_are_read_as_gnu_date_reads_them() {
        let check =
            |text: &str, seconds: i64| assert_eq!(parse(text, NOW), Some(Nanos::from(seconds) * SECOND), "{text}");
        check("2024-01-02", 1_704_153_600);
        check("20240102", 1_704_153_600);
        check("2024/01/02", 1_704_153_600);
        check("1/2/2024", 1_704_153_600);
        check("2 Jan 2024", 1_704_153_600);
        check("January 2, 2024", 1_704_153_600);
        check("2024-01-02 03:04", 1_704_164_640);
        check("2024-01-02T03:04:05Z", 1_704_164_645);
        check("2024-01-02 03:04:05 +0100", 1_704_161_045);
        check("2024-01-02T03:04:05+01:00", 1_704_161_045);
        check("@1704164645", 1_704_164_645);
        check("now", 1_710_072_000);
        check("yesterday", 1_709_985_600);
        check("2 days ago", 1_709_899_200);
        check("1 hour ago", 1_710_068_400);
        check("+1 day", 1_710_158_400);
        check("-1 day", 1_709_985_600);
        check("last week", 1_709_467_200);
        check("2024-01-02 1 day", 1_704_240_000);
        check("13:00", 1_710_075_600);
    }

    #[test]
    fn a_second_may_have_a_fraction() {
        assert_eq!(parse("2024-01-02 03:04:05.25", NOW), Some(1_704_164_645_250_000_000));
        assert_eq!(parse("@1.5", NOW), Some(1_500_000_000));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "garbage", "2024-13-01", "25:00", "ago", "5", "@x", "12:00x"] {
            assert_eq!(parse(text, NOW), None, "{text}");
        }
    }
}
