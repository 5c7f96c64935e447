//! The two versions of preview 1 that programs import: `wasi_snapshot_preview1`, and `wasi_unstable` before it.
//!
//! They have the same functions but for `sock_accept`. What differs are the numbers of `whence`, the width of a link
//! count, and an identifier in clock subscriptions. Owns those differences; everything else is in `abi`.

use base::Errno;
use kernel::Whence;

use super::abi::{self, Filestat, Subscription};

/// Which of the two a function was imported from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// `wasi_unstable`, "snapshot 0".
    Unstable,
    /// `wasi_snapshot_preview1`.
    Preview1,
}

impl Version {
    /// The name of its module.
    pub(super) fn module(self) -> &'static str {
        match self {
            Self::Unstable => super::UNSTABLE_MODULE,
            Self::Preview1 => super::MODULE,
        }
    }

    /// Decodes `whence`; `EINVAL` for a number it has not.
    pub(super) fn whence(self, whence: u32) -> Result<Whence, Errno> {
        match (self, whence) {
            (Self::Preview1, 0) | (Self::Unstable, 2) => Ok(Whence::Set),
            (Self::Preview1, 1) | (Self::Unstable, 0) => Ok(Whence::Current),
            (Self::Preview1, 2) | (Self::Unstable, 1) => Ok(Whence::End),
            _ => Err(Errno::EINVAL),
        }
    }

    /// Encodes a `filestat`: 56 bytes with 32 bits of links, or 64 bytes.
    pub(super) fn filestat(self, stat: &Filestat) -> Vec<u8> {
        let mut record = match self {
            Self::Preview1 => vec![0; 64],
            Self::Unstable => vec![0; 56],
        };
        record[0..8].copy_from_slice(&stat.device.to_le_bytes());
        record[8..16].copy_from_slice(&stat.inode.to_le_bytes());
        record[16] = stat.filetype;
        let rest = match self {
            Self::Preview1 => {
                record[24..32].copy_from_slice(&u64::from(stat.links).to_le_bytes());
                32
            }
            Self::Unstable => {
                record[20..24].copy_from_slice(&stat.links.to_le_bytes());
                24
            }
        };
        for (field, word) in
            record[rest..].chunks_exact_mut(8).zip([stat.size, stat.accessed, stat.modified, stat.changed])
        {
            field.copy_from_slice(&word.to_le_bytes());
        }
        record
    }

    /// Bytes of a `subscription`.
    pub(super) fn subscription_bytes(self) -> u32 {
        match self {
            Self::Preview1 => 48,
            Self::Unstable => 56,
        }
    }

    /// Decodes a `subscription` of [`Version::subscription_bytes`] bytes; `EINVAL` for another length.
    pub(super) fn subscription(self, record: &[u8]) -> Result<Subscription, Errno> {
        // An identifier of the clock subscription comes first, which nothing was ever done with.
        let clock = match self {
            Self::Preview1 => 16,
            Self::Unstable => 24,
        };
        let whole = Some(record).filter(|record| record.len() == self.subscription_bytes() as usize);
        whole.and_then(|record| abi::subscription(record, clock)).ok_or(Errno::EINVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::p1::abi::{CLOCK_MONOTONIC, Interest};

    #[test]
    fn a_clock_subscription_is_read_field_by_field() {
        let check = |version: Version, clock: usize| {
            let mut record = vec![0u8; version.subscription_bytes() as usize];
            record[0] = 9;
            record[clock] = 1;
            record[clock + 8..clock + 16].copy_from_slice(&77u64.to_le_bytes());
            record[clock + 24] = 1;
            let expected = Interest::Clock { id: CLOCK_MONOTONIC, timeout: 77, absolute: true };
            assert_eq!(version.subscription(&record), Ok(Subscription { userdata: 9, tag: 0, interest: expected }));
            record[8] = 2;
            record[16] = 5;
            assert_eq!(version.subscription(&record).map(|one| one.interest), Ok(Interest::Write(5)));
            record[8] = 3;
            assert_eq!(version.subscription(&record).map(|one| one.interest), Ok(Interest::Unknown));
            assert_eq!(version.subscription(&record[1..]), Err(Errno::EINVAL));
        };
        check(Version::Preview1, 16);
        check(Version::Unstable, 24);
    }

    #[test]
    fn a_filestat_has_the_layout_of_its_version() {
        let stat =
            Filestat { device: 1, inode: 2, filetype: 4, links: 3, size: 5, accessed: 6, modified: 7, changed: 8 };
        let words = |record: &[u8]| -> Vec<u64> {
            record.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect()
        };
        assert_eq!(words(&Version::Preview1.filestat(&stat)), [1, 2, 4, 3, 5, 6, 7, 8]);
        assert_eq!(words(&Version::Unstable.filestat(&stat)), [1, 2, 4 | 3 << 32, 5, 6, 7, 8]);
    }

    #[test]
    fn whence_is_numbered_differently() {
        use kernel::Whence::{Current, End, Set};
        let all = |version: Version| [0, 1, 2].map(|whence| version.whence(whence).expect("a whence"));
        assert_eq!((all(Version::Preview1), all(Version::Unstable)), ([Set, Current, End], [Current, End, Set]));
        assert_eq!(Version::Unstable.whence(3), Err(Errno::EINVAL));
    }
}
