//! A guest's linear memory as host functions see it: every access checked, every failure `EFAULT`.
//!
//! Addresses are the guest's `u32`s; sums are made in 64 bits, so no guest value can overflow the host's arithmetic.
//! Nothing here knows what the bytes mean.

use base::Errno;
use wasmtime::{AsContextMut, Extern, Memory};

use crate::state::GuestState;

/// Longest path a guest may pass, in bytes (`PATH_MAX`).
pub(crate) const PATH_MAX: u32 = 4096;

/// The checked view of one guest's memory during one host call.
pub(crate) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

impl<'a> GuestMemory<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes }
    }

    /// Returns the `len` bytes at `at`.
    pub(crate) fn slice(&self, at: u32, len: u32) -> Result<&[u8], Errno> {
        let (start, end) = bounds(at, len)?;
        self.bytes.get(start..end).ok_or(Errno::EFAULT)
    }

    /// Returns the `len` bytes at `at` for writing.
    pub(crate) fn slice_mut(&mut self, at: u32, len: u32) -> Result<&mut [u8], Errno> {
        let (start, end) = bounds(at, len)?;
        self.bytes.get_mut(start..end).ok_or(Errno::EFAULT)
    }

    /// Returns the path at `at`; `ENAMETOOLONG` beyond [`PATH_MAX`], `EINVAL` with a NUL, which no POSIX path has.
    pub(crate) fn path(&self, at: u32, len: u32) -> Result<&[u8], Errno> {
        if len > PATH_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        let path = self.slice(at, len)?;
        if path.contains(&0) { Err(Errno::EINVAL) } else { Ok(path) }
    }

    pub(crate) fn array<const N: usize>(&self, at: u32) -> Result<[u8; N], Errno> {
        let start = at as usize;
        let found = start.checked_add(N).and_then(|end| self.bytes.get(start..end));
        found.and_then(|bytes| bytes.try_into().ok()).ok_or(Errno::EFAULT)
    }

    pub(crate) fn u32(&self, at: u32) -> Result<u32, Errno> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(crate) fn put(&mut self, at: u32, data: &[u8]) -> Result<(), Errno> {
        let len = u32::try_from(data.len()).map_err(|_| Errno::EFAULT)?;
        self.slice_mut(at, len)?.copy_from_slice(data);
        Ok(())
    }

    pub(crate) fn put_u32(&mut self, at: u32, value: u32) -> Result<(), Errno> {
        self.put(at, &value.to_le_bytes())
    }

    pub(crate) fn put_u64(&mut self, at: u32, value: u64) -> Result<(), Errno> {
        self.put(at, &value.to_le_bytes())
    }

    /// Fails early when the `len` bytes at `at` are not all writable by the guest.
    pub(crate) fn check(&self, at: u32, len: u32) -> Result<(), Errno> {
        self.slice(at, len).map(drop)
    }
}

/// Returns the address `offset` bytes beyond `at`; `EFAULT` beyond the address space.
pub(crate) fn beyond(at: u32, offset: u64) -> Result<u32, Errno> {
    u64::from(at).checked_add(offset).and_then(|sum| u32::try_from(sum).ok()).ok_or(Errno::EFAULT)
}

fn bounds(at: u32, len: u32) -> Result<(usize, usize), Errno> {
    let end = u64::from(at) + u64::from(len);
    Ok((at as usize, usize::try_from(end).map_err(|_| Errno::EFAULT)?))
}

/// Returns the caller's exported memory, found once per instance; `None` when it exports none.
pub(crate) fn exported(caller: &mut wasmtime::Caller<'_, GuestState>) -> Option<Memory> {
    if let Some(memory) = caller.data().memory {
        return Some(memory);
    }
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return None };
    caller.as_context_mut().data_mut().memory = Some(memory);
    Some(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_outside_of_the_memory_is_a_bad_address() {
        let mut bytes = [0u8; 16];
        let mut memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.put_u32(12, 0x0403_0201), Ok(()));
        assert_eq!(memory.slice(12, 4), Ok(&[1, 2, 3, 4][..]));
        assert_eq!(memory.put_u32(13, 0), Err(Errno::EFAULT));
        assert_eq!(memory.u32(u32::MAX), Err(Errno::EFAULT));
        assert_eq!(memory.slice(u32::MAX, u32::MAX), Err(Errno::EFAULT));
        assert_eq!(memory.slice(16, 0), Ok(&[][..]));
        assert_eq!(memory.slice(17, 0), Err(Errno::EFAULT));
        assert_eq!(beyond(u32::MAX, 1), Err(Errno::EFAULT));
        assert_eq!(beyond(8, u64::MAX), Err(Errno::EFAULT));
    }

    #[test]
    fn a_path_beyond_path_max_is_too_long_before_it_is_read() {
        let mut bytes = *b"xxxx\0xxx";
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.path(0, PATH_MAX + 1), Err(Errno::ENAMETOOLONG));
        assert_eq!(memory.path(0, 4), Ok(&b"xxxx"[..]));
        assert_eq!(memory.path(0, 5), Err(Errno::EINVAL));
    }
}
