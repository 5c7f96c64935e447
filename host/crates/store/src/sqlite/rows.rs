//! Reading rows: each is checked against its checksum before anything of it is used.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::sum::{Column, RowKey, sum};
use crate::error::StoreError;
use crate::image::ImageRoot;
use crate::requests::{AuditEntry, CommandRow, Document, RefRow};

/// A row of a session.
#[derive(Debug)]
pub(super) struct HeadRecord {
    pub(super) tenant: i64,
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) record: Bytes,
    pub(super) image: Bytes,
}

/// A row that names an image.
#[derive(Debug)]
pub(super) struct NamedRecord {
    pub(super) name: String,
    pub(super) record: Bytes,
    pub(super) image: Bytes,
}

impl NamedRecord {
    /// Returns the row without the image.
    pub(super) fn row(self) -> RefRow {
        RefRow { name: self.name, record: self.record }
    }

    /// Returns what the image consists of.
    pub(super) fn root(&self) -> Result<ImageRoot, StoreError> {
        ImageRoot::decode(self.image.clone())
    }
}

fn blob(row: &Row<'_>, index: usize) -> Result<Bytes, StoreError> {
    let value = row.get_ref(index)?;
    let bytes = value.as_blob().map_err(|error| StoreError::corrupt(error.to_string()))?;
    Ok(Bytes::copy_from_slice(bytes))
}

fn check(kept: &[u8], computed: [u8; 16], what: &str) -> Result<(), StoreError> {
    if kept == computed { Ok(()) } else { Err(StoreError::corrupt(format!("{what} differs from its checksum"))) }
}

fn unsigned(number: i64, what: &str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::corrupt(what))
}

pub(super) fn head_sum(key: &RowKey, tenant: i64, id: &str, version: i64, record: &[u8], image: &[u8]) -> [u8; 16] {
    use Column::{Bytes, Number, Text};
    sum(key, "sessions", &[Number(tenant), Text(id), Number(version), Bytes(record), Bytes(image)])
}

pub(super) fn ref_sum(key: &RowKey, tenant: i64, session: &str, name: &str, record: &[u8], image: &[u8]) -> [u8; 16] {
    use Column::{Bytes, Number, Text};
    sum(key, "refs", &[Number(tenant), Text(session), Text(name), Bytes(record), Bytes(image)])
}

pub(super) fn snapshot_sum(key: &RowKey, tenant: i64, name: &str, record: &[u8], image: &[u8]) -> [u8; 16] {
    use Column::{Bytes, Number, Text};
    sum(key, "snapshots", &[Number(tenant), Text(name), Bytes(record), Bytes(image)])
}

pub(super) fn tenant_sum(key: &RowKey, seq: i64, name: &str, secret: &[u8], version_floor: i64) -> [u8; 16] {
    use Column::{Bytes, Number, Text};
    sum(key, "tenants", &[Number(seq), Text(name), Bytes(secret), Number(version_floor)])
}

pub(super) fn document_sum(key: &RowKey, kind: &str, tenant: i64, name: &str, bytes: &[u8]) -> [u8; 16] {
    use Column::{Bytes, Number, Text};
    sum(key, "documents", &[Text(kind), Number(tenant), Text(name), Bytes(bytes)])
}

pub(super) fn command_sum(
    key: &RowKey,
    tenant: i64,
    session: &str,
    version: i64,
    id: &[u8],
    record: &[u8],
) -> [u8; 16] {
    use Column::{Bytes, Number, Text};
    sum(key, "commands", &[Number(tenant), Text(session), Number(version), Bytes(id), Bytes(record)])
}

/// A tenant's row: number, name, secret, floor of versions.
pub(super) type TenantRecord = (i64, String, [u8; 32], u64);

/// Reads all tenants.
pub(super) fn tenants(connection: &Connection, key: &RowKey) -> Result<Vec<TenantRecord>, StoreError> {
    let mut statement = connection.prepare("SELECT seq, name, secret, version_floor, sum FROM tenants ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (seq, name, secret, floor): (i64, String, Bytes, i64) =
            (row.get(0)?, row.get(1)?, blob(row, 2)?, row.get(3)?);
        check(&blob(row, 4)?, tenant_sum(key, seq, &name, &secret, floor), "the row of a tenant")?;
        let secret = secret[..].try_into().map_err(|_| StoreError::corrupt("the secret of a tenant"))?;
        found.push((seq, name, secret, unsigned(floor, "the versions of a tenant")?));
    }
    Ok(found)
}

fn head_record(row: &Row<'_>, key: &RowKey) -> Result<HeadRecord, StoreError> {
    let (tenant, id, version): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (record, image) = (blob(row, 3)?, blob(row, 4)?);
    check(&blob(row, 5)?, head_sum(key, tenant, &id, version, &record, &image), "the row of a session")?;
    Ok(HeadRecord { tenant, id, version: unsigned(version, "the version of a session")?, record, image })
}

