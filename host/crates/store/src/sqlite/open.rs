//! Opening a store: the directory, the tables, the index, the threads.

use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

use base::{SessionId, TenantId};
use cap_std::fs::Dir;
use rusqlite::Connection;
use tokio::sync::{RwLock, Semaphore};

use super::checkpoints;
use super::collect::{Cycle, Marks};
use super::directory::Directory;
use super::failure::Failure;
use super::queue::Queue;
use super::readers::{READERS, Readers, Workers};
use super::rows;
use super::schema::{self, Role};
use super::shared::{QUEUE_JOBS, QUEUE_KIB, Shared, Unwritten};
use super::sum::RowKey;
use super::tenants::{Index, Tenant};
use super::writer::Writer;
use super::{SqliteStore, StoreConfig};
use crate::error::StoreError;
use crate::object::TenantSecret;
use crate::pins::Pins;

/// Opens a store.
pub(super) fn open(dir: Dir, config: StoreConfig) -> Result<SqliteStore, StoreError> {
    let directory = Directory::open(dir)?;
    let path = directory.database();
    let connect = |role| schema::connect(&path, config.vfs.as_deref(), role);
    let mut connection = connect(Role::Writer)?;
    let row_key = schema::prepare(&mut connection)?;
    let index = load(&connection, &row_key)?;
    let readers: Vec<Connection> = (0..READERS).map(|_| connect(Role::Reader)).collect::<Result<_, _>>()?;
    let checkpointer = connect(Role::Checkpointer)?;
    let shared = Arc::new(Shared {
        row_key,
        failure: Failure::default(),
        queue: Queue::default(),
        readers: Readers::new(readers),
        checkpoint: checkpoints::Checkpoints::default(),
        pins: Arc::new(Pins::default()),
        marks: Marks::default(),
        index: Mutex::new(index),
        gate: Arc::new(RwLock::new(())),
        jobs: Arc::new(Semaphore::new(QUEUE_JOBS)),
        kib: Arc::new(Semaphore::new(usize::try_from(QUEUE_KIB).unwrap_or(QUEUE_JOBS))),
        unwritten: Mutex::new(Unwritten::default()),
    });
    // What an earlier process left in the log is moved as well.
    shared.checkpoint.written();
    let workers = Workers::new();
    let store = SqliteStore {
        shared: Arc::clone(&shared),
        workers,
        config,
        cycle: Arc::new(tokio::sync::Mutex::new(Cycle::Idle)),
        threads: Mutex::default(),
        directory: Mutex::new(Some(directory)),
    };
    let writer = Writer { connection, shared: Arc::clone(&shared), full: true, log_bytes: 0 };
    let mut threads = vec![spawn("store-write", move || writer.run())?];
    threads.push(spawn("store-checkpoint", move || checkpoints::run(&shared, &checkpointer))?);
    for _ in 0..READERS {
        threads.push(spawn("store-read", store.workers.thread(Arc::clone(&store.shared)))?);
    }
    *store.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = threads;
    Ok(store)
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    Builder::new().name(name.to_owned()).spawn(run).map_err(|error| StoreError::io(format!("no thread: {error}")))
}

/// Reads which tenants and sessions there are.
fn load(connection: &Connection, key: &RowKey) -> Result<Index, StoreError> {
    let mut index = Index::default();
    for (seq, name, secret, version_floor) in rows::tenants(connection, key)? {
        let name: TenantId = name.parse().map_err(|_| StoreError::corrupt("the name of a tenant"))?;
        index.insert(Tenant { seq, name, secret: TenantSecret(secret) }, version_floor);
    }
    rows::heads(connection, key, &mut |head| {
        let found = head.ok().and_then(|head| {
            let id: SessionId = head.id.parse().ok()?;
            let entry = index.tenants.values_mut().find(|entry| entry.tenant.seq == head.tenant)?;
            entry.sessions.insert(id, head.version);
            Some(())
        });
        index.n_damaged += usize::from(found.is_none());
        Ok(())
    })?;
    Ok(index)
}
