//! Which sections of a session's state changed when.
//!
//! The generation counts the runs that left something to save. For every section the one is kept in which it changed
//! last, so that a save answers only what is newer than the host's copy.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::shell::Shell;

use super::sections;
use super::watch::Watch;

/// The generations of the sections.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) generation: u64,
    sections: BTreeMap<u32, Noted>,
    variables: Watch,
    variables_changed: u64,
}

/// A section at the end of a run.
struct Noted {
    bytes: Rc<[u8]>,
    changed: u64,
}

impl Changes {
    /// Begins with what was loaded: the host has it, nothing is new.
    pub(super) fn begin(&mut self, shell: &Shell, encoded: Vec<(u32, Rc<[u8]>)>) {
        *self = Changes::default();
        self.sections = encoded.into_iter().map(|(id, bytes)| (id, Noted { bytes, changed: 0 })).collect();
        self.variables.look(&shell.vars);
    }

    /// Compares the shell, whose sections but the variables are `encoded`, with what it was before.
    pub(super) fn note(&mut self, shell: &Shell, encoded: Vec<(u32, Rc<[u8]>)>) {
        let next = self.generation + 1;
        let mut changed = self.variables.look(&shell.vars);
        if changed {
            self.variables_changed = next;
        }
        for (id, bytes) in encoded {
            let known = self.sections.get(&id).map(|noted| &noted.bytes);
            if known.is_some_and(|known| Rc::ptr_eq(known, &bytes) || *known == bytes) {
                continue;
            }
            self.sections.insert(id, Noted { bytes, changed: next });
            changed = true;
        }
        if changed {
            self.generation = next;
        }
    }

    /// Whether a host that has the state of generation `since` (0: of none) lacks this section as it is now.
    pub(super) fn is_new(&self, id: u32, since: u64) -> bool {
        let changed = match id {
            sections::VARIABLES => self.variables_changed,
            _ => self.sections.get(&id).map_or(u64::MAX, |noted| noted.changed),
        };
        since == 0 || changed > since
    }
}
