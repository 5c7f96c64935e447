//! A store in memory with the template of the test's sessions.

use base::TenantId;
use futures_util::FutureExt as _;
use records::{Programs, RecordError, Stored, edit, load};
use store::{Image, ImageEdit, MemoryStore, Node, Store};
use vfs::{ProgramTag, Quota, Tree};

/// Every program has a name made of its number.
pub(crate) const PROGRAMS: Programs<'static> = Programs {
    name: &|tag| Some(format!("program {}", tag.0)),
    tag: &|name| name.strip_prefix("program ")?.parse().ok().map(ProgramTag),
};

pub(crate) struct Depot {
    store: MemoryStore,
    tenant: TenantId,
    pub(crate) template: Tree,
    pub(crate) template_image: Image,
}

impl Depot {
    pub(crate) fn new(template: Tree) -> Self {
        let mut depot = Self {
            store: MemoryStore::new(),
            tenant: TenantId::default_tenant(),
            template,
            template_image: Image::empty(),
        };
        depot.template_image = depot.save(edit(None, &depot.template, &PROGRAMS));
        depot
    }

    pub(crate) fn template(&self) -> Stored<'_> {
        Stored { tree: &self.template, image: &self.template_image }
    }

    pub(crate) fn save(&self, edit: ImageEdit) -> Image {
        self.store.save_image(&self.tenant, edit).now_or_never().expect("memory does not wait").unwrap()
    }

    pub(crate) fn load(&self, image: &Image, quota: Quota) -> Result<Tree, RecordError> {
        load(&self.store, &self.tenant, image, Some(self.template()), quota, &PROGRAMS)
    }

    /// Loads an image that has no template.
    pub(crate) fn load_whole(&self, image: &Image) -> Result<Tree, RecordError> {
        load(&self.store, &self.tenant, image, None, Quota::UNLIMITED, &PROGRAMS)
    }

    /// Returns the nodes in which an image differs from another.
    pub(crate) fn nodes(&self, from: &Image, to: &Image) -> Vec<(u64, Option<Node>)> {
        let mut nodes = Vec::new();
        let mut take = |key, node| {
            nodes.push((key, node));
            Ok(())
        };
        self.store.changes(&self.tenant, from, to, &mut take).unwrap();
        nodes
    }
}
