//! Durations and times as Go prints them.

use std::time::Duration;

use base::Timestamp;

/// Prints a duration as Go's `Duration.String` does: `2m29s`, `1h0m0s`, `1.5s`, `20ms`, `0s`.
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    match nanos {
        0 => return "0s".to_owned(),
        1..1_000 => return format!("{nanos}ns"),
        1_000..1_000_000 => return format!("{}µs", decimal(nanos, 1_000)),
        1_000_000..1_000_000_000 => return format!("{}ms", decimal(nanos, 1_000_000)),
        _ => {}
    }
    let minutes = nanos / 60_000_000_000;
    let seconds = decimal(nanos % 60_000_000_000, 1_000_000_000);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// Prints a duration rounded so that a person can read it: to the second from one second on, else to the millisecond.
pub(crate) fn rounded_text(duration: Duration) -> String {
    duration_text(if duration >= Duration::from_secs(1) { round_to_secs(duration) } else { round_to_millis(duration) })
}

/// Rounds to the nearest second, halves up.
pub(crate) fn round_to_secs(duration: Duration) -> Duration {
    Duration::from_secs(duration.saturating_add(Duration::from_millis(500)).as_secs())
}

fn round_to_millis(duration: Duration) -> Duration {
    let micros = duration.saturating_add(Duration::from_micros(500)).as_micros();
    Duration::from_millis(u64::try_from(micros / 1_000).unwrap_or(u64::MAX))
}

/// Prints an instant in UTC as RFC 3339 with whole seconds.
pub(crate) fn time_text(at: Timestamp) -> String {
    let secs = i64::try_from(at.secs()).unwrap_or(i64::MAX);
    // Beyond the calendar's last year there is no text; a host's clock does not go there.
    jiff::Timestamp::from_second(secs).unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Prints `value / unit` without trailing zeros.
fn decimal(value: u128, unit: u128) -> String {
    let (whole, fraction) = (value / unit, value % unit);
    if fraction == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{fraction:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_printed_as_go_prints_them() {
        let check = |nanos: u64, expected: &str| assert_eq!(duration_text(Duration::from_nanos(nanos)), expected);
        check(0, "0s");
        check(1, "1ns");
        check(1_100, "1.1µs");
        check(20_000_000, "20ms");
        check(2_500_000, "2.5ms");
        check(1_000_000_000, "1s");
        check(1_500_000_000, "1.5s");
        check(30_000_000_000, "30s");
        check(60_000_000_000, "1m0s");
        check(149_000_000_000, "2m29s");
        check(3_600_000_000_000, "1h0m0s");
        check(90_061_000_000_000, "25h1m1s");
        check(61_000_000_001, "1m1.000000001s");
    }

    #[test]
    fn quota_texts_are_rounded_for_people() {
        let check = |millis: u64, expected: &str| assert_eq!(rounded_text(Duration::from_millis(millis)), expected);
        check(8_003, "8s");
        check(8_500, "9s");
        check(512, "512ms");
    }

    #[test]
    fn instants_are_printed_in_utc_with_whole_seconds() {
        assert_eq!(time_text(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(time_text(Timestamp(1_704_164_645_999_999_999)), "2024-01-02T03:04:05Z");
    }
}
