//! Without changes of the clock, `croner` is the oracle: another implementation answers the same for random schedules.

use chrono::{DateTime, Utc};
use croner::parser::{CronParser, Seconds, Year};
use proptest::prelude::*;
use sandshell_crontab::{Minute, Schedule, Zone};

/// A field that both read the same way: `*`, numbers, ranges, steps, lists.
fn field(first: u8, last: u8) -> impl Strategy<Value = String> {
    let number = first..=last;
    let range = (number.clone(), number.clone()).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let item = prop_oneof![
        4 => number.prop_map(|number| number.to_string()),
        2 => range.clone().prop_map(|(a, b)| format!("{a}-{b}")),
        1 => (range, 1..10u8)
            .prop_filter("a step within its range", |((a, b), step)| step <= &(b - a + 1))
            .prop_map(|((a, b), step)| format!("{a}-{b}/{step}")),
        1 => (2..=last.min(30) / 2 + 1).prop_map(|step| format!("*/{step}")),
    ];
    prop_oneof![
        2 => Just("*".to_owned()),
        3 => prop::collection::vec(item, 1..4).prop_map(|items| items.join(",")),
    ]
}

fn month() -> impl Strategy<Value = String> {
    let names = ["jan", "FEB", "mar", "apr", "May", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    prop_oneof![4 => field(1, 12), 1 => prop::sample::select(names.to_vec()).prop_map(str::to_owned)]
}

fn day_of_week() -> impl Strategy<Value = String> {
    let names = ["sun", "MON", "tue", "wed", "thu", "Fri", "sat", "7", "5-7", "mon-fri"];
    prop_oneof![4 => field(0, 6), 1 => prop::sample::select(names.to_vec()).prop_map(str::to_owned)]
}

fn expression() -> impl Strategy<Value = String> {
    (field(0, 59), field(0, 23), field(1, 31), month(), day_of_week())
        .prop_map(|(minute, hour, day, month, weekday)| format!("{minute} {hour} {day} {month} {weekday}"))
}

/// From 1972 to 2090: the search of neither ends at the end of its calendar.
fn secs() -> impl Strategy<Value = u64> {
    63_072_000u64..3_786_912_000
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn the_next_firings_are_those_of_croner(expression in expression(), start in secs()) {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let oracle = parser.parse(&expression).expect("croner reads it");
        let Ok(schedule) = Schedule::parse(expression.as_bytes()) else {
            // The only schedule of these that is refused is one for which croner finds nothing, either.
            let start = DateTime::<Utc>::from_timestamp(i64::try_from(start).expect("small"), 0).expect("a time");
            prop_assert!(oracle.find_next_occurrence(&start, false).is_err(), "{}", expression);
            return Ok(());
        };
        let mut at = Minute::from_unix_secs(start);
        for _ in 0..5 {
            let instant = DateTime::<Utc>::from_timestamp(i64::try_from(at.unix_secs()).expect("small"), 0);
            let expected = oracle.find_next_occurrence(&instant.expect("a time"), false).expect("it fires");
            let next = schedule.next_after(at, &Zone::utc()).expect("it fires");
            prop_assert_eq!(next.unix_secs(), u64::try_from(expected.timestamp()).expect("positive"), "{}", expression);
            prop_assert!(schedule.is_due(next, &Zone::utc()));
            at = next;
        }
    }

    #[test]
    fn a_minute_is_due_when_croner_says_so(expression in expression(), start in secs()) {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let oracle = parser.parse(&expression).expect("croner reads it");
        let Ok(schedule) = Schedule::parse(expression.as_bytes()) else { return Ok(()) };
        let start = Minute::from_unix_secs(start);
        for minute in (0..200).map(|step| start.plus(step * 61)) {
            let instant = DateTime::<Utc>::from_timestamp(i64::try_from(minute.unix_secs()).expect("small"), 0);
            let expected = oracle.is_time_matching(&instant.expect("a time")).expect("an answer");
            prop_assert_eq!(schedule.is_due(minute, &Zone::utc()), expected, "{}", expression);
        }
    }
}
