//! What a commit writes: the difference between a tree and the one that an image holds.

use store::{Image, ImageEdit, ItemsEdit, NodeEdit};
use vfs::{Changes, Ino, RecordKind, Tree};

use crate::items;
use crate::meta::{HEAD_NODE, encode_head, encode_inode};
use crate::programs::Programs;

/// A tree and the image that holds it.
#[derive(Clone, Copy)]
pub struct Stored<'s> {
    /// The tree as it was when the image was made of it.
    pub tree: &'s Tree,
    /// The image.
    pub image: &'s Image,
}

/// Returns the change that makes the image of `tree` from that of `base`, another state of the same session's tree or
/// its template. Without one it makes a whole image, as for a template. Costs what differs; content is shared, not
/// copied.
///
/// A tree that was made anew and takes the place of the session's (an import) has the template as its base: it numbers
/// inodes and versions as the one before did.
///
/// Not kept are inodes that live only because they are open, open counts, charges from outside, the quota, and accesses
/// since an inode's last change.
#[must_use]
pub fn edit(base: Option<Stored<'_>>, tree: &Tree, programs: &Programs<'_>) -> ImageEdit {
    let changes = match base {
        Some(base) => tree.changes_from(base.tree),
        None => Changes { changed: tree.changes_since(0).collect(), removed: Vec::new() },
    };
    let mut edit = ImageEdit::of(base.map_or_else(Image::empty, |base| base.image.clone()));
    edit.nodes.reserve_exact(1 + changes.changed.len() + changes.removed.len());
    if base.is_none_or(|base| base.tree.head() != tree.head()) {
        let put = NodeEdit::Put { meta: encode_head(&tree.head()), items: ItemsEdit::default() };
        edit.nodes.push((HEAD_NODE, put));
    }
    let puts = changes.changed.into_iter().map(|ino| (ino.0, put(ino, base.map(|base| base.tree), tree, programs)));
    edit.nodes.extend(puts);
    edit.nodes.extend(changes.removed.into_iter().map(|ino| (ino.0, NodeEdit::Remove)));
    edit
}

fn put(ino: Ino, base: Option<&Tree>, tree: &Tree, programs: &Programs<'_>) -> NodeEdit {
    let record = tree.record(ino).expect("what has changed is in the tree");
    // After a rollback the number may be another inode's, of another kind.
    let kind = |kind: &RecordKind| std::mem::discriminant(kind);
    let clear = base.and_then(|base| base.record(ino).ok()).is_none_or(|old| kind(&old.kind) != kind(&record.kind));
    let items = match record.kind {
        RecordKind::Dir { .. } => {
            items::of_entries(tree.entry_changes(ino, base).expect("the record is a directory's"), clear)
        }
        RecordKind::File { .. } => {
            items::of_chunks(&tree.chunk_changes(ino, base).expect("the record is a file's"), clear)
        }
        RecordKind::Symlink(_) | RecordKind::Device(_) => ItemsEdit { clear, ..ItemsEdit::default() },
    };
    NodeEdit::Put { meta: encode_inode(&record, programs), items }
}
