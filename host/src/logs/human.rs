//! A line for people: time of day (UTC), level, text, fields. The target only where it says more than the text.

use std::fmt::Write;

use serde_json::Value;
use tracing::Level;

use super::layer::Line;

const DAY_SECS: u64 = 24 * 3600;
const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// Returns the line with its end.
pub(super) fn line(line: &Line<'_>, is_coloured: bool) -> String {
    let (name, colour) = match line.level {
        Level::ERROR => ("error", "\x1b[31m"),
        Level::WARN => ("warn", "\x1b[33m"),
        Level::INFO => ("info", "\x1b[32m"),
        Level::DEBUG => ("debug", "\x1b[34m"),
        _ => ("trace", "\x1b[35m"),
    };
    let [dim, colour, plain] = if is_coloured { [DIM, colour, PLAIN] } else { [""; 3] };
    let secs = line.at.secs() % DAY_SECS;
    let millis = line.at.0 / 1_000_000 % 1_000;
    let (hours, minutes, seconds) = (secs / 3600, secs / 60 % 60, secs % 60);
    let mut text = format!("{dim}{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z{plain} {colour}{name:5}{plain} ");
    // Below the usual level, where a line comes from is half of what it says.
    if line.level > Level::INFO {
        let _ = write!(text, "{dim}{}:{plain} ", line.target);
    }
    push_safe(&mut text, &line.fields.message);
    for (field, value) in &line.fields.others {
        let _ = write!(text, " {dim}{field}={plain}");
        match value {
            Value::String(word) if is_word(word) => text.push_str(word),
            Value::String(words) => push_safe(&mut text, &format!("{words:?}")),
            other => push_safe(&mut text, &other.to_string()),
        }
    }
    text.push('\n');
    text
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./:+".contains(c))
}

/// Appends text without control characters: a line stays one line, and a terminal obeys nobody.
fn push_safe(to: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() {
            to.extend(c.escape_default());
        } else {
            to.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use base::Timestamp;

    use super::super::fields::Fields;
    use super::*;

    fn check(level: Level, message: &str, is_coloured: bool, expected: &str) {
        let others = vec![("session", "ab12".into()), ("n", 3.into()), ("why", "a b".into())];
        let fields = Fields { message: message.to_owned(), others };
        let at = Timestamp(1_700_000_000_123_456_789);
        assert_eq!(line(&Line { at, level, target: "sandshell::x", fields }, is_coloured), expected);
    }

    #[test]
    fn a_line_has_time_level_text_and_fields() {
        check(Level::INFO, "hello", false, "22:13:20.123Z info  hello session=ab12 n=3 why=\"a b\"\n");
        check(Level::DEBUG, "hello", false, "22:13:20.123Z debug sandshell::x: hello session=ab12 n=3 why=\"a b\"\n");
    }

    #[test]
    fn what_a_guest_wrote_stays_on_the_line_and_commands_no_terminal() {
        check(
            Level::WARN,
            "a\nb\x1b[31m",
            false,
            "22:13:20.123Z warn  a\\nb\\u{1b}[31m session=ab12 n=3 why=\"a b\"\n",
        );
    }

    #[test]
    fn colours_are_there_when_asked_for() {
        check(
            Level::ERROR,
            "x",
            true,
            "\x1b[2m22:13:20.123Z\x1b[0m \x1b[31merror\x1b[0m x \x1b[2msession=\x1b[0mab12 \x1b[2mn=\x1b[0m3 \
             \x1b[2mwhy=\x1b[0m\"a b\"\n",
        );
    }
}
