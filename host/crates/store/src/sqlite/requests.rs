//! The interface of the store, carried out on disk.

use std::sync::{Arc, PoisonError};

use base::{SessionId, SessionKey, TenantId};
use bytes::Bytes;
use tokio::sync::oneshot;

use super::SqliteStore;
use super::change::Change;
use super::check::check_store;
use super::queue::{Done, Job, Work};
use super::rows::{self, DocumentRange, NamedRecord};
use super::schema::Role;
use super::shared::{Shared, TenantObjects};
use super::tenants::Tenant;
use crate::changes;
use crate::edit::{ImageEdit, NodeEdit};
use crate::error::{StoreError, within};
use crate::image::{Image, ImageRoot};
use crate::interface::{Answer, Store, VisitHead, VisitNode};
use crate::node::Item;
use crate::requests::{
    AuditEntry, CommandRow, Commit, Committed, DOCUMENT_MAX, Document, Durability, GcBudget, GcProgress, Head, HeadRow,
    Health, RECORD_MAX, RefRow, Reference, Report, SnapshotKey, check_name, check_named,
};

/// Returns about how many bytes an edit brings.
fn size_of(edit: &ImageEdit) -> usize {
    let item = |item: &Item| match item {
        Item::Inline(bytes) | Item::Chunk(bytes) => bytes.len(),
    };
    let node = |node: &NodeEdit| match node {
        NodeEdit::Remove => 0,
        NodeEdit::Put { meta, items } => meta.len() + items.put.iter().map(|(_, put)| item(put)).sum::<usize>(),
    };
    let nodes: usize = edit.nodes.iter().map(|(_, edit)| node(edit)).sum();
    nodes + edit.sections.iter().flat_map(|(_, pieces)| pieces).map(Bytes::len).sum::<usize>()
}

/// A change that a request wants, with what it must find.
struct Wanted {
    tenant: TenantId,
    /// The session must exist.
    session: Option<SessionId>,
    change: Change,
    durability: Durability,
}

impl SqliteStore {
    /// Queues a change of one row and waits until it is durable.
    async fn change(&self, wanted: Wanted) -> Result<Done, StoreError> {
        let hold = self.shared.admit(0).await?;
        let (answer, receive) = oneshot::channel();
        let queued = self.workers.run(move |shared| {
            let tenant = shared.tenant(&wanted.tenant)?;
            // The lock is held while it is queued: no deletion comes between.
            let index = shared.index();
            if let Some(session) = wanted.session
                && index.version(&SessionKey { tenant: wanted.tenant, id: session }).is_none()
            {
                return Err(StoreError::not_found("the session"));
            }
            let work = Work::Write { tenant, objects: Vec::new(), changes: vec![wanted.change] };
            // Only commits are acknowledged early: a name that was given is there.
            let durability = match wanted.durability {
                Durability::Strict => Durability::Strict,
                Durability::Relaxed | Durability::None => Durability::Relaxed,
            };
            let reply = Box::new(move |result| drop(answer.send(result)));
            shared.queue.push(Job { work, durability, _hold: Some(hold), reply })
        });
        queued.await?;
        receive.await.map_err(|_| self.shared.gone())?
    }

    /// Reads something of a tenant on a worker, after what was acknowledged is written. None for an unknown tenant.
    async fn read<T: Send + 'static>(
        &self,
        tenant: TenantId,
        act: impl FnOnce(&Arc<Shared>, &Arc<Tenant>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        // No collection begins between reading a row and pinning its image.
        let gate = Arc::clone(&self.shared.gate).read_owned().await;
        self.workers
            .run(move |shared| {
                let _gate = gate;
                shared.settle()?;
                let tenant = shared.index().tenant(&tenant);
                tenant.map(|tenant| act(shared, &tenant)).transpose()
            })
            .await
    }

    async fn named(
        &self,
        tenant: TenantId,
        find: impl FnOnce(&Shared, &Tenant) -> Result<Vec<NamedRecord>, StoreError> + Send + 'static,
    ) -> Result<Option<Reference>, StoreError> {
        let found = self.read(tenant, move |shared, tenant| {
            let found = find(shared, tenant)?.pop();
            found
                .map(|named| Ok(Reference { image: pinned(shared, tenant, named.root()?), record: named.record }))
                .transpose()
        });
        Ok(found.await?.flatten())
    }
}

fn pinned(shared: &Shared, tenant: &Tenant, root: ImageRoot) -> Image {
    Image::pinned(shared.pins.pin(&tenant.name, root))
}

fn listed(records: Vec<NamedRecord>) -> Vec<RefRow> {
    records.into_iter().map(NamedRecord::row).collect()
}

fn manifest(image: &Image) -> Bytes {
    image.root().encode().into()
}

