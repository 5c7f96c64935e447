//! Dates of `printf '%(format)T'`, of prompts and of `history`: `strftime` in the zone of `TZ`.

use jiff::tz::TimeZone;

use crate::shell::Shell;
use crate::vars::{Attrs, Name};

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
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

/// A moment, broken down.
struct Moment {
    seconds: i64,
    /// Seconds east of Greenwich, and what the zone is called then.
    offset: i64,
    zone: String,
    year: i64,
    month: i64,
    day: i64,
    weekday: i64,
    yearday: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Moment {
    fn new(seconds: i64, zone: &TimeZone) -> Moment {
        let (offset, zone) = match jiff::Timestamp::from_second(seconds) {
            Ok(time) => {
                let info = zone.to_offset_info(time);
                (i64::from(info.offset().seconds()), info.abbreviation().to_owned())
            }
            Err(_) => (0, "UTC".to_owned()),
        };
        let local = seconds.saturating_add(offset);
        let days = local.div_euclid(86_400);
        let rest = local.rem_euclid(86_400);
        let (year, month, day) = civil(days);
        let yearday = days - days_of(year, 1, 1);
        let weekday = (days + 4).rem_euclid(7);
        Moment {
            seconds,
            offset,
            zone,
            year,
            month,
            day,
            weekday,
            yearday,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// ISO 8601: the week's year and number.
    fn iso_week(&self) -> (i64, i64) {
        let monday_based = (self.weekday + 6) % 7;
        let week = (self.yearday - monday_based + 10) / 7;
        match week {
            0 => (self.year - 1, weeks_in(self.year - 1)),
            53 if weeks_in(self.year) == 52 => (self.year + 1, 1),
            week => (self.year, week),
        }
    }
}

fn weeks_in(year: i64) -> i64 {
    let last_weekday = |year: i64| (days_of(year, 12, 31) + 4).rem_euclid(7);
    if last_weekday(year) == 4 || last_weekday(year - 1) == 3 { 53 } else { 52 }
}

/// Year, month and day of a day number (0 is 1970-01-01).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Formats a time in seconds since the epoch.
pub(crate) fn format_time(shell: &Shell, format: &[u8], seconds: i64) -> Vec<u8> {
    let mut out = Vec::new();
    push_format(&mut out, &Moment::new(seconds, &zone_of(shell)), format);
    out
}

/// The zone that the exported variable `TZ` names: a file of the time zone database, or a rule of POSIX; else UTC.
fn zone_of(shell: &Shell) -> TimeZone {
    const ZONES: &[u8] = b"/usr/share/zoneinfo/";
    let name = Name::new(b"TZ");
    let given = shell.variable(name).filter(|var| var.attrs.has(Attrs::EXPORT)).and_then(|_| shell.text_of(name));
    let given = given.unwrap_or_default();
    let name = given.strip_prefix(b":").unwrap_or(&given);
    if matches!(name, b"" | b"UTC" | b"UTC0" | b"Etc/UTC") {
        return TimeZone::UTC;
    }
    let path = if name.starts_with(b"/") { name.to_vec() } else { [ZONES, name].concat() };
    let name = String::from_utf8_lossy(name);
    let found = shell.read_file(&path).ok().and_then(|data| TimeZone::tzif(&name, &data).ok());
    found.or_else(|| TimeZone::posix(&name).ok()).unwrap_or(TimeZone::UTC)
}

fn push_format(out: &mut Vec<u8>, moment: &Moment, format: &[u8]) {
    let mut rest = format.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut flag = None;
        let mut letter = rest.next();
        if let Some(mark @ (b'-' | b'_' | b'0' | b'^' | b'E' | b'O')) = letter {
            flag = Some(mark);
            letter = rest.next();
        }
        match letter {
            Some(letter) => push_field(out, moment, letter, flag),
            None => out.push(b'%'),
        }
    }
}

fn push_field(out: &mut Vec<u8>, moment: &Moment, letter: u8, flag: Option<u8>) {
    let name =
        |list: &[&'static str], at: i64| usize::try_from(at).ok().and_then(|at| list.get(at).copied()).unwrap_or("");
    let hour12 = if moment.hour % 12 == 0 { 12 } else { moment.hour % 12 };
    let text = match letter {
        b'Y' => moment.year.to_string(),
        b'C' => two(moment.year.div_euclid(100), flag),
        b'y' => two(moment.year.rem_euclid(100), flag),
        b'm' => two(moment.month, flag),
        b'd' => two(moment.day, flag),
        b'e' => format!("{:>2}", moment.day),
        b'H' => two(moment.hour, flag),
        b'I' => two(hour12, flag),
        b'k' => format!("{:>2}", moment.hour),
        b'l' => format!("{hour12:>2}"),
        b'M' => two(moment.minute, flag),
        b'S' => two(moment.second, flag),
        b'j' => format!("{:03}", moment.yearday + 1),
        b'p' => if moment.hour < 12 { "AM" } else { "PM" }.to_owned(),
        b'P' => if moment.hour < 12 { "am" } else { "pm" }.to_owned(),
        b'A' => name(&DAYS, moment.weekday).to_owned(),
        b'a' => name(&DAYS, moment.weekday).chars().take(3).collect(),
        b'B' => name(&MONTHS, moment.month - 1).to_owned(),
        b'b' | b'h' => name(&MONTHS, moment.month - 1).chars().take(3).collect(),
        b'u' => (if moment.weekday == 0 { 7 } else { moment.weekday }).to_string(),
        b'w' => moment.weekday.to_string(),
        b'U' => two((moment.yearday + 7 - moment.weekday) / 7, flag),
        b'W' => two((moment.yearday + 7 - (moment.weekday + 6) % 7) / 7, flag),
        b'V' => two(moment.iso_week().1, flag),
        b'G' => moment.iso_week().0.to_string(),
        b'g' => two(moment.iso_week().0.rem_euclid(100), flag),
        b's' => moment.seconds.to_string(),
        b'N' => "000000000".to_owned(),
        b'z' => {
            let (sign, minutes) = (if moment.offset < 0 { '-' } else { '+' }, moment.offset.abs() / 60);
            format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
        }
        b'Z' => moment.zone.clone(),
        b'n' => "\n".to_owned(),
        b't' => "\t".to_owned(),
        b'%' => "%".to_owned(),
        _ => return push_composed(out, moment, letter),
    };
    let text = if flag == Some(b'^') { text.to_uppercase() } else { text };
    out.extend_from_slice(text.as_bytes());
}

fn push_composed(out: &mut Vec<u8>, moment: &Moment, letter: u8) {
    let format: &[u8] = match letter {
        b'F' => b"%Y-%m-%d",
        b'T' | b'X' => b"%H:%M:%S",
        b'R' => b"%H:%M",
        b'D' | b'x' => b"%m/%d/%y",
        b'c' => b"%a %b %e %H:%M:%S %Y",
        b'r' => b"%I:%M:%S %p",
        b'v' => b"%e-%b-%Y",
        other => return out.extend_from_slice(&[b'%', other]),
    };
    push_format(out, moment, format);
}

fn two(value: i64, flag: Option<u8>) -> String {
    match flag {
        Some(b'-') => value.to_string(),
        Some(b'_') => format!("{value:>2}"),
        _ => format!("{value:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, seconds: i64, expected: &str) {
        let mut out = Vec::new();
        push_format(&mut out, &Moment::new(seconds, &TimeZone::UTC), format.as_bytes());
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        check("%F %T %a %j", 0, "1970-01-01 00:00:00 Thu 001");
        check("%Y-%m-%d %H:%M:%S", 1_709_210_096, "2024-02-29 12:34:56");
        check("%G-W%V %u", 1_609_459_200, "2020-W53 5");
        check("%-d %e %b", -86_400, "31 31 Dec");
    }
}
