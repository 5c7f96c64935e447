//! The store in memory: for hosts without a data directory, for tests, and the plain meaning of the interface.
//!
//! One lock guards everything; nothing waits under it.

mod collect;
mod state;

use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use base::{SessionKey, TenantId};
use bytes::Bytes;

use crate::audit;
use crate::changes;
use crate::edit::{ImageEdit, apply};
use crate::error::{StoreError, within};
use crate::image::Image;
use crate::interface::{Answer, Store, VisitHead, VisitNode};
use crate::object::{Kind, ObjectId, ObjectSource};
use crate::pins::Pins;
use crate::requests::{
    AuditEntry, COMMANDS_KEPT, CommandRow, Commit, Committed, DOCUMENT_MAX, Document, Durability, GcBudget, GcProgress,
    Head, Health, RECORD_MAX, RefChange, RefRow, Reference, Report, SnapshotKey, check_name, check_named,
};
use state::{Named, Session, State, Tenant};

/// A store that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    pins: Arc<Pins>,
}

impl MemoryStore {
    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does something under the lock, unless the store is closed.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed { Err(StoreError::Closed) } else { act(&mut state) }
    }

    fn answer<T: Send + 'static>(&self, act: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Answer<'_, T> {
        Box::pin(ready(self.with(act)))
    }

    /// Applies an edit and keeps its objects.
    fn edit(&self, state: &mut State, tenant: &TenantId, edit: &ImageEdit) -> Result<Image, StoreError> {
        edit.base.belongs_to(tenant, &self.pins)?;
        let tenant_state = state.tenant(tenant)?;
        let applied = apply(tenant_state, tenant_state.secret, edit)?;
        tenant_state.objects.extend(applied.objects);
        Ok(self.image(tenant, applied.root))
    }

    fn image(&self, tenant: &TenantId, root: crate::image::ImageRoot) -> Image {
        Image::pinned(self.pins.pin(tenant, root))
    }

    fn commit_now(&self, state: &mut State, commit: Commit) -> Result<Committed, StoreError> {
        commit.check()?;
        let Commit { key, expect, edit, record, command, refs, .. } = commit;
        let found = state.session(&key).map(|session| session.version);
        expect.check(found)?;
        for change in &refs {
            if let RefChange::Put { image: Some(image), .. } = change {
                image.belongs_to(&key.tenant, &self.pins)?;
            }
        }
        let image = self.edit(state, &key.tenant, &edit)?;
        let tenant = state.tenant(&key.tenant)?;
        let version = found.unwrap_or(tenant.version_floor) + 1;
        let session = tenant.sessions.entry(key.id).or_default();
        session.version = version;
        session.record = record;
        session.root = Arc::new(image.root().clone());
        if let Some((id, record)) = command {
            session.commands.retain(|_, kept| kept.id != id);
            session.commands.insert(version, CommandRow { id, version, record });
        }
        session.commands.retain(|made, _| made + COMMANDS_KEPT > version);
        for change in refs {
            match change {
                RefChange::Put { name, image: named, record } => {
                    let named = named.as_ref().unwrap_or(&image);
                    session.refs.insert(name, Named { record, root: Arc::new(named.root().clone()) });
                }
                RefChange::Remove { name } => {
                    session.refs.remove(&name);
                }
            }
        }
        Ok(Committed { version, image })
    }

    fn named(&self, tenant: &TenantId, named: Option<&Named>) -> Option<Reference> {
        named.map(|named| Reference { record: named.record.clone(), image: self.image(tenant, (*named.root).clone()) })
    }
}

fn rows<'a>(named: impl IntoIterator<Item = (&'a String, &'a Named)>) -> Vec<RefRow> {
    named.into_iter().map(|(name, named)| RefRow { name: name.clone(), record: named.record.clone() }).collect()
}

/// Reads objects of one tenant, taking the lock for each.
struct TenantObjects<'a> {
    store: &'a MemoryStore,
    tenant: Option<&'a TenantId>,
}

impl ObjectSource for TenantObjects<'_> {
    fn object(&self, kind: Kind, id: &ObjectId) -> Result<Bytes, StoreError> {
        self.store.with(|state| {
            let tenant = self.tenant.and_then(|tenant| state.tenants.get(tenant));
            tenant.map_or_else(|| Err(StoreError::corrupt("an object is missing")), |tenant| tenant.object(kind, id))
        })
    }
}

