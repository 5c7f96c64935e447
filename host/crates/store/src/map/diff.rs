//! What differs between two maps: subtrees of the same name are equal and are not read.

use super::page::decode_leaf;
use super::{Child, FANOUT, MapRoot, Value, inner_children, reach, slot};
use crate::error::StoreError;
use crate::object::ObjectSource;

/// One of the two maps, in a range of keys.
enum Side<V> {
    Empty,
    Page { child: Child, height: u8 },
    Entries(Vec<(u64, V)>),
}

impl<V: Value> Side<V> {
    fn of(root: Option<MapRoot>) -> Self {
        root.map_or(Self::Empty, |root| Self::Page { child: root.top, height: root.height })
    }

    fn is_inner(&self) -> bool {
        matches!(self, Self::Page { child, .. } if !child.leaf)
    }

    /// Returns the entries of a side that is no inner page.
    fn entries(self, source: &dyn ObjectSource) -> Result<Vec<(u64, V)>, StoreError> {
        match self {
            Self::Empty => Ok(Vec::new()),
            Self::Page { child, .. } => decode_leaf(source, &child),
            Self::Entries(entries) => Ok(entries),
        }
    }

    /// Returns the parts below a page of `height`.
    fn split(self, source: &dyn ObjectSource, height: u8) -> Result<[Self; FANOUT], StoreError> {
        let mut parts = std::array::from_fn(|_| Self::Empty);
        match self {
            Self::Page { child, height: own } if !child.leaf && own < height => {
                parts[0] = Self::Page { child, height: own };
            }
            Self::Page { child, .. } if !child.leaf => {
                for (part, child) in parts.iter_mut().zip(inner_children::<V>(source.object(V::INNER, &child.id)?)?) {
                    if let Some(child) = child {
                        *part = Self::Page { child, height: height - 1 };
                    }
                }
            }
            entries => {
                for entry in entries.entries(source)? {
                    let part = &mut parts[slot(entry.0, height)];
                    match part {
                        Self::Entries(entries) => entries.push(entry),
                        _ => *part = Self::Entries(vec![entry]),
                    }
                }
            }
        }
        Ok(parts)
    }
}

/// Receives a key that differs and its value in the second map, if it has one there.
pub(crate) type VisitEntry<'a, V> = dyn FnMut(u64, Option<V>) -> Result<(), StoreError> + 'a;

/// Visits, in ascending order, each key whose values differ between `from` and `to`.
///
/// # Errors
/// Those of reading pages, and those of `visit`.
pub(crate) fn diff<V: Value>(
    source: &dyn ObjectSource,
    from: Option<MapRoot>,
    to: Option<MapRoot>,
    visit: &mut VisitEntry<'_, V>,
) -> Result<(), StoreError> {
    if from == to {
        return Ok(());
    }
    let mut height = 0;
    for root in from.iter().chain(&to) {
        height = height.max(reach::<V>(&|kind, id| source.object(kind, id), root)?);
    }
    diff_at(source, Side::of(from), Side::of(to), height, visit)
}

/// The depth of this recursion is the height of a map, at most 16.
fn diff_at<V: Value>(
    source: &dyn ObjectSource,
    from: Side<V>,
    to: Side<V>,
    height: u8,
    visit: &mut VisitEntry<'_, V>,
) -> Result<(), StoreError> {
    match (&from, &to) {
        (Side::Empty, Side::Empty) => return Ok(()),
        (Side::Page { child: a, .. }, Side::Page { child: b, .. }) if a == b => return Ok(()),
        _ => {}
    }
    if !from.is_inner() && !to.is_inner() {
        return compare(from.entries(source)?, to.entries(source)?, visit);
    }
    for (from, to) in from.split(source, height)?.into_iter().zip(to.split(source, height)?) {
        diff_at(source, from, to, height - 1, visit)?;
    }
    Ok(())
}

fn compare<V: Value>(from: Vec<(u64, V)>, to: Vec<(u64, V)>, visit: &mut VisitEntry<'_, V>) -> Result<(), StoreError> {
    let mut from = from.into_iter().peekable();
    for (key, value) in to {
        while let Some((gone, _)) = from.next_if(|(other, _)| *other < key) {
            visit(gone, None)?;
        }
        match from.next_if(|(other, _)| *other == key) {
            Some((_, before)) if before == value => {}
            _ => visit(key, Some(value))?,
        }
    }
    from.try_for_each(|(gone, _)| visit(gone, None))
}
