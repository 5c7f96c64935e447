//! Associative arrays that list their keys in the order of bash.
//!
//! Scripts print `${!a[@]}` and people compare, so the order is bash's: a chained hash table of 1,024 buckets with
//! FNV-1, the latest insertion first in its bucket, four times as many buckets once entries are twice the buckets.
//! Entries live in one vector; buckets and chains are indices into it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::bytes::{Buffer, Bytes};

const FIRST_BUCKETS: usize = 1024;
const GROWTH: usize = 4;
const MAX_LOAD: usize = 2;
const NONE: u32 = u32::MAX;

/// A map from text to text in bash's order.
#[derive(Clone, Debug)]
pub struct AssocArray {
    /// First entry of each bucket. Empty until the first insertion, then a power of two.
    buckets: Vec<u32>,
    entries: Vec<Entry>,
    /// Head of the chain of free places in `entries`.
    free: u32,
    len: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    hash: u32,
    next: u32,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl Default for AssocArray {
    fn default() -> Self {
        AssocArray { buckets: Vec::new(), entries: Vec::new(), free: NONE, len: 0 }
    }
}

impl PartialEq for AssocArray {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for AssocArray {}

impl AssocArray {
    /// Number of keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True without keys.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of `key`.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.find(fnv1(key), key).map(|at| self.entries[at].value.as_slice())
    }

    /// The buffer of the value of `key`, made empty when there was none.
    pub fn slot(&mut self, key: &[u8]) -> &mut Vec<u8> {
        let hash = fnv1(key);
        let at = match self.find(hash, key) {
            Some(at) => at,
            None => self.insert_new(hash, key),
        };
        &mut self.entries[at].value
    }

    /// Sets the value of `key`.
    pub fn set(&mut self, key: &[u8], value: Vec<u8>) {
        *self.slot(key) = value;
    }

    /// Removes `key`.
    pub fn remove(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let hash = fnv1(key);
        let at = self.find(hash, key)?;
        let bucket = self.bucket_of(hash);
        let next = self.entries[at].next;
        if self.buckets[bucket] as usize == at {
            self.buckets[bucket] = next;
        } else {
            let mut before = self.buckets[bucket] as usize;
            while self.entries[before].next as usize != at {
                before = self.entries[before].next as usize;
            }
            self.entries[before].next = next;
        }
        let entry = &mut self.entries[at];
        entry.key = Vec::new();
        entry.next = std::mem::replace(&mut self.free, to_u32(at));
        self.len -= 1;
        Some(std::mem::take(&mut entry.value))
    }

    /// Keys and values in bash's order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.buckets.iter().flat_map(|first| Chain { array: self, next: *first })
    }

    /// Keys in bash's order.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|(key, _)| key)
    }

    /// Values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|(_, value)| value)
    }

    fn find(&self, hash: u32, key: &[u8]) -> Option<usize> {
        if self.buckets.is_empty() {
            return None;
        }
        let mut at = self.buckets[self.bucket_of(hash)];
        while at != NONE {
            let entry = &self.entries[at as usize];
            if entry.hash == hash && entry.key == key {
                return Some(at as usize);
            }
            at = entry.next;
        }
        None
    }

    fn insert_new(&mut self, hash: u32, key: &[u8]) -> usize {
        if self.buckets.is_empty() {
            self.buckets = vec![NONE; FIRST_BUCKETS];
        } else if self.len >= self.buckets.len() * MAX_LOAD {
            self.grow();
        }
        let bucket = self.bucket_of(hash);
        let next = self.buckets[bucket];
        let entry = Entry { hash, next, key: key.to_vec(), value: Vec::new() };
        let at = if self.free == NONE {
            self.entries.push(entry);
            self.entries.len() - 1
        } else {
            let at = self.free as usize;
            self.free = self.entries[at].next;
            self.entries[at] = entry;
            at
        };
        self.buckets[bucket] = to_u32(at);
        self.len += 1;
        at
    }

    /// Moves every entry, bucket by bucket, to the head of its new bucket, as bash does.
    fn grow(&mut self) {
        let old = std::mem::take(&mut self.buckets);
        self.buckets = vec![NONE; old.len() * GROWTH];
        for mut at in old {
            while at != NONE {
                let bucket = self.bucket_of(self.entries[at as usize].hash);
                let next = std::mem::replace(&mut self.entries[at as usize].next, self.buckets[bucket]);
                self.buckets[bucket] = at;
                at = next;
            }
        }
    }

    fn bucket_of(&self, hash: u32) -> usize {
        hash as usize & (self.buckets.len() - 1)
    }
}

