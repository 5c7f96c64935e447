//! The map of pages against an ordered map of the standard library.

use std::cell::Cell;
use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::codec::{put_counted, put_varint};
use crate::object::{IdMap, TenantSecret};

#[derive(Clone, Debug, PartialEq)]
struct Text(Bytes);

impl Value for Text {
    const LEAF: Kind = Kind::ItemLeaf;
    const INNER: Kind = Kind::ItemInner;
    fn encode(&self, out: &mut Vec<u8>) {
        put_counted(out, &self.0);
    }
    fn decode(reader: &mut Reader) -> Result<Self, StoreError> {
        reader.counted().map(Self)
    }
}

#[derive(Default)]
struct Shelf {
    objects: IdMap<(Kind, Bytes)>,
    reads: Cell<usize>,
}

impl ObjectSource for Shelf {
    fn object(&self, kind: Kind, id: &ObjectId) -> Result<Bytes, StoreError> {
        self.reads.set(self.reads.get() + 1);
        let (found, content) = self.objects.get(id).ok_or_else(|| StoreError::corrupt("missing"))?;
        assert_eq!(*found, kind);
        Ok(content.clone())
    }
}

const SECRET: TenantSecret = TenantSecret([7; 32]);

/// Changes the map and returns it with the number of new objects.
fn change(shelf: &mut Shelf, root: Option<MapRoot>, edits: &BTreeMap<u64, Option<u64>>) -> (Option<MapRoot>, usize) {
    let edits: Vec<(u64, Option<u64>)> = edits.iter().map(|(key, value)| (*key, *value)).collect();
    let mut bench = Workbench::new(shelf, SECRET);
    let root = update::<Text, _>(&mut bench, root, &edits, &mut |_, edit, _| Ok(edit.map(text))).expect("an update");
    let fresh = bench.finish();
    let count = fresh.len();
    shelf.objects.extend(fresh.into_iter().map(|(id, object)| (id, (object.kind, object.content))));
    (root, count)
}

fn text(value: u64) -> Text {
    let mut out = Vec::new();
    put_varint(&mut out, value);
    Text(out.into())
}

fn content(shelf: &Shelf, root: Option<MapRoot>) -> Vec<(u64, Text)> {
    let mut all = Vec::new();
    let visit = &mut |key, value| {
        all.push((key, value));
        Ok(())
    };
    walk(shelf, root, visit).expect("a walk");
    all
}

/// Keys that meet often, keys that lie far apart, and dense runs.
fn keys() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, 0..20_000_u64, any::<u64>(), Just(u64::MAX), (0..64_u32).prop_map(|bit| 1 << bit)]
}

fn edits() -> impl Strategy<Value = BTreeMap<u64, Option<u64>>> {
    proptest::collection::btree_map(keys(), proptest::option::weighted(0.6, 0..4_u64), 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_map_holds_what_an_ordered_map_holds(rounds in proptest::collection::vec(edits(), 1..6)) {
        let mut shelf = Shelf::default();
        let mut root = None;
        let mut model: BTreeMap<u64, u64> = BTreeMap::new();
        for edits in &rounds {
            let (before, old) = (root, model.clone());
            root = change(&mut shelf, root, edits).0;
            for (key, value) in edits {
                match value {
                    Some(value) => model.insert(*key, *value),
                    None => model.remove(key),
                };
            }
            let expected: Vec<_> = model.iter().map(|(key, value)| (*key, text(*value))).collect();
            prop_assert_eq!(content(&shelf, root), expected);
            let at_once = model.iter().map(|(key, value)| (*key, Some(*value))).collect();
            prop_assert_eq!(change(&mut shelf, None, &at_once).0, root, "the shape depends on the entries alone");
            let mut seen = Vec::new();
            diff::<Text>(&shelf, before, root, &mut |key, value| {
                seen.push((key, value));
                Ok(())
            })?;
            let touched = old.keys().chain(model.keys()).collect::<std::collections::BTreeSet<_>>();
            let differs = touched.into_iter().filter(|key| old.get(key) != model.get(key));
            let expected: Vec<_> = differs.map(|key| (*key, model.get(key).map(|value| text(*value)))).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}

#[test]
fn a_leaf_of_far_keys_takes_near_ones() {
    let mut shelf = Shelf::default();
    let far: BTreeMap<u64, Option<u64>> = (0..40).map(|n| (u64::MAX - n * 1_000_000, Some(n))).collect();
    let near: BTreeMap<u64, Option<u64>> = (0..40).map(|n| (n, Some(n))).collect();
    let (root, _) = change(&mut shelf, None, &far);
    let (both, _) = change(&mut shelf, root, &near);
    assert_eq!(content(&shelf, both).len(), 80);
    let mut seen = Vec::new();
    let (small, _) = change(&mut shelf, None, &(0..100).map(|n| (n, Some(n))).collect());
    diff::<Text>(&shelf, root, small, &mut |key, _| {
        seen.push(key);
        Ok(())
    })
    .expect("a diff");
    assert!(seen.len() == 140 && seen.is_sorted(), "{seen:?}");
}

#[test]
fn one_entry_of_a_million_writes_one_path() {
    let mut shelf = Shelf::default();
    let all = (0..1_000_000).map(|key| (key, Some(1))).collect();
    let (root, pages) = change(&mut shelf, None, &all);
    assert!(pages < 17_000, "64 entries to a leaf: {pages}");
    shelf.reads.set(0);
    let (changed, pages) = change(&mut shelf, root, &BTreeMap::from([(500_000, Some(2))]));
    assert!(pages <= 5, "{pages} pages");
    shelf.reads.set(0);
    diff::<Text>(&shelf, root, changed, &mut |key, value| {
        assert_eq!((key, value), (500_000, Some(text(2))));
        Ok(())
    })
    .expect("a diff");
    assert!(shelf.reads.get() <= 10, "{} reads", shelf.reads.get());
}

#[test]
fn hashed_keys_make_a_shallow_map() {
    let mut shelf = Shelf::default();
    let hashed = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let all: BTreeMap<_, _> = (0..100_000).map(|n| (hashed(n), Some(n))).collect();
    let (root, pages) = change(&mut shelf, None, &all);
    assert!(pages < 25_000, "four entries to a leaf at worst: {pages} pages");
    let (_, pages) = change(&mut shelf, root, &BTreeMap::from([(hashed(100_001), Some(1))]));
    assert!(pages <= 6, "{pages} pages");
}
