//! A persistent map from numbers to small values, as pages named by their content.
//!
//! The map is a radix tree. At height 0 a page covers 64 keys; each height above covers 16 times as many. A subtree of
//! at most 64 entries is one leaf page whatever range it covers, a larger one is an inner page of up to 16 children. So
//! dense keys fill their leaves, hashed keys make shallow trees, and one changed entry writes one leaf and one small
//! inner page a level. Sixteen children and not 64: a leaf that overflows then splits into leaves of four entries, not
//! of one.
//!
//! The shape is a function of the entries alone, whatever the order in which they came: equal maps have equal roots,
//! and that is what makes [`diff`] skip what is equal.

mod diff;
mod page;

use bytes::Bytes;

use crate::codec::{Reader, put_varint};
use crate::error::StoreError;
use crate::object::{Kind, ObjectId, ObjectSource, Workbench};

pub(crate) use diff::diff;
pub(crate) use page::{FANOUT, inner_children, leaf_entries};
use page::{LEAF_ENTRIES_MAX, decode_leaf, put_inner, put_leaf};

/// Bits of a key that a page of height 0 covers.
const LEAF_BITS: u32 = 6;
/// Bits of a key that each height adds.
const INNER_BITS: u32 = 4;

/// A value of a map: what a leaf page holds for a key.
pub(crate) trait Value: Clone + PartialEq {
    /// The kind of this map's leaf pages.
    const LEAF: Kind;
    /// The kind of this map's inner pages.
    const INNER: Kind;
    /// Appends the value's bytes.
    fn encode(&self, out: &mut Vec<u8>);
    /// Takes the value's bytes.
    fn decode(reader: &mut Reader) -> Result<Self, StoreError>;
}

/// A subtree that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Child {
    /// The page at its top.
    pub(crate) id: ObjectId,
    /// Its entries.
    pub(crate) count: u64,
    /// The page is a leaf.
    pub(crate) leaf: bool,
}

impl Child {
    /// Appends the child's bytes.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.leaf));
        put_varint(out, self.count);
        out.extend_from_slice(&self.id.0);
    }

    /// Takes a child's bytes.
    pub(crate) fn decode(reader: &mut Reader) -> Result<Self, StoreError> {
        let leaf = match reader.byte()? {
            0 => false,
            1 => true,
            _ => return Err(reader.corrupt()),
        };
        Ok(Self { leaf, count: reader.varint()?, id: reader.id()? })
    }
}

/// A map that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapRoot {
    /// The whole of it.
    pub(crate) top: Child,
    /// How high the top page stands: 0 for a leaf, otherwise the least height that covers the largest key.
    pub(crate) height: u8,
}

impl MapRoot {
    /// Appends the root's bytes.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.height);
        self.top.encode(out);
    }

    /// Takes a root's bytes.
    pub(crate) fn decode(reader: &mut Reader) -> Result<Self, StoreError> {
        let height = reader.byte()?;
        let top = Child::decode(reader)?;
        if height > HEIGHT_MAX || (top.leaf && height != 0) { Err(reader.corrupt()) } else { Ok(Self { top, height }) }
    }
}

/// The height that covers all keys of 64 bits.
const HEIGHT_MAX: u8 = 15;

/// Returns the least height that covers `key`.
fn height_for(key: u64) -> u8 {
    let bits = 64 - key.leading_zeros();
    u8::try_from(bits.saturating_sub(LEAF_BITS).div_ceil(INNER_BITS)).expect("at most 15")
}

/// Returns which child of a page of `height` (at least 1) covers `key`.
fn slot(key: u64, height: u8) -> usize {
    let shift = LEAF_BITS + INNER_BITS * (u32::from(height) - 1);
    usize::try_from((key >> shift) & (FANOUT as u64 - 1)).expect("below 16")
}

/// Says what becomes of an entry: the edit, and the old value if there is one, give the new value or none.
pub(crate) type Resolve<'a, V, E> = dyn FnMut(&mut Workbench<'_>, &E, Option<V>) -> Result<Option<V>, StoreError> + 'a;

/// Changes a map at the keys of `edits`, which ascend and are distinct, and returns the new one.
///
/// # Errors
/// Those of reading pages, and those of `resolve`.
pub(crate) fn update<V: Value, E>(
    bench: &mut Workbench<'_>,
    root: Option<MapRoot>,
    edits: &[(u64, E)],
    resolve: &mut Resolve<'_, V, E>,
) -> Result<Option<MapRoot>, StoreError> {
    debug_assert!(edits.windows(2).all(|pair| pair[0].0 < pair[1].0), "edits ascend");
    let Some((largest, _)) = edits.last() else { return Ok(root) };
    let old = root.map(|root| Subtree { child: root.top, height: root.height });
    let height =
        height_for(*largest).max(root.map_or(Ok(0), |root| reach::<V>(&|kind, id| bench.get(kind, id), &root))?);
    let top = update_at(bench, old, height, edits, resolve)?;
    top.map(|top| lower::<V>(bench, top, height)).transpose()
}

/// Reads an object of a kind.
type Get<'a> = dyn Fn(Kind, &ObjectId) -> Result<Bytes, StoreError> + 'a;

/// Returns the least height that covers a map: a leaf at the top may hold any keys.
fn reach<V: Value>(get: &Get<'_>, root: &MapRoot) -> Result<u8, StoreError> {
    if !root.top.leaf {
        return Ok(root.height);
    }
    let entries = leaf_entries::<V>(get(V::LEAF, &root.top.id)?, root.top.count)?;
    Ok(entries.last().map_or(0, |(key, _)| height_for(*key)))
}

/// A subtree and the height at which it was made: lower than the place it takes when the map has grown upwards.
#[derive(Clone, Copy)]
struct Subtree {
    child: Child,
    height: u8,
}

