//! What an ABI of core modules knows of descriptors and the kernel does not: which one is the preopened directory, under
//! which number, and what a descriptor has been restricted to.
//!
//! Owns the two numberings (the guest's and the kernel's) and the restrictions. They are an instance's own: a child that
//! inherits a descriptor gets it as its description is open. What a right stands for is `p1`'s.

use std::collections::BTreeMap;

/// The number under which a core module finds its one preopened directory.
pub(crate) const PREOPEN_FD: u32 = 3;

/// What a descriptor may not do although its description could, and flags that are only told back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Restriction {
    /// Rights given up.
    pub(crate) base: u64,
    /// Rights given up for what is opened relative to it.
    pub(crate) inheriting: u64,
    /// Flags about writing through, which mean nothing to files in memory.
    pub(crate) sync_flags: u16,
}

/// The descriptors of one guest, as far as they differ from the kernel's.
#[derive(Debug, Default)]
pub(crate) struct Descriptors {
    // The kernel's number of the guest's `PREOPEN_FD`; the two numbers are exchanged, so that each of the guest's is one
    // of the kernel's. Set once.
    exchanged: Option<u32>,
    // Until the guest closes the directory or puts something else in its place.
    is_preopened: bool,
    // By the kernel's number; only what differs from no restriction, so at most as many as descriptors.
    restrictions: BTreeMap<u32, Restriction>,
}

impl Descriptors {
    /// Makes the kernel's descriptor `number` the guest's preopened directory.
    pub(crate) fn with_preopen(number: u32) -> Self {
        Self { exchanged: Some(number), is_preopened: true, ..Self::default() }
    }

    /// Translates the guest's number into the kernel's, and the other way round.
    pub(crate) fn translate(&self, fd: u32) -> u32 {
        match self.exchanged {
            Some(number) if fd == PREOPEN_FD => number,
            Some(number) if fd == number => PREOPEN_FD,
            _ => fd,
        }
    }

    /// The kernel's number of the preopened directory, while there is one.
    pub(crate) fn preopen(&self) -> Option<u32> {
        self.exchanged.filter(|_| self.is_preopened)
    }

    /// Tells whether the guest's descriptor is the preopened directory.
    pub(crate) fn is_preopen(&self, fd: u32) -> bool {
        fd == PREOPEN_FD && self.is_preopened
    }

    /// What the guest's descriptor is restricted to.
    pub(crate) fn restriction(&self, fd: u32) -> Restriction {
        self.restrictions.get(&self.translate(fd)).copied().unwrap_or_default()
    }

    /// Replaces the restriction of the guest's descriptor.
    pub(crate) fn restrict(&mut self, fd: u32, restriction: Restriction) {
        let fd = self.translate(fd);
        if restriction == Restriction::default() {
            self.restrictions.remove(&fd);
        } else {
            self.restrictions.insert(fd, restriction);
        }
    }

    /// Forgets the guest's descriptor, which has been closed.
    pub(crate) fn closed(&mut self, fd: u32) {
        self.restrict(fd, Restriction::default());
        self.is_preopened &= fd != PREOPEN_FD;
    }

    /// Notes that `copy` is a new descriptor of what `fd` is open on.
    pub(crate) fn copied(&mut self, fd: u32, copy: u32) {
        self.restrict(copy, self.restriction(fd));
    }

    /// Notes that `fd` has become `to`, another number.
    pub(crate) fn moved(&mut self, fd: u32, to: u32) {
        self.copied(fd, to);
        self.closed(fd);
        self.is_preopened &= to != PREOPEN_FD;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_the_guest_is_one_of_the_kernels() {
        let descriptors = Descriptors::with_preopen(5);
        assert_eq!([0, 3, 4, 5, 6].map(|fd| descriptors.translate(fd)), [0, 5, 4, 3, 6]);
        let ordinary = Descriptors::with_preopen(PREOPEN_FD);
        assert_eq!([2, 3, 4].map(|fd| ordinary.translate(fd)), [2, 3, 4]);
    }

    #[test]
    fn restrictions_go_with_a_descriptor_and_end_with_it() {
        let mut descriptors = Descriptors::with_preopen(5);
        let restriction = Restriction { base: 1, ..Restriction::default() };
        descriptors.restrict(PREOPEN_FD, restriction);
        descriptors.copied(PREOPEN_FD, 9);
        descriptors.moved(9, 10);
        assert_eq!(descriptors.restriction(10), restriction);
        assert_eq!(descriptors.restriction(9), Restriction::default());
        assert!(descriptors.is_preopen(PREOPEN_FD) && !descriptors.is_preopen(5));
        descriptors.moved(10, PREOPEN_FD);
        assert_eq!(descriptors.restriction(PREOPEN_FD), restriction);
        assert!(!descriptors.is_preopen(PREOPEN_FD));
        descriptors.closed(PREOPEN_FD);
        assert!(descriptors.restrictions.is_empty());
    }
}
