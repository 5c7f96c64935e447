//! Through changes of the clock: a scan of every minute, which remembers what the clock has shown, is the oracle.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use sandshell_crontab::{Minute, Schedule, Zone, bundled_zone};

/// Zones and a day near a change: an hour's, half an hour's, at midnight, a day that was left out, in winter, one
/// without.
const CHANGES: &[(&str, &str)] = &[
    ("America/New_York", "2026-03-08T00:00"),
    ("America/New_York", "2026-11-01T00:00"),
    ("Europe/Berlin", "2026-03-29T00:00"),
    ("Europe/Berlin", "2026-10-25T00:00"),
    ("Australia/Lord_Howe", "2026-04-05T00:00"),
    ("Australia/Lord_Howe", "2026-10-04T00:00"),
    ("Pacific/Apia", "2011-12-30T00:00"),
    ("Pacific/Apia", "2012-04-01T00:00"),
    ("Africa/Cairo", "2026-04-24T00:00"),
    ("Africa/Cairo", "2026-10-30T00:00"),
    ("America/Havana", "2026-11-01T00:00"),
    ("Antarctica/Troll", "2026-03-29T00:00"),
    ("Antarctica/Troll", "2026-10-25T00:00"),
    ("Asia/Kathmandu", "2026-03-29T00:00"),
    ("Asia/Pyongyang", "2018-05-05T00:00"),
    ("Pacific/Kwajalein", "1993-08-21T00:00"),
    ("UTC", "2026-03-29T00:00"),
];

fn zone(name: &str) -> Zone {
    Zone::find(name, &bundled_zone).expect("a zone")
}

/// A day before the first instant of this day, in UTC.
fn start(day: &str) -> Minute {
    let day: DateTime = day.parse().expect("a day");
    let secs = TimeZone::UTC.to_timestamp(day).expect("a time").as_second();
    Minute::from_unix_secs(u64::try_from(secs).expect("after 1970")).plus(-24 * 60)
}

/// The first minute after a change of the clock in the next three days, or that of the middle of them.
fn near_change(start: Minute, zone: &Zone) -> Minute {
    let secs = i64::try_from(start.unix_secs()).expect("small");
    let change = zone.rules().following(jiff::Timestamp::from_second(secs).expect("a time")).next();
    let at = change.map(|change| u64::try_from(change.timestamp().as_second()).expect("after 1970"));
    let end = start.plus(3 * 24 * 60);
    at.map(Minute::from_unix_secs).filter(|at| *at < end).unwrap_or_else(|| start.plus(36 * 60))
}

/// A schedule in the simplest way: the sets of its values, and the weekday alone or with the day of the month.
#[derive(Clone, Debug)]
struct Plain {
    expression: String,
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    day_of_month: Option<i8>,
    day_of_week: Option<i8>,
}

impl Plain {
    fn has(&self, at: DateTime) -> bool {
        let day_of_month = self.day_of_month.map(|day| day == at.day());
        let day_of_week = self.day_of_week.map(|day| day == at.weekday().to_sunday_zero_offset());
        let day = match (day_of_month, day_of_week) {
            (Some(month), Some(week)) => month || week,
            (month, week) => month.or(week).unwrap_or(true),
        };
        day && self.minutes.contains(&at.minute()) && self.hours.contains(&at.hour())
    }

    /// The minutes after `first` up to `last` in which the schedule fires: what the clock shows is compared with the
    /// latest time it has shown.
    fn scan(&self, first: Minute, last: Minute, zone: &Zone) -> Vec<Minute> {
        let follows_real_time = self.expression.split(' ').take(2).any(|field| field.starts_with('*'));
        let shown = |minute: Minute| {
            let secs = i64::try_from(minute.unix_secs()).expect("small");
            zone.rules().to_datetime(jiff::Timestamp::from_second(secs).expect("a time"))
        };
        let minute_long = jiff::Span::new().minutes(1);
        // The clock may have been set back shortly before: what it has shown is known from two days before on.
        let mut latest = shown(first.plus(-2 * 24 * 60 - 1));
        let mut fires = Vec::new();
        for minute in (-2 * 24 * 60..=last.since(first)).map(|step| first.plus(step)) {
            let now = shown(minute);
            let mut is_due = follows_real_time && self.has(now);
            while latest < now {
                latest = latest.checked_add(minute_long).expect("a time");
                is_due |= !follows_real_time && self.has(latest);
            }
            if is_due && minute > first {
                fires.push(minute);
            }
        }
        fires
    }
}

fn listed(last: i8) -> impl Strategy<Value = (String, BTreeSet<i8>)> {
    prop::collection::btree_set(0..=last, 1..4)
        .prop_map(|values: BTreeSet<i8>| (values.iter().map(ToString::to_string).collect::<Vec<_>>().join(","), values))
}

