//! Why an operation on sessions was refused or failed.

use std::time::Duration;

use base::{SessionId, StorageExceeded};
use meter::Refusal;
use store::StoreError;

/// What stood in the way. How a script ended is never one of these: that is an `Outcome`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another session would exceed the maximum; existing ones can still be used.
    #[error("maximum number of sessions reached")]
    TooManySessions,
    /// No session has this id.
    #[error("session not found")]
    NotFound,
    /// The session was deleted or expired while the request waited in its queue.
    #[error("session was deleted")]
    Closed,
    /// The session's queue is full.
    #[error("session is busy: too many runs are waiting")]
    SessionBusy,
    /// The host's queue is full.
    #[error("server is busy: too many runs are waiting")]
    HostBusy,
    /// The host has no memory left for the session's files.
    #[error("server has no memory left for the session's files")]
    HostFull,
    /// The session has used up its runtime quota; nothing was executed.
    #[error("session runtime limit exceeded")]
    RuntimeExceeded {
        /// The session, if it is a kept one.
        id: Option<SessionId>,
        /// Its working directory.
        cwd: Vec<u8>,
        /// What it has used.
        used: Duration,
        /// What it may use.
        max: Duration,
    },
    /// Its driver died; it can only be deleted.
    #[error("session is broken: delete it")]
    Broken,
    /// No checkpoint has this name.
    #[error("checkpoint not found")]
    NoCheckpoint,
    /// A checkpoint of this name exists.
    #[error("a checkpoint of this name exists")]
    CheckpointExists,
    /// Another checkpoint would exceed a limit.
    #[error("{name} limit exceeded: {used} (max {max})")]
    CheckpointLimit {
        /// The limit.
        name: &'static str,
        /// What there would be.
        used: u64,
        /// What there may be.
        max: u64,
    },
    /// A session of this id exists.
    #[error("a session of this id exists")]
    Exists,
    /// What is asked for cannot be meant; the text says why.
    #[error("{0}")]
    Settings(String),
    /// The files that arrive at once exceed the session's quota.
    #[error(transparent)]
    Storage(#[from] StorageExceeded),
    /// The store failed: what was done is not durable, or what was kept cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The host is going down and takes no more work.
    #[error("server is shutting down")]
    ShuttingDown,
    /// The host failed; the text is for the log, not for clients.
    #[error("host failure: {0}")]
    Host(String),
}

impl Error {
    /// Returns the word for this refusal of a run in the metrics.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::TooManySessions => Refusal::Sessions,
            Self::Closed | Self::NotFound => Refusal::SessionDeleted,
            Self::SessionBusy => Refusal::SessionBusy,
            Self::HostBusy => Refusal::HostBusy,
            Self::HostFull => Refusal::Memory,
            Self::RuntimeExceeded { .. } => Refusal::Runtime,
            Self::ShuttingDown => Refusal::ShuttingDown,
            _ => Refusal::Fault,
        }
    }
}
