//! When an entry fires next: the calendar of the crate `cron`, and the changes of the clock around it.
//!
//! That crate numbers weekdays as Quartz does, joins both days with "and", and repeats and drops times where a clock
//! changes. So it is asked in UTC-shaped time alone, with the values of each field written out, weekdays by name, and
//! with one expression for each kind of day.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use jiff::tz::AmbiguousOffset;

use crate::entry::Entry;
use crate::field::Field;
use crate::minute::{Civil, Minute};
use crate::schedule::{Fields, Schedule};
use crate::zone::Zone;

/// How far ahead is searched: the next leap year is less than five away until 2100, where the calendar ends.
pub const SEARCH_DAYS: i64 = 5 * 366;
const SEARCH_MINUTES: i64 = SEARCH_DAYS * 24 * 60;

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Entry {
    /// Returns the first minute after `after` in which the entry fires; see [`Schedule::next_after`].
    #[must_use]
    pub fn next_after(&self, after: Minute) -> Option<Minute> {
        self.schedule().next_after(after, self.zone())
    }
}

impl Schedule {
    /// Returns the first minute after `after` in which [`Schedule::is_due`] is true; `None` if that is more than
    /// [`SEARCH_DAYS`] ahead or after the year 2100, and for `@reboot`.
    #[must_use]
    pub fn next_after(&self, after: Minute, zone: &Zone) -> Option<Minute> {
        let fields = self.fields()?;
        let calendar = Calendar::of(fields);
        if fields.follows_real_time() {
            next_in_real_time(fields, &calendar, after, zone)
        } else {
            next_on_the_clock(&calendar, after, zone)
        }
    }
}

/// The next time of the clock that is not behind us in the real world.
fn next_on_the_clock(calendar: &Calendar, after: Minute, zone: &Zone) -> Option<Minute> {
    let mut civil = Civil::of(after, zone.rules().to_offset(after.timestamp()));
    // More than once only within the times that a clock repeats: a day's minutes at most.
    loop {
        civil = calendar.next_after(civil)?;
        let minute = first_at_or_after(civil, zone);
        if minute > after {
            return (minute.since(after) <= SEARCH_MINUTES).then_some(minute);
        }
    }
}

/// Returns the minute in which the clock of a zone first shows a time, or goes on behind it when it leaves it out.
fn first_at_or_after(civil: Civil, zone: &Zone) -> Minute {
    match zone.rules().to_ambiguous_timestamp(civil.date_time()).offset() {
        AmbiguousOffset::Unambiguous { offset } => civil.to_minute(offset),
        AmbiguousOffset::Fold { before, .. } => civil.to_minute(before),
        AmbiguousOffset::Gap { before, after } => {
            // By the later offset the time lies before the change.
            let change = zone.rules().following(civil.to_minute(after).timestamp()).next();
            change.map_or_else(|| civil.to_minute(before), |change| Minute::at_or_after(change.timestamp()))
        }
    }
}

/// The next real minute whose clock shows a time of the schedule: the calendar is asked between changes of the clock.
fn next_in_real_time(fields: &Fields, calendar: &Calendar, after: Minute, zone: &Zone) -> Option<Minute> {
    let mut offset = zone.rules().to_offset(after.timestamp());
    let mut candidate = calendar.next_after(Civil::of(after, offset))?;
    for change in zone.rules().following(after.timestamp()) {
        let at = Minute::at_or_after(change.timestamp());
        let minute = candidate.to_minute(offset);
        if minute < at || at.since(after) > SEARCH_MINUTES {
            break;
        }
        let shown_before = Civil::of(at, offset);
        offset = change.offset();
        let shown = Civil::of(at, offset);
        // The clock repeats some times, or has left out the candidate.
        if shown < shown_before || candidate < shown {
            candidate = if fields.has(shown) { shown } else { calendar.next_after(shown)? };
        }
    }
    let minute = candidate.to_minute(offset);
    (minute.since(after) <= SEARCH_MINUTES).then_some(minute)
}

/// The schedule as the crate `cron` takes it.
struct Calendar {
    by_day: cron::Schedule,
    /// The days of the week, when a day may be right by either.
    or_by_weekday: Option<cron::Schedule>,
}

impl Calendar {
    fn of(fields: &Fields) -> Self {
        let times = format!("0 {} {}", list(fields.minutes), list(fields.hours));
        let (days, months) = (list(fields.days_of_month), list(fields.months));
        let weekdays = weekdays(fields.days_of_week);
        let read = |days: &str, weekdays: &str| {
            cron::Schedule::from_str(&format!("{times} {days} {months} {weekdays}"))
                .expect("lists of values within their ranges are an expression")
        };
        match fields.either_day() {
            false => Self { by_day: read(&days, &weekdays), or_by_weekday: None },
            true => Self { by_day: read(&days, "*"), or_by_weekday: Some(read("*", &weekdays)) },
        }
    }

    fn next_after(&self, civil: Civil) -> Option<Civil> {
        let after = DateTime::<Utc>::from_timestamp(civil.utc_shaped_secs(), 0)?;
        let next = |schedule: &cron::Schedule| schedule.after(&after).next();
        let found = next(&self.by_day).into_iter().chain(self.or_by_weekday.as_ref().and_then(next)).min()?;
        Some(Civil::from_utc_shaped_secs(found.timestamp()))
    }
}

fn list(field: Field) -> String {
    if field.is_open {
        return "*".to_owned();
    }
    field.values().map(|value| value.to_string()).collect::<Vec<_>>().join(",")
}

fn weekdays(field: Field) -> String {
    if field.is_open {
        return "*".to_owned();
    }
    field.values().filter_map(|value| WEEKDAYS.get(usize::from(value)).copied()).collect::<Vec<_>>().join(",")
}
