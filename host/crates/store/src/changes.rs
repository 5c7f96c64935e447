//! Reading an image: what differs from another, its sections, and everything it refers to.

use bytes::Bytes;

use crate::error::StoreError;
use crate::image::{Image, ImageRoot, Piece};
use crate::interface::VisitNode;
use crate::map::{self, Child, Value, inner_children, leaf_entries};
use crate::node::{ItemRecord, ItemsRecord, MetaRecord, NodeRecord};
use crate::object::{Kind, ObjectId, ObjectSource};

/// Visits the nodes that differ, in ascending order, whole.
pub(crate) fn changes(
    source: &dyn ObjectSource,
    from: &Image,
    to: &Image,
    visit: &mut VisitNode<'_>,
) -> Result<(), StoreError> {
    map::diff(source, from.root().nodes, to.root().nodes, &mut |key, record: Option<NodeRecord>| {
        let node = record.map(|record| record.load(source)).transpose()?;
        visit(key, node)
    })
}

/// Reads the state sections.
pub(crate) fn sections(source: &dyn ObjectSource, root: &ImageRoot) -> Result<Vec<(u32, Vec<Bytes>)>, StoreError> {
    let read = |piece: &Piece| {
        let bytes = source.object(Kind::Section, &piece.id)?;
        let whole = bytes.len() as u64 == piece.length;
        if whole { Ok(bytes) } else { Err(StoreError::corrupt("a state section has another length")) }
    };
    root.sections
        .iter()
        .map(|(number, pieces)| Ok((*number, pieces.iter().map(read).collect::<Result<_, StoreError>>()?)))
        .collect()
}

/// Appends the objects that an image refers to directly.
pub(crate) fn roots_of(root: &ImageRoot, out: &mut Vec<(Kind, ObjectId)>) {
    if let Some(nodes) = root.nodes {
        push_child::<NodeRecord>(&nodes.top, out);
    }
    out.extend(root.sections.values().flatten().map(|piece| (Kind::Section, piece.id)));
}

/// Appends the objects that a page refers to directly. Other kinds refer to none.
pub(crate) fn references_of(kind: Kind, content: Bytes, out: &mut Vec<(Kind, ObjectId)>) -> Result<(), StoreError> {
    match kind {
        Kind::NodeInner => push_children::<NodeRecord>(content, out)?,
        Kind::ItemInner => push_children::<ItemRecord>(content, out)?,
        Kind::NodeLeaf => {
            for (_, node) in leaf_any::<NodeRecord>(content)? {
                if let MetaRecord::Object { id, .. } = node.meta {
                    out.push((Kind::Meta, id));
                }
                match node.items {
                    ItemsRecord::Here(items) => push_chunks(items, out),
                    ItemsRecord::Map(root) => push_child::<ItemRecord>(&root.top, out),
                }
            }
        }
        Kind::ItemLeaf => push_chunks(leaf_any(content)?, out),
        Kind::Chunk | Kind::Section | Kind::Meta => {}
    }
    Ok(())
}

/// Reads a leaf page without knowing from its parent how many entries it has.
fn leaf_any<V: Value>(content: Bytes) -> Result<Vec<(u64, V)>, StoreError> {
    // At most 64 entries: their count is the first byte.
    let count = u64::from(*content.first().ok_or_else(|| StoreError::corrupt("an empty page"))?);
    leaf_entries(content, count)
}

fn push_child<V: Value>(child: &Child, out: &mut Vec<(Kind, ObjectId)>) {
    out.push((if child.leaf { V::LEAF } else { V::INNER }, child.id));
}

fn push_children<V: Value>(content: Bytes, out: &mut Vec<(Kind, ObjectId)>) -> Result<(), StoreError> {
    inner_children::<V>(content)?.iter().flatten().for_each(|child| push_child::<V>(child, out));
    Ok(())
}

fn push_chunks(items: Vec<(u64, ItemRecord)>, out: &mut Vec<(Kind, ObjectId)>) {
    out.extend(items.into_iter().filter_map(|(_, item)| match item {
        ItemRecord::Chunk { id, .. } => Some((Kind::Chunk, id)),
        ItemRecord::Inline(_) => None,
    }));
}
