//! `uptime`: how long the session has run, and its load.

use super::table::{Machine, format_time};
use crate::options::Grammar;
use crate::program::{Outcome, Program};

/// `uptime`.
pub(crate) const PROGRAM: Program = Program {
    name: "uptime",
    failure: 1,
    help: "\
Usage: uptime [OPTION]
Tell how long the session has been running.

  -p, --pretty   in words
  -s, --since    since when
  -h, --help, -V, --version
",
    grammar: Grammar { short: "pshV", long: &[("pretty", 'p'), ("since", 's')], stops_at_operand: false },
    main,
};

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, _) = program.parse(arguments)?;
    let machine = Machine::load();
    let seconds = machine.uptime.as_secs();
    if let Some(option) = given.first() {
        let text = match option.letter {
            'p' => format!("up {}\n", words(seconds)),
            's' => {
                let booted = machine.now_secs.saturating_sub(i64::try_from(seconds).unwrap_or(0));
                format_time("%Y-%m-%d %H:%M:%S\n", booted)
            }
            'h' => return Err(program.print(program.help)),
            _ => return Err(program.version()),
        };
        return Ok(program.print(text));
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let now = format_time("%H:%M:%S", machine.now_secs);
    Ok(program.print(format!(" {now} up {},  0 user,  load average: {}\n", clock(seconds), load.join(", "))))
}

/// Days, hours and minutes.
fn clock(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    if hours > 0 { format!("{days}{hours:2}:{minutes:02}") } else { format!("{days}{minutes} min") }
}

fn words(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    let units = [
        ("year", 365 * 24 * 60 * MINUTE),
        ("week", 7 * 24 * 60 * MINUTE),
        ("day", 24 * 60 * MINUTE),
        ("hour", 60 * MINUTE),
        ("minute", MINUTE),
    ];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (name, length) in units {
        let count = left / length;
        left %= length;
        if count > 0 {
            parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if parts.is_empty() { "0 minutes".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_words_and_figures() {
        assert_eq!((clock(59), clock(25_740)), ("0 min".to_owned(), " 7:09".to_owned()));
        assert_eq!(clock(2 * 86_400 + 60), "2 days, 1 min");
        assert_eq!((words(25_740), words(10)), ("7 hours, 9 minutes".to_owned(), "0 minutes".to_owned()));
        assert_eq!(words(694_861), "1 week, 1 day, 1 hour, 1 minute");
    }
}
