//! The one error type of the store: what a caller can act on. It does not know HTTP.

use std::sync::Arc;

/// Why the store did not do what it was asked. Cheap to clone, since one failed transaction answers many callers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Stored bytes are not what was written: a checksum differs, or something that is referred to is gone.
    #[error("the store is damaged: {what}; stop the server, run `sandshell store check`, and restore a backup")]
    Corrupt {
        /// What was found damaged.
        what: Arc<str>,
    },
    /// An earlier write failed. Nothing is written any more until the store is opened again.
    #[error("the store is read-only until the server is restarted: {reason}")]
    ReadOnly {
        /// What failed.
        reason: Arc<str>,
    },
    /// The disk or the quota of the data directory is full.
    #[error("the disk of the data directory is full: make room, then restart the server")]
    Full,
    /// The system refused to read or write.
    #[error("the data directory cannot be read or written: {what}; check the disk, then restart the server")]
    Io {
        /// What the system said.
        what: Arc<str>,
    },
    /// The session is not at the version the caller expects.
    #[error("the session was changed by another: expected {expected}, found {found}; load it again")]
    Conflict {
        /// What the caller expects, in words.
        expected: Arc<str>,
        /// What there is, in words.
        found: Arc<str>,
    },
    /// What is to be changed does not exist.
    #[error("not in the store: {what}")]
    NotFound {
        /// What is missing.
        what: Arc<str>,
    },
    /// Another server holds the data directory.
    #[error("the data directory is in use by another server: stop it, or choose another --data-dir")]
    Locked,
    /// A newer server wrote this data directory.
    #[error(
        "the data directory has schema {schema}, newer than this server's {known}: use a newer server or another --data-dir"
    )]
    TooNew {
        /// The schema found.
        schema: i64,
        /// The newest schema this server knows.
        known: i64,
    },
    /// The directory holds a file by our name which is not a store.
    #[error("{what} is not a store of this server: choose another --data-dir")]
    NotAStore {
        /// The file.
        what: Arc<str>,
    },
    /// A part of the request is larger than its limit.
    #[error("{what} is {size} bytes, the limit is {limit}: make it smaller")]
    TooLarge {
        /// Which part.
        what: &'static str,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The request contradicts itself: a caller's mistake.
    #[error("not a valid request to the store: {what}")]
    Invalid {
        /// What is wrong.
        what: &'static str,
    },
    /// The store was closed.
    #[error("the store is closed: the server is stopping, try again after its restart")]
    Closed,
}

impl StoreError {
    /// Makes a [`StoreError::Corrupt`].
    pub(crate) fn corrupt(what: impl AsRef<str>) -> Self {
        Self::Corrupt { what: what.as_ref().into() }
    }

    /// Makes a [`StoreError::Io`].
    pub(crate) fn io(what: impl AsRef<str>) -> Self {
        Self::Io { what: what.as_ref().into() }
    }

    /// Makes a [`StoreError::NotFound`].
    pub(crate) fn not_found(what: impl AsRef<str>) -> Self {
        Self::NotFound { what: what.as_ref().into() }
    }
}

/// Checks a size against its limit.
pub(crate) fn within(what: &'static str, size: usize, limit: usize) -> Result<(), StoreError> {
    if size <= limit { Ok(()) } else { Err(StoreError::TooLarge { what, size: size as u64, limit: limit as u64 }) }
}
