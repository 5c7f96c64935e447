//! What the store's threads share, and how a request comes in: its place in the queue, its objects, its versions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{SessionKey, TenantId};
use bytes::Bytes;
use tokio::sync::{RwLock, Semaphore, oneshot};

use super::change::Change;
use super::checkpoints::Checkpoints;
use super::collect::Marks;
use super::failure::Failure;
use super::packed::{self, Packed};
use super::queue::{Done, Hold, Job, Queue, Reply, Work};
use super::readers::Readers;
use super::rows;
use super::sum::RowKey;
use super::tenants::{Index, Tenant};
use crate::edit::{ImageEdit, apply};
use crate::error::StoreError;
use crate::image::Image;
use crate::object::{FreshObject, Kind, ObjectId, ObjectSource, TenantSecret};
use crate::pins::Pins;
use crate::requests::{Commit, Committed, Durability, RefChange};

/// Requests that wait for the writer at most; further ones wait to be queued.
pub(super) const QUEUE_JOBS: usize = 1024;
/// KiB of content that wait for the writer at most.
pub(super) const QUEUE_KIB: u32 = 64 * 1024;
/// Bytes of new objects from which on they are written ahead of their commit.
const AHEAD_MIN: usize = 1024 * 1024;
/// Bytes of one transaction of what is written ahead.
const AHEAD_PIECE: usize = 4 * 1024 * 1024;

/// What all threads of a store see.
pub(super) struct Shared {
    pub(super) row_key: RowKey,
    pub(super) failure: Failure,
    pub(super) queue: Queue,
    pub(super) readers: Readers,
    pub(super) checkpoint: Checkpoints,
    pub(super) pins: Arc<Pins>,
    pub(super) marks: Marks,
    pub(super) index: Mutex<Index>,
    /// Held by every request from before its image exists until it is written; taken whole when a collection begins.
    pub(super) gate: Arc<RwLock<()>>,
    pub(super) jobs: Arc<Semaphore>,
    pub(super) kib: Arc<Semaphore>,
    /// Objects of commits that were acknowledged and are not yet written.
    pub(super) unwritten: Mutex<Unwritten>,
}

/// Objects that readers must see before they are written, and how many commits have them.
#[derive(Default)]
pub(super) struct Unwritten {
    pub(super) n_commits: usize,
    objects: BTreeMap<(i64, ObjectId), (usize, FreshObject)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Objects of one tenant.
pub(super) struct TenantObjects<'a> {
    pub(super) shared: &'a Shared,
    pub(super) tenant: &'a Tenant,
}

impl ObjectSource for TenantObjects<'_> {
    fn object(&self, kind: Kind, id: &ObjectId) -> Result<Bytes, StoreError> {
        let unwritten = lock(&self.shared.unwritten);
        if let Some((_, object)) = unwritten.objects.get(&(self.tenant.seq, *id)) {
            return Ok(object.content.clone());
        }
        drop(unwritten);
        self.shared.readers.with(|connection| packed::read(connection, self.tenant.seq, &self.tenant.secret, kind, id))
    }
}

