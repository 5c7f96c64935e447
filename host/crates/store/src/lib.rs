//! Durable state: images as Merkle trees, the head of each session, named references, documents.
//!
//! The store knows bytes and versions, nothing of shells or files. [`Store`] is its interface; [`SqliteStore`] keeps it
//! on disk, [`MemoryStore`] in memory, and one suite of tests runs on both. SQL is named in this crate alone.

mod error;

mod codec;
mod object;

mod map;
mod node;

mod edit;
mod image;
mod pins;

mod audit;
mod changes;
mod interface;
mod requests;

mod memory;
mod sqlite;

pub use edit::{ImageEdit, ItemsEdit, NodeEdit};
pub use error::StoreError;
pub use image::Image;
pub use interface::{Answer, BoxFuture, Store, VisitHead, VisitNode};
pub use memory::MemoryStore;
pub use node::{CHUNK_MAX, INLINE_MAX, Item, META_MAX, Node};
pub use requests::{
    AuditEntry, CommandRow, Commit, Committed, Document, Durability, Expect, GcBudget, GcProgress, Head, HeadRow,
    Health, NAME_MAX, RECORD_MAX, RefChange, RefRow, Reference, Report, SnapshotKey,
};
pub use sqlite::{SqliteStore, StoreConfig};
