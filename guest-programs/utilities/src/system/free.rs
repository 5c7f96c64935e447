//! `free`: the session's memory.

use std::time::Duration;

use super::table::Machine;
use crate::options::Grammar;
use crate::program::{Outcome, Program};

const SI: char = '\u{10}';

/// `free`.
pub(crate) const PROGRAM: Program = Program {
    name: "free",
    failure: 1,
    help: "\
Usage: free [OPTION]...
Tell how much memory the session has and uses.

  -b, --bytes   -k, --kibi (the default)   -m, --mebi   -g, --gibi   --tebi
      --kilo    --mega   --giga   --tera   powers of 1000
  -h, --human   three digits and a unit    --si   units are powers of 1000
  -l, --lohi    low and high memory        -t, --total   a line with the sums
  -w, --wide    buffers and cache apart    -v, --committed   what is promised
  -s, --seconds N  again every N seconds   -c, --count N    so many times
      --help, -V, --version
",
    grammar: Grammar {
        short: "bkmghltwvs:c:V",
        long: &[
            ("bytes", 'b'),
            ("committed", 'v'),
            ("count=", 'c'),
            ("gibi", 'g'),
            ("giga", 'G'),
            ("human", 'h'),
            ("kibi", 'k'),
            ("kilo", 'K'),
            ("lohi", 'l'),
            ("mebi", 'm'),
            ("mega", 'M'),
            ("seconds=", 's'),
            ("si", SI),
            ("tebi", 'E'),
            ("tera", 'T'),
            ("total", 't'),
            ("wide", 'w'),
        ],
        stops_at_operand: false,
    },
    main,
};

struct Settings {
    /// Bytes of a unit; `None` for readable sizes.
    unit: Option<u64>,
    base: u64,
    wide: bool,
    low_high: bool,
    total: bool,
    committed: bool,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    if !operands.is_empty() {
        return Err(program.misuse("there are no operands"));
    }
    let mut settings =
        Settings { unit: Some(1024), base: 1024, wide: false, low_high: false, total: false, committed: false };
    let (mut every, mut count) = (None, None);
    for option in &given {
        match option.letter {
            'b' => settings.unit = Some(1),
            'k' => settings.unit = Some(1 << 10),
            'm' => settings.unit = Some(1 << 20),
            'g' => settings.unit = Some(1 << 30),
            'E' => settings.unit = Some(1 << 40),
            'K' => settings.unit = Some(1000),
            'M' => settings.unit = Some(1_000_000),
            'G' => settings.unit = Some(1_000_000_000),
            'T' => settings.unit = Some(1_000_000_000_000),
            'h' => settings.unit = None,
            SI => settings.base = 1000,
            'l' => settings.low_high = true,
            't' => settings.total = true,
            'w' => settings.wide = true,
            'v' => settings.committed = true,
            's' => {
                let text = option.text();
                let seconds: f64 = program.number("seconds argument failed", &text)?;
                let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
                every = Some(
                    time.ok_or_else(|| program.fail(&format!("seconds argument '{text}' is not positive number")))?,
                );
            }
            'c' => count = Some(program.number::<u64>("failed to parse count argument", &option.text())?),
            _ => return Err(program.version()),
        }
    }
    let mut left = count.unwrap_or(if every.is_some() { u64::MAX } else { 1 });
    loop {
        let status = program.print(report(&settings, &Machine::load()));
        left = left.saturating_sub(1);
        if status != 0 || left == 0 {
            return Ok(status);
        }
        std::thread::sleep(every.unwrap_or(Duration::from_secs(1)));
        if program.print("\n") != 0 {
            return Ok(program.failure);
        }
    }
}

fn report(settings: &Settings, machine: &Machine) -> String {
    let kib = |name: &str| machine.memory_kib(name);
    let (total, free, available) = (kib("MemTotal"), kib("MemFree"), kib("MemAvailable"));
    let used = total.saturating_sub(available);
    let (shared, buffers, cache) = (kib("Shmem"), kib("Buffers"), kib("Cached") + kib("SReclaimable"));
    let (swap, swap_free) = (kib("SwapTotal"), kib("SwapFree"));
    let row = |label: &str, values: &[u64]| {
        let cells: String = values.iter().map(|value| format!("{:>12}", size(settings, *value))).collect();
        format!("{label:<8}{cells}\n")
    };
    let mut text = format!("{:8}{:>12}{:>12}{:>12}{:>12}", "", "total", "used", "free", "shared");
    text.push_str(&if settings.wide {
        format!("{:>12}{:>12}", "buffers", "cache")
    } else {
        format!("{:>12}", "buff/cache")
    });
    text.push_str(&format!("{:>12}\n", "available"));
    if settings.wide {
        text.push_str(&row("Mem:", &[total, used, free, shared, buffers, cache, available]));
    } else {
        text.push_str(&row("Mem:", &[total, used, free, shared, buffers + cache, available]));
    }
    if settings.low_high {
        text.push_str(&row("Low:", &[total, total.saturating_sub(free), free]));
        text.push_str(&row("High:", &[0, 0, 0]));
    }
    text.push_str(&row("Swap:", &[swap, swap.saturating_sub(swap_free), swap_free]));
    if settings.total {
        text.push_str(&row("Total:", &[total + swap, used + swap.saturating_sub(swap_free), free + swap_free]));
    }
    if settings.committed {
        let (limit, committed) = (kib("CommitLimit"), kib("Committed_AS"));
        text.push_str(&row("Comm:", &[limit, committed, limit.saturating_sub(committed)]));
    }
    text
}

/// A size in the unit, or with one: at most four digits and a point.
fn size(settings: &Settings, kib: u64) -> String {
    let bytes = kib.saturating_mul(1024);
    if let Some(unit) = settings.unit {
        return (bytes / unit).to_string();
    }
    let mark = if settings.base == 1024 { "i" } else { "" };
    let width = 4 + mark.len();
    let plain = format!("{bytes}B");
    if plain.len() <= 4 {
        return plain;
    }
    let mut scale = 1u64;
    for letter in ["K", "M", "G", "T", "P"] {
        scale = scale.saturating_mul(settings.base);
        #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
        let value = bytes as f64 / scale as f64;
        let texts = [format!("{value:.1}{letter}{mark}"), format!("{}{letter}{mark}", bytes / scale)];
        if let Some(text) = texts.into_iter().find(|text| text.len() <= width) {
            return text;
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_sizes_have_at_most_four_places() {
        let settings =
            Settings { unit: None, base: 1024, wide: false, low_high: false, total: false, committed: false };
        assert_eq!((size(&settings, 0), size(&settings, 24_684_096)), ("0B".to_owned(), "23Gi".to_owned()));
        assert_eq!((size(&settings, 1_456_316), size(&settings, 30_216)), ("1.4Gi".to_owned(), "29Mi".to_owned()));
    }
}
