//! What is asked of a store and what it answers, as plain data.

use base::{SessionKey, TenantId};
use bytes::Bytes;

use crate::edit::ImageEdit;
use crate::error::{StoreError, within};
use crate::image::Image;

/// Bytes of a record at most: of a session, a command, a reference, a snapshot.
pub const RECORD_MAX: usize = 64 * 1024;
/// Bytes of a name at most: of a reference, a snapshot, a command's id, a document's kind or key.
pub const NAME_MAX: usize = 255;
/// Bytes of a document at most: one row that is read whole.
pub(crate) const DOCUMENT_MAX: usize = 1024 * 1024;
/// Reference changes that one commit carries at most.
pub(crate) const REF_CHANGES_MAX: usize = 64;
/// Commands that are kept for a session at most; the oldest go.
pub(crate) const COMMANDS_KEPT: u64 = 256;

/// What a commit expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No session of this key.
    Absent,
    /// The session at this version.
    Version(u64),
    /// Whatever there is.
    Any,
}

/// When a commit is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When it would survive the loss of power.
    Strict,
    /// When it would survive the death of the process.
    Relaxed,
    /// When it is queued: it is written within half a second, together with others.
    None,
}

/// A new state of a session: one transaction.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Which session.
    pub key: SessionKey,
    /// What it must be at.
    pub expect: Expect,
    /// Its new image.
    pub edit: ImageEdit,
    /// What the caller says about it, at most [`RECORD_MAX`] bytes.
    pub record: Bytes,
    /// The command that made this version, as id (unique in the session, at most [`NAME_MAX`] bytes) and record. The
    /// last 256 of a session are kept; the same id again replaces what was kept for it.
    pub command: Option<(Bytes, Bytes)>,
    /// Changes of the same session's references, in order, at most 64.
    pub refs: Vec<RefChange>,
    /// When it is acknowledged.
    pub durability: Durability,
}

/// A change of a session's references.
#[derive(Clone, Debug)]
pub enum RefChange {
    /// The name refers to an image from now on.
    Put {
        /// The name, 1 to [`NAME_MAX`] bytes.
        name: String,
        /// The image; none means that of the commit which carries the change.
        image: Option<Image>,
        /// What the caller says about it, at most [`RECORD_MAX`] bytes.
        record: Bytes,
    },
    /// The name refers to nothing; it need not have referred to anything.
    Remove {
        /// The name.
        name: String,
    },
}

/// What a commit made.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The session's version now.
    pub version: u64,
    /// Its image now.
    pub image: Image,
}

/// A session as it was last committed, without its image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// Which session.
    pub key: SessionKey,
    /// Its version.
    pub version: u64,
    /// What the caller said about it.
    pub record: Bytes,
}

/// A session as it was last committed.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its version.
    pub version: u64,
    /// What the caller said about it.
    pub record: Bytes,
    /// Its image.
    pub image: Image,
}

/// A named image.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What the caller said about it.
    pub record: Bytes,
    /// The image.
    pub image: Image,
}

/// A named image, without the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefRow {
    /// The name: of a reference, or the id of a snapshot.
    pub name: String,
    /// What the caller said about it.
    pub record: Bytes,
}

/// The name of a snapshot: an image of the tenant that belongs to no session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name within the tenant, 1 to [`NAME_MAX`] bytes.
    pub id: String,
}

/// A command that made a version of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRow {
    /// Its id.
    pub id: Bytes,
    /// The version that it made.
    pub version: u64,
    /// What the caller said about it.
    pub record: Bytes,
}

/// A document of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its key within kind and tenant.
    pub key: String,
    /// Its content.
    pub bytes: Bytes,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; they begin at 1 and have no gaps.
    pub number: u64,
    /// What was logged.
    pub bytes: Bytes,
    /// BLAKE3 of the entry before's hash, the number and the bytes: who holds the last one can prove all.
    pub hash: [u8; 32],
}

/// How much a slice of the garbage collection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GcBudget {
    /// Objects that are looked at; at least one is.
    pub objects: usize,
}

/// What a slice of the garbage collection did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GcProgress {
    /// The cycle ended: the next slice begins another.
    pub finished: bool,
    /// Objects that this slice looked at.
    pub examined: u64,
    /// Objects that this slice removed.
    pub removed: u64,
    /// Their stored bytes.
    pub removed_bytes: u64,
}

/// Whether the store can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Ok,
    /// It can not, until it is opened again.
    Failed {
        /// What failed.
        reason: String,
    },
}

/// What an examination of the whole store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is wrong, one line each, at most 100.
    pub problems: Vec<String>,
    /// Sessions.
    pub sessions: u64,
    /// Named images: references of sessions and snapshots.
    pub references: u64,
    /// Objects.
    pub objects: u64,
    /// Their stored bytes.
    pub object_bytes: u64,
    /// Objects that nothing refers to any more, which the next collection removes.
    pub garbage_objects: u64,
}

impl Report {
    /// Adds a problem, unless there are too many already.
    pub(crate) fn problem(&mut self, text: impl Into<String>) {
        const PROBLEMS_MAX: usize = 100;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(text.into());
        }
    }
}

/// Checks a name.
pub(crate) fn check_name(what: &'static str, name: &[u8]) -> Result<(), StoreError> {
    if name.is_empty() {
        return Err(StoreError::Invalid { what: "a name is empty" });
    }
    within(what, name.len(), NAME_MAX)
}

/// Checks a name and a record.
pub(crate) fn check_named(name: &[u8], record: &[u8]) -> Result<(), StoreError> {
    check_name("a name", name)?;
    within("a record", record.len(), RECORD_MAX)
}

impl Commit {
    /// Checks everything but the edit.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        within("the record of a session", self.record.len(), RECORD_MAX)?;
        within("the number of reference changes", self.refs.len(), REF_CHANGES_MAX)?;
        if let Some((id, record)) = &self.command {
            check_named(id, record)?;
        }
        self.refs.iter().try_for_each(|change| match change {
            RefChange::Put { name, record, .. } => check_named(name.as_bytes(), record),
            RefChange::Remove { name } => check_name("a name", name.as_bytes()),
        })
    }
}

impl Expect {
    /// Checks what was found, the version of a session that exists.
    pub(crate) fn check(self, found: Option<u64>) -> Result<(), StoreError> {
        let met = match self {
            Self::Any => true,
            Self::Absent => found.is_none(),
            Self::Version(version) => found == Some(version),
        };
        if met {
            return Ok(());
        }
        let expected = match self {
            Self::Absent => "no such session".to_owned(),
            Self::Version(version) => format!("version {version}"),
            Self::Any => "anything".to_owned(),
        };
        let found = found.map_or("no such session".to_owned(), |version| format!("version {version}"));
        Err(StoreError::Conflict { expected: expected.into(), found: found.into() })
    }
}
