//! Whole tables: entries with what stands before them, bad lines, limits.

use proptest::prelude::*;
use sandshell_crontab::{
    BAD_LINES_MAX, Crontab, ENTRIES_MAX, Entry, FILE_BYTES_MAX, LINE_BYTES_MAX, Minute, Reason, VARIABLES_MAX,
    bundled_zone,
};

fn parse(text: impl AsRef<[u8]>) -> Crontab {
    Crontab::parse(text.as_ref(), &bundled_zone)
}

fn commands<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<String> {
    entries.into_iter().map(|entry| String::from_utf8_lossy(entry.command()).into_owned()).collect()
}

fn reasons(table: &Crontab) -> Vec<(usize, Reason)> {
    table.bad_lines().iter().map(|bad| (bad.line, bad.reason)).collect()
}

fn minute(utc: &str) -> Minute {
    let secs = utc.parse::<jiff::Timestamp>().expect("a time").as_second();
    Minute::from_unix_secs(u64::try_from(secs).expect("after 1970"))
}

#[test]
fn an_entry_has_its_line_schedule_command_and_input() {
    let table = parse("# one\n\n */5\t9-17  * * mon-fri   make  report%a%b\n@daily  x \r\n");
    let [first, second] = table.entries() else { panic!("{table:?}") };
    assert_eq!((first.line(), first.when()), (3, "*/5 9-17 * * mon-fri"));
    assert_eq!((first.command(), first.stdin()), (&b"make  report"[..], Some(&b"a\nb\n"[..])));
    assert_eq!((second.line(), second.when(), second.stdin()), (4, "@daily", None));
    assert_eq!(second.command(), b"x ");
    assert!(table.bad_lines().is_empty());
}

