//! The bytes of one regular file: chunks of 64 KiB in a sparse map, shared until written.
//!
//! Owns the arithmetic of offsets and of what a chunk occupies. It knows no quota: its callers ask for the difference
//! a change would make, pay it, and then make the change, which cannot fail.

mod chunk;
mod difference;

use std::ops::Range;

use bytes::Bytes;
use imbl::OrdMap;

use crate::ledger::{Amount, signed};
pub use chunk::CHUNK_BYTES;
use chunk::Chunk;
pub(crate) use chunk::occupied;

/// Longest file, in bytes; keeps chunk numbers and offsets small, far beyond any footprint quota.
pub const MAX_FILE_BYTES: u64 = 16 << 30;

/// A stored chunk of a file: bytes `index` x 64 KiB and on. What is missing at its end reads as zeros.
#[derive(Clone, Copy)]
pub struct ChunkRef<'t> {
    index: u32,
    chunk: &'t Chunk,
}

impl<'t> ChunkRef<'t> {
    /// Returns its number within the file.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Returns the tree's version at its last change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.chunk.version
    }

    /// Returns its bytes, 1 to [`CHUNK_BYTES`] of them.
    #[must_use]
    pub fn bytes(&self) -> &'t [u8] {
        self.chunk.bytes()
    }

    /// Returns the same bytes, not copied, for use while the tree goes on changing.
    #[must_use]
    pub fn share(&self) -> Bytes {
        self.chunk.share()
    }
}

/// What allocated chunks hold before they are written.
static ZEROS: [u8; CHUNK_BYTES] = [0; CHUNK_BYTES];

/// The content of a regular file.
///
/// A chunk may be shorter than its part of the file: what is missing at its end, like a missing chunk, reads as zeros.
#[derive(Clone, Default)]
pub(crate) struct Content {
    size: u64,
    /// Sum of the chunks' lengths.
    stored: u64,
    /// Sum of what the chunks occupy.
    footprint: u64,
    chunks: Chunks,
}

/// Most files have one chunk, and a map node is 2.5 KiB.
#[derive(Clone, Default)]
enum Chunks {
    #[default]
    Empty,
    /// Only chunk 0.
    First(Chunk),
    Many(OrdMap<u32, Chunk>),
}

impl Content {
    /// Returns content that borrows `bytes` and copies nothing; at most [`MAX_FILE_BYTES`] of them.
    pub(crate) fn of_static(bytes: &Bytes) -> Self {
        let mut content = Self { size: len_u64(bytes.len()), ..Self::default() };
        for (index, start) in (0u32..).zip((0..bytes.len()).step_by(CHUNK_BYTES)) {
            let part = bytes.slice(start..bytes.len().min(start + CHUNK_BYTES));
            content.insert(index, Chunk::of_static(part, 0));
        }
        content
    }

    /// Returns a copy of `data`; at most [`MAX_FILE_BYTES`] of it.
    pub(crate) fn copy_of(data: &[u8]) -> Self {
        let mut content = Self::default();
        content.write(0, data, 0);
        content
    }

    /// Says that every chunk has come at `version`, with the new file.
    pub(crate) fn stamp(&mut self, version: u64) {
        match &mut self.chunks {
            Chunks::Empty => {}
            Chunks::First(chunk) => chunk.version = version,
            Chunks::Many(map) => {
                let stamped = |(index, mut chunk): (u32, Chunk)| {
                    chunk.version = version;
                    (index, chunk)
                };
                *map = std::mem::take(map).into_iter().map(stamped).collect();
            }
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn stored(&self) -> u64 {
        self.stored
    }

    pub(crate) fn footprint(&self) -> u64 {
        self.footprint
    }

    /// Copies from `offset` on into `buf` and returns how many bytes there were.
    pub(crate) fn read(&self, offset: u64, buf: &mut [u8]) -> usize {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let n = buf.len().min(left);
        let mut done = 0;
        while let Some(piece) = Piece::of(offset, done, n) {
            let out = &mut buf[done..done + piece.len];
            let stored = self.get(piece.index).and_then(|chunk| chunk.bytes().get(piece.at..)).unwrap_or(&[]);
            let present = stored.len().min(out.len());
            out[..present].copy_from_slice(&stored[..present]);
            out[present..].fill(0);
            done += piece.len;
        }
        n
    }

    /// Returns the first stored part at or after `offset`, up to the next hole.
    pub(crate) fn next_data(&self, offset: u64) -> Option<Range<u64>> {
        let mut found: Option<Range<u64>> = None;
        for chunk in self.chunks_from(split(offset.min(MAX_FILE_BYTES)).0) {
            let start = u64::from(chunk.index) * len_u64(CHUNK_BYTES);
            let end = start + len_u64(chunk.bytes().len());
            match &mut found {
                Some(data) if data.end == start => data.end = end,
                Some(_) => break,
                None if end > offset => found = Some(start.max(offset)..end),
                None => {}
            }
        }
        found
    }

    /// Returns the stored chunks in their order.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = ChunkRef<'_>> {
        self.chunks_from(0)
    }

    fn chunks_from(&self, index: u32) -> impl Iterator<Item = ChunkRef<'_>> {
        let (first, many) = match &self.chunks {
            Chunks::Empty => (None, None),
            Chunks::First(chunk) => (Some(ChunkRef { index: 0, chunk }).filter(|_| index == 0), None),
            Chunks::Many(map) => (None, Some(map.range(index..))),
        };
        let many = many.into_iter().flatten().map(|(index, chunk)| ChunkRef { index: *index, chunk });
        first.into_iter().chain(many)
    }

