//! Scatter and gather vectors: the walk over a guest's `iovec` array in bounded pieces.
//!
//! Owns the position in the array. It reads the guest's records anew at every step, so a guest that reads into its own
//! array gets a walk that is wrong for it and harmless for us.

use base::Errno;

use crate::memory::{GuestMemory, beyond};

/// Most vectors of one call (`IOV_MAX`, wasi-libc's number).
const IOV_MAX: u32 = 1024;
/// Bytes of an `iovec`: address and length.
const IOVEC_BYTES: u64 = 8;
/// Bytes copied while the session's lock is held.
pub(super) const PIECE_MAX: u32 = 1 << 20;

/// A walk over the vectors of one call.
#[derive(Clone, Debug)]
pub(super) struct Iovecs {
    array: u32,
    count: u32,
    // The vector the walk has come to, and the bytes of it that are done.
    index: u32,
    offset: u32,
}

/// A part of guest memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) at: u32,
    pub(super) len: u32,
}

impl Iovecs {
    /// Starts at the first of `count` vectors at `array`; `EINVAL` when there are too many.
    pub(super) fn new(array: u32, count: u32) -> Result<Self, Errno> {
        if count > IOV_MAX {
            return Err(Errno::EINVAL);
        }
        Ok(Self { array, count, index: 0, offset: 0 })
    }

    /// Answers the next bytes to go, at most [`PIECE_MAX`]; none at the end.
    pub(super) fn piece(&mut self, memory: &GuestMemory<'_>) -> Result<Option<Piece>, Errno> {
        while self.index < self.count {
            let vector = self.vector(memory, self.index)?;
            if self.offset < vector.len {
                let len = (vector.len - self.offset).min(PIECE_MAX);
                return Ok(Some(Piece { at: beyond(vector.at, self.offset.into())?, len }));
            }
            self.index += 1;
            self.offset = 0;
        }
        Ok(None)
    }

    /// Moves on by `n` bytes of the piece last answered.
    pub(super) fn advance(&mut self, n: u32) {
        self.offset = self.offset.saturating_add(n);
    }

    /// Tells whether nothing of several vectors has gone yet.
    pub(super) fn are_several(&self) -> bool {
        self.count > 1 && self.index == 0 && self.offset == 0
    }

    /// Copies all vectors into `buffer` if they fit; answers their bytes.
    ///
    /// So a small `writev` is one write: whole in a pipe, and next to nobody else's in a log.
    pub(super) fn gather<'b>(&self, memory: &GuestMemory<'_>, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut done = 0usize;
        for index in 0..self.count {
            let vector = self.vector(memory, index).ok()?;
            let source = memory.slice(vector.at, vector.len).ok()?;
            let end = done.checked_add(source.len())?;
            buffer.get_mut(done..end)?.copy_from_slice(source);
            done = end;
        }
        Some(&buffer[..done])
    }

    fn vector(&self, memory: &GuestMemory<'_>, index: u32) -> Result<Piece, Errno> {
        let record = beyond(self.array, u64::from(index) * IOVEC_BYTES)?;
        Ok(Piece { at: memory.u32(record)?, len: memory.u32(beyond(record, 4)?)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory with an array of vectors at 0 and 64 bytes behind it.
    fn memory_with(vectors: &[(u32, u32)]) -> Vec<u8> {
        let mut bytes: Vec<u8> =
            vectors.iter().flat_map(|(at, len)| [at.to_le_bytes(), len.to_le_bytes()]).flatten().collect();
        bytes.resize(128, b'.');
        bytes
    }

    #[test]
    fn the_walk_skips_empty_vectors_and_goes_on_within_one() {
        let mut bytes = memory_with(&[(64, 0), (64, 4), (100, 2)]);
        let memory = GuestMemory::new(&mut bytes);
        let mut walk = Iovecs::new(0, 3).expect("few vectors");
        assert_eq!(walk.piece(&memory), Ok(Some(Piece { at: 64, len: 4 })));
        walk.advance(3);
        assert_eq!(walk.piece(&memory), Ok(Some(Piece { at: 67, len: 1 })));
        walk.advance(1);
        assert_eq!(walk.piece(&memory), Ok(Some(Piece { at: 100, len: 2 })));
        walk.advance(2);
        assert_eq!(walk.piece(&memory), Ok(None));
    }

    #[test]
    fn too_many_vectors_and_bad_arrays_are_refused() {
        assert_eq!(Iovecs::new(0, IOV_MAX + 1).err(), Some(Errno::EINVAL));
        let mut bytes = memory_with(&[]);
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(Iovecs::new(124, 1).and_then(|mut walk| walk.piece(&memory)), Err(Errno::EFAULT));
        assert_eq!(Iovecs::new(u32::MAX, 1).and_then(|mut walk| walk.piece(&memory)), Err(Errno::EFAULT));
    }

    #[test]
    fn small_vectors_are_gathered_into_one_write_and_large_ones_are_not() {
        let mut bytes = memory_with(&[(64, 3), (64, 2)]);
        let memory = GuestMemory::new(&mut bytes);
        let walk = Iovecs::new(0, 2).expect("few vectors");
        assert_eq!(walk.gather(&memory, &mut [0; 8]), Some(&b"....."[..]));
        assert_eq!(walk.gather(&memory, &mut [0; 4]), None);
        assert!(walk.are_several() && !Iovecs::new(0, 1).expect("one").are_several());
    }
}
