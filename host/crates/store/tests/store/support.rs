//! What all tests of the stores use: names, edits, and looking at what is stored.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

use base::{SessionId, SessionKey, TenantId};
use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use sandshell_store::{
    Commit, Durability, Expect, Image, ImageEdit, Item, ItemsEdit, Node, NodeEdit, SqliteStore, Store, StoreConfig,
    StoreError,
};

pub(crate) type Nodes = BTreeMap<u64, Node>;

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

pub(crate) fn tenant() -> TenantId {
    TenantId::default_tenant()
}

pub(crate) fn key(number: u64) -> SessionKey {
    SessionKey { tenant: tenant(), id: SessionId::from_random(number.into()) }
}

pub(crate) fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
    open_on(folder, None)
}

pub(crate) fn open_on(folder: &Path, vfs: Option<&str>) -> Result<SqliteStore, StoreError> {
    let dir = Dir::open_ambient_dir(folder, ambient_authority()).expect("the folder");
    SqliteStore::open(dir, StoreConfig { vfs: vfs.map(str::to_owned) })
}

pub(crate) fn text(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// Bytes that do not compress.
pub(crate) fn noise(seed: u64, length: usize) -> Bytes {
    let mut out = vec![0; length];
    let mut reader = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    reader.fill(&mut out);
    out.into()
}

pub(crate) fn node(meta: &str, items: &[(u64, Item)]) -> NodeEdit {
    let items = ItemsEdit { clear: false, put: items.to_vec(), remove: Vec::new() };
    NodeEdit::Put { meta: text(meta), items }
}

pub(crate) fn edit(base: &Image, nodes: Vec<(u64, NodeEdit)>) -> ImageEdit {
    ImageEdit { base: base.clone(), nodes, sections: Vec::new() }
}

pub(crate) fn commit(key: &SessionKey, expect: Expect, edit: ImageEdit) -> Commit {
    Commit {
        key: key.clone(),
        expect,
        edit,
        record: text("record"),
        command: None,
        refs: Vec::new(),
        durability: Durability::Strict,
    }
}

pub(crate) fn differences(store: &dyn Store, from: &Image, to: &Image) -> Vec<(u64, Option<Node>)> {
    let mut seen = Vec::new();
    let visit = &mut |key, node| {
        seen.push((key, node));
        Ok(())
    };
    store.changes(&tenant(), from, to, visit).expect("the changes");
    seen
}

pub(crate) fn content(store: &dyn Store, image: &Image) -> Nodes {
    let all = differences(store, &Image::empty(), image);
    all.into_iter().map(|(key, node)| (key, node.expect("what differs from nothing is there"))).collect()
}

/// Applies an edit of nodes to a plain map: what the store must do.
pub(crate) fn apply(nodes: &mut Nodes, edits: &[(u64, NodeEdit)]) {
    for (key, edit) in edits {
        match edit {
            NodeEdit::Remove => drop(nodes.remove(key)),
            NodeEdit::Put { meta, items } => {
                let node = nodes.entry(*key).or_default();
                node.meta = meta.clone();
                let mut kept: BTreeMap<u64, Item> =
                    if items.clear { BTreeMap::new() } else { std::mem::take(&mut node.items).into_iter().collect() };
                items.remove.iter().for_each(|key| drop(kept.remove(key)));
                kept.extend(items.put.iter().cloned());
                node.items = kept.into_iter().collect();
            }
        }
    }
}
