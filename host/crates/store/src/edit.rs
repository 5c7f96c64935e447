//! Changes of an image, and how they are applied: the base's pages are read as far as the change goes, and the new
//! objects are made.

use bytes::Bytes;

use crate::error::{StoreError, within};
use crate::image::{Image, ImageRoot, Piece, SECTION_PIECE_MAX, SECTION_PIECES_MAX, SECTIONS_MAX};
use crate::map;
use crate::node::{CHUNK_MAX, INLINE_MAX, Item, ItemsRecord, META_MAX, NodeRecord, change_items, put_meta};
use crate::object::{FreshObject, Kind, ObjectId, ObjectSource, TenantSecret, Workbench};

/// A change of an image. What it does not name stays as it is in `base`.
#[derive(Clone, Debug)]
pub struct ImageEdit {
    /// What is changed.
    pub base: Image,
    /// Changes of nodes; each number at most once, in any order.
    pub nodes: Vec<(u64, NodeEdit)>,
    /// State sections, each replaced whole by these pieces of at most 1 MiB; no pieces remove the section.
    pub sections: Vec<(u32, Vec<Bytes>)>,
}

impl ImageEdit {
    /// Makes the change that changes nothing.
    #[must_use]
    pub fn of(base: Image) -> Self {
        Self { base, nodes: Vec::new(), sections: Vec::new() }
    }
}

/// What becomes of a node.
#[derive(Clone, Debug)]
pub enum NodeEdit {
    /// It is gone; it need not have been there.
    Remove,
    /// It is there.
    Put {
        /// Its description, replaced whole. At most [`META_MAX`] bytes.
        meta: Bytes,
        /// What changes of its items.
        items: ItemsEdit,
    },
}

/// A change of a node's items: first `clear`, then `remove` and `put`, which name each key at most once together.
#[derive(Clone, Debug, Default)]
pub struct ItemsEdit {
    /// Forget all items it had.
    pub clear: bool,
    /// Items that are there afterwards.
    pub put: Vec<(u64, Item)>,
    /// Items that are not there afterwards.
    pub remove: Vec<u64>,
}

/// What an edit gives: the new image's root, and the objects that may not be stored yet.
pub(crate) struct Applied {
    pub(crate) root: ImageRoot,
    pub(crate) objects: Vec<(ObjectId, FreshObject)>,
}

/// Applies an edit.
///
/// # Errors
/// [`StoreError::TooLarge`] and [`StoreError::Invalid`] for what the types' contracts forbid; [`StoreError::Corrupt`]
/// when the base cannot be read.
pub(crate) fn apply(source: &dyn ObjectSource, secret: TenantSecret, edit: &ImageEdit) -> Result<Applied, StoreError> {
    check(edit)?;
    let mut bench = Workbench::new(source, secret);
    let mut root = edit.base.root().clone();
    let mut nodes: Vec<(u64, &NodeEdit)> = edit.nodes.iter().map(|(key, node)| (*key, node)).collect();
    nodes.sort_unstable_by_key(|(key, _)| *key);
    root.nodes = map::update(&mut bench, root.nodes, &nodes, &mut |bench, edit, old: Option<NodeRecord>| match edit {
        NodeEdit::Remove => Ok(None),
        NodeEdit::Put { meta, items } => {
            let meta = put_meta(bench, meta);
            let items: ItemsRecord = change_items(bench, old.map(|old| old.items), items)?;
            Ok(Some(NodeRecord { meta, items }))
        }
    })?;
    for (number, pieces) in &edit.sections {
        if pieces.is_empty() {
            root.sections.remove(number);
        } else {
            let stored = pieces
                .iter()
                .map(|piece| Piece { id: bench.put(Kind::Section, piece.clone()), length: piece.len() as u64 });
            root.sections.insert(*number, stored.collect());
        }
    }
    within("the number of state sections", root.sections.len(), SECTIONS_MAX)?;
    within("the number of pieces of state", root.sections.values().map(Vec::len).sum(), SECTION_PIECES_MAX)?;
    Ok(Applied { root, objects: bench.finish() })
}

fn check(edit: &ImageEdit) -> Result<(), StoreError> {
    distinct(edit.nodes.iter().map(|(key, _)| *key), "a node is changed twice")?;
    distinct(edit.sections.iter().map(|(number, _)| u64::from(*number)), "a state section is changed twice")?;
    for piece in edit.sections.iter().flat_map(|(_, pieces)| pieces) {
        within("a piece of state", piece.len(), SECTION_PIECE_MAX)?;
    }
    for (_, node) in &edit.nodes {
        if let NodeEdit::Put { meta, items } = node {
            within("the description of a node", meta.len(), META_MAX)?;
            check_items(items)?;
        }
    }
    Ok(())
}

fn check_items(items: &ItemsEdit) -> Result<(), StoreError> {
    let keys = items.put.iter().map(|(key, _)| *key).chain(items.remove.iter().copied());
    distinct(keys, "an item is changed twice")?;
    for (_, item) in &items.put {
        match item {
            Item::Inline(bytes) => within("an inline item", bytes.len(), INLINE_MAX)?,
            Item::Chunk(bytes) => within("a chunk", bytes.len(), CHUNK_MAX)?,
        }
    }
    Ok(())
}

fn distinct(keys: impl Iterator<Item = u64>, what: &'static str) -> Result<(), StoreError> {
    let mut keys: Vec<u64> = keys.collect();
    if !keys.is_sorted() {
        keys.sort_unstable();
    }
    if keys.windows(2).any(|pair| pair.first() == pair.last()) { Err(StoreError::Invalid { what }) } else { Ok(()) }
}
