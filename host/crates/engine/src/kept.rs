//! The shells' instances between runs: kept because the next run is faster with one, bounded because memory is not theirs.
//!
//! Owns each instance from the end of a run until its session takes it again. When there are too many, or they hold too
//! much memory, the one that waited longest is dropped; its session makes another from its saved state, in microseconds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::slots::Party;

/// What is kept, as far as keeping it goes.
pub(crate) trait Keep {
    /// Bytes of memory it holds.
    fn bytes(&self) -> u64;
}

/// Instances by the session they belong to.
pub(crate) struct Kept<T> {
    max_instances: usize,
    max_bytes: u64,
    // Held for a few steps; instances are dropped after its release.
    shelf: Mutex<Shelf<T>>,
}

struct Shelf<T> {
    by_age: BTreeMap<u64, (Party, T)>,
    ages: HashMap<Party, u64>,
    next_age: u64,
    bytes: u64,
}

impl<T: Keep> Kept<T> {
    pub(crate) fn new(max_instances: usize, max_bytes: u64) -> Self {
        let shelf = Shelf { by_age: BTreeMap::new(), ages: HashMap::new(), next_age: 0, bytes: 0 };
        Self { max_instances, max_bytes, shelf: Mutex::new(shelf) }
    }

    /// Keeps a session's instance, in the place of another it may have.
    pub(crate) fn put(&self, party: Party, instance: T) {
        let mut dropped = Vec::new();
        {
            let mut shelf = self.shelf();
            dropped.extend(shelf.remove(party));
            shelf.insert(party, instance);
            while shelf.by_age.len() > self.max_instances || shelf.bytes > self.max_bytes {
                let Some(oldest) = shelf.by_age.first_entry().map(|entry| entry.get().0) else { break };
                dropped.extend(shelf.remove(oldest));
            }
        }
        drop(dropped);
    }

    /// Gives a session its instance back, if it was kept so long.
    pub(crate) fn take(&self, party: Party) -> Option<T> {
        self.shelf().remove(party)
    }

    /// Tells whether a session's instance is kept.
    pub(crate) fn has(&self, party: Party) -> bool {
        self.shelf().ages.contains_key(&party)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<T>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Keep> Shelf<T> {
    fn insert(&mut self, party: Party, instance: T) {
        self.bytes = self.bytes.saturating_add(instance.bytes());
        self.by_age.insert(self.next_age, (party, instance));
        self.ages.insert(party, self.next_age);
        self.next_age += 1;
    }

    fn remove(&mut self, party: Party) -> Option<T> {
        let age = self.ages.remove(&party)?;
        let (_, instance) = self.by_age.remove(&age)?;
        self.bytes = self.bytes.saturating_sub(instance.bytes());
        Some(instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Keep for u64 {
        fn bytes(&self) -> u64 {
            *self
        }
    }

    #[test]
    fn the_one_that_waited_longest_leaves_first() {
        let kept = Kept::new(2, 100);
        kept.put(Party(1), 10);
        kept.put(Party(2), 20);
        assert_eq!(kept.take(Party(1)), Some(10));
        kept.put(Party(1), 11);
        kept.put(Party(3), 30);
        assert_eq!([1, 2, 3].map(|party| kept.has(Party(party))), [true, false, true]);
        assert_eq!(kept.take(Party(2)), None);
        assert_eq!((kept.take(Party(3)), kept.take(Party(3))), (Some(30), None));
    }

    #[test]
    fn they_hold_no_more_memory_than_they_may() {
        let kept = Kept::new(10, 100);
        kept.put(Party(1), 40);
        kept.put(Party(2), 40);
        kept.put(Party(3), 40);
        assert_eq!([1, 2, 3].map(|party| kept.has(Party(party))), [false, true, true]);
        kept.put(Party(2), 70);
        assert_eq!([1, 2, 3].map(|party| kept.has(Party(party))), [false, true, false]);
        kept.put(Party(4), 101);
        assert_eq!([2, 4].map(|party| kept.has(Party(party))), [false, false]);
        kept.put(Party(5), 100);
        assert!(kept.has(Party(5)));
    }
}
