//! The checksum that every row carries: BLAKE3 over the table's name and all other columns, keyed with the store's key.

/// The store's key.
pub(super) type RowKey = [u8; 32];

/// A column's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column<'a> {
    Number(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// Returns the checksum of a row: 16 bytes, more than an accident can match.
pub(super) fn sum(key: &RowKey, table: &str, columns: &[Column<'_>]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    let mut part = |tag: u8, bytes: &[u8]| {
        hasher.update(&[tag]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(b't', table.as_bytes());
    for column in columns {
        match column {
            Column::Number(number) => part(b'n', &number.to_le_bytes()),
            Column::Text(text) => part(b's', text.as_bytes()),
            Column::Bytes(bytes) => part(b'b', bytes),
        }
    }
    let mut short = [0; 16];
    short.copy_from_slice(hasher.finalize().as_bytes().split_at(16).0);
    short
}