    /// Returns what writing `len` bytes at `offset` would add.
    pub(crate) fn write_growth(&self, offset: u64, len: usize) -> Amount {
        let mut growth = Amount::default();
        let mut done = 0;
        while let Some(piece) = Piece::of(offset, done, len) {
            let before = self.get(piece.index).map_or(0, Chunk::len);
            growth += step(piece.index, before, before.max(piece.at + piece.len));
            done += piece.len;
        }
        growth
    }

    /// Writes `data` at `offset`, which ends at most at [`MAX_FILE_BYTES`].
    pub(crate) fn write(&mut self, offset: u64, data: &[u8], version: u64) {
        let mut done = 0;
        while let Some(piece) = Piece::of(offset, done, data.len()) {
            let part = &data[done..done + piece.len];
            let (before, after) = match self.get_mut(piece.index) {
                Some(chunk) => {
                    let before = chunk.len();
                    chunk.write(piece.index, piece.at, part, version);
                    (before, chunk.len())
                }
                None => {
                    let chunk = Chunk::new(piece.index, piece.at, part, version);
                    let after = chunk.len();
                    self.put(piece.index, chunk);
                    (0, after)
                }
            };
            self.count(step(piece.index, before, after));
            done += piece.len;
        }
        if done > 0 {
            self.size = self.size.max(offset + len_u64(done));
        }
    }

    /// Gives memory to the `len` bytes at `offset`, which end at most at [`MAX_FILE_BYTES`]; it adds what
    /// [`Content::write_growth`] says. What was missing reads as zeros, as it did.
    pub(crate) fn allocate(&mut self, offset: u64, len: usize, version: u64) {
        let mut done = 0;
        while let Some(piece) = Piece::of(offset, done, len) {
            let end = piece.at + piece.len;
            let before = self.get(piece.index).map_or(0, Chunk::len);
            if before < end {
                let zeros = Bytes::from_static(&ZEROS);
                match self.get_mut(piece.index) {
                    Some(chunk) => chunk.write(piece.index, before, &zeros[before..end], version),
                    // All chunks of zeros are one until they are written; the memory they may need then is paid for.
                    None => self.put(piece.index, Chunk::of_static(zeros.slice(..end), version)),
                }
                self.count(step(piece.index, before, end));
            }
            done += piece.len;
        }
        if done > 0 {
            self.size = self.size.max(offset + len_u64(done));
        }
    }

    /// Returns what [`Content::truncate`] would add; never positive.
    pub(crate) fn truncate_growth(&self, len: u64) -> Amount {
        let (last, keep) = split(len);
        let cut = |index: u32, chunk: &Chunk| {
            let after = if index == last { chunk.len().min(keep) } else { 0 };
            step(index, chunk.len(), after)
        };
        match &self.chunks {
            Chunks::Empty => Amount::default(),
            Chunks::First(chunk) if last == 0 => cut(0, chunk),
            Chunks::First(_) => Amount::default(),
            Chunks::Many(map) => {
                map.range(last..).fold(Amount::default(), |sum, (index, chunk)| sum + cut(*index, chunk))
            }
        }
    }

    /// Sets the length; what is added reads as zeros and occupies nothing.
    pub(crate) fn truncate(&mut self, len: u64, version: u64) {
        let growth = self.truncate_growth(len);
        if growth != Amount::default() {
            self.cut(len, version);
            self.count(growth);
        }
        self.size = len;
    }