impl Shared {
    /// Locks the index.
    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        lock(&self.index)
    }

    /// Waits for a place in the queue for `bytes` of content.
    ///
    /// # Errors
    /// [`StoreError::Closed`] and [`StoreError::ReadOnly`], before anything was done.
    pub(super) async fn admit(&self, bytes: usize) -> Result<Arc<Hold>, StoreError> {
        self.failure.check()?;
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(QUEUE_KIB).min(QUEUE_KIB);
        let job = Arc::clone(&self.jobs).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let bytes = Arc::clone(&self.kib).acquire_many_owned(kib).await.map_err(|_| StoreError::Closed)?;
        let gate = Arc::clone(&self.gate).read_owned().await;
        Ok(Arc::new(Hold { _job: job, _bytes: bytes, _gate: gate }))
    }

    /// Returns a tenant, which is written down when it is first named.
    pub(super) fn tenant(&self, name: &TenantId) -> Result<Arc<Tenant>, StoreError> {
        let mut index = self.index();
        if let Some(tenant) = index.tenant(name) {
            return Ok(tenant);
        }
        let tenant = index.add(name, TenantSecret::random()?);
        // Whatever names the tenant is queued behind this.
        let changes = vec![Change::Tenant { version_floor: 0 }];
        self.queue.push(Job {
            work: Work::Write { tenant: Arc::clone(&tenant), objects: Vec::new(), changes },
            durability: Durability::None,
            _hold: None,
            reply: Box::new(drop),
        })?;
        Ok(tenant)
    }

    /// Makes an image and what is to be written for it. Large data is written ahead.
    pub(super) fn prepare(
        &self,
        tenant: &Arc<Tenant>,
        edit: &ImageEdit,
    ) -> Result<(Image, Vec<(ObjectId, FreshObject)>), StoreError> {
        edit.base.belongs_to(&tenant.name, &self.pins)?;
        let mut applied = apply(&TenantObjects { shared: self, tenant }, tenant.secret, edit)?;
        let image = Image::pinned(self.pins.pin(&tenant.name, applied.root));
        if total(&applied.objects) > AHEAD_MIN {
            self.write_ahead(tenant, std::mem::take(&mut applied.objects))?;
        }
        Ok((image, applied.objects))
    }

    fn write_ahead(&self, tenant: &Arc<Tenant>, objects: Vec<(ObjectId, FreshObject)>) -> Result<(), StoreError> {
        let mut objects = objects.into_iter().peekable();
        while objects.peek().is_some() {
            let mut piece = Vec::new();
            let mut size = 0;
            while size < AHEAD_PIECE
                && let Some((id, object)) = objects.next()
            {
                size += object.content.len();
                piece.push(self.pack(tenant, id, object)?);
            }
            self.write_and_wait(tenant, piece)?;
        }
        Ok(())
    }

    /// Writes objects and waits, on a thread that may.
    fn write_and_wait(&self, tenant: &Arc<Tenant>, objects: Vec<Packed>) -> Result<(), StoreError> {
        let work = Work::Write { tenant: Arc::clone(tenant), objects, changes: Vec::new() };
        self.run_and_wait(work).map(drop)
    }

    /// Has the writer do something and waits, on a thread that may.
    pub(super) fn run_and_wait(&self, work: Work) -> Result<Done, StoreError> {
        let (answer, receive) = std::sync::mpsc::sync_channel(1);
        let reply: Reply = Box::new(move |result| drop(answer.send(result)));
        self.queue.push(Job { work, durability: Durability::Relaxed, _hold: None, reply })?;
        receive.recv().map_err(|_| self.gone())?
    }

    /// Returns the error of a request whose answer will not come.
    pub(super) fn gone(&self) -> StoreError {
        self.failure.check().err().unwrap_or(StoreError::Closed)
    }

    fn pack(&self, tenant: &Tenant, id: ObjectId, object: FreshObject) -> Result<Packed, StoreError> {
        let known = object.content.len() >= packed::PACK_MIN
            && self.readers.with(|connection| packed::row_of(connection, tenant.seq, &id))?.is_some();
        Ok(Packed::new(id, object, known))
    }

    /// Packs what goes into one transaction with its commit.
    pub(super) fn pack_all(
        &self,
        tenant: &Tenant,
        objects: Vec<(ObjectId, FreshObject)>,
    ) -> Result<Vec<Packed>, StoreError> {
        objects.into_iter().map(|(id, object)| self.pack(tenant, id, object)).collect()
    }

    /// Makes a commit ready and queues it. The answer comes when it is as durable as asked.
    pub(super) fn commit(
        self: &Arc<Self>,
        commit: Commit,
        hold: Arc<Hold>,
        answer: oneshot::Sender<Result<Committed, StoreError>>,
    ) -> Result<(), StoreError> {
        commit.expect.check(self.index().version(&commit.key))?;
        let tenant = self.tenant(&commit.key.tenant)?;
        self.not_damaged(&tenant, &commit.key)?;
        for change in &commit.refs {
            if let RefChange::Put { image: Some(image), .. } = change {
                image.belongs_to(&tenant.name, &self.pins)?;
            }
        }
        let (image, fresh) = self.prepare(&tenant, &commit.edit)?;
        let lazy = commit.durability == Durability::None;
        let names = if lazy { self.keep_unwritten(&tenant, &fresh) } else { Vec::new() };
        let result = self.pack_all(&tenant, fresh).and_then(|objects| {
            let queued = Queued { tenant: &tenant, image, objects, names: names.clone(), hold };
            self.enqueue(commit, queued, answer)
        });
        if result.is_err() && lazy {
            self.forget_unwritten(tenant.seq, &names);
        }
        result
    }

    /// Refuses a session that the index does not know because its row is damaged: it is not to be written over.
    fn not_damaged(&self, tenant: &Tenant, key: &SessionKey) -> Result<(), StoreError> {
        let index = self.index();
        let known = index.n_damaged == 0 || index.version(key).is_some();
        drop(index);
        if known {
            return Ok(());
        }
        let id = key.id.as_str();
        self.readers.with(|connection| rows::head(connection, &self.row_key, tenant.seq, id)).map(drop)
    }

    /// Gives a commit its version and queues it, in one step under the index's lock.
    fn enqueue(
        self: &Arc<Self>,
        commit: Commit,
        queued: Queued<'_>,
        answer: oneshot::Sender<Result<Committed, StoreError>>,
    ) -> Result<(), StoreError> {
        // The hold is named first, so that it is dropped after the image: a collection that begins finds no half of it.
        let Queued { hold, tenant, image, objects, names } = queued;
        let mut index = self.index();
        let found = index.version(&commit.key);
        commit.expect.check(found)?;
        let entry = index.tenants.get_mut(&commit.key.tenant).ok_or_else(|| StoreError::not_found("the tenant"))?;
        let version = found.unwrap_or(entry.version_floor) + 1;
        let durability = commit.durability;
        let id = commit.key.id.clone();
        let changes = changes_of(commit, version, &image);
        let committed = Committed { version, image };
        let mut waiting = Some(answer);
        let mut early = None;
        if durability == Durability::None {
            early = waiting.take();
        }
        let (shared, seq, done) = (Arc::clone(self), tenant.seq, committed.clone());
        let reply: Reply = Box::new(move |result| match waiting {
            Some(answer) => drop(answer.send(result.map(|_| done))),
            None => shared.forget_unwritten(seq, &names),
        });
        let work = Work::Write { tenant: Arc::clone(tenant), objects, changes };
        self.queue.push(Job { work, durability, _hold: Some(hold), reply })?;
        entry.sessions.insert(id, version);
        drop(index);
        if let Some(answer) = early {
            let _ = answer.send(Ok(committed));
        }
        Ok(())
    }

    /// Lets readers see objects that are not written yet.
    fn keep_unwritten(&self, tenant: &Tenant, objects: &[(ObjectId, FreshObject)]) -> Vec<ObjectId> {
        let mut unwritten = lock(&self.unwritten);
        unwritten.n_commits += 1;
        for (id, object) in objects {
            unwritten.objects.entry((tenant.seq, *id)).or_insert_with(|| (0, object.clone())).0 += 1;
        }
        objects.iter().map(|(id, _)| *id).collect()
    }

    fn forget_unwritten(&self, tenant: i64, names: &[ObjectId]) {
        let mut unwritten = lock(&self.unwritten);
        unwritten.n_commits -= 1;
        for id in names {
            if let Some((count, _)) = unwritten.objects.get_mut(&(tenant, *id)) {
                *count -= 1;
                if *count == 0 {
                    unwritten.objects.remove(&(tenant, *id));
                }
            }
        }
    }

    /// Waits until what was acknowledged is written, so that rows tell it. Blocks.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        if lock(&self.unwritten).n_commits == 0 {
            return Ok(());
        }
        // A store that cannot write any more tells what it has.
        match self.run_and_wait(Work::Barrier) {
            Err(error) if self.failure.reason().is_none() => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes a session and remembers its version. None if there is none.
    pub(super) fn delete(&self, key: &SessionKey, hold: Arc<Hold>, reply: Reply) -> Result<bool, StoreError> {
        let mut index = self.index();
        let Some(entry) = index.tenants.get_mut(&key.tenant) else { return Ok(false) };
        let Some(version) = entry.sessions.get(&key.id).copied() else { return Ok(false) };
        let version_floor = entry.version_floor.max(version);
        let changes = vec![Change::Tenant { version_floor }, Change::DeleteSession { id: key.id.clone() }];
        let work = Work::Write { tenant: Arc::clone(&entry.tenant), objects: Vec::new(), changes };
        self.queue.push(Job { work, durability: Durability::Strict, _hold: Some(hold), reply })?;
        entry.version_floor = version_floor;
        entry.sessions.remove(&key.id);
        Ok(true)
    }
}

/// A commit's parts on their way to the queue.
struct Queued<'a> {
    tenant: &'a Arc<Tenant>,
    image: Image,
    objects: Vec<Packed>,
    names: Vec<ObjectId>,
    hold: Arc<Hold>,
}

fn total(objects: &[(ObjectId, FreshObject)]) -> usize {
    objects.iter().map(|(_, object)| object.content.len()).sum()
}

/// Returns the rows that a commit changes.
fn changes_of(commit: Commit, version: u64, image: &Image) -> Vec<Change> {
    let id = commit.key.id;
    let manifest: Bytes = image.root().encode().into();
    let mut changes = vec![Change::Head { id: id.clone(), version, record: commit.record, image: manifest.clone() }];
    if let Some((command, record)) = commit.command {
        changes.push(Change::Command { session: id.clone(), version, id: command, record });
    }
    changes.extend(commit.refs.into_iter().map(|change| match change {
        RefChange::Put { name, image, record } => {
            let image = image.map_or_else(|| manifest.clone(), |image| image.root().encode().into());
            Change::Ref { session: id.clone(), name, record, image }
        }
        RefChange::Remove { name } => Change::DeleteRef { session: id.clone(), name },
    }));
    changes
}