impl Store for SqliteStore {
    fn save_image(&self, tenant: &TenantId, edit: ImageEdit) -> Answer<'_, Image> {
        let tenant = tenant.clone();
        Box::pin(async move {
            let hold = self.shared.admit(size_of(&edit)).await?;
            let (answer, receive) = oneshot::channel();
            let queued = self.workers.run(move |shared| {
                let tenant = shared.tenant(&tenant)?;
                let (image, fresh) = shared.prepare(&tenant, &edit)?;
                let objects = shared.pack_all(&tenant, fresh)?;
                let reply = Box::new(move |result: Result<Done, StoreError>| drop(answer.send(result.map(|_| image))));
                let work = Work::Write { tenant, objects, changes: Vec::new() };
                shared.queue.push(Job { work, durability: Durability::Relaxed, _hold: Some(hold), reply })
            });
            queued.await?;
            receive.await.map_err(|_| self.shared.gone())?
        })
    }

    fn commit(&self, commit: Commit) -> Answer<'_, Committed> {
        Box::pin(async move {
            commit.check()?;
            let hold = self.shared.admit(size_of(&commit.edit)).await?;
            let (answer, receive) = oneshot::channel();
            self.workers.run(move |shared| shared.commit(commit, hold, answer)).await?;
            receive.await.map_err(|_| self.shared.gone())?
        })
    }

    fn heads(&self, visit: &mut VisitHead<'_>) -> Result<(), StoreError> {
        self.shared.settle()?;
        let names: Vec<(i64, TenantId)> =
            self.shared.index().tenants.values().map(|entry| (entry.tenant.seq, entry.tenant.name.clone())).collect();
        self.shared.readers.with(|connection| {
            rows::heads(connection, &self.shared.row_key, &mut |head| {
                let row = head.and_then(|head| {
                    let tenant = names.iter().find(|(seq, _)| *seq == head.tenant).map(|(_, name)| name.clone());
                    match (tenant, head.id.parse()) {
                        (Some(tenant), Ok(id)) => {
                            Ok(HeadRow { key: SessionKey { tenant, id }, version: head.version, record: head.record })
                        }
                        _ => Err(StoreError::corrupt("the key of a session")),
                    }
                });
                visit(row)
            })
        })
    }

    fn head(&self, key: &SessionKey) -> Answer<'_, Option<Head>> {
        let key = key.clone();
        Box::pin(async move {
            let found = self.read(key.tenant.clone(), move |shared, tenant| {
                let (seq, id) = (tenant.seq, key.id.as_str());
                let row = shared.readers.with(|connection| rows::head(connection, &shared.row_key, seq, id))?;
                let index = shared.index();
                if row.is_none() && (index.n_damaged > 0 || index.version(&key).is_some()) {
                    return Err(StoreError::corrupt("the row of a session is missing, or one that is damaged was it"));
                }
                drop(index);
                row.map(|row| {
                    let image = pinned(shared, tenant, ImageRoot::decode(row.image)?);
                    Ok(Head { version: row.version, record: row.record, image })
                })
                .transpose()
            });
            Ok(found.await?.flatten())
        })
    }

    fn delete(&self, key: &SessionKey) -> Answer<'_, bool> {
        let key = key.clone();
        Box::pin(async move {
            let hold = self.shared.admit(0).await?;
            let (answer, receive) = oneshot::channel();
            let reply = Box::new(move |result| drop(answer.send(result)));
            if !self.workers.run(move |shared| shared.delete(&key, hold, reply)).await? {
                return Ok(false);
            }
            receive.await.map_err(|_| self.shared.gone())?.map(|_: Done| true)
        })
    }

    fn command(&self, key: &SessionKey, id: &[u8]) -> Answer<'_, Option<CommandRow>> {
        let (key, id) = (key.clone(), id.to_vec());
        Box::pin(async move {
            let found = self.read(key.tenant, move |shared, tenant| {
                let (seq, session) = (tenant.seq, key.id.as_str());
                shared.readers.with(|c| rows::commands(c, &shared.row_key, seq, session, Some(&id), 1))
            });
            Ok(found.await?.and_then(|mut rows| rows.pop()))
        })
    }

    fn commands(&self, key: &SessionKey, limit: usize) -> Answer<'_, Vec<CommandRow>> {
        let key = key.clone();
        Box::pin(async move {
            let found = self.read(key.tenant, move |shared, tenant| {
                let (seq, session) = (tenant.seq, key.id.as_str());
                shared.readers.with(|c| rows::commands(c, &shared.row_key, seq, session, None, limit))
            });
            Ok(found.await?.unwrap_or_default())
        })
    }

    fn put_ref(
        &self,
        key: &SessionKey,
        name: &str,
        image: &Image,
        record: Bytes,
        durability: Durability,
    ) -> Answer<'_, ()> {
        let (key, name, image) = (key.clone(), name.to_owned(), image.clone());
        Box::pin(async move {
            check_named(name.as_bytes(), &record)?;
            image.belongs_to(&key.tenant, &self.shared.pins)?;
            let change = Change::Ref { session: key.id.clone(), name, record, image: manifest(&image) };
            self.change(Wanted { tenant: key.tenant, session: Some(key.id), change, durability }).await.map(drop)
        })
    }

    fn reference(&self, key: &SessionKey, name: &str) -> Answer<'_, Option<Reference>> {
        let (key, name) = (key.clone(), name.to_owned());
        Box::pin(self.named(key.tenant, move |shared, tenant| {
            let (seq, session) = (tenant.seq, key.id.as_str());
            shared.readers.with(|connection| rows::refs(connection, &shared.row_key, seq, session, Some(&name)))
        }))
    }

    fn refs(&self, key: &SessionKey) -> Answer<'_, Vec<RefRow>> {
        let key = key.clone();
        Box::pin(async move {
            let found = self.read(key.tenant, move |shared, tenant| {
                let (seq, session) = (tenant.seq, key.id.as_str());
                shared.readers.with(|connection| rows::refs(connection, &shared.row_key, seq, session, None))
            });
            Ok(listed(found.await?.unwrap_or_default()))
        })
    }

    fn delete_ref(&self, key: &SessionKey, name: &str, durability: Durability) -> Answer<'_, bool> {
        let (key, name) = (key.clone(), name.to_owned());
        Box::pin(async move {
            let change = Change::DeleteRef { session: key.id, name };
            let done = self.change(Wanted { tenant: key.tenant, session: None, change, durability }).await?;
            Ok(done.touched > 0)
        })
    }

    fn put_snapshot(&self, key: &SnapshotKey, image: &Image, record: Bytes, durability: Durability) -> Answer<'_, ()> {
        let (key, image) = (key.clone(), image.clone());
        Box::pin(async move {
            check_named(key.id.as_bytes(), &record)?;
            image.belongs_to(&key.tenant, &self.shared.pins)?;
            let change = Change::Snapshot { name: key.id, record, image: manifest(&image) };
            self.change(Wanted { tenant: key.tenant, session: None, change, durability }).await.map(drop)
        })
    }

    fn snapshot(&self, key: &SnapshotKey) -> Answer<'_, Option<Reference>> {
        let key = key.clone();
        Box::pin(self.named(key.tenant, move |shared, tenant| {
            shared.readers.with(|connection| rows::snapshots(connection, &shared.row_key, tenant.seq, Some(&key.id)))
        }))
    }

    fn snapshots(&self, tenant: &TenantId) -> Answer<'_, Vec<RefRow>> {
        let tenant = tenant.clone();
        Box::pin(async move {
            let found = self.read(tenant, |shared, tenant| {
                shared.readers.with(|connection| rows::snapshots(connection, &shared.row_key, tenant.seq, None))
            });
            Ok(listed(found.await?.unwrap_or_default()))
        })
    }

    fn delete_snapshot(&self, key: &SnapshotKey, durability: Durability) -> Answer<'_, bool> {
        let key = key.clone();
        Box::pin(async move {
            let change = Change::DeleteSnapshot { name: key.id };
            let done = self.change(Wanted { tenant: key.tenant, session: None, change, durability }).await?;
            Ok(done.touched > 0)
        })
    }

    fn changes(
        &self,
        tenant: &TenantId,
        from: &Image,
        to: &Image,
        visit: &mut VisitNode<'_>,
    ) -> Result<(), StoreError> {
        from.belongs_to(tenant, &self.shared.pins)?;
        to.belongs_to(tenant, &self.shared.pins)?;
        let known = self.shared.index().tenant(tenant);
        // Only the empty image belongs to a tenant that is not known.
        let Some(tenant) = known else { return Ok(()) };
        changes::changes(&TenantObjects { shared: &self.shared, tenant: &tenant }, from, to, visit)
    }

    fn sections(&self, image: &Image) -> Answer<'_, Vec<(u32, Vec<Bytes>)>> {
        let image = image.clone();
        Box::pin(async move {
            let Some(tenant) = image.tenant().cloned() else { return Ok(Vec::new()) };
            image.belongs_to(&tenant, &self.shared.pins)?;
            let read = self.workers.run(move |shared| {
                let tenant = shared.index().tenant(&tenant).ok_or_else(|| StoreError::not_found("the tenant"))?;
                changes::sections(&TenantObjects { shared, tenant: &tenant }, image.root())
            });
            read.await
        })
    }

    fn put_document(&self, kind: &str, tenant: &TenantId, key: &str, bytes: Bytes) -> Answer<'_, ()> {
        let (kind, tenant, key) = (kind.to_owned(), tenant.clone(), key.to_owned());
        Box::pin(async move {
            check_name("the kind of a document", kind.as_bytes())?;
            check_name("the key of a document", key.as_bytes())?;
            within("a document", bytes.len(), DOCUMENT_MAX)?;
            let change = Change::Document { kind, key, bytes };
            let wanted = Wanted { tenant, session: None, change, durability: Durability::Strict };
            self.change(wanted).await.map(drop)
        })
    }

    fn document(&self, kind: &str, tenant: &TenantId, key: &str) -> Answer<'_, Option<Bytes>> {
        let range = DocumentRange {
            kind: kind.to_owned(),
            from: key.to_owned(),
            beyond: false,
            prefix: key.to_owned(),
            limit: 1,
        };
        let (tenant, key) = (tenant.clone(), key.to_owned());
        Box::pin(async move {
            let found = self.read(tenant, move |shared, tenant| {
                shared.readers.with(|connection| rows::documents(connection, &shared.row_key, tenant.seq, &range))
            });
            let found = found.await?.and_then(|mut found| found.pop());
            Ok(found.filter(|document| document.key == key).map(|document| document.bytes))
        })
    }

    fn documents(
        &self,
        kind: &str,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Answer<'_, Vec<Document>> {
        let after = after.filter(|after| *after >= prefix);
        let range = DocumentRange {
            kind: kind.to_owned(),
            from: after.unwrap_or(prefix).to_owned(),
            beyond: after.is_some(),
            prefix: prefix.to_owned(),
            limit,
        };
        let tenant = tenant.clone();
        Box::pin(async move {
            let found = self.read(tenant, move |shared, tenant| {
                shared.readers.with(|connection| rows::documents(connection, &shared.row_key, tenant.seq, &range))
            });
            Ok(found.await?.unwrap_or_default())
        })
    }

    fn delete_document(&self, kind: &str, tenant: &TenantId, key: &str) -> Answer<'_, bool> {
        let change = Change::DeleteDocument { kind: kind.to_owned(), key: key.to_owned() };
        let wanted = Wanted { tenant: tenant.clone(), session: None, change, durability: Durability::Strict };
        Box::pin(async move { Ok(self.change(wanted).await?.touched > 0) })
    }

    fn audit_append(&self, tenant: &TenantId, bytes: Bytes) -> Answer<'_, u64> {
        let tenant = tenant.clone();
        Box::pin(async move {
            within("an audit entry", bytes.len(), RECORD_MAX)?;
            let change = Change::Audit { bytes };
            let wanted = Wanted { tenant, session: None, change, durability: Durability::Strict };
            Ok(self.change(wanted).await?.touched)
        })
    }

    fn audit_read(&self, tenant: &TenantId, after: u64, limit: usize) -> Answer<'_, Vec<AuditEntry>> {
        let tenant = tenant.clone();
        Box::pin(async move {
            let found = self.read(tenant, move |shared, tenant| {
                shared.readers.with(|c| rows::audit(c, &shared.row_key, tenant.seq, after, limit))
            });
            Ok(found.await?.unwrap_or_default())
        })
    }

    fn gc(&self, budget: GcBudget) -> Answer<'_, GcProgress> {
        Box::pin(async move {
            self.shared.failure.check()?;
            let mut cycle = Arc::clone(&self.cycle).lock_owned().await;
            let gate = if cycle.is_idle() {
                self.workers.run(|shared| shared.settle()).await?;
                Some(Arc::clone(&self.shared.gate).write_owned().await)
            } else {
                None
            };
            let slice = self.workers.run(move |shared| {
                if let Some(gate) = gate {
                    cycle.begin(shared)?;
                    drop(gate);
                }
                cycle.slice(shared, budget.objects)
            });
            slice.await
        })
    }

    fn check(&self) -> Answer<'_, Report> {
        Box::pin(async move {
            let connection = self.connect(Role::Reader)?;
            self.workers.run(move |shared| check_store(shared, connection)).await
        })
    }

    fn health(&self) -> Health {
        match self.shared.failure.reason() {
            Some(reason) => Health::Failed { reason: reason.to_owned() },
            None if self.shared.jobs.is_closed() => Health::Failed { reason: "the store is closed".to_owned() },
            None => Health::Ok,
        }
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.shared.jobs.close();
            self.shared.checkpoint.stop();
            let (answer, receive) = oneshot::channel();
            let reply = Box::new(move |result: Result<Done, StoreError>| drop(answer.send(result.map(drop))));
            self.shared.queue.push(Job { work: Work::Close, durability: Durability::Strict, _hold: None, reply })?;
            let result = receive.await.map_err(|_| self.shared.gone())?;
            self.workers.close();
            *self.directory.lock().unwrap_or_else(PoisonError::into_inner) = None;
            result
        })
    }
}
