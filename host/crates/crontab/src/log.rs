//! The log of a table's runs: how an entry is written, and what is kept when the log is full.

use crate::minute::{Civil, Minute};
use crate::zone::Zone;

/// Where a session keeps its log.
pub const LOG_PATH: &str = "/.cron_log";
/// Where the log goes when it is full; what was there goes.
pub const ROTATED_LOG_PATH: &str = "/.cron_log.1";
/// Bytes of a log. With the rotated one a session spends half a mebibyte on what few read.
pub const LOG_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a run's output that are logged, so that one run does not push out the others.
pub const LOG_OUTPUT_BYTES_MAX: usize = 64 * 1024;

/// `[2006-01-02 15:04] `, with `0` for each digit.
const HEADER: &[u8] = b"[0000-00-00 00:00] ";

/// Returns the log's entry for a run: the minute by the clock of a zone and the command, then the output, then `#
/// error: ` and the reason if the run failed.
///
/// A newline is added to an output that does not end with one. The middle of a long output is left out, which a line
/// beginning with `# ` tells. Newlines of the command and the reason become blanks.
#[must_use]
pub fn log_entry(at: Minute, zone: &Zone, command: &[u8], output: &[u8], error: Option<&str>) -> Vec<u8> {
    let civil = Civil::of(at, zone.rules().to_offset(at.timestamp())).date_time();
    let mut entry = format!("[{}] ", civil.strftime("%Y-%m-%d %H:%M")).into_bytes();
    entry.extend(command.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
    entry.push(b'\n');
    push_output(&mut entry, output);
    if let Some(error) = error {
        entry.extend(format!("# error: {}\n", error.replace('\n', " ")).bytes());
    }
    entry
}

fn push_output(entry: &mut Vec<u8>, output: &[u8]) {
    if output.len() <= LOG_OUTPUT_BYTES_MAX {
        push_lines(entry, output);
        return;
    }
    let (head, rest) = output.split_at(LOG_OUTPUT_BYTES_MAX / 2);
    let (middle, tail) = rest.split_at(rest.len() - LOG_OUTPUT_BYTES_MAX / 2);
    push_lines(entry, head);
    entry.extend(format!("# {} bytes are left out\n", middle.len()).bytes());
    push_lines(entry, tail);
}

fn push_lines(entry: &mut Vec<u8>, text: &[u8]) {
    entry.extend(text);
    if text.last().is_some_and(|last| *last != b'\n') {
        entry.push(b'\n');
    }
}

/// Decides what happens to a log before an entry is appended.
///
/// `None`: both fit into [`LOG_BYTES_MAX`]. Otherwise the rotated log's new content, and the entry begins an empty
/// log. The content is the whole log; of one that is too long by itself, the last entries that fit.
#[must_use]
pub fn rotate<'a>(log: &'a [u8], entry: &[u8]) -> Option<&'a [u8]> {
    if log.is_empty() || log.len().saturating_add(entry.len()) <= LOG_BYTES_MAX {
        return None;
    }
    let Some(too_much) = log.len().checked_sub(LOG_BYTES_MAX).filter(|too_much| *too_much > 0) else {
        return Some(log);
    };
    let starts_entry = |at: usize| log.get(at - 1) == Some(&b'\n') && is_header(log.get(at..).unwrap_or_default());
    let start = (too_much..log.len()).find(|at| starts_entry(*at)).unwrap_or(log.len());
    log.get(start..)
}

fn is_header(text: &[u8]) -> bool {
    text.len() >= HEADER.len()
        && text.iter().zip(HEADER).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-29 00:59:00 UTC.
    const AT: u64 = 1_774_745_940;

    fn text(output: &str, error: Option<&str>) -> String {
        let entry = log_entry(Minute::from_unix_secs(AT), &Zone::utc(), b"make report", output.as_bytes(), error);
        String::from_utf8(entry).expect("text")
    }

    #[test]
    fn an_entry_has_time_command_output_and_error() {
        assert_eq!(text("one\ntwo\n", None), "[2026-03-29 00:59] make report\none\ntwo\n");
        assert_eq!(text("one", None), "[2026-03-29 00:59] make report\none\n");
        assert_eq!(text("", None), "[2026-03-29 00:59] make report\n");
        assert_eq!(
            text("one", Some("command\nfailed")),
            "[2026-03-29 00:59] make report\none\n# error: command failed\n"
        );
    }

    #[test]
    fn the_time_is_that_of_the_zone() {
        let rules = jiff::tz::TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule");
        let zone = Zone::find("CET", &|_| Some(rules.clone())).expect("a zone");
        let first = |secs| log_entry(Minute::from_unix_secs(secs), &zone, b"x", b"", None);
        assert_eq!(first(AT), b"[2026-03-29 01:59] x\n");
        assert_eq!(first(AT + 60), b"[2026-03-29 03:00] x\n");
    }

    #[test]
    fn a_long_output_loses_its_middle() {
        let output = format!("a{}b", "\n".repeat(LOG_OUTPUT_BYTES_MAX));
        let entry = text(&output, None);
        assert!(entry.starts_with("[2026-03-29 00:59] make report\na\n"));
        assert!(entry.contains("\n# 2 bytes are left out\n") && entry.ends_with("\nb\n"));
        assert!(entry.len() <= LOG_OUTPUT_BYTES_MAX + 100);
        let fits = "x".repeat(LOG_OUTPUT_BYTES_MAX);
        assert!(!text(&fits, None).contains("left out"));
    }

    #[test]
    fn a_log_is_rotated_when_the_entry_does_not_fit() {
        let log = vec![b'x'; LOG_BYTES_MAX - 5];
        assert_eq!(rotate(&log, b"12345"), None);
        assert_eq!(rotate(&log, b"123456"), Some(log.as_slice()));
        assert_eq!(rotate(b"", &[b'x'; LOG_BYTES_MAX + 1]), None);
    }

    #[test]
    fn of_a_log_that_is_too_long_the_last_entries_stay() {
        let mut log = Vec::new();
        let entry = text("[not a header] \n[2026-03-29] neither\n", None);
        while log.len() <= LOG_BYTES_MAX + 10_000 {
            log.extend(entry.bytes());
        }
        let kept = rotate(&log, b"x").expect("it does not fit");
        assert!(kept.len() <= LOG_BYTES_MAX && kept.len() > LOG_BYTES_MAX - entry.len());
        assert!(kept.starts_with(b"[2026-03-29 00:59] make report\n") && log.ends_with(kept));
        let garbage = vec![b'x'; LOG_BYTES_MAX + 1];
        assert_eq!(rotate(&garbage, b"x"), Some(&b""[..]));
    }
}
