//! Nodes and their items: what a caller sees, and the records that pages hold for them.
//!
//! A node's record holds its description and its items while both are small, so that a hundred small files are two
//! pages.
//!
//! | part | bytes |
//! |---|---|
//! | description | 0 and counted bytes, or 1, length and object id |
//! | items | 0, count and (key, item) each, or 1 and the root of their own map |
//! | item | 0 and counted bytes, or 1, length and object id |

use bytes::Bytes;

use crate::codec::{Reader, put_counted, put_varint};
use crate::edit::ItemsEdit;
use crate::error::StoreError;
use crate::map::{self, MapRoot, Value};
use crate::object::{Kind, ObjectId, ObjectSource, Workbench};

/// Bytes of a node's description at most.
pub const META_MAX: usize = 64 * 1024;
/// Bytes of an [`Item::Inline`] at most: a leaf page of 64 stays at 256 KiB.
pub const INLINE_MAX: usize = 4 * 1024;
/// Bytes of an [`Item::Chunk`] at most: the chunk of a file.
pub const CHUNK_MAX: usize = 64 * 1024;

/// A description up to this size stays in the node's record.
const META_IN_RECORD_MAX: usize = 512;
/// Items stay in the node's record while they take at most this many bytes together.
const ITEMS_IN_RECORD_MAX: usize = 512;
/// And while they are at most this many.
const ITEMS_IN_RECORD_COUNT_MAX: usize = 64;

/// A part of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Small: kept beside the other items, written again with them. At most [`INLINE_MAX`] bytes.
    Inline(Bytes),
    /// Kept by itself under the hash of its content, once for a tenant. At most [`CHUNK_MAX`] bytes.
    Chunk(Bytes),
}

/// A node as it was stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// What the caller said about it.
    pub meta: Bytes,
    /// Its items; the keys ascend and are distinct.
    pub items: Vec<(u64, Item)>,
}

/// An item as a page holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ItemRecord {
    Inline(Bytes),
    Chunk { length: u64, id: ObjectId },
}

/// A node as a page holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeRecord {
    pub(crate) meta: MetaRecord,
    pub(crate) items: ItemsRecord,
}

/// A description as a record holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MetaRecord {
    Here(Bytes),
    Object { length: u64, id: ObjectId },
}

/// Items as a record holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ItemsRecord {
    Here(Vec<(u64, ItemRecord)>),
    Map(MapRoot),
}

impl Value for ItemRecord {
    const LEAF: Kind = Kind::ItemLeaf;
    const INNER: Kind = Kind::ItemInner;

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Inline(bytes) => {
                out.push(0);
                put_counted(out, bytes);
            }
            Self::Chunk { length, id } => put_reference(out, *length, id),
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, StoreError> {
        match reader.byte()? {
            0 => Ok(Self::Inline(reader.counted()?)),
            1 => Ok(Self::Chunk { length: reader.varint()?, id: reader.id()? }),
            _ => Err(reader.corrupt()),
        }
    }
}

fn put_reference(out: &mut Vec<u8>, length: u64, id: &ObjectId) {
    out.push(1);
    put_varint(out, length);
    out.extend_from_slice(&id.0);
}

impl Value for NodeRecord {
    const LEAF: Kind = Kind::NodeLeaf;
    const INNER: Kind = Kind::NodeInner;

