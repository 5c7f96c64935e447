//! Durations as Go's flags take them: `30s`, `1m30s`, `1.5h`, `-5s`; beside that a bare number is seconds.

use std::str::FromStr;
use std::time::Duration;

/// A signed number of nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GoDuration {
    negative: bool,
    length: Duration,
}

impl GoDuration {
    /// Returns the duration, zero if it is negative.
    pub(crate) fn or_zero(self) -> Duration {
        if self.negative { Duration::ZERO } else { self.length }
    }

    /// Tells whether it is below zero.
    pub(crate) fn is_negative(self) -> bool {
        self.negative && !self.length.is_zero()
    }
}

/// Writes a duration so that it can be read again, without parts that are zero: `1h`, `1m30s`.
pub(crate) fn short_text(duration: Duration) -> String {
    let text = api::duration_text(duration);
    let text = text.strip_suffix("m0s").map_or_else(|| text.clone(), |rest| format!("{rest}m"));
    text.strip_suffix("h0m").map_or_else(|| text.clone(), |rest| format!("{rest}h"))
}

/// The longest duration taken: 100 years. Longer ones overflow sums of nanoseconds.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

impl FromStr for GoDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no duration; write it like 30s, 1m30s or 500ms");
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest.is_empty() {
            return Err(wrong());
        }
        let mut length = Duration::ZERO;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            // A bare number may only be all of it: `1m30` is more likely a mistake.
            let whole = digits == text.trim_start_matches(['-', '+']).len();
            let unit_nanos = nanos_of(unit, whole).ok_or_else(wrong)?;
            let part = scaled(number, unit_nanos).ok_or_else(wrong)?;
            length = length.checked_add(part).filter(|sum| *sum <= LONGEST).ok_or_else(wrong)?;
            rest = tail;
        }
        Ok(Self { negative, length })
    }
}

fn nanos_of(unit: &str, whole: bool) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "" if whole => 1_000_000_000,
        _ => return None,
    })
}

/// Returns `number` (with at most one dot) times `unit` nanoseconds.
fn scaled(number: &str, unit: u64) -> Option<Duration> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nanos = u128::from(whole).checked_mul(u128::from(unit))?;
    let mut place = u128::from(unit);
    for digit in fraction.bytes() {
        place /= 10;
        nanos = nanos.checked_add(place.checked_mul(u128::from(digit.checked_sub(b'0')?))?)?;
    }
    u64::try_from(nanos).ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them_and_bare_numbers_as_seconds() {
        let check = |text: &str, millis: u64| {
            let read: GoDuration = text.parse().expect(text);
            assert_eq!((read.or_zero(), read.is_negative()), (Duration::from_millis(millis), false), "{text}");
        };
        check("30s", 30_000);
        check("1m30s", 90_000);
        check("1.5h", 5_400_000);
        check("500ms", 500);
        check("30", 30_000);
        check("0", 0);
        check("0.5", 500);
        check("+2s", 2_000);
        check("1h0m0s", 3_600_000);
        check(".5s", 500);
    }

    #[test]
    fn a_written_duration_is_read_again() {
        let check = |millis: u64, written: &str| {
            let length = Duration::from_millis(millis);
            assert_eq!(short_text(length), written);
            assert_eq!(written.parse::<GoDuration>().map(GoDuration::or_zero), Ok(length));
        };
        check(0, "0s");
        check(500, "500ms");
        check(30_000, "30s");
        check(90_000, "1m30s");
        check(600_000, "10m");
        check(3_600_000, "1h");
        check(36_000_000, "10h");
        check(3_660_000, "1h1m");
        check(3_605_000, "1h0m5s");
    }

    #[test]
    fn a_negative_duration_is_known_to_be_one() {
        let read: GoDuration = "-5s".parse().expect("a duration");
        assert!(read.is_negative());
        assert_eq!(read.or_zero(), Duration::ZERO);
        assert!(!"-0".parse::<GoDuration>().expect("a duration").is_negative());
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "-", "s", "1m30", "1x", "1..5s", ".", "1s2", "999999999h", "٣s", "1 s"] {
            assert!(text.parse::<GoDuration>().is_err(), "{text:?}");
        }
    }
}
