//! The chain of an audit log: each entry's hash covers the entry before, so that none can be changed or left out unseen
//! by whoever keeps the last hash.

use bytes::Bytes;

use crate::error::StoreError;
use crate::requests::AuditEntry;

/// Makes the entry after `last`.
pub(crate) fn next(last: Option<&AuditEntry>, bytes: Bytes) -> AuditEntry {
    let number = last.map_or(0, |last| last.number) + 1;
    let hash = chained(&last.map_or([0; 32], |last| last.hash), number, &bytes);
    AuditEntry { number, bytes, hash }
}

/// Checks that `entry` follows from the hash before it.
///
/// # Errors
/// [`StoreError::Corrupt`] when it does not.
pub(crate) fn check(before: &[u8; 32], entry: &AuditEntry) -> Result<(), StoreError> {
    if chained(before, entry.number, &entry.bytes) == entry.hash {
        return Ok(());
    }
    Err(StoreError::corrupt(format!("entry {} of the audit log does not follow from the one before it", entry.number)))
}

fn chained(before: &[u8; 32], number: u64, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&number.to_le_bytes());
    hasher.update(bytes);
    *hasher.finalize().as_bytes()
}
