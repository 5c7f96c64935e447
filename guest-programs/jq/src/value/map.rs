//! An object's members in the order they were added, with an index once there are many.

use ecow::EcoString;
use hashbrown::HashTable;

use super::{Value, bury};

/// Up to here a search from the front is faster than hashing.
const INDEXED_FROM: usize = 12;

/// The members of an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    entries: Vec<(EcoString, Value)>,
    /// Positions in `entries` by the hash of their key; present from `INDEXED_FROM` members on.
    index: Option<HashTable<usize>>,
}

/// FNV-1a over words: the same in each run, so that a run's fuel is, too.
fn hash(key: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for chunk in key.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    }
    state.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ key.len() as u64
}

impl Map {
    /// Number of members.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no member.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The members in the order they were added.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (EcoString, Value)> {
        self.entries.iter()
    }

    /// The member at a position.
    pub(crate) fn at(&self, position: usize) -> Option<&(EcoString, Value)> {
        self.entries.get(position)
    }

    /// The members sorted by key, in the order of code points.
    pub(crate) fn sorted(&self) -> Vec<&(EcoString, Value)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }

    fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            None => self.entries.iter().position(|(name, _)| name == key),
            Some(index) => {
                index.find(hash(key), |at| self.entries.get(*at).is_some_and(|(name, _)| name == key)).copied()
            }
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).and_then(|at| self.entries.get(at)).map(|(_, value)| value)
    }

    /// The value of a key, `null` being added for one that is missing.
    pub(crate) fn slot(&mut self, key: &str) -> &mut Value {
        let at = if let Some(at) = self.position(key) {
            at
        } else {
            self.push(key.into(), Value::Null);
            self.entries.len() - 1
        };
        &mut self.entries[at].1
    }

    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: EcoString, value: Value) {
        match self.position(&key) {
            Some(at) => self.entries[at].1 = value,
            None => self.push(key, value),
        }
    }

    fn push(&mut self, key: EcoString, value: Value) {
        let at = self.entries.len();
        if let Some(index) = &mut self.index {
            let entries = &self.entries;
            index.insert_unique(hash(&key), at, |at| entries.get(*at).map_or(0, |(name, _)| hash(name)));
        }
        self.entries.push((key, value));
        if self.index.is_none() && self.entries.len() >= INDEXED_FROM {
            self.reindex();
        }
    }

    fn reindex(&mut self) {
        self.index = None;
        if self.entries.len() >= INDEXED_FROM {
            let mut index = HashTable::with_capacity(self.entries.len() * 2);
            for (at, (key, _)) in self.entries.iter().enumerate() {
                index.insert_unique(hash(key), at, |at| self.entries.get(*at).map_or(0, |(name, _)| hash(name)));
            }
            self.index = Some(index);
        }
    }

    /// Removes the members whose keys `doomed` tells, in one pass.
    pub(crate) fn remove_where(&mut self, doomed: impl Fn(&str) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|(key, _)| !doomed(key));
        if self.entries.len() != before {
            self.reindex();
        }
    }

    /// Takes the members out.
    pub(crate) fn take(&mut self) -> Vec<(EcoString, Value)> {
        self.index = None;
        std::mem::take(&mut self.entries)
    }
}

impl FromIterator<(EcoString, Value)> for Map {
    fn from_iter<T: IntoIterator<Item = (EcoString, Value)>>(members: T) -> Self {
        let mut map = Self::default();
        for (key, value) in members {
            map.insert(key, value);
        }
        map
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if self.entries.iter().any(|(_, value)| value.is_container()) {
            bury(self.take().into_iter().map(|(_, value)| value).filter(Value::is_container).collect());
        }
    }
}
