//! What `stat(2)` tells.

use std::time::Duration;

use crate::descriptors::Fd;
use crate::errno::Result;
use crate::imports;
use crate::mode::Mode;

/// Length of the record the host writes.
pub(crate) const RECORD_BYTES: usize = 80;

/// The state of a file. Times are nanoseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Number of the inode.
    pub inode: u64,
    /// Kind and permissions.
    pub mode: Mode,
    /// Number of names.
    pub links: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Length in bytes.
    pub size: u64,
    /// Last access.
    pub accessed: Duration,
    /// Last change of the content.
    pub modified: Duration,
    /// Last change of anything.
    pub changed: Duration,
    /// Of a device file: `makedev(major, minor)`, else 0.
    pub device: u64,
    /// Blocks of 512 bytes its content occupies.
    pub blocks: u64,
}

impl Stat {
    fn decode(record: &[u8; RECORD_BYTES]) -> Self {
        let word = |at: usize| record[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let half = |at: usize| record[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        Self {
            inode: word(0),
            mode: Mode(half(8)),
            links: half(12),
            uid: half(16),
            gid: half(20),
            size: word(24),
            accessed: Duration::from_nanos(word(32)),
            modified: Duration::from_nanos(word(40)),
            changed: Duration::from_nanos(word(48)),
            device: word(56),
            blocks: word(64),
        }
    }
}

/// Tells of the file that `path` names, symbolic links followed.
///
/// # Errors
///
/// Those of `stat(2)`.
pub fn stat(path: &[u8]) -> Result<Stat> {
    let mut record = [0; RECORD_BYTES];
    imports::stat(path, true, &mut record)?;
    Ok(Stat::decode(&record))
}

/// Tells of the file that `path` names, or of the symbolic link if it is one.
///
/// # Errors
///
/// Those of `lstat(2)`.
pub fn lstat(path: &[u8]) -> Result<Stat> {
    let mut record = [0; RECORD_BYTES];
    imports::stat(path, false, &mut record)?;
    Ok(Stat::decode(&record))
}

/// Tells of an open file.
///
/// # Errors
///
/// `EBADF`.
pub fn stat_of(fd: Fd) -> Result<Stat> {
    let mut record = [0; RECORD_BYTES];
    imports::fstat(fd.0, &mut record)?;
    Ok(Stat::decode(&record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::Kind;

    #[test]
    fn a_record_is_read_field_by_field() {
        let mut record = [0u8; RECORD_BYTES];
        record[0] = 7;
        record[8..12].copy_from_slice(&0o100_640u32.to_le_bytes());
        record[12] = 2;
        record[16] = 5;
        record[20] = 6;
        record[24..32].copy_from_slice(&9u64.to_le_bytes());
        record[40..48].copy_from_slice(&1_500_000_000u64.to_le_bytes());
        record[64] = 8;
        let stat = Stat::decode(&record);
        assert_eq!((stat.inode, stat.links, stat.uid, stat.gid, stat.size, stat.blocks), (7, 2, 5, 6, 9, 8));
        assert_eq!((stat.mode.kind(), stat.mode.permissions()), (Kind::Regular, 0o640));
        assert_eq!(stat.modified, Duration::new(1, 500_000_000));
    }
}
