//! Objects as rows: packed before they reach the writer, unpacked and checked when they are read.

use std::cell::RefCell;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::StoreError;
use crate::object::{FreshObject, Kind, ObjectId, TenantSecret};

/// Smaller content is stored as it is: a row's own cost is more than what could be won.
pub(super) const PACK_MIN: usize = 512;
/// What is won must be at least this part, or reading pays for nothing.
const PACK_GAIN: usize = 8;
/// zstd's fastest usual level: a chunk in about 0.1 ms.
const PACK_LEVEL: i32 = 1;
/// Decoded bytes of an object at most: a piece of state, and pages with room to spare. A damaged length allocates no
/// more.
const OBJECT_MAX: usize = 2 * 1024 * 1024;

const AS_IS: i64 = 0;
const ZSTD: i64 = 1;

/// An object as its row holds it.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) id: ObjectId,
    kind: Kind,
    encoding: i64,
    length: i64,
    data: Bytes,
}

thread_local! {
    /// A context is megabytes: one a thread, and only worker threads pack.
    static PACKER: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

fn compress(content: &[u8]) -> Option<Vec<u8>> {
    PACKER.with_borrow_mut(|packer| {
        if packer.is_none() {
            *packer = zstd::bulk::Compressor::new(PACK_LEVEL).ok();
        }
        let packed = packer.as_mut()?.compress(content).ok()?;
        (packed.len() + content.len() / PACK_GAIN <= content.len()).then_some(packed)
    })
}

impl Packed {
    /// Packs an object; `known` says that the store has it, so that the bytes will hardly be needed.
    pub(super) fn new(id: ObjectId, object: FreshObject, known: bool) -> Self {
        let FreshObject { kind, content } = object;
        let length = i64::try_from(content.len()).expect("an object is small");
        let packed = if known || content.len() < PACK_MIN { None } else { compress(&content) };
        let (encoding, data) = packed.map_or((AS_IS, content), |packed| (ZSTD, packed.into()));
        Self { id, kind, encoding, length, data }
    }

    /// Returns the stored bytes.
    pub(super) fn size(&self) -> usize {
        self.data.len()
    }

    /// Writes the row, unless there is one. Returns the new row's number.
    pub(super) fn insert(&self, connection: &Connection, tenant: i64) -> Result<Option<i64>, StoreError> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO objects (tenant, id, kind, encoding, length, data) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )?;
        let data: &[u8] = &self.data;
        let new =
            statement.execute(params![tenant, self.id.0, self.kind as i64, self.encoding, self.length, data])? > 0;
        Ok(new.then(|| connection.last_insert_rowid()))
    }
}

/// Returns the number of an object's row.
pub(super) fn row_of(connection: &Connection, tenant: i64, id: &ObjectId) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT seq FROM objects WHERE tenant = ? AND id = ?")?;
    Ok(statement.query_row(params![tenant, id.0], |row| row.get(0)).optional()?)
}

/// Reads an object, checked against its name.
pub(super) fn read(
    connection: &Connection,
    tenant: i64,
    secret: &TenantSecret,
    kind: Kind,
    id: &ObjectId,
) -> Result<Bytes, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT encoding, length, data FROM objects WHERE tenant = ? AND id = ?")?;
    let found = statement
        .query_row(params![tenant, id.0], |row| Ok(unpack(row.get(0)?, row.get(1)?, row.get_ref(2)?.as_blob()?)))
        .optional()?;
    let content = found.ok_or_else(|| StoreError::corrupt(format!("{} is missing", kind.name())))?;
    match content {
        Some(content) if secret.id(kind, &content) == *id => Ok(content),
        _ => Err(StoreError::corrupt(format!("{} is not what was written", kind.name()))),
    }
}

/// Decodes an object's data; none if it cannot be what was written.
pub(super) fn unpack(encoding: i64, length: i64, data: &[u8]) -> Option<Bytes> {
    let length = usize::try_from(length).ok().filter(|length| *length <= OBJECT_MAX)?;
    let content = match encoding {
        AS_IS => Bytes::copy_from_slice(data),
        ZSTD => zstd::bulk::decompress(data, length).ok()?.into(),
        _ => return None,
    };
    (content.len() == length).then_some(content)
}
