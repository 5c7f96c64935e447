//! What is done when minutes have passed that nobody evaluated.

use proptest::prelude::*;
use sandshell_crontab::{Crontab, Entry, LATE_MINUTES_MAX, Minute, bundled_zone};

fn minute(utc: &str) -> Minute {
    let secs = utc.parse::<jiff::Timestamp>().expect("a time").as_second();
    Minute::from_unix_secs(u64::try_from(secs).expect("after 1970"))
}

fn command(entry: &Entry) -> String {
    String::from_utf8_lossy(entry.command()).into_owned()
}

/// Checks what runs, each with the minute in which it was due, and what is skipped, with the first such minute.
fn check(table: &str, last: &str, now: &str, run: &[(&str, &str)], skipped: &[(&str, &str)]) {
    let table = Crontab::parse(table.as_bytes(), &bundled_zone);
    let done = table.catch_up(minute(last), minute(now));
    let expected = |list: &[(&str, &str)]| -> Vec<(String, Minute)> {
        list.iter().map(|(command, at)| ((*command).to_owned(), minute(at))).collect()
    };
    let found: Vec<_> = done.run.iter().map(|firing| (command(firing.entry), firing.minute)).collect();
    assert_eq!(found, expected(run), "what runs at {now}");
    let found: Vec<_> = done.skipped.iter().map(|skipped| (command(skipped.entry), skipped.first)).collect();
    assert_eq!(found, expected(skipped), "what is skipped at {now}");
}

const TABLE: &str = "* * * * * always\n0 * * * * hourly\n@daily daily\n30 12 * * * half\n@reboot start\n";

#[test]
fn the_next_minute_is_what_is_due() {
    let at = "2026-05-05T12:00:00Z";
    check(TABLE, "2026-05-05T11:59:00Z", at, &[("always", at), ("hourly", at)], &[]);
}

#[test]
fn a_firing_within_the_hour_runs_once() {
    check(
        TABLE,
        "2026-05-05T12:00:00Z",
        "2026-05-05T12:59:00Z",
        &[("always", "2026-05-05T12:59:00Z"), ("half", "2026-05-05T12:30:00Z")],
        &[],
    );
    check(
        TABLE,
        "2026-05-05T11:59:00Z",
        "2026-05-05T13:00:00Z",
        &[("always", "2026-05-05T13:00:00Z"), ("hourly", "2026-05-05T13:00:00Z"), ("half", "2026-05-05T12:30:00Z")],
        &[],
    );
}

#[test]
fn an_older_firing_is_skipped_and_told() {
    check(
        TABLE,
        "2026-05-03T12:29:00Z",
        "2026-05-05T13:31:00Z",
        &[("always", "2026-05-05T13:31:00Z"), ("hourly", "2026-05-05T13:00:00Z")],
        &[
            ("always", "2026-05-03T12:30:00Z"),
            ("hourly", "2026-05-03T13:00:00Z"),
            ("daily", "2026-05-04T00:00:00Z"),
            ("half", "2026-05-03T12:30:00Z"),
        ],
    );
    // One minute earlier the last of them is not too late.
    let table = "30 12 * * * half\n";
    check(table, "2026-05-05T12:00:00Z", "2026-05-05T13:30:00Z", &[("half", "2026-05-05T12:30:00Z")], &[]);
    check(table, "2026-05-05T12:00:00Z", "2026-05-05T13:31:00Z", &[], &[("half", "2026-05-05T12:30:00Z")]);
}

#[test]
fn a_clock_that_was_set_back_fires_nothing_again() {
    check(TABLE, "2026-05-05T12:00:00Z", "2026-05-05T12:00:00Z", &[], &[]);
    check(TABLE, "2026-05-05T12:00:00Z", "2026-05-05T11:00:00Z", &[], &[]);
}

proptest! {
    #[test]
    fn no_firing_is_lost_and_none_runs_twice(steps in prop::collection::vec(1..200i64, 1..20), every in 1..59u8) {
        let table = format!("*/{every} * * * * real\nTZ=Europe/Berlin\n{every} 1,2,3 * * * clock\n");
        let table = Crontab::parse(table.as_bytes(), &bundled_zone);
        // The clock goes on at 01:00Z.
        let mut last = minute("2026-03-28T22:00:00Z");
        for step in steps {
            let now = last.plus(step);
            let done = table.catch_up(last, now);
            for entry in table.entries() {
                let missed: Vec<Minute> =
                    (1..=step).map(|by| last.plus(by)).filter(|minute| entry.is_due(*minute)).collect();
                let in_time = missed.iter().copied().filter(|minute| now.since(*minute) <= LATE_MINUTES_MAX).max();
                let too_late = missed.iter().copied().filter(|minute| now.since(*minute) > LATE_MINUTES_MAX).min();
                let run = done.run.iter().find(|firing| firing.entry == entry).map(|firing| firing.minute);
                let skipped = done.skipped.iter().find(|skipped| skipped.entry == entry).map(|skipped| skipped.first);
                prop_assert_eq!((run, skipped), (in_time, too_late));
            }
            last = now;
        }
    }
}