impl Subtree {
    /// Returns what an inner page at `height` has for children, if this subtree is one or is to be under one.
    fn children<V: Value>(&self, bench: &Workbench<'_>, height: u8) -> Result<[Option<Self>; FANOUT], StoreError> {
        let mut children = [None; FANOUT];
        if self.height < height {
            children[0] = Some(*self);
            return Ok(children);
        }
        let page = bench.get(V::INNER, &self.child.id)?;
        for (place, child) in children.iter_mut().zip(inner_children::<V>(page)?) {
            *place = child.map(|child| Self { child, height: height - 1 });
        }
        Ok(children)
    }
}

fn update_at<V: Value, E>(
    bench: &mut Workbench<'_>,
    old: Option<Subtree>,
    height: u8,
    edits: &[(u64, E)],
    resolve: &mut Resolve<'_, V, E>,
) -> Result<Option<Child>, StoreError> {
    if edits.is_empty() && old.is_none_or(|old| old.child.leaf || old.height == height) {
        return Ok(old.map(|old| old.child));
    }
    let children = match old {
        Some(old) if !old.child.leaf => old.children::<V>(bench, height)?,
        leaf => {
            let entries = leaf.map_or(Ok(Vec::new()), |leaf| {
                leaf_entries::<V>(bench.get(V::LEAF, &leaf.child.id)?, leaf.child.count)
            })?;
            let entries = merge(bench, entries, edits, resolve)?;
            return build(bench, &entries, height);
        }
    };
    let mut rest = edits;
    let mut changed = [None; FANOUT];
    for (index, child) in children.into_iter().enumerate() {
        let length = rest.partition_point(|(key, _)| slot(*key, height) <= index);
        let (here, later) = rest.split_at(length);
        rest = later;
        changed[index] = update_at(bench, child, height - 1, here, resolve)?;
    }
    join::<V>(bench, &changed)
}

/// Makes one subtree of 16: nothing, a leaf when they have few entries together, or an inner page.
fn join<V: Value>(bench: &mut Workbench<'_>, children: &[Option<Child>; FANOUT]) -> Result<Option<Child>, StoreError> {
    let count = children.iter().flatten().fold(0_u64, |sum, child| sum.saturating_add(child.count));
    if count == 0 {
        return Ok(None);
    }
    if count > LEAF_ENTRIES_MAX as u64 {
        return Ok(Some(put_inner::<V>(bench, children, count)));
    }
    let mut entries = Vec::with_capacity(LEAF_ENTRIES_MAX);
    for child in children.iter().flatten() {
        // A subtree of at most 64 entries is a leaf.
        entries.extend(leaf_entries::<V>(bench.get(V::LEAF, &child.id)?, child.count)?);
    }
    Ok(Some(put_leaf(bench, &entries)))
}

/// Makes a subtree of entries.
fn build<V: Value>(bench: &mut Workbench<'_>, entries: &[(u64, V)], height: u8) -> Result<Option<Child>, StoreError> {
    if entries.is_empty() {
        return Ok(None);
    }
    if entries.len() <= LEAF_ENTRIES_MAX {
        return Ok(Some(put_leaf(bench, entries)));
    }
    let mut children = [None; FANOUT];
    for group in entries.chunk_by(|a, b| slot(a.0, height) == slot(b.0, height)) {
        if let Some((key, _)) = group.first() {
            children[slot(*key, height)] = build(bench, group, height - 1)?;
        }
    }
    join::<V>(bench, &children)
}

/// Puts edits into the entries of a leaf.
fn merge<V: Value, E>(
    bench: &mut Workbench<'_>,
    entries: Vec<(u64, V)>,
    edits: &[(u64, E)],
    resolve: &mut Resolve<'_, V, E>,
) -> Result<Vec<(u64, V)>, StoreError> {
    let mut merged = Vec::with_capacity(entries.len() + edits.len());
    let mut old = entries.into_iter().peekable();
    for (key, edit) in edits {
        while let Some(entry) = old.next_if(|entry| entry.0 < *key) {
            merged.push(entry);
        }
        let before = old.next_if(|entry| entry.0 == *key).map(|entry| entry.1);
        if let Some(value) = resolve(bench, edit, before)? {
            merged.push((*key, value));
        }
    }
    merged.extend(old);
    Ok(merged)
}

/// Takes away inner pages at the top that only have their first child: the map has become lower.
fn lower<V: Value>(bench: &Workbench<'_>, mut top: Child, mut height: u8) -> Result<MapRoot, StoreError> {
    while !top.leaf {
        let children = inner_children::<V>(bench.get(V::INNER, &top.id)?)?;
        match children {
            [Some(first), rest @ ..] if rest.iter().all(Option::is_none) => {
                top = first;
                height -= 1;
            }
            _ => return Ok(MapRoot { top, height }),
        }
    }
    Ok(MapRoot { top, height: 0 })
}

/// Visits all entries of a map in ascending order.
///
/// # Errors
/// Those of reading pages, and those of `visit`.
pub(crate) fn walk<V: Value>(
    source: &dyn ObjectSource,
    root: Option<MapRoot>,
    visit: &mut dyn FnMut(u64, V) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    // A stack of what is to be visited, the next on top: at most 15 children of 15 heights wait.
    let mut waiting: Vec<Child> = root.map(|root| root.top).into_iter().collect();
    while let Some(child) = waiting.pop() {
        if child.leaf {
            for (key, value) in decode_leaf::<V>(source, &child)? {
                visit(key, value)?;
            }
        } else {
            waiting.extend(inner_children::<V>(source.object(V::INNER, &child.id)?)?.into_iter().rev().flatten());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
