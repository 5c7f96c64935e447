//! What of a file's content differs from an older state of it, and content made again of chunks that were kept.

use bytes::Bytes;
use imbl::ordmap::DiffItem;

use super::{CHUNK_BYTES, Chunk, ChunkRef, Chunks, Content, MAX_FILE_BYTES, len_u64};
use crate::record::ChunkChanges;

impl Content {
    /// Tells which chunks differ from those of `base`, all if there is none. Parts that both share are not looked at.
    pub(crate) fn changes_from(&self, base: Option<&Self>) -> ChunkChanges<'_> {
        let mut changes = ChunkChanges { put: Vec::new(), removed: Vec::new() };
        if let (Chunks::Many(now), Some(Chunks::Many(before))) = (&self.chunks, base.map(|base| &base.chunks)) {
            for item in before.diff(now) {
                match item {
                    DiffItem::Remove(index, _) => changes.removed.push(*index),
                    DiffItem::Add(index, chunk) | DiffItem::Update { new: (index, chunk), .. } => {
                        changes.put.push(ChunkRef { index: *index, chunk });
                    }
                }
            }
            return changes;
        }
        // At most one chunk is common to both, so that nearly all there is differs.
        let before = |index| base.and_then(|base| base.get(index));
        changes.put.extend(self.chunks().filter(|now| before(now.index) != Some(now.chunk)));
        let gone = base.into_iter().flat_map(Self::chunks).filter(|old| self.get(old.index).is_none());
        changes.removed.extend(gone.map(|old| old.index));
        changes
    }

    /// Makes content of `size` bytes again of its chunks; what equals a chunk of `like` is shared with it, the rest has
    /// come at `version`.
    ///
    /// # Errors
    /// Says what is wrong about the size or a chunk.
    pub(crate) fn restored(
        size: u64,
        chunks: Vec<(u32, Bytes)>,
        like: Option<&Self>,
        version: u64,
    ) -> Result<Self, &'static str> {
        if size > MAX_FILE_BYTES {
            return Err("a file beyond the longest");
        }
        let mut content = Self { size, ..Self::default() };
        for (index, bytes) in chunks {
            let end = u64::from(index) * len_u64(CHUNK_BYTES) + len_u64(bytes.len());
            if bytes.is_empty() || bytes.len() > CHUNK_BYTES || end > size {
                return Err("a chunk that does not fit its file");
            }
            if content.get(index).is_some() {
                return Err("a chunk twice");
            }
            let known = like.and_then(|like| like.get(index)).filter(|known| known.bytes() == bytes);
            content.insert(index, known.cloned().unwrap_or_else(|| Chunk::of_static(bytes, version)));
        }
        Ok(content)
    }
}
