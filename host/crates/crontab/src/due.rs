//! Whether an entry fires in a minute, through changes of the clock.

use jiff::tz::AmbiguousOffset;

use crate::entry::Entry;
use crate::minute::{Civil, Minute};
use crate::schedule::{Fields, Schedule};
use crate::zone::Zone;

impl Entry {
    /// Tells whether the entry fires in a minute; see [`Schedule::is_due`].
    #[must_use]
    pub fn is_due(&self, minute: Minute) -> bool {
        self.schedule().is_due(minute, self.zone())
    }
}

impl Schedule {
    /// Tells whether the schedule fires in a minute by the clock of a zone.
    ///
    /// One whose minute or hour begins with `*` fires in every real minute that shows a time of its own: one that the
    /// clock repeats counts twice, and one that it leaves out not at all. Any other fires at times of the clock: once
    /// for a time that comes twice, the first time; and for all that is left out, once, when the clock goes on.
    /// `@reboot` never does.
    #[must_use]
    pub fn is_due(&self, minute: Minute, zone: &Zone) -> bool {
        let Some(fields) = self.fields() else { return false };
        let offset = zone.rules().to_offset(minute.timestamp());
        let civil = Civil::of(minute, offset);
        if fields.follows_real_time() {
            return fields.has(civil);
        }
        fields.has(civil) && is_first(minute, civil, zone) || was_left_out(fields, minute, civil, zone)
    }
}

/// Tells whether the clock of a zone shows a time for the first time.
fn is_first(minute: Minute, civil: Civil, zone: &Zone) -> bool {
    match zone.rules().to_ambiguous_timestamp(civil.date_time()).offset() {
        AmbiguousOffset::Fold { before, .. } => civil.to_minute(before) == minute,
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => true,
    }
}

/// Tells whether the clock of a zone leaves out a time of the schedule to go on with this one.
fn was_left_out(fields: &Fields, minute: Minute, civil: Civil, zone: &Zone) -> bool {
    let before = zone.rules().to_offset(minute.plus(-1).timestamp());
    let due_before = Civil::of(minute, before);
    // A day at most: the Samoan 30th of December 2011.
    let mut left_out = due_before;
    while left_out < civil {
        if fields.has(left_out) {
            return true;
        }
        left_out = left_out.plus(1);
    }
    false
}
