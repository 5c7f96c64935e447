//! Times: `systime`, `strftime`, `mktime`.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::Date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// What `strftime` takes without a format.
pub(crate) const DEFAULT_FORMAT: &[u8] = b"%a %b %e %H:%M:%S %Z %Y";

/// The seconds since 1970.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| {
        #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^53")]
        let seconds = since.as_secs() as f64;
        seconds
    })
}

/// Formats a time; what is no directive stays as it is.
pub(crate) fn strftime(format: &[u8], seconds: f64, utc: bool) -> Vec<u8> {
    let zone = if utc { TimeZone::UTC } else { sandshell_sys::local_zone() };
    #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates")]
    let Ok(timestamp) = Timestamp::from_second(seconds as i64) else { return Vec::new() };
    let mut out = Vec::new();
    push_formatted(&mut out, format, &timestamp.to_zoned(zone));
    out
}

fn push_formatted(out: &mut Vec<u8>, format: &[u8], when: &Zoned) {
    let mut rest = format;
    while let Some(at) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        // `%E` and `%O` ask for other numerals, of which the C locale has none; `-` and `_` are GNU's paddings.
        let modified = usize::from(matches!(rest.get(1), Some(b'E' | b'O')));
        let padded = usize::from(matches!(rest.get(1), Some(b'-' | b'_' | b'0' | b'^')));
        let Some(&letter) = rest.get(1 + modified + padded) else { break };
        let whole = rest.get(..2 + modified + padded).unwrap_or_default();
        let flag = whole.get(1..1 + padded).unwrap_or_default();
        directive(out, letter, flag, whole, when);
        rest = rest.get(whole.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn directive(out: &mut Vec<u8>, letter: u8, flag: &[u8], whole: &[u8], when: &Zoned) {
    let expanded: &[u8] = match letter {
        b'c' => b"%a %b %e %H:%M:%S %Y",
        b'x' | b'D' => b"%m/%d/%y",
        b'X' | b'T' => b"%H:%M:%S",
        b'r' => b"%I:%M:%S %p",
        b'R' => b"%H:%M",
        b'F' => b"%Y-%m-%d",
        b'%' => return out.push(b'%'),
        b'n' => return out.push(b'\n'),
        b't' => return out.push(b'\t'),
        _ => {
            let text = [b"%", flag, &[letter]].concat();
            let formatted = String::from_utf8(text).ok().and_then(|text| strtime::format(text, when).ok());
            return match formatted {
                Some(text) => out.extend_from_slice(text.as_bytes()),
                None => out.extend_from_slice(whole),
            };
        }
    };
    push_formatted(out, expanded, when);
}

/// Reads `YYYY MM DD HH MM SS [DST]`; parts beyond their range carry over. -1 for what is no time.
pub(crate) fn mktime(text: &[u8], utc: bool) -> f64 {
    let text = String::from_utf8_lossy(text);
    let parts: Option<Vec<i64>> = text.split_whitespace().map(|part| part.parse().ok()).collect();
    let Some([year, month, day, hour, minute, second, ..]) = parts.as_deref() else { return -1.0 };
    seconds_of([*year, *month, *day], [*hour, *minute, *second], utc).unwrap_or(-1.0)
}

fn seconds_of([year, month, day]: [i64; 3], [hour, minute, second]: [i64; 3], utc: bool) -> Option<f64> {
    let months = year.checked_mul(12)?.checked_add(month)?.checked_sub(1)?;
    let first =
        Date::new(i16::try_from(months.div_euclid(12)).ok()?, i8::try_from(months.rem_euclid(12) + 1).ok()?, 1).ok()?;
    let of_day = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    let seconds = day.checked_sub(1)?.checked_mul(86400)?.checked_add(of_day)?;
    let span = jiff::Span::new().try_seconds(seconds).ok()?;
    let when = first.at(0, 0, 0, 0).checked_add(span).ok()?;
    let zone = if utc { TimeZone::UTC } else { sandshell_sys::local_zone() };
    let timestamp = zone.to_ambiguous_zoned(when).compatible().ok()?.timestamp();
    #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^53")]
    Some(timestamp.as_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_as_c_does() {
        let check = |format: &str, seconds: f64, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&strftime(format.as_bytes(), seconds, true)), expected, "{format}");
        };
        check("%Y-%m-%d %H:%M:%S", 86_399.0, "1970-01-01 23:59:59");
        check(
            "%c|%x|%X|%D|%T|%R|%F",
            0.0,
            "Thu Jan  1 00:00:00 1970|01/01/70|00:00:00|01/01/70|00:00:00|00:00|1970-01-01",
        );
        check("%A %B %j %u %w %y %e %I %p %%", 0.0, "Thursday January 001 4 4 70  1 12 AM %");
        check("%s %Z %z", 5.0, "5 UTC +0000");
    }

    #[test]
    fn parts_carry_over() {
        assert_eq!(mktime(b"1970 01 01 00 00 00", true), 0.0);
        assert_eq!(mktime(b"1970 13 01 00 00 60", true), 31_536_060.0);
        assert_eq!(mktime(b"2024 02 30 00 00 00", true), mktime(b"2024 03 01 00 00 00", true));
        assert_eq!(mktime(b"1970 01", true), -1.0);
        assert_eq!(mktime(b"a b c d e f", true), -1.0);
    }
}