    fn encode(&self, out: &mut Vec<u8>) {
        match &self.meta {
            MetaRecord::Here(bytes) => {
                out.push(0);
                put_counted(out, bytes);
            }
            MetaRecord::Object { length, id } => put_reference(out, *length, id),
        }
        match &self.items {
            ItemsRecord::Here(items) => {
                out.push(0);
                encode_items(items, out);
            }
            ItemsRecord::Map(root) => {
                out.push(1);
                root.encode(out);
            }
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, StoreError> {
        let meta = match reader.byte()? {
            0 => MetaRecord::Here(reader.counted()?),
            1 => MetaRecord::Object { length: reader.varint()?, id: reader.id()? },
            _ => return Err(reader.corrupt()),
        };
        let items = match reader.byte()? {
            0 => {
                let count = reader.count(ITEMS_IN_RECORD_COUNT_MAX)?;
                let items: Result<_, StoreError> =
                    (0..count).map(|_| Ok((reader.varint()?, ItemRecord::decode(reader)?))).collect();
                ItemsRecord::Here(items?)
            }
            1 => ItemsRecord::Map(MapRoot::decode(reader)?),
            _ => return Err(reader.corrupt()),
        };
        Ok(Self { meta, items })
    }
}

fn encode_items(items: &[(u64, ItemRecord)], out: &mut Vec<u8>) {
    put_varint(out, items.len() as u64);
    for (key, item) in items {
        put_varint(out, *key);
        item.encode(out);
    }
}

/// Makes the record of a description.
pub(crate) fn put_meta(bench: &mut Workbench<'_>, meta: &Bytes) -> MetaRecord {
    if meta.len() <= META_IN_RECORD_MAX {
        return MetaRecord::Here(meta.clone());
    }
    MetaRecord::Object { length: meta.len() as u64, id: bench.put(Kind::Meta, meta.clone()) }
}

/// Changes a node's items.
pub(crate) fn change_items(
    bench: &mut Workbench<'_>,
    old: Option<ItemsRecord>,
    edit: &ItemsEdit,
) -> Result<ItemsRecord, StoreError> {
    let old = old.filter(|_| !edit.clear);
    let mut changes: Vec<(u64, Option<ItemRecord>)> =
        edit.put.iter().map(|(key, item)| (*key, Some(put_item(bench, item)))).collect();
    changes.extend(edit.remove.iter().map(|key| (*key, None)));
    changes.sort_unstable_by_key(|(key, _)| *key);
    let root = match old {
        Some(items) if changes.is_empty() => return Ok(items),
        Some(ItemsRecord::Map(root)) => Some(root),
        Some(ItemsRecord::Here(items)) => {
            // What the record holds joins the changes where those say nothing.
            for (key, item) in items {
                if let Err(place) = changes.binary_search_by_key(&key, |(other, _)| *other) {
                    changes.insert(place, (key, Some(item)));
                }
            }
            None
        }
        None => None,
    };
    if root.is_none() {
        let here: Vec<_> = changes.iter().filter_map(|(key, item)| item.clone().map(|item| (*key, item))).collect();
        if fits_record(&here) {
            return Ok(ItemsRecord::Here(here));
        }
    }
    let root = map::update(bench, root, &changes, &mut |_, change: &Option<ItemRecord>, _| Ok(change.clone()))?;
    let Some(root) = root else { return Ok(ItemsRecord::Here(Vec::new())) };
    if root.top.leaf {
        let here = map::leaf_entries(bench.get(Kind::ItemLeaf, &root.top.id)?, root.top.count)?;
        if fits_record(&here) {
            return Ok(ItemsRecord::Here(here));
        }
    }
    Ok(ItemsRecord::Map(root))
}

fn fits_record(items: &[(u64, ItemRecord)]) -> bool {
    if items.len() > ITEMS_IN_RECORD_COUNT_MAX {
        return false;
    }
    let mut bytes = Vec::new();
    for (key, item) in items {
        put_varint(&mut bytes, *key);
        item.encode(&mut bytes);
        if bytes.len() > ITEMS_IN_RECORD_MAX {
            return false;
        }
    }
    true
}

fn put_item(bench: &mut Workbench<'_>, item: &Item) -> ItemRecord {
    match item {
        Item::Inline(bytes) => ItemRecord::Inline(bytes.clone()),
        Item::Chunk(bytes) => {
            ItemRecord::Chunk { length: bytes.len() as u64, id: bench.put(Kind::Chunk, bytes.clone()) }
        }
    }
}

impl NodeRecord {
    /// Reads the whole node.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a part is missing or damaged.
    pub(crate) fn load(self, source: &dyn ObjectSource) -> Result<Node, StoreError> {
        let meta = match self.meta {
            // A copy: a small part would otherwise keep its whole page in memory.
            MetaRecord::Here(bytes) => Bytes::copy_from_slice(&bytes),
            MetaRecord::Object { length, id } => sized(source.object(Kind::Meta, &id)?, length)?,
        };
        let mut items = Vec::new();
        let mut take = |key, item| {
            items.push((key, load_item(source, item)?));
            Ok(())
        };
        match self.items {
            ItemsRecord::Here(records) => records.into_iter().try_for_each(|(key, item)| take(key, item))?,
            ItemsRecord::Map(root) => map::walk(source, Some(root), &mut take)?,
        }
        Ok(Node { meta, items })
    }
}

fn load_item(source: &dyn ObjectSource, item: ItemRecord) -> Result<Item, StoreError> {
    match item {
        ItemRecord::Inline(bytes) => Ok(Item::Inline(Bytes::copy_from_slice(&bytes))),
        ItemRecord::Chunk { length, id } => Ok(Item::Chunk(sized(source.object(Kind::Chunk, &id)?, length)?)),
    }
}

fn sized(bytes: Bytes, length: u64) -> Result<Bytes, StoreError> {
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(StoreError::corrupt("a part of a node has another length"))
    }
}
