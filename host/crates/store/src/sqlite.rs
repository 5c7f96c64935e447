//! The store on disk: SQLite with a write-ahead log, one thread that writes, four that read and prepare, one that moves
//! the log into the file.
//!
//! A request is admitted (a bounded queue), prepared on a worker (pages are read, the edit is applied, objects are
//! hashed and packed), given its version and queued, and written together with what else waits. After the first write
//! that fails nothing is written until the store is opened again.

mod change;
mod check;
mod checkpoints;
mod collect;
mod directory;
mod failure;
mod open;
mod packed;
mod queue;
mod readers;
mod requests;
mod rows;
mod schema;
mod shared;
mod sum;
mod tenants;
mod writer;

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use cap_std::fs::Dir;
use rusqlite::params;

use collect::Cycle;
use directory::Directory;
use queue::{Job, Work};
use readers::Workers;
use schema::Role;
use shared::Shared;

use crate::error::StoreError;
use crate::requests::Durability;

/// How a store on disk is opened.
#[derive(Clone, Debug, Default)]
pub struct StoreConfig {
    /// The name of a registered SQLite VFS; none is the system's. Tests put a disk that fails underneath.
    pub vfs: Option<String>,
}

/// A store in a data directory. One process has it at a time.
pub struct SqliteStore {
    shared: Arc<Shared>,
    workers: Workers,
    config: StoreConfig,
    /// A running collection; its lock is held by the one slice that runs.
    cycle: Arc<tokio::sync::Mutex<Cycle>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Let go when the store is closed.
    directory: Mutex<Option<Directory>>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("failure", &self.shared.failure).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the store of a directory, or makes it. Only its owner can look into it afterwards. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another server has the directory, [`StoreError::TooNew`] and
    /// [`StoreError::NotAStore`] for a file that this server does not know, [`StoreError::Corrupt`] for one that is
    /// damaged as a whole, and [`StoreError::Io`].
    pub fn open(dir: Dir, config: StoreConfig) -> Result<Self, StoreError> {
        open::open(dir, config)
    }

    /// Writes a copy of the store as it is now to a new private file `name` in `dir`, and makes it durable. A store is
    /// made of it by naming it `store.db`. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Io`], also when the file exists.
    pub fn backup(&self, dir: &Dir, name: &str) -> Result<(), StoreError> {
        self.shared.settle()?;
        directory::create_private(dir, name)?;
        let path = directory::path_in(dir, name);
        let path = path.to_str().ok_or(StoreError::Invalid { what: "the name of the backup" })?;
        let connection = self.connect(Role::Checkpointer)?;
        connection.execute("VACUUM INTO ?", params![path])?;
        directory::sync(dir, name)
    }

    /// Rewrites the file without the room of what was removed. Nothing is committed meanwhile. Blocks.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`], and [`StoreError::Full`] when there is no room for the second copy it needs; then
    /// nothing is written any more, as after any write that fails.
    pub fn vacuum(&self) -> Result<(), StoreError> {
        self.shared.run_and_wait(Work::Vacuum).map(drop)
    }

    /// Opens a further connection.
    fn connect(&self, role: Role) -> Result<rusqlite::Connection, StoreError> {
        let directory = self.directory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let path = directory.as_ref().ok_or(StoreError::Closed)?.database();
        schema::connect(&path, self.config.vfs.as_deref(), role)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.shared.checkpoint.stop();
        self.workers.close();
        // The queue refuses this when the store was closed before.
        let reply = Box::new(drop);
        let _ = self.shared.queue.push(Job { work: Work::Close, durability: Durability::Strict, _hold: None, reply });
        let threads = std::mem::take(self.threads.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner));
        for thread in threads {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}