struct Chain<'a> {
    array: &'a AssocArray,
    next: u32,
}

impl<'a> Iterator for Chain<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.array.entries.get(self.next as usize)?;
        self.next = entry.next;
        Some((&entry.key, &entry.value))
    }
}

/// Pairs travel so that inserting them one by one rebuilds the same order within every bucket.
impl Serialize for AssocArray {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs: Vec<(Bytes<'_>, Bytes<'_>)> =
            self.iter().map(|(key, value)| (Bytes(key), Bytes(value))).collect();
        pairs.reverse();
        (self.buckets.len() as u64, pairs).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AssocArray {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        type Pairs = Vec<(Buffer, Buffer)>;
        let (buckets, pairs): (u64, Pairs) = Deserialize::deserialize(deserializer)?;
        let mut array = AssocArray::default();
        // The number of buckets follows from the entries there were at most; it is bounded by what is loaded.
        let most = (pairs.len() * GROWTH).max(FIRST_BUCKETS).next_power_of_two();
        let buckets = usize::try_from(buckets).unwrap_or(FIRST_BUCKETS).min(most);
        if buckets.is_power_of_two() && buckets >= FIRST_BUCKETS {
            array.buckets = vec![NONE; buckets];
        }
        for (key, value) in pairs {
            array.set(&key.0, value.0);
        }
        Ok(array)
    }
}

/// The hash of bash 5.2's `hash_string`: FNV-1, 32 bits, over C's signed characters.
fn fnv1(key: &[u8]) -> u32 {
    let signed = |byte: &u8| i32::from(i8::from_ne_bytes([*byte])).cast_unsigned();
    key.iter().fold(2_166_136_261, |hash: u32, byte| hash.wrapping_mul(16_777_619) ^ signed(byte))
}

fn to_u32(at: usize) -> u32 {
    u32::try_from(at).expect("an array has fewer entries than a 32-bit memory has bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(array: &AssocArray) -> String {
        let keys: Vec<_> = array.keys().map(|key| String::from_utf8_lossy(key).into_owned()).collect();
        keys.join(" ")
    }

    #[test]
    fn keys_come_in_the_order_of_bash() {
        let mut array = AssocArray::default();
        for key in ["one", "two", "three", "four", "five", "six"] {
            array.set(key.as_bytes(), b"1".to_vec());
        }
        assert_eq!(keys(&array), "four two three six one five");
        array.set(b"zz", b"1".to_vec());
        array.remove(b"two");
        array.set(b"two", b"9".to_vec());
        assert_eq!(keys(&array), "four zz two three six one five");
    }

    #[test]
    fn growth_reorders_as_bash_does() {
        let mut array = AssocArray::default();
        for i in 1..=2100 {
            array.set(format!("k{i}").as_bytes(), Vec::new());
        }
        assert!(keys(&array).starts_with(
            "k1698 k1699 k1696 k1697 k1694 k1695 k1692 k1693 k1690 k1691 k679 k678 k673 k672 k671 k670 k677 k676 k675"
        ));
        let bytes = postcard::to_allocvec(&array).unwrap();
        let copy: AssocArray = postcard::from_bytes(&bytes).unwrap();
        assert!(array == copy);
    }
}
