//! Connections, and the tables as SQL: made when the store is new, migrated when it is older.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::sum::{Column, RowKey, sum};
use crate::error::StoreError;

/// Marks the file as ours: `sshl`.
const APPLICATION_ID: i64 = 0x7373_686c;

/// The steps from each schema to the next; their number is the newest schema. A step is never changed once released.
const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

/// How long a connection waits for another one's lock: longer than any checkpoint.
pub(super) const BUSY: Duration = Duration::from_secs(30);
/// The same for a checkpoint that readers delay: another one comes, and the writer must not wait for this one.
pub(super) const BUSY_CHECKPOINT: Duration = Duration::from_millis(50);

/// How a connection is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
    Checkpointer,
}

impl Role {
    /// KiB of pages that a connection keeps in memory.
    fn cache_kib(self) -> i64 {
        match self {
            Self::Writer => 8 * 1024,
            Self::Reader => 2 * 1024,
            Self::Checkpointer => 256,
        }
    }
}

/// Opens a connection. Files are read, never mapped: a bad sector is then an error and not a signal.
pub(super) fn connect(path: &Path, vfs: Option<&str>, role: Role) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.busy_timeout(if role == Role::Checkpointer { BUSY_CHECKPOINT } else { BUSY })?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "cache_size", -role.cache_kib())?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if role == Role::Writer {
        // The page size counts before the first page is written; afterwards it is what it is.
        connection.pragma_update(None, "page_size", 8192)?;
    }
    // To its end, since the change is committed after the row is returned.
    let mut statement = connection.prepare("PRAGMA journal_mode = WAL")?;
    let modes: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    drop(statement);
    let mode = modes.concat();
    if mode != "wal" {
        return Err(StoreError::io(format!("the journal mode is {mode}, not wal")));
    }
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if role == Role::Reader {
        connection.pragma_update(None, "query_only", true)?;
    }
    Ok(connection)
}

/// Brings the tables to the newest schema and returns the store's key.
///
/// # Errors
/// [`StoreError::TooNew`] and [`StoreError::NotAStore`] for what another program wrote.
pub(super) fn prepare(connection: &mut Connection) -> Result<RowKey, StoreError> {
    let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let (application, schema) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).expect("a short list");
    if tables > 0 && application != APPLICATION_ID {
        return Err(StoreError::NotAStore { what: super::directory::DATABASE.into() });
    }
    if schema > known {
        return Err(StoreError::TooNew { schema, known });
    }
    let done = usize::try_from(schema).map_err(|_| StoreError::corrupt("the number of the schema"))?;
    for (index, step) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", i64::try_from(index + 1).expect("a short list"))?;
        transaction.commit()?;
    }
    row_key(connection)
}

/// Reads the store's key, or makes it.
fn row_key(connection: &Connection) -> Result<RowKey, StoreError> {
    let checked = |key: &RowKey| sum(key, "store", &[Column::Number(1), Column::Bytes(key)]);
    let row: Option<(Vec<u8>, Vec<u8>)> = connection
        .query_row("SELECT row_key, sum FROM store WHERE id = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((key, kept)) = row {
        let key = RowKey::try_from(key.as_slice()).map_err(|_| StoreError::corrupt("the row of the store"))?;
        return if checked(&key) == kept.as_slice() {
            Ok(key)
        } else {
            Err(StoreError::corrupt("the row of the store"))
        };
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| StoreError::io(format!("no random bytes: {error}")))?;
    connection.execute("INSERT INTO store (id, row_key, sum) VALUES (1, ?, ?)", params![key, checked(&key)])?;
    Ok(key)
}