fn values(last: i8) -> impl Strategy<Value = (String, BTreeSet<i8>)> {
    prop_oneof![
        1 => Just(("*".to_owned(), (0..=last).collect())),
        1 => (2..20usize).prop_map(move |step| (format!("*/{step}"), (0..=last).step_by(step).collect())),
        4 => listed(last),
    ]
}

/// Hours are often those in which clocks change.
fn hours() -> impl Strategy<Value = (String, BTreeSet<i8>)> {
    prop_oneof![2 => values(23), 2 => listed(3), 1 => Just(("23".to_owned(), [23].into()))]
}

fn plain() -> impl Strategy<Value = Plain> {
    let day_of_month = prop_oneof![3 => Just(None), 1 => (1..=31i8).prop_map(Some)];
    let day_of_week = prop_oneof![3 => Just(None), 1 => (0..=6i8).prop_map(Some)];
    (values(59), hours(), day_of_month, day_of_week).prop_map(|(minute, hour, day_of_month, day_of_week)| {
        let text = |value: Option<i8>| value.map_or_else(|| "*".to_owned(), |value| value.to_string());
        let expression = format!("{} {} {} * {}", minute.0, hour.0, text(day_of_month), text(day_of_week));
        Plain { expression, minutes: minute.1, hours: hour.1, day_of_month, day_of_week }
    })
}

proptest! {
    #[test]
    fn firings_are_those_of_a_scan(
        plain in plain(),
        change in prop::sample::select(CHANGES),
        begin in -90..90i64,
        far in 0..2i64,
    ) {
        let zone = zone(change.0);
        let schedule = Schedule::parse(plain.expression.as_bytes()).expect("right");
        let first = near_change(start(change.1), &zone).plus(begin - far * 24 * 60);
        let last = first.plus(3 * 24 * 60);
        let expected = plain.scan(first, last, &zone);
        let mut found = Vec::new();
        let mut at = first;
        while let Some(next) = schedule.next_after(at, &zone).filter(|next| *next <= last) {
            prop_assert!(next > at);
            found.push(next);
            at = next;
        }
        prop_assert_eq!(&found, &expected, "by next_after: {} in {}", plain.expression, change.0);
        let due: Vec<Minute> =
            (1..=last.since(first)).map(|step| first.plus(step)).filter(|at| schedule.is_due(*at, &zone)).collect();
        prop_assert_eq!(&due, &expected, "by is_due: {} in {}", plain.expression, change.0);
    }
}

/// The times on the clock, with the offset, of the firings of two days.
fn check(expression: &str, change: (&str, &str), expected: &[&str]) {
    let zone = zone(change.0);
    let schedule = Schedule::parse(expression.as_bytes()).expect("right");
    let day: DateTime = change.1.parse().expect("a day");
    let first = zone.rules().to_timestamp(day).expect("a time").as_second();
    let mut at = Minute::from_unix_secs(u64::try_from(first).expect("after 1970")).plus(-1);
    let mut found = Vec::new();
    while found.len() < expected.len() {
        at = schedule.next_after(at, &zone).expect("it fires");
        let instant = jiff::Timestamp::from_second(i64::try_from(at.unix_secs()).expect("small")).expect("a time");
        found.push(instant.to_zoned(zone.rules().clone()).strftime("%d. %H:%M %:z").to_string());
    }
    assert_eq!(found, expected, "{expression} in {}", change.0);
}

#[test]
fn what_the_clock_leaves_out_runs_when_it_goes_on() {
    let new_york = ("America/New_York", "2026-03-08T00:00");
    check("30 2 * * *", new_york, &["08. 03:00 -04:00", "09. 02:30 -04:00"]);
    check("0,30 2,3 * * *", new_york, &["08. 03:00 -04:00", "08. 03:30 -04:00", "09. 02:00 -04:00"]);
    check("*/30 2 * * *", new_york, &["09. 02:00 -04:00", "09. 02:30 -04:00"]);
    check("30 * * * *", new_york, &["08. 00:30 -05:00", "08. 01:30 -05:00", "08. 03:30 -04:00"]);
    check("0 0 30 12 *", ("Pacific/Apia", "2011-12-29T12:00"), &["31. 00:00 +14:00", "30. 00:00 +14:00"]);
    check("15 2 * * *", ("Australia/Lord_Howe", "2026-10-04T00:00"), &["04. 02:30 +11:00", "05. 02:15 +11:00"]);
}

#[test]
fn what_the_clock_repeats_runs_once_by_the_clock_and_twice_by_real_time() {
    let new_york = ("America/New_York", "2026-11-01T00:00");
    check("30 1 * * *", new_york, &["01. 01:30 -04:00", "02. 01:30 -05:00"]);
    check(
        "*/30 1 * * *",
        new_york,
        &["01. 01:00 -04:00", "01. 01:30 -04:00", "01. 01:00 -05:00", "01. 01:30 -05:00", "02. 01:00 -05:00"],
    );
    check("45 1 * * *", ("Australia/Lord_Howe", "2026-04-05T00:00"), &["05. 01:45 +11:00", "06. 01:45 +10:30"]);
}
