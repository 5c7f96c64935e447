//! A wall-clock minute, the grain of a crontab, and the civil time that a zone shows in it.

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Seconds of a minute.
const SECS: i64 = 60;
/// The last minute there is: the year 9000, so that a zone's offset never leaves the calendar.
const LAST: i64 = 3_697_000_000;

/// A wall-clock minute: whole minutes since 1970-01-01T00:00Z, from there to about the year 9000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(i64);

impl Minute {
    /// Returns the minute in which this second lies.
    #[must_use]
    pub fn from_unix_secs(secs: u64) -> Self {
        Self::clamped(i64::try_from(secs).unwrap_or(i64::MAX) / SECS)
    }

    /// Returns the second with which the minute begins.
    #[must_use]
    pub fn unix_secs(self) -> u64 {
        u64::try_from(self.0 * SECS).unwrap_or(0)
    }

    /// Returns the minute this much later, or earlier when it is negative; the first or last one if there is none.
    #[must_use]
    pub fn plus(self, minutes: i64) -> Self {
        Self::clamped(self.0.saturating_add(minutes))
    }

    /// Returns how many minutes have passed since `earlier`; negative when that is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Returns the minute's first instant.
    pub(crate) fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0 * SECS).expect("the range of a minute is within that of a timestamp")
    }

    /// Returns the minute in which an instant lies, the next one if it does not begin with it.
    #[cfg(feature = "calendar")]
    pub(crate) fn at_or_after(instant: jiff::Timestamp) -> Self {
        Self::clamped(instant.as_second().saturating_add(SECS - 1).div_euclid(SECS))
    }

    fn clamped(minutes: i64) -> Self {
        Self(minutes.clamp(0, LAST))
    }
}

/// A minute as clocks on a wall show it, without its zone: whole minutes since 1970-01-01T00:00 of the same clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Civil(i64);

impl Civil {
    /// Returns what a clock shows that is this far from UTC.
    pub(crate) fn of(minute: Minute, offset: Offset) -> Self {
        Self(minute.0 + whole_minutes(offset))
    }

    /// Returns the minute in which a clock that is this far from UTC shows this.
    pub(crate) fn to_minute(self, offset: Offset) -> Minute {
        Minute::clamped(self.0 - whole_minutes(offset))
    }

    /// Returns the civil minute this much later.
    pub(crate) fn plus(self, minutes: i64) -> Self {
        Self(self.0 + minutes)
    }

    /// Returns date and time.
    pub(crate) fn date_time(self) -> DateTime {
        let instant = jiff::Timestamp::from_second(self.0 * SECS).unwrap_or_default();
        Offset::UTC.to_datetime(instant)
    }

    /// Returns the seconds of the first instant, were the clock one of UTC.
    #[cfg(feature = "calendar")]
    pub(crate) fn utc_shaped_secs(self) -> i64 {
        self.0 * SECS
    }

    /// Undoes [`Self::utc_shaped_secs`].
    #[cfg(feature = "calendar")]
    pub(crate) fn from_utc_shaped_secs(secs: i64) -> Self {
        Self(secs.div_euclid(SECS))
    }
}

/// Offsets with seconds ended in 1972 (Liberia's); they are rounded down.
fn whole_minutes(offset: Offset) -> i64 {
    i64::from(offset.seconds()).div_euclid(SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_second_has_its_minute() {
        assert_eq!(Minute::from_unix_secs(59), Minute(0));
        assert_eq!(Minute::from_unix_secs(60).unix_secs(), 60);
        assert_eq!(Minute::from_unix_secs(119).unix_secs(), 60);
        assert_eq!(Minute::from_unix_secs(u64::MAX), Minute(LAST));
        assert_eq!(Minute(0).plus(-1), Minute(0));
        assert_eq!(Minute(LAST).plus(i64::MAX), Minute(LAST));
        assert_eq!(Minute(7).since(Minute(9)), -2);
    }

    #[test]
    fn the_last_minute_has_a_date_in_every_zone() {
        for offset in [Offset::MIN, Offset::UTC, Offset::MAX] {
            let last = Civil::of(Minute(LAST), offset);
            assert!((8998..=9999).contains(&last.date_time().year()), "{}", last.date_time());
            assert_eq!(Minute(LAST).timestamp().as_second(), LAST * SECS);
        }
    }
}
