//! A node's items: the entries of a directory by their numbers, the chunks of a file by theirs.
//!
//! An entry is the inode's number as LEB128, then the name to the end. A name has its own item under a number that is
//! given out once, so that a change of one name writes nothing of the others and new names lie side by side.

use bytes::Bytes;
use store::{Item, ItemsEdit};
use vfs::{ChunkChanges, EntryChanges, EntryRecord, Ino};

use crate::bytes_form::{Reader, put_varint};

/// Chunks up to this size stay with their node: most files are small, and an object of its own costs more than that.
const INLINE_CHUNK_MAX: usize = 256;
const _: () = assert!(INLINE_CHUNK_MAX <= store::INLINE_MAX && vfs::CHUNK_BYTES <= store::CHUNK_MAX);

/// Returns the edit of a directory's items.
pub(crate) fn of_entries(changes: EntryChanges, clear: bool) -> ItemsEdit {
    let put = changes.put.iter().map(|entry| (entry.number, Item::Inline(encode_entry(entry)))).collect();
    ItemsEdit { clear, put, remove: changes.removed }
}

/// Returns the edit of a file's items. The chunks are shared with the tree, not copied.
pub(crate) fn of_chunks(changes: &ChunkChanges<'_>, clear: bool) -> ItemsEdit {
    let put = changes.put.iter().map(|chunk| {
        let bytes = chunk.share();
        let item = if bytes.len() <= INLINE_CHUNK_MAX { Item::Inline(bytes) } else { Item::Chunk(bytes) };
        (u64::from(chunk.index()), item)
    });
    ItemsEdit { clear, put: put.collect(), remove: changes.removed.iter().copied().map(u64::from).collect() }
}

/// Reads the entries of a directory.
pub(crate) fn entries(items: Vec<(u64, Item)>) -> Result<Vec<EntryRecord>, &'static str> {
    items.into_iter().map(|(number, item)| decode_entry(number, &item)).collect()
}

/// Reads the chunks of a file.
pub(crate) fn chunks(items: Vec<(u64, Item)>) -> Result<Vec<(u32, Bytes)>, &'static str> {
    let chunk = |(number, item)| {
        let (Item::Inline(bytes) | Item::Chunk(bytes)) = item;
        let index = u32::try_from(number).map_err(|_| "a chunk beyond the longest file")?;
        Ok((index, bytes))
    };
    items.into_iter().map(chunk).collect()
}

fn encode_entry(entry: &EntryRecord) -> Bytes {
    let mut out = Vec::with_capacity(entry.name.len() + 10);
    put_varint(&mut out, entry.ino.0);
    out.extend_from_slice(&entry.name);
    out.into()
}

fn decode_entry(number: u64, item: &Item) -> Result<EntryRecord, &'static str> {
    let Item::Inline(bytes) = item else { return Err("a directory entry that is a chunk") };
    let mut reader = Reader(bytes);
    let ino = Ino(reader.varint()?);
    Ok(EntryRecord { number, name: reader.rest().into(), ino })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored bytes: another text here is another format.
    #[test]
    fn an_entry_has_the_form_that_it_had() {
        let entry = EntryRecord { number: 9, name: (*b"name").into(), ino: Ino(300) };
        let edit = of_entries(EntryChanges { put: vec![entry.clone()], removed: vec![4] }, false);
        assert_eq!(edit.put, [(9, Item::Inline(Bytes::from_static(b"\xac\x02name")))]);
        assert_eq!((edit.remove, edit.clear), (vec![4], false));
        assert_eq!(entries(edit.put), Ok(vec![entry]));
        assert!(entries(vec![(1, Item::Chunk(Bytes::from_static(b"\x01a")))]).is_err());
        assert!(entries(vec![(1, Item::Inline(Bytes::from_static(b"\x80")))]).is_err());
        assert!(chunks(vec![(1 << 32, Item::Inline(Bytes::new()))]).is_err());
    }
}
