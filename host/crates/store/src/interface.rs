//! The one interface of the two stores. Object-safe: sessions hold an `Arc<dyn Store>`.

use std::future::Future;
use std::pin::Pin;

use base::{SessionKey, TenantId};
use bytes::Bytes;

use crate::edit::ImageEdit;
use crate::error::StoreError;
use crate::image::Image;
use crate::node::Node;
use crate::requests::{
    AuditEntry, CommandRow, Commit, Committed, Document, Durability, GcBudget, GcProgress, Head, HeadRow, Health,
    RefRow, Reference, Report, SnapshotKey,
};

/// A boxed future, for traits used as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a store answers.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Receives each node that differs: whole, or none when it is gone.
pub type VisitNode<'a> = dyn FnMut(u64, Option<Node>) -> Result<(), StoreError> + 'a;

/// Receives each session's row; an error stands for a row that is damaged, and the visit goes on.
pub type VisitHead<'a> = dyn FnMut(Result<HeadRow, StoreError>) -> Result<(), StoreError> + 'a;

/// Durable state of many tenants' sessions.
///
/// Every method may answer [`StoreError::Corrupt`], [`StoreError::Io`] and [`StoreError::Closed`]; those that write
/// also [`StoreError::ReadOnly`], [`StoreError::Full`] and, for a request beyond a bound, [`StoreError::TooLarge`] or
/// [`StoreError::Invalid`]. After a write failed the store is read-only until it is opened again, since nobody knows
/// what the disk kept: nothing more is acknowledged, reading goes on. A future that is dropped may leave its request
/// done or not done, never half done. What was acknowledged is seen by whoever asks afterwards.
///
/// Methods that return no future block: call them off the async runtime (or in a blocking section of it).
pub trait Store: Send + Sync {
    /// Stores an image that no session names: a template, or large data ahead of its commit. It is there while the
    /// returned image, or one that was made from it, lives in memory or is named.
    fn save_image(&self, tenant: &TenantId, edit: ImageEdit) -> Answer<'_, Image>;

    /// Makes the next version of a session, or its first: one transaction, acknowledged as `durability` says.
    ///
    /// The version is one more than the version before. A session that is created again after a deletion begins above
    /// every version that any deleted session of the tenant ever had: for one key the version never falls.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when `expect` does not hold. Nothing is changed.
    fn commit(&self, commit: Commit) -> Answer<'_, Committed>;

    /// Visits all sessions, without reading their images. Blocks.
    ///
    /// # Errors
    /// Also those of `visit`, which end the visit.
    fn heads(&self, visit: &mut VisitHead<'_>) -> Result<(), StoreError>;

    /// Returns a session as it was last committed. Its content is read later, by [`Store::changes`].
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] also for a session that is not there while some row is damaged: it may have been its row.
    fn head(&self, key: &SessionKey) -> Answer<'_, Option<Head>>;

    /// Removes a session with its references and commands; tells whether there was one. Durable as `Strict`.
    fn delete(&self, key: &SessionKey) -> Answer<'_, bool>;

    /// Returns a command of a session that is still kept.
    fn command(&self, key: &SessionKey, id: &[u8]) -> Answer<'_, Option<CommandRow>>;

    /// Returns the last commands of a session, the newest first, at most `limit`.
    fn commands(&self, key: &SessionKey, limit: usize) -> Answer<'_, Vec<CommandRow>>;

    /// Gives a session's image a name, or replaces what the name referred to.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such session.
    fn put_ref(
        &self,
        key: &SessionKey,
        name: &str,
        image: &Image,
        record: Bytes,
        durability: Durability,
    ) -> Answer<'_, ()>;

    /// Returns what a name of a session refers to.
    fn reference(&self, key: &SessionKey, name: &str) -> Answer<'_, Option<Reference>>;

    /// Returns the names of a session, ordered by name.
    fn refs(&self, key: &SessionKey) -> Answer<'_, Vec<RefRow>>;

    /// Removes a name of a session; tells whether there was one.
    fn delete_ref(&self, key: &SessionKey, name: &str, durability: Durability) -> Answer<'_, bool>;

    /// Names an image of the tenant, independent of any session, or replaces what the name referred to.
    fn put_snapshot(&self, key: &SnapshotKey, image: &Image, record: Bytes, durability: Durability) -> Answer<'_, ()>;

    /// Returns a snapshot.
    fn snapshot(&self, key: &SnapshotKey) -> Answer<'_, Option<Reference>>;

    /// Returns the snapshots of a tenant, ordered by id.
    fn snapshots(&self, tenant: &TenantId) -> Answer<'_, Vec<RefRow>>;

    /// Removes a snapshot; tells whether there was one.
    fn delete_snapshot(&self, key: &SnapshotKey, durability: Durability) -> Answer<'_, bool>;

    /// Visits exactly the nodes that differ between two images of one tenant, ascending, whole as they are in `to`.
    /// Blocks. From [`Image::empty`] it visits all. What both have in common is not read.
    ///
    /// # Errors
    /// Also those of `visit`, which end the visit.
    fn changes(&self, tenant: &TenantId, from: &Image, to: &Image, visit: &mut VisitNode<'_>)
    -> Result<(), StoreError>;

    /// Returns the state sections of an image, ordered by number.
    fn sections(&self, image: &Image) -> Answer<'_, Vec<(u32, Vec<Bytes>)>>;

    /// Stores a document of at most 1 MiB, or replaces it. Durable as `Strict`.
    fn put_document(&self, kind: &str, tenant: &TenantId, key: &str, bytes: Bytes) -> Answer<'_, ()>;

    /// Returns a document.
    fn document(&self, kind: &str, tenant: &TenantId, key: &str) -> Answer<'_, Option<Bytes>>;

    /// Returns the documents whose keys begin with `prefix` and come after `after`, ordered by key, at most `limit`.
    fn documents(
        &self,
        kind: &str,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Answer<'_, Vec<Document>>;

    /// Removes a document; tells whether there was one. Durable as `Strict`.
    fn delete_document(&self, kind: &str, tenant: &TenantId, key: &str) -> Answer<'_, bool>;

    /// Appends an entry of at most [`crate::RECORD_MAX`] bytes to the tenant's audit log and returns its number.
    fn audit_append(&self, tenant: &TenantId, bytes: Bytes) -> Answer<'_, u64>;

    /// Returns entries of the audit log with numbers above `after`, ascending, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when an entry does not follow from the one before it.
    fn audit_read(&self, tenant: &TenantId, after: u64, limit: usize) -> Answer<'_, Vec<AuditEntry>>;

    /// Does a slice of the garbage collection: removes objects that nothing refers to. Call it when there is nothing
    /// better to do, until it is `finished`.
    fn gc(&self, budget: GcBudget) -> Answer<'_, GcProgress>;

    /// Examines everything: every row's checksum, every object's hash, and that all that is referred to is there.
    fn check(&self) -> Answer<'_, Report>;

    /// Tells whether the store can be written.
    fn health(&self) -> Health;

    /// Writes what is queued and refuses everything afterwards. Dropping a store does the same without an answer.
    fn close(&self) -> Answer<'_, ()>;
}
