//! The descriptor table of one process (or of one subshell frame of it): small numbers naming descriptions.
//!
//! Owns the numbers only. Who puts a description in or takes one out keeps its count in [`crate::description`].

use base::Errno;

use crate::description::DescId;

/// Descriptors 0 up to the limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct FdTable {
    // Never longer than the limit; trailing free slots are allowed.
    slots: Vec<Option<DescId>>,
}

impl FdTable {
    /// Answers the description behind `fd`, or `EBADF`.
    pub(crate) fn get(&self, fd: u32) -> Result<DescId, Errno> {
        self.slots.get(index(fd)).copied().flatten().ok_or(Errno::EBADF)
    }

    /// Answers the lowest free number not below `minimum`; `EMFILE` when none is below `limit`.
    pub(crate) fn lowest_free(&self, minimum: u32, limit: u32) -> Result<u32, Errno> {
        let free = (minimum..limit).find(|fd| self.get(*fd).is_err());
        free.ok_or(Errno::EMFILE)
    }

    /// Puts `id` at `fd` and answers what was there.
    pub(crate) fn put(&mut self, fd: u32, id: DescId) -> Option<DescId> {
        let at = index(fd);
        if at >= self.slots.len() {
            self.slots.resize(at + 1, None);
        }
        self.slots.get_mut(at).and_then(|slot| slot.replace(id))
    }

    /// Frees `fd` and answers what was there, or `EBADF`.
    pub(crate) fn take(&mut self, fd: u32) -> Result<DescId, Errno> {
        self.slots.get_mut(index(fd)).and_then(Option::take).ok_or(Errno::EBADF)
    }

    /// The open descriptors, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, DescId)> + '_ {
        (0u32..).zip(&self.slots).filter_map(|(fd, slot)| slot.map(|id| (fd, id)))
    }

    /// Bytes the table occupies.
    pub(crate) fn footprint(&self) -> u64 {
        (self.slots.len() * size_of::<Option<DescId>>()) as u64
    }
}

fn index(fd: u32) -> usize {
    usize::try_from(fd).unwrap_or(usize::MAX)
}
