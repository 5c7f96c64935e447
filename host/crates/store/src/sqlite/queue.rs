//! What waits for the writer: in order, and with a way to let commits wait that nobody waits for.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedRwLockReadGuard, OwnedSemaphorePermit};

use super::change::Change;
use super::packed::Packed;
use super::tenants::Tenant;
use crate::error::StoreError;
use crate::requests::Durability;

/// Jobs of one transaction at most.
const BATCH_JOBS: usize = 256;
/// Bytes of one transaction, after which no further job joins it.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// How long commits wait that were acknowledged when they were queued, for others to share their transaction.
const LAZY_WAIT: Duration = Duration::from_millis(500);

/// What the writer is to do.
pub(super) enum Work {
    /// Write objects, then change rows.
    Write { tenant: Arc<Tenant>, objects: Vec<Packed>, changes: Vec<Change> },
    /// Remove unmarked objects after this row, looking at so many.
    Sweep { after: i64, limit: usize },
    /// Nothing: the answer says that all before is written.
    Barrier,
    /// Rewrite the file without its free pages.
    Vacuum,
    /// Empty the log into the file and end.
    Close,
}

/// What the writer did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    /// Rows that the last change touched.
    pub(super) touched: u64,
    /// Objects that a sweep looked at.
    pub(super) examined: u64,
    /// Objects that it removed.
    pub(super) removed: u64,
    /// Their stored bytes.
    pub(super) removed_bytes: u64,
    /// The last row it looked at; none at the end.
    pub(super) last: Option<i64>,
}

/// Called once with the job's end, after its transaction is as durable as it asked.
pub(super) type Reply = Box<dyn FnOnce(Result<Done, StoreError>) + Send>;

/// What a request holds until it is written: its share of the queue, and the gate that keeps a collection from
/// beginning.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) _job: OwnedSemaphorePermit,
    pub(super) _bytes: OwnedSemaphorePermit,
    pub(super) _gate: OwnedRwLockReadGuard<()>,
}

/// A request to the writer.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) durability: Durability,
    pub(super) _hold: Option<Arc<Hold>>,
    pub(super) reply: Reply,
}

impl Job {
    /// Returns the bytes of its objects.
    pub(super) fn size(&self) -> usize {
        match &self.work {
            Work::Write { objects, .. } => objects.iter().map(Packed::size).sum(),
            _ => 0,
        }
    }

    /// Does more than join a transaction.
    fn is_alone(&self) -> bool {
        matches!(self.work, Work::Vacuum | Work::Close)
    }
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Jobs whose callers wait.
    n_urgent: usize,
    closed: bool,
}

/// The queue. Its bound is that of the holds: whoever queues has one, or is one of a fixed number of threads.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job at the end.
    ///
    /// # Errors
    /// [`StoreError::Closed`] after a `Close`.
    pub(super) fn push(&self, job: Job) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.closed {
            return Err(StoreError::Closed);
        }
        state.closed = matches!(job.work, Work::Close);
        state.n_urgent += usize::from(job.durability != Durability::None);
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for jobs and takes what makes one transaction; at least one job.
    pub(super) fn take(&self) -> Vec<Job> {
        let mut state = self.lock();
        while state.jobs.is_empty() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let waits = |state: &mut State| state.n_urgent == 0 && state.jobs.len() < BATCH_JOBS;
        state = self.changed.wait_timeout_while(state, LAZY_WAIT, waits).unwrap_or_else(PoisonError::into_inner).0;
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < BATCH_JOBS && bytes < BATCH_BYTES {
            let Some(job) = state.jobs.pop_front_if(|job| batch.is_empty() || !job.is_alone()) else { break };
            state.n_urgent -= usize::from(job.durability != Durability::None);
            bytes += job.size();
            let alone = job.is_alone();
            batch.push(job);
            if alone {
                break;
            }
        }
        batch
    }
}
