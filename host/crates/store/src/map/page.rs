//! The two pages of a map, as bytes.
//!
//! | page | bytes |
//! |---|---|
//! | leaf | count, then for each entry: its key less the key before, its value |
//! | inner | which of 16 children there are (two bytes, the first child lowest), then each of them |

use bytes::Bytes;

use super::{Child, Value};
use crate::codec::{Reader, put_varint};
use crate::error::StoreError;
use crate::object::{ObjectSource, Workbench};

/// Entries of a leaf page at most: with the records of nodes this is about one SQLite page of 8 KiB.
pub(super) const LEAF_ENTRIES_MAX: usize = 64;

/// Children of an inner page at most.
pub(crate) const FANOUT: usize = 16;

/// Writes a leaf page.
pub(super) fn put_leaf<V: Value>(bench: &mut Workbench<'_>, entries: &[(u64, V)]) -> Child {
    let mut out = Vec::with_capacity(entries.len() * 48);
    put_varint(&mut out, entries.len() as u64);
    let mut before = 0;
    for (key, value) in entries {
        put_varint(&mut out, key - before);
        value.encode(&mut out);
        before = *key;
    }
    Child { id: bench.put(V::LEAF, out.into()), count: entries.len() as u64, leaf: true }
}

/// Reads a leaf page that is to have `count` entries.
pub(crate) fn leaf_entries<V: Value>(page: Bytes, count: u64) -> Result<Vec<(u64, V)>, StoreError> {
    let mut reader = Reader::new(page, V::LEAF.name());
    let length = reader.count(LEAF_ENTRIES_MAX)?;
    if length as u64 != count {
        return Err(reader.corrupt());
    }
    let mut entries: Vec<(u64, V)> = Vec::with_capacity(length);
    for _ in 0..length {
        let step = reader.varint()?;
        let key = match entries.last() {
            Some((before, _)) if step > 0 => before.checked_add(step).ok_or_else(|| reader.corrupt())?,
            Some(_) => return Err(reader.corrupt()),
            None => step,
        };
        entries.push((key, V::decode(&mut reader)?));
    }
    reader.end()?;
    Ok(entries)
}

/// Reads the leaf page of a child.
pub(super) fn decode_leaf<V: Value>(source: &dyn ObjectSource, child: &Child) -> Result<Vec<(u64, V)>, StoreError> {
    leaf_entries(source.object(V::LEAF, &child.id)?, child.count)
}

/// Writes an inner page.
pub(super) fn put_inner<V: Value>(bench: &mut Workbench<'_>, children: &[Option<Child>; FANOUT], count: u64) -> Child {
    let present = children.iter().rev().fold(0_u16, |bits, child| (bits << 1) | u16::from(child.is_some()));
    let mut out = Vec::with_capacity(2 + FANOUT * 36);
    out.extend_from_slice(&present.to_le_bytes());
    for child in children.iter().flatten() {
        child.encode(&mut out);
    }
    Child { id: bench.put(V::INNER, out.into()), count, leaf: false }
}

/// Reads an inner page.
pub(crate) fn inner_children<V: Value>(page: Bytes) -> Result<[Option<Child>; FANOUT], StoreError> {
    let mut reader = Reader::new(page, V::INNER.name());
    let present = u16::from(reader.byte()?) | (u16::from(reader.byte()?) << 8);
    let mut children = [None; FANOUT];
    for (index, place) in children.iter_mut().enumerate() {
        if present & (1 << index) != 0 {
            *place = Some(Child::decode(&mut reader)?);
        }
    }
    reader.end()?;
    Ok(children)
}
