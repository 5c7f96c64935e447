//! What to do with firings of minutes that nobody evaluated, since the host stood still.

use crate::entry::Entry;
use crate::minute::Minute;
use crate::table::Crontab;

/// How late an entry may still run: what is due every hour has its turn.
pub const LATE_MINUTES_MAX: i64 = 60;

/// An entry that is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firing<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// The minute in which it was due: the latest of them when there are several.
    pub minute: Minute,
}

/// An entry that has missed firings for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// The first minute in which it should have run.
    pub first: Minute,
}

/// What is to be done when minutes have passed, each list in the table's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp<'a> {
    /// Entries to run now, each once.
    pub run: Vec<Firing<'a>>,
    /// Entries whose earlier firings are to be logged as skipped; one may be to run as well, for a later firing.
    pub skipped: Vec<Skipped<'a>>,
}

impl Crontab {
    /// Evaluates the minutes behind `last`, the last that was evaluated, up to `now`.
    ///
    /// In the usual case, the next minute, these are the entries of [`Crontab::due`]. After a longer time an entry
    /// that was due within [`LATE_MINUTES_MAX`] runs once, and what was due before is skipped. When `now` is not
    /// behind `last` there is nothing to do: no minute is evaluated twice, even if the clock was set back.
    #[must_use]
    pub fn catch_up(&self, last: Minute, now: Minute) -> CaughtUp<'_> {
        let in_time = now.plus(-LATE_MINUTES_MAX).max(last.plus(1));
        let minutes = now.since(in_time).saturating_add(1).max(0);
        let mut done = CaughtUp::default();
        for entry in self.entries() {
            let latest = (0..minutes).map(|ago| now.plus(-ago)).find(|minute| entry.is_due(*minute));
            done.run.extend(latest.map(|minute| Firing { entry, minute }));
            if in_time > last.plus(1) {
                let first = entry.next_after(last).filter(|first| *first < in_time);
                done.skipped.extend(first.map(|first| Skipped { entry, first }));
            }
        }
        done
    }
}