    fn cut(&mut self, len: u64, version: u64) {
        let (last, keep) = split(len);
        if len == 0 {
            self.chunks = Chunks::Empty;
            return;
        }
        let first_gone = if keep == 0 { last } else { last + 1 };
        if let Chunks::Many(map) = &mut self.chunks {
            while let Some((index, _)) = map.get_max().filter(|(index, _)| *index >= first_gone) {
                let index = *index;
                map.remove(&index);
            }
            // A file that is small again may not keep the map, which nobody pays for.
            let small = match map.len() {
                0 => Some(Chunks::Empty),
                1 => map.get(&0).cloned().map(Chunks::First),
                _ => None,
            };
            if let Some(small) = small {
                self.chunks = small;
            }
        }
        if let Some(chunk) = self.get_mut(last) {
            chunk.truncate(last, keep, version);
        }
    }

    fn get(&self, index: u32) -> Option<&Chunk> {
        match &self.chunks {
            Chunks::First(chunk) if index == 0 => Some(chunk),
            Chunks::Many(map) => map.get(&index),
            Chunks::Empty | Chunks::First(_) => None,
        }
    }

    fn get_mut(&mut self, index: u32) -> Option<&mut Chunk> {
        match &mut self.chunks {
            Chunks::First(chunk) if index == 0 => Some(chunk),
            Chunks::Many(map) => map.get_mut(&index),
            Chunks::Empty | Chunks::First(_) => None,
        }
    }

    /// Puts a chunk where none is, without counting it.
    fn put(&mut self, index: u32, chunk: Chunk) {
        self.chunks = match std::mem::take(&mut self.chunks) {
            Chunks::Empty if index == 0 => Chunks::First(chunk),
            Chunks::Empty => Chunks::Many(OrdMap::unit(index, chunk)),
            Chunks::First(first) => Chunks::Many([(0, first), (index, chunk)].into_iter().collect()),
            Chunks::Many(mut map) => {
                map.insert(index, chunk);
                Chunks::Many(map)
            }
        };
    }

    fn insert(&mut self, index: u32, chunk: Chunk) {
        let growth = step(index, 0, chunk.len());
        self.put(index, chunk);
        self.count(growth);
    }

    fn count(&mut self, growth: Amount) {
        self.stored = self.stored.saturating_add_signed(growth.bytes);
        self.footprint = self.footprint.saturating_add_signed(growth.footprint);
    }

    /// Recounts the sums; for `Tree::check_invariants`.
    pub(crate) fn check(&self) -> Result<(), String> {
        let chunks: Vec<(u32, &Chunk)> = match &self.chunks {
            Chunks::Empty => Vec::new(),
            Chunks::First(chunk) => vec![(0, chunk)],
            Chunks::Many(map) => map.iter().map(|(index, chunk)| (*index, chunk)).collect(),
        };
        let mut sum = Amount::default();
        for (index, chunk) in chunks {
            chunk.check(index)?;
            let end = u64::from(index) * len_u64(CHUNK_BYTES) + len_u64(chunk.len());
            if end > self.size {
                return Err(format!("chunk {index} ends at {end} in a file of {} bytes", self.size));
            }
            sum += step(index, 0, chunk.len());
        }
        if (sum.bytes, sum.footprint) != (signed(self.stored), signed(self.footprint)) {
            return Err(format!("content counts {} and {}, but has {sum:?}", self.stored, self.footprint));
        }
        Ok(())
    }
}

/// The part of a transfer that falls into one chunk.
struct Piece {
    index: u32,
    at: usize,
    len: usize,
}

impl Piece {
    /// Returns the piece after the first `done` of `total` bytes at `offset`.
    fn of(offset: u64, done: usize, total: usize) -> Option<Self> {
        let left = total.checked_sub(done).filter(|left| *left > 0)?;
        let (index, at) = split(offset + len_u64(done));
        Some(Self { index, at, len: left.min(CHUNK_BYTES - at) })
    }
}

/// Returns the number of the chunk that holds `offset` and the place in it.
#[expect(clippy::cast_possible_truncation, reason = "callers stay within MAX_FILE_BYTES, 2^18 chunks")]
fn split(offset: u64) -> (u32, usize) {
    debug_assert!(offset <= MAX_FILE_BYTES, "an offset beyond the longest file");
    let chunk = CHUNK_BYTES as u64;
    ((offset / chunk) as u32, (offset % chunk) as usize)
}

/// Returns what it adds when chunk `index` goes from `before` to `after` bytes; 0 is no chunk.
fn step(index: u32, before: usize, after: usize) -> Amount {
    Amount {
        files: 0,
        bytes: signed(len_u64(after)) - signed(len_u64(before)),
        footprint: signed(occupied(index, after)) - signed(occupied(index, before)),
    }
}

