//! What is known of users' Wasm, by its hash: programs that are loaded, and files that are unfit. Least recently used
//! goes first; a program that runs keeps its own handle.

use std::collections::HashMap;

use base::MonoNanos;

use super::Unfit;
use crate::programs::Program;

/// Names Wasm by its content.
pub(super) type Key = [u8; 32];

/// What there is to say of a file.
pub(super) type Verdict = Result<Program, Unfit>;

/// Loaded programs at once: each has mappings of its own, of which the kernel allows a process 65,530.
const ENTRIES_MAX: usize = 256;
/// What an entry costs beside its program.
const ENTRY_BYTES: u64 = 1024;

/// A bounded store of verdicts.
pub(super) struct Cache<V = Verdict> {
    max_bytes: u64,
    bytes: u64,
    // Grows with every use.
    uses: u64,
    entries: HashMap<Key, Entry<V>>,
}

struct Entry<V> {
    verdict: V,
    bytes: u64,
    last_use: u64,
    /// When it no longer holds: a failure that may have been the moment's.
    until: Option<MonoNanos>,
}

impl<V: Clone> Cache<V> {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { max_bytes, bytes: 0, uses: 0, entries: HashMap::new() }
    }

    /// Answers what is known and holds at `now`.
    pub(super) fn get(&mut self, key: &Key, now: MonoNanos) -> Option<V> {
        if self.entries.get(key)?.until.is_some_and(|until| until <= now) {
            self.remove(key);
            return None;
        }
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        entry.last_use = self.uses;
        Some(entry.verdict.clone())
    }

    /// Remembers a verdict that takes `bytes`; what alone is too large is not kept.
    pub(super) fn put(&mut self, key: Key, verdict: V, bytes: u64, until: Option<MonoNanos>) {
        let bytes = bytes.saturating_add(ENTRY_BYTES);
        self.remove(&key);
        if bytes > self.max_bytes {
            return;
        }
        while self.entries.len() >= ENTRIES_MAX || self.bytes + bytes > self.max_bytes {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last_use).map(|(key, _)| *key);
            let Some(oldest) = oldest else { break };
            self.remove(&oldest);
        }
        self.uses += 1;
        self.bytes += bytes;
        self.entries.insert(key, Entry { verdict, bytes, last_use: self.uses, until });
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: MonoNanos = MonoNanos(1);

    fn key(n: u8) -> Key {
        [n; 32]
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut cache = Cache::new(3 * (ENTRY_BYTES + 100));
        (1..=3).for_each(|n| cache.put(key(n), n, 100, None));
        assert_eq!(cache.get(&key(1), NOW), Some(1));
        cache.put(key(4), 4, 100, None);
        let left: Vec<_> = (1..=4).filter_map(|n| cache.get(&key(n), NOW)).collect();
        assert_eq!(left, [1, 3, 4]);
        cache.put(key(5), 5, 1100, None);
        let left: Vec<_> = (1..=5).filter_map(|n| cache.get(&key(n), NOW)).collect();
        assert_eq!(left, [4, 5]);
        cache.put(key(4), 6, 1 << 20, None);
        assert_eq!((cache.get(&key(4), NOW), cache.bytes), (None, ENTRY_BYTES + 1100));
    }

    #[test]
    fn the_number_of_entries_is_bounded_too() {
        let mut cache = Cache::new(u64::MAX);
        for n in 0..=u16::MAX {
            let mut key = [0; 32];
            key[..2].copy_from_slice(&n.to_le_bytes());
            cache.put(key, n, 0, None);
        }
        assert_eq!(cache.entries.len(), ENTRIES_MAX);
        assert_eq!(cache.bytes, ENTRIES_MAX as u64 * ENTRY_BYTES);
    }

    #[test]
    fn what_holds_for_a_time_is_forgotten_after_it() {
        let mut cache = Cache::new(1 << 20);
        cache.put(key(1), 1, 0, Some(MonoNanos(10)));
        assert_eq!(cache.get(&key(1), MonoNanos(9)), Some(1));
        assert_eq!(cache.get(&key(1), MonoNanos(10)), None);
        assert_eq!(cache.bytes, 0);
    }
}
