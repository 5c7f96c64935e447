//! The one thread that writes: it takes what waits and makes one transaction of it.
//!
//! ```text
//! take a batch -> BEGIN -> rows of each job -> COMMIT (with an fsync if one asks for it) -> answer all
//!                                 any error -> ROLLBACK -> nothing is written ever after
//! ```

use std::sync::Arc;

use rusqlite::{Connection, params};

use super::queue::{Done, Job, Work};
use super::schema::{BUSY, BUSY_CHECKPOINT};
use super::shared::Shared;
use crate::error::StoreError;
use crate::requests::Durability;

/// Bytes after which the writer itself moves the log, since the checkpointer does not keep up: what a start must read,
/// and the disk has to hold twice.
const LOG_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of the log that a job takes beside its objects: a page of each of the tables and indexes that it changes.
const JOB_LOG_BYTES: usize = 6 * 8192;

/// The writer and its connection.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) shared: Arc<Shared>,
    /// What `PRAGMA synchronous` was set to.
    pub(super) full: bool,
    /// About what was written to the log since this writer last moved it.
    pub(super) log_bytes: usize,
}

/// Notes a writer that ends without having been closed: its thread panicked.
struct Watch<'a>(&'a Shared);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failure.note("the thread that writes has died");
        }
    }
}

impl Writer {
    /// Writes until the store is closed.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _watch = Watch(&shared);
        loop {
            let batch = shared.queue.take();
            if self.serve(batch) {
                return;
            }
        }
    }

    /// Serves a batch; tells whether it was the last one.
    fn serve(&mut self, batch: Vec<Job>) -> bool {
        self.log_bytes += batch.iter().map(|job| job.size() + JOB_LOG_BYTES).sum::<usize>();
        let last = batch.iter().any(|job| matches!(job.work, Work::Close));
        let result = self.shared.failure.check().and_then(|()| match batch.first().map(|job| &job.work) {
            Some(Work::Vacuum) => self.vacuum().map(|()| vec![Done::default()]),
            Some(Work::Close) => checkpoint(&self.connection, "TRUNCATE").map(|()| vec![Done::default()]),
            _ => self.transact(&batch),
        });
        match result {
            Ok(done) => {
                for (job, done) in batch.into_iter().zip(done) {
                    (job.reply)(Ok(done));
                }
                self.after();
            }
            Err(error) => {
                if !matches!(error, StoreError::ReadOnly { .. }) {
                    self.shared.failure.note(&error.to_string());
                }
                batch.into_iter().for_each(|job| (job.reply)(Err(error.clone())));
            }
        }
        last
    }

    fn transact(&mut self, batch: &[Job]) -> Result<Vec<Done>, StoreError> {
        let strict = batch.iter().any(|job| job.durability == Durability::Strict);
        if strict != self.full {
            self.connection.pragma_update(None, "synchronous", if strict { "FULL" } else { "NORMAL" })?;
            self.full = strict;
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let done: Result<Vec<Done>, StoreError> = batch.iter().map(|job| self.execute(&job.work)).collect();
        let committed = done.and_then(|done| {
            self.connection.execute_batch("COMMIT")?;
            Ok(done)
        });
        if committed.is_err() {
            // The first error is the one to tell; what was not committed is forgotten by the next opening in any case.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        committed
    }

    fn execute(&self, work: &Work) -> Result<Done, StoreError> {
        match work {
            Work::Write { tenant, objects, changes } => {
                for object in objects {
                    match object.insert(&self.connection, tenant.seq)? {
                        Some(row) => self.shared.marks.keep_new(row),
                        None => self
                            .shared
                            .marks
                            .keep_found(|| super::packed::row_of(&self.connection, tenant.seq, &object.id))?,
                    }
                }
                let mut done = Done::default();
                for change in changes {
                    done.touched = change.execute(&self.connection, &self.shared.row_key, tenant)?;
                }
                Ok(done)
            }
            Work::Sweep { after, limit } => self.sweep(*after, *limit),
            Work::Barrier | Work::Vacuum | Work::Close => Ok(Done::default()),
        }
    }

    /// Removes what the collection has not marked.
    fn sweep(&self, after: i64, limit: usize) -> Result<Done, StoreError> {
        let Some(high) = self.shared.marks.high() else { return Ok(Done::default()) };
        let mut done = Done::default();
        let mut unmarked = Vec::new();
        let mut statement = self
            .connection
            .prepare_cached("SELECT seq, length(data) FROM objects WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")?;
        let mut rows = statement.query(params![after, high, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let (seq, size): (i64, i64) = (row.get(0)?, row.get(1)?);
            done.last = Some(seq);
            done.examined += 1;
            if !self.shared.marks.is_marked(seq) {
                unmarked.push(seq);
                done.removed_bytes += u64::try_from(size).unwrap_or(0);
            }
        }
        let mut remove = self.connection.prepare_cached("DELETE FROM objects WHERE seq = ?")?;
        for seq in &unmarked {
            remove.execute([seq])?;
        }
        done.removed = unmarked.len() as u64;
        Ok(done)
    }

    fn restart_log(&self) -> Result<(), StoreError> {
        self.connection.busy_timeout(BUSY_CHECKPOINT)?;
        checkpoint(&self.connection, "RESTART")?;
        Ok(self.connection.busy_timeout(BUSY)?)
    }

    fn vacuum(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("VACUUM")?;
        checkpoint(&self.connection, "TRUNCATE")
    }

    /// Tells the checkpointer, or does its work when it cannot keep up.
    fn after(&mut self) {
        self.shared.checkpoint.written();
        if self.log_bytes > LOG_BYTES_MAX {
            self.log_bytes = 0;
            if let Err(error) = self.restart_log() {
                self.shared.failure.note(&error.to_string());
            }
        }
    }
}

/// Moves the log into the file, as far as readers let it.
pub(super) fn checkpoint(connection: &Connection, mode: &str) -> Result<(), StoreError> {
    Ok(connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))?)
}
