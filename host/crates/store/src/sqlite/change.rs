//! Changes of rows, as the writer executes them: each computes its row's checksum and is one or two statements.

use std::sync::Arc;

use base::SessionId;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::rows;
use super::sum::{Column, RowKey, sum};
use super::tenants::Tenant;
use crate::audit;
use crate::error::StoreError;
use crate::requests::COMMANDS_KEPT;

/// A change of a tenant's rows.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// The tenant's own row; `version_floor` only ever rises.
    Tenant { version_floor: u64 },
    /// A session's head.
    Head { id: SessionId, version: u64, record: Bytes, image: Bytes },
    /// A session with all that hangs on it is gone.
    DeleteSession { id: SessionId },
    /// A command of a session.
    Command { session: SessionId, version: u64, id: Bytes, record: Bytes },
    /// A reference of a session.
    Ref { session: SessionId, name: String, record: Bytes, image: Bytes },
    /// A reference is gone.
    DeleteRef { session: SessionId, name: String },
    /// A snapshot.
    Snapshot { name: String, record: Bytes, image: Bytes },
    /// A snapshot is gone.
    DeleteSnapshot { name: String },
    /// A document.
    Document { kind: String, key: String, bytes: Bytes },
    /// A document is gone.
    DeleteDocument { kind: String, key: String },
    /// An entry of the audit log.
    Audit { bytes: Bytes },
}

/// Returns a version as SQLite keeps it: versions count commits, which never reach 2^63.
pub(super) fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

impl Change {
    /// Executes the change. Returns how many rows it touched; for an audit entry its number.
    pub(super) fn execute(
        &self,
        connection: &Connection,
        key: &RowKey,
        tenant: &Arc<Tenant>,
    ) -> Result<u64, StoreError> {
        let seq = tenant.seq;
        let touched = match self {
            Self::Tenant { version_floor } => put_tenant(connection, key, tenant, number(*version_floor))?,
            Self::Head { id, version, record, image } => {
                put_head(connection, key, seq, id.as_str(), number(*version), record, image)?
            }
            Self::DeleteSession { id } => connection
                .prepare_cached("DELETE FROM sessions WHERE tenant = ? AND id = ?")?
                .execute(params![seq, id.as_str()])?,
            Self::Command { session, version, id, record } => {
                put_command(connection, key, seq, session, *version, id, record)?
            }
            Self::Ref { session, name, record, image } => {
                put_ref(connection, key, seq, session.as_str(), name, record, image)?
            }
            Self::DeleteRef { session, name } => connection
                .prepare_cached("DELETE FROM refs WHERE tenant = ? AND session = ? AND name = ?")?
                .execute(params![seq, session.as_str(), name])?,
            Self::Snapshot { name, record, image } => put_snapshot(connection, key, seq, name, record, image)?,
            Self::DeleteSnapshot { name } => connection
                .prepare_cached("DELETE FROM snapshots WHERE tenant = ? AND name = ?")?
                .execute(params![seq, name])?,
            Self::Document { kind, key: name, bytes } => connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO documents (kind, tenant, key, bytes, sum) VALUES (?, ?, ?, ?, ?)",
                )?
                .execute(params![kind, seq, name, &bytes[..], rows::document_sum(key, kind, seq, name, bytes)])?,
            Self::DeleteDocument { kind, key } => connection
                .prepare_cached("DELETE FROM documents WHERE kind = ? AND tenant = ? AND key = ?")?
                .execute(params![kind, seq, key])?,
            Self::Audit { bytes } => return append(connection, key, seq, bytes),
        };
        Ok(touched as u64)
    }
}

fn put_head(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    id: &str,
    version: i64,
    record: &[u8],
    image: &[u8],
) -> Result<usize, StoreError> {
    let sum = rows::head_sum(key, tenant, id, version, record, image);
    let mut statement = connection.prepare_cached(
        "INSERT INTO sessions (tenant, id, version, record, image, sum) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (tenant, id) DO UPDATE SET
         version = excluded.version, record = excluded.record, image = excluded.image, sum = excluded.sum",
    )?;
    Ok(statement.execute(params![tenant, id, version, record, image, sum])?)
}

fn put_ref(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    session: &str,
    name: &str,
    record: &[u8],
    image: &[u8],
) -> Result<usize, StoreError> {
    let sum = rows::ref_sum(key, tenant, session, name, record, image);
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO refs (tenant, session, name, record, image, sum) VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    Ok(statement.execute(params![tenant, session, name, record, image, sum])?)
}

fn put_snapshot(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    name: &str,
    record: &[u8],
    image: &[u8],
) -> Result<usize, StoreError> {
    let sum = rows::snapshot_sum(key, tenant, name, record, image);
    let mut statement = connection
        .prepare_cached("INSERT OR REPLACE INTO snapshots (tenant, name, record, image, sum) VALUES (?, ?, ?, ?, ?)")?;
    Ok(statement.execute(params![tenant, name, record, image, sum])?)
}

fn put_tenant(connection: &Connection, key: &RowKey, tenant: &Tenant, version_floor: i64) -> Result<usize, StoreError> {
    let name = tenant.name.as_str();
    let sum = rows::tenant_sum(key, tenant.seq, name, &tenant.secret.0, version_floor);
    let mut statement = connection.prepare_cached(
        "INSERT INTO tenants (seq, name, secret, version_floor, sum) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (seq) DO UPDATE SET version_floor = excluded.version_floor, sum = excluded.sum",
    )?;
    Ok(statement.execute(params![tenant.seq, name, tenant.secret.0, version_floor, sum])?)
}

fn put_command(
    connection: &Connection,
    key: &RowKey,
    tenant: i64,
    session: &SessionId,
    version: u64,
    id: &Bytes,
    record: &Bytes,
) -> Result<usize, StoreError> {
    let (session, version) = (session.as_str(), number(version));
    connection
        .prepare_cached("DELETE FROM commands WHERE tenant = ? AND session = ? AND (id = ? OR version <= ?)")?
        .execute(params![tenant, session, &id[..], version - number(COMMANDS_KEPT)])?;
    let sum = rows::command_sum(key, tenant, session, version, id, record);
    Ok(connection
        .prepare_cached("INSERT INTO commands (tenant, session, version, id, record, sum) VALUES (?, ?, ?, ?, ?, ?)")?
        .execute(params![tenant, session, version, &id[..], &record[..], sum])?)
}

fn append(connection: &Connection, key: &RowKey, tenant: i64, bytes: &Bytes) -> Result<u64, StoreError> {
    let last = connection
        .prepare_cached("SELECT number, bytes, hash, sum FROM audit WHERE tenant = ? ORDER BY number DESC LIMIT 1")?
        .query_row([tenant], |row| Ok(rows::audit_entry(row, key, tenant)))
        .optional()?
        .transpose()?;
    let entry = audit::next(last.as_ref(), bytes.clone());
    let at = number(entry.number);
    let hashed = sum(
        key,
        "audit",
        &[Column::Number(tenant), Column::Number(at), Column::Bytes(bytes), Column::Bytes(&entry.hash)],
    );
    connection
        .prepare_cached("INSERT INTO audit (tenant, number, bytes, hash, sum) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![tenant, at, &bytes[..], entry.hash, hashed])?;
    Ok(entry.number)
}
