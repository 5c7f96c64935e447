//! Inode numbers and the cheap hash the inode tables use for them.
//!
//! The hash is not keyed: the tree hands the numbers out itself, in order, so nobody can choose colliding ones.

use std::hash::{BuildHasherDefault, Hasher};

/// The number of an inode. A tree never gives the same number to two inodes; 0, the default, names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ino(pub u64);

/// Numbers from here on name no stored inode: they stand for the links in `/dev/fd`.
const FD_LINKS: u64 = 1 << 63;

impl Ino {
    /// The root directory of every tree.
    pub const ROOT: Self = Self(1);

    /// Returns the number that stands for `/dev/fd/N`.
    #[must_use]
    pub fn of_fd(fd: u32) -> Self {
        Self(FD_LINKS | u64::from(fd))
    }

    /// Returns N if this number stands for `/dev/fd/N`.
    #[must_use]
    pub fn fd(self) -> Option<u32> {
        if self.0 & FD_LINKS == 0 { None } else { u32::try_from(self.0 & !FD_LINKS).ok() }
    }
}

/// Builds [`FibHasher`]s.
pub(crate) type FibBuild = BuildHasherDefault<FibHasher>;

/// Fibonacci hashing: one multiplication spreads consecutive numbers over all bits.
#[derive(Default)]
pub(crate) struct FibHasher(u64);

/// 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for FibHasher {
    fn finish(&self) -> u64 {
        // imbl takes the low half; the well-mixed bits of a product are the high ones.
        self.0.rotate_left(32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0 ^ value).wrapping_mul(GOLDEN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_a_descriptor_only_if_made_from_one() {
        assert_eq!(Ino::of_fd(7).fd(), Some(7));
        assert_eq!(Ino::of_fd(u32::MAX).fd(), Some(u32::MAX));
        assert_eq!(Ino::ROOT.fd(), None);
        assert_eq!(Ino(FD_LINKS | 1 << 40).fd(), None);
    }
}