#[test]
fn variables_are_for_the_entries_behind_them() {
    let table = parse("@daily a\nX=1\nY=2\n@daily b\nX=3\n@daily c\nZ=4\n");
    let seen: Vec<String> = table
        .entries()
        .iter()
        .map(|entry| {
            let of = |variable: &sandshell_crontab::Variable| {
                format!("{}={}", variable.name, String::from_utf8_lossy(&variable.value))
            };
            entry.environment().iter().map(of).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(seen, ["", "X=1 Y=2", "X=1 Y=2 X=3"]);
}

#[test]
fn zones_are_for_the_entries_behind_them_and_that_of_cron_goes_first() {
    let table = parse(
        "@daily a\nTZ=Europe/Berlin\n@daily b\nCRON_TZ=Asia/Tokyo\n@daily c\nTZ=America/New_York\n@daily d\n\
         CRON_TZ=\n@daily e\nTZ=\n@daily f\nTZ=Mars\n@daily g\nTZ=EST5\n@daily h\n",
    );
    let zones: Vec<&str> = table.entries().iter().map(|entry| entry.zone().name()).collect();
    assert_eq!(zones, ["UTC", "Europe/Berlin", "Asia/Tokyo", "Asia/Tokyo", "America/New_York", "UTC", "UTC", "EST5"]);
    assert_eq!(reasons(&table), [(12, Reason::BadZone)]);
    let last = table.entries().last().expect("an entry");
    assert_eq!(last.next_after(minute("2026-01-01T00:00:00Z")), Some(minute("2026-01-01T05:00:00Z")));
}

#[test]
fn entries_are_due_in_the_order_of_the_table_each_by_its_zone() {
    let table =
        parse("0 9 * * * nine\nTZ=Asia/Tokyo\n0 9 * * * tokyo\n0 18 * * * evening\n* * * * * always\n@reboot start\n");
    assert_eq!(commands(table.due(minute("2026-05-05T09:00:00Z"))), ["nine", "evening", "always"]);
    assert_eq!(commands(table.due(minute("2026-05-05T00:00:00Z"))), ["tokyo", "always"]);
    assert_eq!(commands(table.due(minute("2026-05-05T00:01:00Z"))), ["always"]);
    assert_eq!(commands(table.due_at_start()), ["start"]);
    let start = table.entries().last().expect("an entry");
    assert_eq!(start.next_after(minute("2026-05-05T00:01:00Z")), None);
}

#[test]
fn a_bad_line_is_kept_and_the_others_count() {
    let table = parse("@daily a\nnonsense here\n@daily\n* * * * * a\0b\nA='b\n@daily b");
    assert_eq!(commands(table.entries()), ["a", "b"]);
    let expected = [(2, Reason::BadMinute), (3, Reason::BadCommand), (4, Reason::BadCommand), (5, Reason::BadVariable)];
    assert_eq!(reasons(&table), expected);
    assert_eq!(table.bad_lines()[0].text, "nonsense here");
    assert_eq!(table.bad_lines()[0].to_string(), "2: bad minute");
}

#[test]
fn what_is_too_much_is_told_and_skipped() {
    let entries = "@daily x\n".repeat(ENTRIES_MAX);
    assert_eq!(parse(&entries).n_bad_lines(), 0);
    let table = parse(entries + "@daily y\n");
    assert_eq!(
        (table.entries().len(), reasons(&table)),
        (ENTRIES_MAX, vec![(ENTRIES_MAX + 1, Reason::TooManyEntries)])
    );

    let table = parse("A=b\n".repeat(VARIABLES_MAX + 1) + "@daily x\n");
    assert_eq!(reasons(&table), [(VARIABLES_MAX + 1, Reason::TooManyVariables)]);
    assert_eq!(table.entries()[0].environment().len(), VARIABLES_MAX);

    let line = "@daily ".to_owned() + &"x".repeat(LINE_BYTES_MAX - 7);
    assert_eq!(parse(&line).entries().len(), 1);
    assert_eq!(reasons(&parse(line.clone() + "x")), [(1, Reason::LineTooLong)]);
    assert_eq!(parse("#".to_owned() + &line).n_bad_lines(), 0);

    let table = parse("x\n".repeat(BAD_LINES_MAX + 7));
    assert_eq!((table.bad_lines().len(), table.n_bad_lines()), (BAD_LINES_MAX, BAD_LINES_MAX + 7));
}

#[test]
fn of_a_table_that_is_too_long_the_whole_lines_at_its_beginning_count() {
    let comment = "#".repeat(1023) + "\n";
    let full = comment.repeat(FILE_BYTES_MAX / 1024 - 1) + &"#".repeat(1015) + "\n@daily x";
    assert_eq!(full.len(), FILE_BYTES_MAX);
    assert_eq!((parse(&full).entries().len(), parse(&full).n_bad_lines()), (1, 0));
    let table = parse(full + "y\n@daily z\n");
    assert_eq!((table.entries().len(), reasons(&table)), (0, vec![(65, Reason::FileTooLong)]));
    let table = parse("#".repeat(FILE_BYTES_MAX + 1));
    assert_eq!(reasons(&table), [(1, Reason::FileTooLong)]);
}

/// Pieces of tables, so that random ones reach more than the first error.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "* ", "*/5 ", "1 ", "31 ", "2 ", "0-7 ", "mon ", "\n", "\n", "@daily ", "@reboot ", "@", "TZ=", "CRON_TZ=",
        "UTC", "A=", "'", "\"", "=", "%", "\\", "\\%", " ", "\t", "\r\n", "#", "echo", ",", "-", "/",
    ];
    prop_oneof![
        8 => prop::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_a_table(pieces in prop::collection::vec(piece(), 0..200)) {
        let text = pieces.concat();
        let table = parse(&text);
        let n_lines = text.split(|byte| *byte == b'\n').count();
        prop_assert!(table.entries().len() + table.n_bad_lines() <= n_lines);
        let mut last = 0;
        for entry in table.entries() {
            prop_assert!(entry.line() > last && !entry.command().trim_ascii().is_empty());
            prop_assert!(!entry.command().contains(&b'\n') && !entry.command().contains(&0));
            last = entry.line();
            let fires = entry.next_after(Minute::from_unix_secs(1_800_000_000));
            prop_assert_eq!(fires.is_none(), entry.schedule().is_at_start());
        }
    }
}
