//! Times in the headers of files, in the zone of `TZ`.

use jiff::Timestamp;
use sandshell_sys::local_zone;

/// A time as `2026-01-31 12:00:00.123456789 +0000`.
pub(crate) fn full(nanos: i128) -> String {
    written(nanos, "%Y-%m-%d %H:%M:%S.%9f %z")
}

/// A time as POSIX has it in the headers of context diffs: `Sat Jan 31 12:00:00 2026`.
pub(crate) fn traditional(nanos: i128) -> String {
    written(nanos, "%a %b %e %H:%M:%S %Y")
}

fn written(nanos: i128, pattern: &str) -> String {
    let zoned = Timestamp::from_nanosecond(nanos).map(|stamp| stamp.to_zoned(local_zone()));
    let text = zoned.and_then(|zoned| jiff::fmt::strtime::format(pattern, &zoned));
    // Years beyond 9999 are not written as dates.
    text.unwrap_or_else(|_| (nanos / 1_000_000_000).to_string())
}

/// Tells that the locale is that of C, where traditional forms are used.
pub(crate) fn is_traditional() -> bool {
    let locale = ["LC_ALL", "LC_TIME", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    locale.is_none_or(|locale| locale == "C" || locale == "POSIX")
}

/// Reads a time as headers have it, in any of the forms that `diff` has written over the years.
pub(crate) fn read(text: &str) -> Option<i128> {
    let text = text.trim();
    for pattern in ["%Y-%m-%d %H:%M:%S%.f %z", "%a %b %d %H:%M:%S %Y %z", "%a, %d %b %Y %H:%M:%S %z"] {
        if let Ok(zoned) = jiff::fmt::strtime::parse(pattern, text).and_then(|parts| parts.to_timestamp()) {
            return Some(zoned.as_nanosecond());
        }
    }
    for pattern in ["%Y-%m-%d %H:%M:%S%.f", "%a %b %d %H:%M:%S %Y"] {
        let local = jiff::fmt::strtime::parse(pattern, text).and_then(|parts| parts.to_datetime());
        if let Ok(time) = local.and_then(|local| local.to_zoned(local_zone())) {
            return Some(time.timestamp().as_nanosecond());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_that_were_written() {
        let second = 1_000_000_000;
        assert_eq!(read("1970-01-01 00:00:01.500000000 +0000"), Some(second * 3 / 2));
        assert_eq!(read("1970-01-01 01:00:00 +0100"), Some(0));
        assert_eq!(read("Thu Jan  1 00:00:00 1970 +0000"), Some(0));
        assert_eq!(read("yesterday"), None);
        assert_eq!(full(1_500_000_000), "1970-01-01 00:00:01.500000000 +0000");
        assert_eq!(traditional(0), "Thu Jan  1 00:00:00 1970");
    }
}
