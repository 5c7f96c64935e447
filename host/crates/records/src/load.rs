//! The tree of an image: its template's, changed by the nodes that differ from the template's image.

use base::TenantId;
use store::{Image, Node, Store, StoreError};
use vfs::{Ino, Quota, RecordKind, Restore, Tree, TreeHead};

use crate::edit::Stored;
use crate::error::RecordError;
use crate::items;
use crate::meta::{HEAD_NODE, decode_head, decode_inode};
use crate::programs::Programs;

/// Makes the tree of `image`. `template` is what the tree was made from, without one for a whole image that has none.
/// The quota refuses nothing that is there. Reads, and costs, what differs from the template. Blocks.
///
/// # Errors
/// Those of the store, and what is found damaged or newer than this server.
pub fn load(
    store: &dyn Store,
    tenant: &TenantId,
    image: &Image,
    template: Option<Stored<'_>>,
    quota: Quota,
    programs: &Programs<'_>,
) -> Result<Tree, RecordError> {
    let nothing = Image::empty();
    let from = template.map_or(&nothing, |template| template.image);
    let mut loader = Loader::new(template.map(|template| template.tree), programs);
    let mut refused = None;
    let visited = store.changes(tenant, from, image, &mut |key, node| {
        loader.visit(key, node).map_err(|error| {
            let stop = StoreError::Corrupt { what: error.to_string().into() };
            refused = Some(error);
            stop
        })
    });
    match refused {
        Some(error) => Err(error),
        None => visited.map_err(RecordError::from).and_then(|()| loader.finish(quota)),
    }
}

/// A tree that is being made of nodes; they may come in any order.
pub struct Loader<'l> {
    restore: Restore<'l>,
    head: Option<TreeHead>,
    programs: &'l Programs<'l>,
}

impl<'l> Loader<'l> {
    /// Begins with a template's tree, or with nothing.
    #[must_use]
    pub fn new(template: Option<&'l Tree>, programs: &'l Programs<'l>) -> Self {
        Self { restore: Restore::new(template), head: None, programs }
    }

    /// Takes a node that differs from the template's image: whole, or none when it is gone.
    ///
    /// # Errors
    /// When the node's bytes are not what this server or an older one wrote.
    pub fn visit(&mut self, key: u64, node: Option<Node>) -> Result<(), RecordError> {
        let Some(node) = node else {
            self.restore.remove(Ino(key));
            return Ok(());
        };
        let malformed = |what| RecordError::Malformed { node: key, what };
        if key == HEAD_NODE {
            self.head = Some(decode_head(&node.meta)?);
            return if node.items.is_empty() { Ok(()) } else { Err(malformed("items of the whole tree")) };
        }
        let record = decode_inode(key, &node.meta, self.programs)?;
        let (mut entries, mut chunks) = (Vec::new(), Vec::new());
        match record.kind {
            RecordKind::Dir { .. } => entries = items::entries(node.items).map_err(malformed)?,
            // What is no file is refused with chunks.
            _ => chunks = items::chunks(node.items).map_err(malformed)?,
        }
        Ok(self.restore.put(Ino(key), record, entries, chunks)?)
    }

    /// Returns the tree.
    ///
    /// # Errors
    /// When the nodes do not make one.
    pub fn finish(self, quota: Quota) -> Result<Tree, RecordError> {
        Ok(self.restore.finish(self.head, quota)?)
    }
}
