//! Spans and instants in JSON. A field of milliseconds says so in its name (`timeout_ms`, `runtime_ms`) and is a whole
//! number; spans of a session's life (`idle_ttl`, `max_lifetime`) are in seconds.

use std::time::Duration;

use base::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A hundred years: more is a slip, and clocks must not overflow.
const SPAN_MAX: Duration = Duration::from_secs(100 * 366 * 24 * 3600);
const SPAN_MIN: Duration = Duration::from_millis(1);

/// A span of a session's life: a JSON number of seconds. It may have decimals, of which milliseconds count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Duration);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.subsec_nanos() {
            0 => serializer.serialize_u64(self.0.as_secs()),
            _ => serializer.serialize_f64(self.0.as_secs_f64()),
        }
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let secs = f64::deserialize(deserializer)?;
        // Half a millisecond rounds up, and what is no exact binary fraction comes out as it was written.
        let span = Duration::try_from_secs_f64(secs + 0.000_5).map_err(D::Error::custom)?;
        let span = span - Duration::from_nanos(u64::from(span.subsec_nanos() % 1_000_000));
        if (SPAN_MIN..=SPAN_MAX).contains(&span) {
            Ok(Self(span))
        } else {
            Err(D::Error::custom("a span has 0.001 seconds to 100 years"))
        }
    }
}

/// Prints an instant in UTC as RFC 3339 with milliseconds.
pub(crate) fn instant_text(at: Timestamp) -> String {
    let millis = i64::try_from(at.0 / 1_000_000).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Returns the instant a span later.
pub(crate) fn later(at: Timestamp, span: Duration) -> Timestamp {
    Timestamp(at.0.saturating_add(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_of_seconds() {
        let check = |text: &str, expected: Option<u64>| {
            let read = serde_json::from_str::<Seconds>(text).ok();
            assert_eq!(read, expected.map(|millis| Seconds(Duration::from_millis(millis))), "{text}");
        };
        check("1800", Some(1_800_000));
        check("0.25", Some(250));
        check("1.001", Some(1001));
        check("0.0014", Some(1));
        check("3162240000", Some(3_162_240_000_000));
        for refused in ["0", "0.0001", "-1", "3162240001", "1e300", "\"5\"", "null", "true"] {
            check(refused, None);
        }
        let text = |millis| serde_json::to_string(&Seconds(Duration::from_millis(millis))).expect("a number");
        assert_eq!((text(1_800_000), text(1500)), ("1800".to_owned(), "1.5".to_owned()));
    }

    #[test]
    fn an_instant_has_milliseconds() {
        assert_eq!(instant_text(Timestamp(1_704_164_645_007_999_999)), "2024-01-02T03:04:05.007Z");
        assert_eq!(instant_text(Timestamp(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(later(Timestamp(u64::MAX), Duration::MAX), Timestamp(u64::MAX));
    }
}
