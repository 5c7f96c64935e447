//! One chunk of a file: at most 64 KiB, owned and shared by counting, or a part of a static image.
//!
//! It owns the rule of what a chunk occupies; offsets within the file are `content`'s.

use std::sync::Arc;

use bytes::Bytes;

/// Length of a full chunk, in bytes: the unit of copying on write and of the durable format.
pub const CHUNK_BYTES: usize = 64 << 10;
/// Least a chunk occupies, in bytes; below it the allocator's own overhead dominates.
const SMALLEST: usize = 64;

/// Returns the memory chunk `index` occupies with `len` bytes; 0 is no chunk.
///
/// The first chunk grows by doubling, so that small files stay small; a file that has outgrown it gets whole chunks.
pub(crate) fn occupied(index: u32, len: usize) -> u64 {
    if len == 0 { 0 } else { capacity(index, len) as u64 }
}

fn capacity(index: u32, len: usize) -> usize {
    if index == 0 { len.max(SMALLEST).next_power_of_two() } else { CHUNK_BYTES }
}

#[derive(Clone)]
pub(super) struct Chunk {
    /// The tree's version when these bytes last changed.
    pub(super) version: u64,
    held: Held,
}

/// Compares the chunks that two states of one file have at one place, where a version stands for one content.
impl PartialEq for Chunk {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version || self.bytes() == other.bytes()
    }
}

#[derive(Clone)]
enum Held {
    /// Written through this tree or a relative of it.
    Owned(Arc<Vec<u8>>),
    /// Part of a shipped image, or what a store has read.
    Static(Bytes),
}

impl Chunk {
    pub(super) fn of_static(part: Bytes, version: u64) -> Self {
        Self { version, held: Held::Static(part) }
    }

    /// Returns a chunk of `data` at `at`, zeros before it.
    pub(super) fn new(index: u32, at: usize, data: &[u8], version: u64) -> Self {
        Self { version, held: Held::Owned(Arc::new(rewritten(index, &[], at, data))) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match &self.held {
            Held::Owned(bytes) => bytes,
            Held::Static(bytes) => bytes,
        }
    }

    /// Returns the bytes as a handle that outlives the tree's next change of them.
    pub(super) fn share(&self) -> Bytes {
        match &self.held {
            Held::Owned(bytes) => Bytes::from_owner(Shared(Arc::clone(bytes))),
            Held::Static(bytes) => bytes.clone(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Writes `data` at `at`, in place if nobody else holds the chunk.
    pub(super) fn write(&mut self, index: u32, at: usize, data: &[u8], version: u64) {
        self.version = version;
        if let Held::Owned(shared) = &mut self.held
            && let Some(bytes) = Arc::get_mut(shared)
        {
            write_in_place(index, bytes, at, data);
            return;
        }
        self.held = Held::Owned(Arc::new(rewritten(index, self.bytes(), at, data)));
    }

    /// Keeps the first `len` bytes.
    pub(super) fn truncate(&mut self, index: u32, len: usize, version: u64) {
        if len >= self.len() {
            return;
        }
        self.version = version;
        match &mut self.held {
            Held::Static(bytes) => bytes.truncate(len),
            Held::Owned(shared) => match Arc::get_mut(shared) {
                Some(bytes) => {
                    bytes.truncate(len);
                    bytes.shrink_to(capacity(index, len));
                }
                None => *self = Self::new(index, 0, &self.bytes()[..len], version),
            },
        }
    }

    pub(super) fn check(&self, index: u32) -> Result<(), String> {
        let len = self.len();
        if len == 0 || len > CHUNK_BYTES {
            return Err(format!("chunk {index} has {len} bytes"));
        }
        match &self.held {
            Held::Owned(bytes) if bytes.capacity() > capacity(index, len) => {
                Err(format!("chunk {index} with {len} bytes occupies {}", bytes.capacity()))
            }
            _ => Ok(()),
        }
    }
}

/// A chunk's bytes, counted by `Bytes`.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn write_in_place(index: u32, bytes: &mut Vec<u8>, at: usize, data: &[u8]) {
    let needed = capacity(index, bytes.len().max(at + data.len()));
    if bytes.capacity() < needed {
        bytes.reserve_exact(needed - bytes.len());
    }
    if at > bytes.len() {
        bytes.resize(at, 0);
    }
    let over = data.len().min(bytes.len() - at);
    let (over, beyond) = data.split_at(over);
    bytes[at..at + over.len()].copy_from_slice(over);
    bytes.extend_from_slice(beyond);
}

/// Returns a copy of `old` with `data` at `at`; copies no byte that `data` replaces.
fn rewritten(index: u32, old: &[u8], at: usize, data: &[u8]) -> Vec<u8> {
    let end = at + data.len();
    let mut bytes = Vec::with_capacity(capacity(index, old.len().max(end)));
    bytes.extend_from_slice(&old[..at.min(old.len())]);
    bytes.resize(at, 0);
    bytes.extend_from_slice(data);
    bytes.extend_from_slice(old.get(end..).unwrap_or(&[]));
    bytes
}
