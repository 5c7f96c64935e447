//! Hashes of files that sessions have executed, so that a file that did not change is not read again for its name.

use std::collections::HashMap;

use vfs::Edition;

use super::cache::Key;
use crate::slots::Party;

/// Files remembered of all sessions, in each of two generations.
const GENERATION_MAX: usize = 2048;

/// What is remembered; a file that was not executed for a while is forgotten.
#[derive(Debug, Default)]
pub(super) struct Digests {
    young: HashMap<(Party, Edition), Key>,
    old: HashMap<(Party, Edition), Key>,
}

impl Digests {
    pub(super) fn get(&mut self, party: Party, edition: Edition) -> Option<Key> {
        let file = (party, edition);
        if let Some(key) = self.young.get(&file) {
            return Some(*key);
        }
        let key = self.old.remove(&file)?;
        self.put(party, edition, key);
        Some(key)
    }

    pub(super) fn put(&mut self, party: Party, edition: Edition, key: Key) {
        if self.young.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert((party, edition), key);
    }
}

#[cfg(test)]
mod tests {
    use base::{Limits, Timestamp};
    use vfs::{Ino, Quota, Tree};

    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_is_forgotten_in_time() {
        let mut tree = Tree::new(Quota::from(&Limits::default()), Timestamp(0));
        let ino = tree.create(Ino::ROOT, b"f", 0o755, true, Timestamp(0)).expect("a file");
        let mut edition = || {
            tree.append(ino, b"x", Timestamp(0)).expect("room");
            tree.frozen_content(ino).expect("a file").edition()
        };
        let (kept, forgotten) = (edition(), edition());
        let mut digests = Digests::default();
        digests.put(Party(1), kept, [1; 32]);
        digests.put(Party(1), forgotten, [2; 32]);
        assert_eq!(digests.get(Party(1), forgotten), Some([2; 32]));
        assert_eq!(digests.get(Party(2), forgotten), None);
        for _ in 0..3 * GENERATION_MAX {
            digests.put(Party(1), edition(), [3; 32]);
            assert_eq!(digests.get(Party(1), kept), Some([1; 32]));
        }
        assert_eq!(digests.get(Party(1), forgotten), None);
        assert!(digests.young.len() <= GENERATION_MAX && digests.old.len() <= GENERATION_MAX);
    }
}
