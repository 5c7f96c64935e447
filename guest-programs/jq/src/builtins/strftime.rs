//! Times as text by C's formats, in the C locale.

use std::fmt::Write;

use super::time::{Parts, days_of};

pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
pub(super) const MONTHS: [&str; 12] = [
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

/// Writes a time.
pub(super) fn write(format: &str, parts: &Parts) -> String {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let flag = chars.next_if(|c| "-_0^#".contains(*c));
        let _modifier = chars.next_if(|c| "EO".contains(*c));
        match chars.next() {
            Some(directive) => self::directive(directive, flag, parts, &mut out),
            None => out.push('%'),
        }
    }
    out
}

/// The name at a position, or `?`.
fn name(names: &[&'static str], at: i64) -> &'static str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("?")
}

#[expect(clippy::cast_possible_truncation, reason = "seconds are below 61")]
fn directive(directive: char, flag: Option<char>, parts: &Parts, out: &mut String) {
    let mut number = |value: i64, width: usize, pad: char| {
        // Infallible: a String takes everything.
        let _ = match flag.unwrap_or(pad) {
            '-' => write!(out, "{value}"),
            '_' | ' ' => write!(out, "{value:width$}"),
            _ => write!(out, "{value:0width$}"),
        };
    };
    let twelve = if parts.hour % 12 == 0 { 12 } else { parts.hour % 12 };
    match directive {
        'Y' => number(parts.year, 1, '0'),
        'C' => number(parts.year.div_euclid(100), 2, '0'),
        'y' => number(parts.year.rem_euclid(100), 2, '0'),
        'm' => number(parts.month + 1, 2, '0'),
        'd' => number(parts.day, 2, '0'),
        'e' => number(parts.day, 2, ' '),
        'H' => number(parts.hour, 2, '0'),
        'k' => number(parts.hour, 2, ' '),
        'I' => number(twelve, 2, '0'),
        'l' => number(twelve, 2, ' '),
        'M' => number(parts.minute, 2, '0'),
        'S' => number(parts.second as i64, 2, '0'),
        'j' => number(parts.year_day + 1, 3, '0'),
        'u' => number(if parts.weekday == 0 { 7 } else { parts.weekday }, 1, '0'),
        'w' => number(parts.weekday, 1, '0'),
        's' => number(parts.to_seconds() - parts.offset, 1, '0'),
        'U' => number((parts.year_day + 7 - parts.weekday) / 7, 2, '0'),
        'W' => number((parts.year_day + 7 - (parts.weekday + 6) % 7) / 7, 2, '0'),
        'V' => number(week(parts).1, 2, '0'),
        'G' => number(week(parts).0, 1, '0'),
        'g' => number(week(parts).0.rem_euclid(100), 2, '0'),
        _ => text(directive, flag, parts, out),
    }
}

fn text(directive: char, flag: Option<char>, parts: &Parts, out: &mut String) {
    let text = match directive {
        'A' => name(&DAYS, parts.weekday).to_owned(),
        'a' => name(&DAYS, parts.weekday).chars().take(3).collect(),
        'B' => name(&MONTHS, parts.month).to_owned(),
        'b' | 'h' => name(&MONTHS, parts.month).chars().take(3).collect(),
        'p' => (if parts.hour < 12 { "AM" } else { "PM" }).to_owned(),
        'P' => (if parts.hour < 12 { "am" } else { "pm" }).to_owned(),
        'Z' => parts.zone.clone(),
        'z' => {
            let (sign, minutes) = (if parts.offset < 0 { '-' } else { '+' }, parts.offset.abs() / 60);
            format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
        }
        'n' => "\n".into(),
        't' => "\t".into(),
        '%' => "%".into(),
        'F' => write("%Y-%m-%d", parts),
        'T' => write("%H:%M:%S", parts),
        'R' => write("%H:%M", parts),
        'r' => write("%I:%M:%S %p", parts),
        'D' | 'x' => write("%m/%d/%y", parts),
        'X' => write("%H:%M:%S", parts),
        'c' => write("%a %b %e %H:%M:%S %Y", parts),
        other => format!("%{other}"),
    };
    if flag == Some('^') {
        out.push_str(&text.to_uppercase());
    } else {
        out.push_str(&text);
    }
}

/// Year and number of the ISO 8601 week.
fn week(parts: &Parts) -> (i64, i64) {
    let monday_based = (parts.weekday + 6) % 7;
    let number = (parts.year_day - monday_based + 10) / 7;
    let weeks_in = |year: i64| {
        // A year has 53 weeks when it begins on a Thursday, or a leap year on a Wednesday.
        let first = (days_of(year, 0, 1) + 3).rem_euclid(7);
        let leap = days_of(year + 1, 0, 1) - days_of(year, 0, 1) == 366;
        if first == 3 || (leap && first == 2) { 53 } else { 52 }
    };
    if number < 1 {
        (parts.year - 1, weeks_in(parts.year - 1))
    } else if number > weeks_in(parts.year) {
        (parts.year + 1, 1)
    } else {
        (parts.year, number)
    }
}
