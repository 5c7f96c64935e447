//! What SQLite's errors mean to a caller, and the memory of the first write that failed.

use std::sync::{Arc, OnceLock};

use rusqlite::ErrorCode;

use crate::error::StoreError;

/// Translates an error of SQLite.
pub(super) fn translate(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::corrupt(error.to_string()),
        Some(_) => StoreError::io(error.to_string()),
        // A column of another type, text that is not UTF-8: what is stored is not what was written.
        None => StoreError::corrupt(error.to_string()),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        translate(&error)
    }
}

/// Remembers the first write that failed. From then on nothing is written: after a failed fsync the system may have
/// dropped the pages and call them clean, so a second fsync that succeeds would prove nothing.
#[derive(Debug, Default)]
pub(super) struct Failure(OnceLock<Arc<str>>);

impl Failure {
    /// Notes a failure; only the first counts.
    pub(super) fn note(&self, reason: &str) {
        let _ = self.0.set(reason.into());
    }

    /// Returns what failed first.
    pub(super) fn reason(&self) -> Option<&str> {
        self.0.get().map(AsRef::as_ref)
    }

    /// Refuses if something failed.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.0.get().map_or(Ok(()), |reason| Err(StoreError::ReadOnly { reason: Arc::clone(reason) }))
    }
}
