//! Time zones by name, and that of a process: what its `TZ` names.

use std::path::Path;
use std::sync::OnceLock;

use jiff::tz::TimeZone;

/// Where the image keeps the time zones, unless `TZDIR` names another folder.
const ZONES: &str = "/usr/share/zoneinfo";

/// Returns the zone of `TZ` (POSIX, "Environment Variables"): a file of the time zone database, by name below `TZDIR` or by
/// its path after a colon, or else a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`. Without it, and for what is neither, UTC.
///
/// It is read once.
#[must_use]
pub fn local_zone() -> TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    ZONE.get_or_init(read).clone()
}

/// Returns the zone of a name: a file of the time zone database below `TZDIR`, or by its path, or else a rule of POSIX.
#[must_use]
pub fn find_zone(name: &str) -> Option<TimeZone> {
    let folder = std::env::var("TZDIR").unwrap_or_default();
    let folder = if folder.is_empty() { ZONES } else { folder.as_str() };
    let file = std::fs::read(Path::new(folder).join(name)).ok();
    let found = file.and_then(|data| TimeZone::tzif(name, &data).ok());
    found.or_else(|| TimeZone::posix(name).ok())
}

fn read() -> TimeZone {
    let given = std::env::var("TZ").unwrap_or_default();
    let name = given.strip_prefix(':').unwrap_or(&given);
    if matches!(name, "" | "UTC" | "UTC0" | "Etc/UTC") {
        return TimeZone::UTC;
    }
    find_zone(name).unwrap_or(TimeZone::UTC)
}