fn len_u64(len: usize) -> u64 {
    len as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(content: &Content) -> Vec<u8> {
        let mut buf = vec![0xEE; usize::try_from(content.size()).expect("small")];
        let n = content.read(0, &mut buf);
        assert_eq!(n, buf.len());
        buf
    }

    fn write(content: &mut Content, offset: u64, data: &[u8]) {
        let growth = content.write_growth(offset, data.len());
        let (stored, footprint) = (content.stored(), content.footprint());
        content.write(offset, data, 1);
        assert_eq!(signed(content.stored()) - signed(stored), growth.bytes);
        assert_eq!(signed(content.footprint()) - signed(footprint), growth.footprint);
        content.check().expect("sums hold");
    }

    #[test]
    fn a_tiny_file_occupies_little() {
        let mut content = Content::default();
        write(&mut content, 0, b"hi\n");
        assert_eq!((content.size(), content.stored(), content.footprint()), (3, 3, 64));
        write(&mut content, 3, &[b'x'; 100]);
        assert_eq!((content.stored(), content.footprint()), (103, 128));
    }

    #[test]
    fn a_hole_occupies_nothing_and_reads_as_zeros() {
        let mut content = Content::default();
        write(&mut content, 3 * CHUNK_BYTES as u64, b"end");
        assert_eq!(content.stored(), 3);
        assert_eq!(content.footprint(), CHUNK_BYTES as u64);
        write(&mut content, 10, b"start");
        let bytes = read_all(&content);
        assert_eq!(&bytes[..16], b"\0\0\0\0\0\0\0\0\0\0start\0");
        assert!(bytes[16..3 * CHUNK_BYTES].iter().all(|byte| *byte == 0));
        assert_eq!(&bytes[3 * CHUNK_BYTES..], b"end");
    }

    #[test]
    fn allocating_pays_for_holes_and_changes_no_byte() {
        let check = |content: &mut Content, offset: u64, len: usize| {
            let (before, growth) = (read_all(content), content.write_growth(offset, len));
            let (stored, footprint) = (content.stored(), content.footprint());
            content.allocate(offset, len, 2);
            assert_eq!(signed(content.stored()) - signed(stored), growth.bytes);
            assert_eq!(signed(content.footprint()) - signed(footprint), growth.footprint);
            content.check().expect("sums hold");
            let after = read_all(content);
            assert_eq!(after[..before.len()], before[..]);
            assert!(after[before.len()..].iter().all(|byte| *byte == 0));
            assert_eq!(content.write_growth(offset, len), Amount::default());
        };
        let chunk = CHUNK_BYTES as u64;
        let mut content = Content::default();
        write(&mut content, 2 * chunk + 5, b"island");
        check(&mut content, 10, 100);
        check(&mut content, 50, 3 * CHUNK_BYTES);
        check(&mut content, chunk, 10);
        assert_eq!(content.size(), 50 + 3 * chunk);
        write(&mut content, chunk + 1, b"owned again");
        assert!(ZEROS.iter().all(|byte| *byte == 0));
        assert_eq!(content.stored(), content.size());
    }

    #[test]
    fn bytes_cut_off_do_not_come_back_when_the_file_grows_again() {
        let mut content = Content::default();
        write(&mut content, 0, &vec![7; 2 * CHUNK_BYTES + 5]);
        content.truncate(CHUNK_BYTES as u64 + 1, 2);
        content.check().expect("sums hold");
        content.truncate(3 * CHUNK_BYTES as u64, 2);
        let bytes = read_all(&content);
        assert!(bytes[..=CHUNK_BYTES].iter().all(|byte| *byte == 7));
        assert!(bytes[CHUNK_BYTES + 1..].iter().all(|byte| *byte == 0));
        content.truncate(1, 2);
        content.check().expect("sums hold");
        assert_eq!(content.footprint(), 64);
    }

    #[test]
    fn static_content_is_shared_until_it_is_written() {
        let bytes = Bytes::from(vec![1; CHUNK_BYTES + 10]);
        let mut content = Content::of_static(&bytes);
        assert_eq!(content.get(1).expect("chunk").bytes().as_ptr(), bytes[CHUNK_BYTES..].as_ptr());
        write(&mut content, CHUNK_BYTES as u64, b"new");
        assert_eq!(content.get(0).expect("chunk").bytes().as_ptr(), bytes.as_ptr());
        assert_eq!(&read_all(&content)[CHUNK_BYTES - 1..CHUNK_BYTES + 4], b"\x01new\x01");
        assert!(bytes.iter().all(|byte| *byte == 1));
    }

    #[test]
    fn a_write_after_a_clone_leaves_the_clone_alone() {
        let mut content = Content::copy_of(&[1; 100]);
        let copy = content.clone();
        write(&mut content, 50, &[2; 10]);
        write(&mut content, 95, &[3; 10]);
        assert!(read_all(&copy).iter().all(|byte| *byte == 1));
        assert_eq!(read_all(&content)[49..51], [1, 2]);
        assert_eq!(content.size(), 105);
    }
}
