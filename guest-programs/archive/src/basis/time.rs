//! Times as the programs print and read them, in the zone of `TZ`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use sandshell_sys::local_zone;

/// Formats seconds since 1970 by `strftime`'s directives; what is beyond the calendar is shown as its seconds.
pub(crate) fn format(seconds: i64, pattern: &str) -> String {
    let zoned = Timestamp::from_second(seconds).map(|stamp| stamp.to_zoned(local_zone()));
    let formatted = zoned.and_then(|zoned| jiff::fmt::strtime::format(pattern, &zoned));
    formatted.unwrap_or_else(|_| seconds.to_string())
}

/// Reads a date as GNU's `date -d` does, into seconds since 1970 and nanoseconds.
pub(crate) fn parse(text: &str) -> Option<(i64, u32)> {
    let stamp = if let Some(seconds) = text.strip_prefix('@') {
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
        return Some((whole.parse().ok()?, digits.parse().ok()?));
    } else {
        match parse_datetime::parse_datetime(text).ok()? {
            parse_datetime::ParsedDateTime::InRange(zoned) => zoned.timestamp(),
            parse_datetime::ParsedDateTime::Extended(_) => return None,
        }
    };
    let nanos = stamp.as_nanosecond();
    let fraction = u32::try_from(nanos.rem_euclid(1_000_000_000)).ok()?;
    Some((i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?, fraction))
}

/// Returns the seconds since 1970 that MS-DOS's date and time mean in the local zone.
pub(crate) fn from_dos(date: u16, time: u16) -> i64 {
    let field = |value: u16, shift: u32, bits: u16| i8::try_from((value >> shift) & bits).unwrap_or(0);
    let year = i16::try_from(date >> 9).unwrap_or(0) + 1980;
    let (month, day) = (field(date, 5, 15).clamp(1, 12), field(date, 0, 31).max(1));
    let (hour, minute, second) = (field(time, 11, 31), field(time, 5, 63), field(time, 0, 31) * 2);
    let moment = DateTime::new(year, month, day, hour, minute, second, 0);
    moment.and_then(|moment| moment.to_zoned(local_zone())).map_or(0, |zoned| zoned.timestamp().as_second())
}

/// Returns a time as MS-DOS's date and time in the local zone, rounded up to two seconds; what is before 1980 is its first day.
pub(crate) fn to_dos(seconds: i64) -> (u16, u16) {
    const FIRST_DAY: (u16, u16) = ((1 << 5) | 1, 0);
    let Ok(stamp) = Timestamp::from_second(seconds + (seconds & 1)) else { return FIRST_DAY };
    let moment = stamp.to_zoned(local_zone());
    let part = |value: i8| u16::from(value.unsigned_abs());
    match u16::try_from(moment.year() - 1980) {
        Ok(year) if year < 128 => (
            (year << 9) | (part(moment.month()) << 5) | part(moment.day()),
            (part(moment.hour()) << 11) | (part(moment.minute()) << 5) | (part(moment.second()) / 2),
        ),
        _ => FIRST_DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_times_go_there_and_back() {
        let (date, time) = to_dos(1_704_164_646);
        assert_eq!(from_dos(date, time), 1_704_164_646);
        assert_eq!(to_dos(0), (33, 0));
        assert_eq!(from_dos(33, 0), 315_532_800);
        assert_eq!(from_dos(0xffff, 0xffff), 0);
    }

    #[test]
    fn dates_are_read_as_date_reads_them() {
        assert_eq!(parse("@12.5"), Some((12, 500_000_000)));
        assert_eq!(parse("2024-01-02 03:04:05 UTC"), Some((1_704_164_645, 0)));
        assert_eq!(parse("not a date"), None);
    }
}
