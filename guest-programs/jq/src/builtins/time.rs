//! Dates and times: seconds since 1970 and broken-down times.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Native, Result, strftime, strptime, take};
use crate::message::{Failure, error};
use crate::value::Value;

pub(super) const NATIVES: &[Native] = &[
    Native { name: "now", arity: 0, run: |_, _, _| Ok(now()) },
    Native { name: "mktime", arity: 0, run: |_, input, _| make(&input) },
    Native { name: "gmtime", arity: 0, run: |_, input, _| parts_of(&input, &Zone::Utc, "gmtime") },
    Native { name: "localtime", arity: 0, run: |_, input, _| parts_of(&input, &Zone::of_environment(), "localtime") },
    Native { name: "strftime", arity: 1, run: |_, input, args| write(&input, &take(args, 0), &Zone::Utc, "strftime") },
    Native {
        name: "strflocaltime",
        arity: 1,
        run: |_, input, args| write(&input, &take(args, 0), &Zone::of_environment(), "strflocaltime"),
    },
    Native { name: "strptime", arity: 1, run: |_, input, args| read(&input, &take(args, 0)) },
];

/// A time zone.
pub(super) enum Zone {
    Utc,
    Table(Box<jiff::tz::TimeZone>),
}

impl Zone {
    /// The zone of `TZ`: a name of the database or a rule of POSIX; else UTC.
    pub(super) fn of_environment() -> Self {
        let zone = sandshell_sys::local_zone();
        if zone == jiff::tz::TimeZone::UTC { Self::Utc } else { Self::Table(Box::new(zone)) }
    }

    /// Seconds east of Greenwich at a time, and the zone's abbreviation then.
    fn offset(&self, seconds: i64) -> (i64, String) {
        let Self::Table(zone) = self else { return (0, "UTC".into()) };
        let Ok(time) = jiff::Timestamp::from_second(seconds) else { return (0, "UTC".into()) };
        let info = zone.to_offset_info(time);
        (info.offset().seconds().into(), info.abbreviation().to_owned())
    }
}

/// A broken-down time; months count from 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: f64,
    pub(super) weekday: i64,
    pub(super) year_day: i64,
    pub(super) offset: i64,
    pub(super) zone: String,
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; the month may be any number.
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year + month.div_euclid(12);
    let month = month.rem_euclid(12) + 1;
    // Years that begin in March have the leap day at their end.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of a day: year, month from 0, day.
fn date_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 2 } else { month - 10 };
    let year = year_of_era + era * 400 + i64::from(month <= 1);
    (year, month, day)
}

impl Parts {
    /// Sets the weekday and the day of the year from the date.
    pub(super) fn complete(&mut self) {
        let days = days_of(self.year, self.month, self.day);
        self.weekday = (days + 4).rem_euclid(7);
        self.year_day = days - days_of(self.year, 0, 1);
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "casts of doubles saturate")]
    pub(super) fn of_seconds(seconds: f64, zone: &Zone) -> Self {
        let whole = seconds.floor();
        let (offset, name) = zone.offset(whole as i64);
        let local = (whole as i64).saturating_add(offset);
        let (days, rest) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = date_of(days.clamp(-1_000_000_000_000, 1_000_000_000_000));
        let mut parts = Self {
            year,
            month,
            day,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: (rest % 60) as f64 + (seconds - whole),
            offset,
            zone: name,
            ..Self::default()
        };
        parts.complete();
        parts
    }

    /// From an array of the language.
    #[expect(clippy::cast_possible_truncation, reason = "casts of doubles saturate")]
    fn of_value(value: &Value, name: &str) -> std::result::Result<Self, Failure> {
        let failed = || error(format!("{name} requires parsed datetime inputs"));
        let items = value.as_array().ok_or_else(failed)?;
        let numbers = items.iter().map(|item| item.as_number().ok_or_else(failed));
        let numbers = numbers.collect::<std::result::Result<Vec<f64>, _>>()?;
        // Years beyond these do not fit calendars, and would make the sums below overflow.
        let number = |at: usize| numbers.get(at).copied().unwrap_or(0.0).clamp(-1e9, 1e9) as i64;
        let mut parts = Self {
            year: number(0),
            month: number(1),
            day: if numbers.len() > 2 { number(2) } else { 1 },
            hour: number(3),
            minute: number(4),
            second: numbers.get(5).copied().unwrap_or(0.0).clamp(-1e9, 1e9),
            weekday: number(6),
            year_day: number(7),
            offset: 0,
            zone: "UTC".into(),
        };
        if numbers.len() < 8 {
            parts.complete();
        }
        Ok(parts)
    }

    #[expect(clippy::cast_possible_truncation, reason = "seconds are in range here")]
    pub(super) fn to_seconds(&self) -> i64 {
        let days = days_of(self.year, self.month, self.day);
        days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second.floor() as i64
    }

    fn to_value(&self) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "calendar numbers are small")]
        let number = |number: i64| Value::Num(number as f64);
        Value::array(vec![
            number(self.year),
            number(self.month),
            number(self.day),
            number(self.hour),
            number(self.minute),
            Value::Num(self.second),
            number(self.weekday),
            number(self.year_day),
        ])
    }
}

fn now() -> Value {
    Value::Num(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "seconds of the calendar are small")]
fn make(input: &Value) -> Result {
    if input.as_array().is_none() {
        return Err(error("mktime requires array inputs"));
    }
    let items = input.as_array().unwrap_or_default();
    if items.len() < 3 || items.iter().any(|item| item.as_number().is_none()) {
        return Err(error("mktime requires parsed datetime inputs"));
    }
    Ok(Value::Num(Parts::of_value(input, "mktime")?.to_seconds() as f64))
}

fn parts_of(input: &Value, zone: &Zone, name: &str) -> Result {
    match input.as_number() {
        Some(seconds) => Ok(Parts::of_seconds(seconds, zone).to_value()),
        None => Err(error(format!("{name}() requires a number"))),
    }
}

fn write(input: &Value, format: &Value, zone: &Zone, name: &str) -> Result {
    let parts = match input.as_number() {
        Some(seconds) => Parts::of_seconds(seconds, zone),
        None if input.as_array().is_none() => {
            return Err(error(format!("{name}/1 requires parsed datetime inputs")));
        }
        None => {
            let mut parts = Parts::of_value(input, &format!("{name}/1"))?;
            (parts.offset, parts.zone) = zone.offset(parts.to_seconds());
            parts
        }
    };
    let Some(format) = format.as_str() else { return Err(error(format!("{name}/1 requires a string format"))) };
    Ok(Value::string(strftime::write(format, &parts)))
}

fn read(input: &Value, format: &Value) -> Result {
    let (Some(text), Some(format)) = (input.as_str(), format.as_str()) else {
        return Err(error("strptime/1 requires string inputs and arguments"));
    };
    match strptime::read(text, format) {
        Some(parts) => Ok(parts.to_value()),
        None => Err(error(format!("date \"{text}\" does not match format \"{format}\""))),
    }
}