impl Store for MemoryStore {
    fn save_image(&self, tenant: &TenantId, edit: ImageEdit) -> Answer<'_, Image> {
        self.answer(|state| self.edit(state, tenant, &edit))
    }

    fn commit(&self, commit: Commit) -> Answer<'_, Committed> {
        self.answer(|state| self.commit_now(state, commit))
    }

    fn heads(&self, visit: &mut VisitHead<'_>) -> Result<(), StoreError> {
        let rows = self.with(|state| Ok(state.heads()))?;
        rows.into_iter().try_for_each(|row| visit(Ok(row)))
    }

    fn head(&self, key: &SessionKey) -> Answer<'_, Option<Head>> {
        self.answer(|state| {
            Ok(state.session(key).map(|session| Head {
                version: session.version,
                record: session.record.clone(),
                image: self.image(&key.tenant, (*session.root).clone()),
            }))
        })
    }

    fn delete(&self, key: &SessionKey) -> Answer<'_, bool> {
        self.answer(|state| {
            let tenant = state.tenant(&key.tenant)?;
            let Some(session) = tenant.sessions.remove(&key.id) else { return Ok(false) };
            tenant.version_floor = tenant.version_floor.max(session.version);
            Ok(true)
        })
    }

    fn command(&self, key: &SessionKey, id: &[u8]) -> Answer<'_, Option<CommandRow>> {
        let find = |session: &Session| session.commands.values().find(|command| command.id == id).cloned();
        self.answer(|state| Ok(state.session(key).and_then(find)))
    }

    fn commands(&self, key: &SessionKey, limit: usize) -> Answer<'_, Vec<CommandRow>> {
        let last = |session: &Session| session.commands.values().rev().take(limit).cloned().collect();
        self.answer(|state| Ok(state.session(key).map_or(Vec::new(), last)))
    }

    fn put_ref(
        &self,
        key: &SessionKey,
        name: &str,
        image: &Image,
        record: Bytes,
        _durability: Durability,
    ) -> Answer<'_, ()> {
        self.answer(|state| {
            check_named(name.as_bytes(), &record)?;
            image.belongs_to(&key.tenant, &self.pins)?;
            let session = state.tenant(&key.tenant)?.sessions.get_mut(&key.id);
            let session = session.ok_or_else(|| StoreError::not_found("the session"))?;
            session.refs.insert(name.to_owned(), Named { record, root: Arc::new(image.root().clone()) });
            Ok(())
        })
    }

    fn reference(&self, key: &SessionKey, name: &str) -> Answer<'_, Option<Reference>> {
        self.answer(|state| Ok(self.named(&key.tenant, state.session(key).and_then(|session| session.refs.get(name)))))
    }

    fn refs(&self, key: &SessionKey) -> Answer<'_, Vec<RefRow>> {
        self.answer(|state| Ok(state.session(key).map_or(Vec::new(), |session| rows(&session.refs))))
    }

    fn delete_ref(&self, key: &SessionKey, name: &str, _durability: Durability) -> Answer<'_, bool> {
        self.answer(|state| {
            let session = state.tenant(&key.tenant)?.sessions.get_mut(&key.id);
            Ok(session.is_some_and(|session| session.refs.remove(name).is_some()))
        })
    }

    fn put_snapshot(&self, key: &SnapshotKey, image: &Image, record: Bytes, _durability: Durability) -> Answer<'_, ()> {
        self.answer(|state| {
            check_named(key.id.as_bytes(), &record)?;
            image.belongs_to(&key.tenant, &self.pins)?;
            let named = Named { record, root: Arc::new(image.root().clone()) };
            state.tenant(&key.tenant)?.snapshots.insert(key.id.clone(), named);
            Ok(())
        })
    }

    fn snapshot(&self, key: &SnapshotKey) -> Answer<'_, Option<Reference>> {
        self.answer(|state| Ok(self.named(&key.tenant, state.tenant(&key.tenant)?.snapshots.get(&key.id))))
    }

    fn snapshots(&self, tenant: &TenantId) -> Answer<'_, Vec<RefRow>> {
        self.answer(|state| Ok(rows(&state.tenant(tenant)?.snapshots)))
    }

    fn delete_snapshot(&self, key: &SnapshotKey, _durability: Durability) -> Answer<'_, bool> {
        self.answer(|state| Ok(state.tenant(&key.tenant)?.snapshots.remove(&key.id).is_some()))
    }

    fn changes(
        &self,
        tenant: &TenantId,
        from: &Image,
        to: &Image,
        visit: &mut VisitNode<'_>,
    ) -> Result<(), StoreError> {
        from.belongs_to(tenant, &self.pins)?;
        to.belongs_to(tenant, &self.pins)?;
        changes::changes(&TenantObjects { store: self, tenant: Some(tenant) }, from, to, visit)
    }

    fn sections(&self, image: &Image) -> Answer<'_, Vec<(u32, Vec<Bytes>)>> {
        let source = TenantObjects { store: self, tenant: image.tenant() };
        Box::pin(ready(changes::sections(&source, image.root())))
    }

    fn put_document(&self, kind: &str, tenant: &TenantId, key: &str, bytes: Bytes) -> Answer<'_, ()> {
        self.answer(|state| {
            check_name("the kind of a document", kind.as_bytes())?;
            check_name("the key of a document", key.as_bytes())?;
            within("a document", bytes.len(), DOCUMENT_MAX)?;
            state.tenant(tenant)?.documents.insert((kind.to_owned(), key.to_owned()), bytes);
            Ok(())
        })
    }

    fn document(&self, kind: &str, tenant: &TenantId, key: &str) -> Answer<'_, Option<Bytes>> {
        let name = (kind.to_owned(), key.to_owned());
        self.answer(|state| Ok(state.tenant(tenant)?.documents.get(&name).cloned()))
    }

    fn documents(
        &self,
        kind: &str,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Answer<'_, Vec<Document>> {
        let matches =
            |found: &str, key: &str| found == kind && key.starts_with(prefix) && after.is_none_or(|after| key > after);
        self.answer(|state| Ok(state.tenant(tenant)?.documents(&matches, limit)))
    }

    fn delete_document(&self, kind: &str, tenant: &TenantId, key: &str) -> Answer<'_, bool> {
        let name = (kind.to_owned(), key.to_owned());
        self.answer(|state| Ok(state.tenant(tenant)?.documents.remove(&name).is_some()))
    }

    fn audit_append(&self, tenant: &TenantId, bytes: Bytes) -> Answer<'_, u64> {
        self.answer(|state| {
            within("an audit entry", bytes.len(), RECORD_MAX)?;
            let log = &mut state.tenant(tenant)?.audit;
            let entry = audit::next(log.last(), bytes);
            let number = entry.number;
            log.push(entry);
            Ok(number)
        })
    }

    fn audit_read(&self, tenant: &TenantId, after: u64, limit: usize) -> Answer<'_, Vec<AuditEntry>> {
        self.answer(|state| {
            let log = &state.tenant(tenant)?.audit;
            Ok(log.iter().filter(|entry| entry.number > after).take(limit).cloned().collect())
        })
    }

    fn gc(&self, _budget: GcBudget) -> Answer<'_, GcProgress> {
        self.answer(|state| state.collect(&self.pins.live()))
    }

    fn check(&self) -> Answer<'_, Report> {
        self.answer(|state| Ok(state.check(&self.pins.live())))
    }

    fn health(&self) -> Health {
        let reason = "the store is closed".to_owned();
        self.with(|_| Ok(())).map_or(Health::Failed { reason }, |()| Health::Ok)
    }

    fn close(&self) -> Answer<'_, ()> {
        self.answer(|state| {
            state.closed = true;
            Ok(())
        })
    }
}

impl ObjectSource for Tenant {
    fn object(&self, kind: Kind, id: &ObjectId) -> Result<Bytes, StoreError> {
        match self.objects.get(id) {
            Some(object) if object.kind == kind => Ok(object.content.clone()),
            _ => Err(StoreError::corrupt(format!("{} is missing", kind.name()))),
        }
    }
}
