//! Associative arrays: keys are strings, and a walk meets them in the order they were added.

use std::cell::RefCell;
use std::rc::Rc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;

use crate::value::{Text, Value};

/// An array that variables, parameters and elements share.
pub(crate) type ArrayRef = Rc<RefCell<Array>>;

/// One array.
#[derive(Default)]
pub(crate) struct Array {
    /// Places in `entries`, by the hash of their keys.
    index: HashTable<u32>,
    /// In the order they were added; `None` where one was deleted.
    entries: Vec<Option<Entry>>,
}

struct Entry {
    hash: u64,
    key: Text,
    value: Value,
}

impl Array {
    /// How many elements there are.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// The element with this key.
    #[inline]
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Value> {
        let at = *self.index.find(hash_of(key), |at| self.key_at(*at) == Some(key))?;
        self.entries.get(at as usize)?.as_ref().map(|entry| &entry.value)
    }

    /// The element with this key, made where there was none.
    #[inline]
    pub(crate) fn entry(&mut self, key: &[u8]) -> &mut Value {
        let hash = hash_of(key);
        if self.entries.len() > 16 && self.entries.len() / 2 > self.index.len() {
            self.close_gaps();
        }
        let entries = &mut self.entries;
        let same = |at: &u32| key_of(entries, *at) == Some(key);
        let at = match self.index.entry(hash, same, |at| stored_hash(entries, *at)) {
            Slot::Occupied(found) => *found.get(),
            Slot::Vacant(vacant) => {
                // 2^32 entries do not fit the memory of a program.
                let at = u32::try_from(entries.len()).unwrap_or(u32::MAX);
                vacant.insert(at);
                self.entries.push(Some(Entry { hash, key: Text::new(key), value: Value::Unset }));
                at
            }
        };
        let entry = self.entries.get_mut(at as usize).and_then(Option::as_mut);
        &mut entry.expect("the index names entries that are there").value
    }

    /// Removes the element with this key.
    pub(crate) fn remove(&mut self, key: &[u8]) {
        let entries = &self.entries;
        if let Ok(found) = self.index.find_entry(hash_of(key), |at| key_of(entries, *at) == Some(key)) {
            let (at, _) = found.remove();
            if let Some(entry) = self.entries.get_mut(at as usize) {
                *entry = None;
            }
        }
    }

    /// Removes all elements.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The elements in the order they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Text, &Value)> {
        self.entries.iter().flatten().map(|entry| (&entry.key, &entry.value))
    }

    fn key_at(&self, at: u32) -> Option<&[u8]> {
        key_of(&self.entries, at)
    }

    fn close_gaps(&mut self) {
        self.entries.retain(Option::is_some);
        self.index.clear();
        let entries = &self.entries;
        for at in 0..u32::try_from(entries.len()).unwrap_or(u32::MAX) {
            self.index.insert_unique(stored_hash(entries, at), at, |at| stored_hash(entries, *at));
        }
    }
}

impl Drop for Array {
    /// Takes arrays within arrays apart one after the other: they may be nested deeper than the stack.
    fn drop(&mut self) {
        let mut waiting = std::mem::take(&mut self.entries);
        while let Some(entry) = waiting.pop() {
            if let Some(Entry { value: Value::Array(inner), .. }) = entry
                && let Ok(inner) = Rc::try_unwrap(inner)
            {
                waiting.append(&mut inner.into_inner().entries);
            }
        }
    }
}

#[inline]
fn key_of(entries: &[Option<Entry>], at: u32) -> Option<&[u8]> {
    entries.get(at as usize)?.as_ref().map(|entry| entry.key.bytes())
}

#[inline]
fn stored_hash(entries: &[Option<Entry>], at: u32) -> u64 {
    entries.get(at as usize).and_then(Option::as_ref).map_or(0, |entry| entry.hash)
}

/// A hash that is the same in every run: multiply and fold, eight bytes at a time.
#[inline]
fn hash_of(key: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |hash: u64, word: u64| {
        let product = (hash ^ word).wrapping_mul(FACTOR);
        product ^ (product >> 29)
    };
    let (words, rest) = key.as_chunks::<8>();
    let hash = words.iter().fold(key.len() as u64, |hash, word| step(hash, u64::from_le_bytes(*word)));
    let tail = rest.iter().fold(0u64, |tail, byte| tail << 8 | u64::from(*byte));
    let mixed = step(hash, tail).wrapping_mul(FACTOR);
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(array: &Array) -> Vec<String> {
        array.iter().map(|(key, _)| String::from_utf8_lossy(key.bytes()).into_owned()).collect()
    }

    #[test]
    fn elements_are_met_in_the_order_they_were_added() {
        let mut array = Array::default();
        for key in ["z", "a", "long key that is not in place", "m"] {
            *array.entry(key.as_bytes()) = Value::Number(1.0);
        }
        array.remove(b"a");
        array.remove(b"none");
        array.entry(b"a");
        assert_eq!(keys(&array), ["z", "long key that is not in place", "m", "a"]);
        assert_eq!(array.len(), 4);
        assert!(array.get(b"none").is_none());
    }

    #[test]
    fn gaps_are_closed_and_nothing_is_lost() {
        let mut array = Array::default();
        for number in 0..1000 {
            *array.entry(number.to_string().as_bytes()) = Value::Number(f64::from(number));
            if number >= 10 {
                array.remove((number - 10).to_string().as_bytes());
            }
        }
        assert_eq!(array.len(), 10);
        assert!(array.entries.len() < 40);
        assert_eq!(array.get(b"995").map(Value::number), Some(995.0));
        array.clear();
        assert_eq!(array.len(), 0);
    }

    #[test]
    fn nesting_deeper_than_the_stack_is_taken_apart() {
        let mut outer = ArrayRef::default();
        for _ in 0..1_000_000 {
            let around = ArrayRef::default();
            *around.borrow_mut().entry(b"in") = Value::Array(outer);
            outer = around;
        }
        assert_eq!(outer.borrow().len(), 1);
        drop(outer);
    }
}
