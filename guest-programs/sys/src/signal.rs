//! Signals: their names, and what they do to this process.
//!
//! A program cannot run code when a signal comes. It can ignore one, or hold it: a held signal makes waiting calls answer
//! `EINTR`, and [`take_pending`] tells which it was.

use crate::errno::Result;
use crate::imports;

/// A signal's number, 1 to 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(pub u8);

/// What a signal does to the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The signal's default action.
    Default,
    /// Nothing, also in programs started from here.
    Ignore,
    /// It becomes pending; in programs started from here it has its default action.
    Hold,
}

/// Linux's names and numbers, without `SIG`; the first name of a number is the one that is printed.
const NAMES: &[(&str, u8)] = &[
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("IOT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("POLL", 29),
    ("PWR", 30),
    ("SYS", 31),
];

/// The first and last real-time signals.
const REAL_TIME: std::ops::RangeInclusive<u8> = 34..=64;

impl Signal {
    /// Hangup.
    pub const HUP: Self = Self(1);
    /// Interrupt.
    pub const INT: Self = Self(2);
    /// Quit.
    pub const QUIT: Self = Self(3);
    /// Kill: neither ignored nor held.
    pub const KILL: Self = Self(9);
    /// User-defined 1.
    pub const USR1: Self = Self(10);
    /// User-defined 2.
    pub const USR2: Self = Self(12);
    /// Write to a pipe nobody reads.
    pub const PIPE: Self = Self(13);
    /// Alarm clock.
    pub const ALRM: Self = Self(14);
    /// Termination.
    pub const TERM: Self = Self(15);
    /// Continue.
    pub const CONT: Self = Self(18);

    /// Returns the name without `SIG`, or the number where there is none.
    #[must_use]
    pub fn name(self) -> String {
        let real_time = REAL_TIME;
        match NAMES.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => (*name).to_owned(),
            None if self.0 == *real_time.start() => "RTMIN".to_owned(),
            None if self.0 == *real_time.end() => "RTMAX".to_owned(),
            None if real_time.contains(&self.0) => format!("RTMIN+{}", self.0 - real_time.start()),
            None => self.0.to_string(),
        }
    }

    /// Reads a name, with or without `SIG` and in either case, or a number from 1 to 64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse::<u8>() {
            return (1..=64).contains(&number).then_some(Self(number));
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        if let Some((_, number)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Some(Self(*number));
        }
        let number = match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
            (Some(""), _) => Some(*REAL_TIME.start()),
            (_, Some("")) => Some(*REAL_TIME.end()),
            (Some(above), _) => REAL_TIME.start().checked_add(above.strip_prefix('+')?.parse().ok()?),
            (_, Some(below)) => REAL_TIME.end().checked_sub(below.strip_prefix('-')?.parse().ok()?),
            (None, None) => None,
        };
        number.filter(|number| REAL_TIME.contains(number)).map(Self)
    }

    /// Returns every signal that has a name, ascending, each once.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=31).chain(REAL_TIME).map(Self)
    }
}

/// Sets what a signal does to this process.
///
/// # Errors
///
/// `EINVAL` for a number that is no signal and for a change of KILL or STOP.
pub fn set_disposition(signal: Signal, disposition: Disposition) -> Result<()> {
    let number = match disposition {
        Disposition::Default => 0,
        Disposition::Ignore => 1,
        Disposition::Hold => 2,
    };
    imports::sigaction(signal.0.into(), number)
}

/// Answers what a signal does to this process.
///
/// # Errors
///
/// `EINVAL` for a number that is no signal.
pub fn disposition(signal: Signal) -> Result<Disposition> {
    Ok(match imports::sigstate(signal.0.into())? {
        0 => Disposition::Default,
        1 => Disposition::Ignore,
        _ => Disposition::Hold,
    })
}

/// Takes one held signal that has come, if there is one.
///
/// # Errors
///
/// Only where the module is absent.
pub fn take_pending() -> Result<Option<Signal>> {
    let number = imports::sigpending()?;
    Ok(u8::try_from(number).ok().filter(|number| *number != 0).map(Signal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_named_and_read_as_on_linux() {
        let check = |text: &str, number: Option<u8>| assert_eq!(Signal::parse(text), number.map(Signal), "{text}");
        check("TERM", Some(15));
        check("sigkill", Some(9));
        check("9", Some(9));
        check("IOT", Some(6));
        check("RTMIN+2", Some(36));
        check("RTMAX-1", Some(63));
        check("RTMIN+40", None);
        check("0", None);
        check("65", None);
        check("NONE", None);
        assert_eq!(Signal(6).name(), "ABRT");
        assert_eq!(
            (Signal(34).name(), Signal(64).name(), Signal(36).name()),
            ("RTMIN".into(), "RTMAX".into(), "RTMIN+2".into())
        );
        for signal in Signal::all() {
            assert_eq!(Signal::parse(&signal.name()), Some(signal));
        }
    }
}
