//! The lines `dd` writes to stderr: records in and out, bytes and speed.

use std::time::Duration;

use crate::basis::output::warn;
use crate::basis::times::now;

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StatusLevel {
    /// Records and speed.
    #[default]
    All,
    /// Nothing but failures.
    None,
    /// Records.
    NoTransfer,
    /// Speed while it goes on, too.
    Progress,
}

/// Counts what is done.
pub(crate) struct Report {
    level: StatusLevel,
    started: Duration,
    told: Duration,
    pub(crate) full_in: u64,
    pub(crate) partial_in: u64,
    pub(crate) full_out: u64,
    pub(crate) partial_out: u64,
    pub(crate) truncated: u64,
    pub(crate) bytes: u64,
}

impl Report {
    pub(crate) fn new(level: StatusLevel) -> Self {
        let started = now();
        Self {
            level,
            started,
            told: started,
            full_in: 0,
            partial_in: 0,
            full_out: 0,
            partial_out: 0,
            truncated: 0,
            bytes: 0,
        }
    }

    /// Returns whether nothing was read.
    pub(crate) fn is_untouched(&self) -> bool {
        self.full_in + self.partial_in == 0
    }

    /// Tells how far the copy is, once a second.
    pub(crate) fn progress(&mut self) {
        if self.level != StatusLevel::Progress {
            return;
        }
        let now = now();
        if now.saturating_sub(self.told) >= Duration::from_secs(1) {
            self.told = now;
            warn(format!("\r{}", self.transfer(now, true)).as_bytes());
        }
    }

    /// Tells what was done.
    pub(crate) fn finish(&self) {
        if self.level == StatusLevel::None {
            return;
        }
        let fresh_line = if self.told == self.started { "" } else { "\n" };
        let mut text = format!(
            "{fresh_line}{}+{} records in\n{}+{} records out\n",
            self.full_in, self.partial_in, self.full_out, self.partial_out
        );
        match self.truncated {
            0 => {}
            1 => text.push_str("1 truncated record\n"),
            count => text.push_str(&format!("{count} truncated records\n")),
        }
        if self.level != StatusLevel::NoTransfer {
            text.push_str(&self.transfer(now(), false));
            text.push('\n');
        }
        warn(text.as_bytes());
    }

    fn transfer(&self, now: Duration, whole_seconds: bool) -> String {
        let elapsed = now.saturating_sub(self.started).as_secs_f64();
        let bytes = self.bytes;
        let count = match bytes {
            1 => "1 byte copied".to_owned(),
            0..1000 => format!("{bytes} bytes copied"),
            1000..1024 => format!("{bytes} bytes ({}) copied", size(bytes, 1000)),
            _ => format!("{bytes} bytes ({}, {}) copied", size(bytes, 1000), size(bytes, 1024)),
        };
        let time = if whole_seconds { format!("{elapsed:.0}") } else { general(elapsed) };
        format!("{count}, {time} s, {}", rate(bytes, elapsed))
    }
}

const LETTERS: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];

fn unit(power: usize, base: u64) -> String {
    let letter = LETTERS.get(power).copied().unwrap_or("E");
    match (base, power) {
        (_, 0) => "B".to_owned(),
        (1024, 1) => "KiB".to_owned(),
        (1024, _) => format!("{letter}iB"),
        _ => format!("{letter}B"),
    }
}

/// Writes a size rounded to the nearest, with one decimal below ten.
fn size(bytes: u64, base: u64) -> String {
    let (mut scale, mut power) = (1u128, 0);
    let wide = u128::from(bytes);
    while wide / scale >= u128::from(base) && power + 1 < LETTERS.len() {
        scale *= u128::from(base);
        power += 1;
    }
    let tenths = (wide * 10 + scale / 2) / scale;
    let number = if power > 0 && tenths < 100 {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        ((wide + scale / 2) / scale).to_string()
    };
    format!("{number} {}", unit(power, base))
}

/// Writes a speed; a decimal while it leaves at most four characters.
fn rate(bytes: u64, secs: f64) -> String {
    if bytes == 0 || secs <= 0.0 {
        return "0.0 kB/s".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "two digits of it are shown")]
    let mut speed = bytes as f64 / secs;
    let mut power = 0;
    while speed >= 1000.0 && power + 1 < LETTERS.len() {
        speed /= 1000.0;
        power += 1;
    }
    let number = format!("{speed:.1}");
    let number = if number.len() > 4 { format!("{speed:.0}") } else { number };
    format!("{number} {}/s", unit(power, 1000))
}

/// Writes a number as `%g` does: six significant digits.
fn general(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return trimmed(&format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs())
}
