//! Indexed arrays: sparse lists of texts.
//!
//! Almost every array is filled from 0 without holes, so that case is a plain vector; the first hole turns it into
//! an ordered map. Knows nothing of attributes or negative subscripts' error texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The elements of an indexed array, ordered by index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexedArray {
    /// Elements 0 to n-1.
    Dense(#[serde(with = "crate::state::bytes::list")] Vec<Vec<u8>>),
    /// Any other set of indices.
    Sparse(#[serde(with = "crate::state::bytes::numbered")] BTreeMap<u64, Vec<u8>>),
}

impl Default for IndexedArray {
    fn default() -> Self {
        IndexedArray::Dense(Vec::new())
    }
}

impl IndexedArray {
    /// Number of elements that are set.
    pub fn len(&self) -> usize {
        match self {
            IndexedArray::Dense(list) => list.len(),
            IndexedArray::Sparse(map) => map.len(),
        }
    }

    /// True without elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One more than the highest index in use.
    pub fn end(&self) -> u64 {
        match self {
            IndexedArray::Dense(list) => list.len() as u64,
            IndexedArray::Sparse(map) => map.last_key_value().map_or(0, |(index, _)| index + 1),
        }
    }

    /// The element at `index`.
    pub fn get(&self, index: u64) -> Option<&[u8]> {
        match self {
            IndexedArray::Dense(list) => list.get(usize::try_from(index).ok()?).map(Vec::as_slice),
            IndexedArray::Sparse(map) => map.get(&index).map(Vec::as_slice),
        }
    }

    /// The buffer of the element at `index`, made empty when there was none.
    pub fn slot(&mut self, index: u64) -> &mut Vec<u8> {
        if let IndexedArray::Dense(list) = self
            && index > list.len() as u64
        {
            let map = std::mem::take(list).into_iter().enumerate().map(|(i, text)| (i as u64, text)).collect();
            *self = IndexedArray::Sparse(map);
        }
        match self {
            IndexedArray::Dense(list) => {
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                if index == list.len() {
                    list.push(Vec::new());
                }
                &mut list[index]
            }
            IndexedArray::Sparse(map) => map.entry(index).or_default(),
        }
    }

    /// Sets the element at `index`.
    pub fn set(&mut self, index: u64, text: Vec<u8>) {
        *self.slot(index) = text;
    }

    /// Appends behind the highest index.
    pub fn push(&mut self, text: Vec<u8>) {
        let end = self.end();
        self.set(end, text);
    }

    /// Removes the element at `index`; the others keep their indices.
    pub fn remove(&mut self, index: u64) -> Option<Vec<u8>> {
        match self {
            IndexedArray::Dense(list) => {
                let at = usize::try_from(index).ok().filter(|at| *at < list.len())?;
                if at + 1 == list.len() {
                    return list.pop();
                }
                let mut map: BTreeMap<u64, Vec<u8>> =
                    std::mem::take(list).into_iter().enumerate().map(|(i, text)| (i as u64, text)).collect();
                let removed = map.remove(&index);
                *self = IndexedArray::Sparse(map);
                removed
            }
            IndexedArray::Sparse(map) => map.remove(&index),
        }
    }

    /// The elements with their indices, ascending.
    pub fn iter(&self) -> Box<dyn Iterator<Item = (u64, &[u8])> + '_> {
        match self {
            IndexedArray::Dense(list) => Box::new(list.iter().enumerate().map(|(i, text)| (i as u64, text.as_slice()))),
            IndexedArray::Sparse(map) => Box::new(map.iter().map(|(i, text)| (*i, text.as_slice()))),
        }
    }

    /// The texts in order of their indices.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|(_, text)| text)
    }
}

impl From<Vec<Vec<u8>>> for IndexedArray {
    fn from(list: Vec<Vec<u8>>) -> Self {
        IndexedArray::Dense(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_keep_indices() {
        let mut array = IndexedArray::default();
        for text in [b"a", b"b", b"c"] {
            array.push(text.to_vec());
        }
        assert_eq!(array.remove(1), Some(b"b".to_vec()));
        array.push(b"d".to_vec());
        let all: Vec<_> = array.iter().map(|(i, t)| (i, t.to_vec())).collect();
        assert_eq!(all, [(0, b"a".to_vec()), (2, b"c".to_vec()), (3, b"d".to_vec())]);
        array.set(1_000_000, b"z".to_vec());
        assert_eq!((array.len(), array.end()), (4, 1_000_001));
        assert_eq!(array.get(5), None);
    }
}