/// Visits all sessions; a row that is damaged is an error to `visit`, and the visit goes on.
pub(super) fn heads(
    connection: &Connection,
    key: &RowKey,
    visit: &mut dyn FnMut(Result<HeadRecord, StoreError>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    // By rowid: the table itself, whatever its index says.
    let mut statement = connection
        .prepare("SELECT tenant, id, version, record, image, sum FROM sessions NOT INDEXED ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(head_record(row, key))?;
    }
    Ok(())
}

/// Reads a session.
pub(super) fn head(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    id: &str,
) -> Result<Option<HeadRecord>, StoreError> {
    connection
        .prepare_cached("SELECT tenant, id, version, record, image, sum FROM sessions WHERE tenant = ? AND id = ?")?
        .query_row(params![tenant, id], |row| Ok(head_record(row, key)))
        .optional()?
        .transpose()
}

/// Reads the references of a session: one by its name, or all. None for the session means those of every one.
pub(super) fn refs(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    session: &str,
    name: Option<&str>,
) -> Result<Vec<NamedRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT name, record, image, sum FROM refs WHERE tenant = ?1 AND session = ?2 AND (?3 IS NULL OR name = ?3)
         ORDER BY name",
    )?;
    let mut rows = statement.query(params![tenant, session, name])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, record, image): (String, Bytes, Bytes) = (row.get(0)?, blob(row, 1)?, blob(row, 2)?);
        let computed = ref_sum(key, tenant, session, &name, &record, &image);
        check(&blob(row, 3)?, computed, "the row of a reference")?;
        found.push(NamedRecord { name, record, image });
    }
    Ok(found)
}

/// Reads the snapshots of a tenant: one by its name, or all.
pub(super) fn snapshots(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    name: Option<&str>,
) -> Result<Vec<NamedRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT name, record, image, sum FROM snapshots WHERE tenant = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY name",
    )?;
    let mut rows = statement.query(params![tenant, name])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, record, image): (String, Bytes, Bytes) = (row.get(0)?, blob(row, 1)?, blob(row, 2)?);
        check(&blob(row, 3)?, snapshot_sum(key, tenant, &name, &record, &image), "the row of a snapshot")?;
        found.push(NamedRecord { name, record, image });
    }
    Ok(found)
}

/// Reads commands of a session, the newest first: one by its id, or all.
pub(super) fn commands(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    session: &str,
    id: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<CommandRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT version, id, record, sum FROM commands WHERE tenant = ?1 AND session = ?2 AND (?3 IS NULL OR id = ?3)
         ORDER BY version DESC LIMIT ?4",
    )?;
    let mut rows = statement.query(params![tenant, session, id, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (version, id, record): (i64, Bytes, Bytes) = (row.get(0)?, blob(row, 1)?, blob(row, 2)?);
        let computed = command_sum(key, tenant, session, version, &id, &record);
        check(&blob(row, 3)?, computed, "the row of a command")?;
        found.push(CommandRow { id, version: unsigned(version, "the version of a command")?, record });
    }
    Ok(found)
}

/// Which documents are read.
#[derive(Clone, Debug)]
pub(super) struct DocumentRange {
    pub(super) kind: String,
    /// Keys from this one on.
    pub(super) from: String,
    /// Without `from` itself.
    pub(super) beyond: bool,
    /// Only keys that begin so; they come before all that do not, from `from` on.
    pub(super) prefix: String,
    pub(super) limit: usize,
}

/// Reads documents in the order of their keys.
pub(super) fn documents(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    range: &DocumentRange,
) -> Result<Vec<Document>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT key, bytes, sum FROM documents WHERE kind = ?1 AND tenant = ?2 AND key >= ?3 ORDER BY key",
    )?;
    let mut rows = statement.query(params![range.kind, tenant, range.from])?;
    let mut found = Vec::new();
    while found.len() < range.limit
        && let Some(row) = rows.next()?
    {
        let (name, bytes): (String, Bytes) = (row.get(0)?, blob(row, 1)?);
        check(&blob(row, 2)?, document_sum(key, &range.kind, tenant, &name, &bytes), "a document")?;
        if !name.starts_with(&range.prefix) {
            break;
        }
        if !(range.beyond && name == range.from) {
            found.push(Document { key: name, bytes });
        }
    }
    Ok(found)
}

/// Reads an entry of the audit log from the columns number, bytes, hash, sum.
pub(super) fn audit_entry(row: &Row<'_>, key: &RowKey, tenant: i64) -> Result<AuditEntry, StoreError> {
    let (number, bytes, hash): (i64, Bytes, Bytes) = (row.get(0)?, blob(row, 1)?, blob(row, 2)?);
    let columns = [Column::Number(tenant), Column::Number(number), Column::Bytes(&bytes), Column::Bytes(&hash)];
    check(&blob(row, 3)?, sum(key, "audit", &columns), "an entry of the audit log")?;
    let hash = hash[..].try_into().map_err(|_| StoreError::corrupt("a hash of the audit log"))?;
    Ok(AuditEntry { number: unsigned(number, "a number of the audit log")?, bytes, hash })
}

/// Reads entries of the audit log, each checked against the one before it.
pub(super) fn audit(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, bytes, hash, sum FROM audit WHERE tenant = ? AND number >= ? ORDER BY number",
    )?;
    let mut rows = statement.query(params![tenant, i64::try_from(after).unwrap_or(i64::MAX)])?;
    let mut before = (0, [0; 32]);
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let entry = audit_entry(row, key, tenant)?;
        if entry.number != after {
            if entry.number != before.0 + 1 {
                return Err(StoreError::corrupt("an entry of the audit log is missing"));
            }
            crate::audit::check(&before.1, &entry)?;
        }
        before = (entry.number, entry.hash);
        if entry.number > after {
            found.push(entry);
        }
    }
    Ok(found)
}
