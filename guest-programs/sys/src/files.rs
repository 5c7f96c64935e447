//! What can be asked of and changed about files beside their content: permissions, owners, times, the mask, the room.

use std::time::Duration;

use crate::descriptors::Fd;
use crate::errno::Result;
use crate::imports;

/// What [`access`] asks for: any sum of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access(pub u32);

impl Access {
    /// The file exists.
    pub const EXISTS: Self = Self(0);
    /// It may be executed (a directory: searched).
    pub const EXECUTE: Self = Self(1);
    /// It may be written.
    pub const WRITE: Self = Self(2);
    /// It may be read.
    pub const READ: Self = Self(4);
}

/// A time for [`set_times`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTime {
    /// Keep what there is.
    Leave,
    /// The time of the call.
    Now,
    /// This long after 1970-01-01 UTC.
    At(Duration),
}

/// What `statfs` tells of the session's file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// Size of a block in bytes.
    pub block_size: u64,
    /// Blocks in all.
    pub blocks: u64,
    /// Free blocks.
    pub free: u64,
    /// Inodes in all.
    pub inodes: u64,
    /// Free inodes.
    pub free_inodes: u64,
    /// Longest file name in bytes.
    pub name_max: u64,
}

/// Tells whether a path can be used so; symbolic links are followed.
///
/// # Errors
///
/// `EACCES` when not; otherwise those of `access(2)`.
pub fn access(path: &[u8], wanted: Access) -> Result<()> {
    imports::access(path, wanted.0)
}

/// Sets permission, set-id and sticky bits (0 to 0o7777).
///
/// # Errors
///
/// `EINVAL` for other bits; otherwise those of `chmod(2)`.
pub fn change_mode(path: &[u8], permissions: u32, follow: bool) -> Result<()> {
    imports::chmod(path, permissions, follow)
}

/// [`change_mode`] of an open file.
///
/// # Errors
///
/// `EINVAL` for other bits; `EBADF`.
pub fn change_mode_of(fd: Fd, permissions: u32) -> Result<()> {
    imports::fchmod(fd.0, permissions)
}

/// Sets owner and group; `None` keeps one. They are data: no permission depends on them.
///
/// # Errors
///
/// Those of `chown(2)`.
pub fn change_owner(path: &[u8], uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
    imports::chown(path, uid, gid, follow)
}

/// [`change_owner`] of an open file.
///
/// # Errors
///
/// `EBADF`.
pub fn change_owner_of(fd: Fd, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
    imports::fchown(fd.0, uid, gid)
}

/// Sets the times of last access and of last change of the content.
///
/// # Errors
///
/// Those of `utimensat(2)`.
pub fn set_times(path: &[u8], accessed: SetTime, modified: SetTime, follow: bool) -> Result<()> {
    imports::utimens(path, follow, encode(accessed), encode(modified))
}

/// The module's number for a time.
fn encode(time: SetTime) -> u64 {
    match time {
        SetTime::Leave => u64::MAX,
        SetTime::Now => u64::MAX - 1,
        SetTime::At(since) => u64::try_from(since.as_nanos()).unwrap_or(u64::MAX - 2).min(u64::MAX - 2),
    }
}

/// Returns the process's file mode mask.
///
/// # Errors
///
/// Only where the module is absent.
pub fn mask() -> Result<u32> {
    imports::umask(None)
}

/// Sets the file mode mask and returns the previous one.
///
/// # Errors
///
/// Only where the module is absent.
pub fn set_mask(mask: u32) -> Result<u32> {
    imports::umask(Some(mask))
}

/// Tells the size of the session's file system and what is free of it.
///
/// # Errors
///
/// Only where the module is absent.
pub fn file_system() -> Result<FileSystem> {
    let [block_size, blocks, free, inodes, free_inodes, name_max] = imports::statfs()?;
    Ok(FileSystem { block_size, blocks, free, inodes, free_inodes, name_max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_taken_for_a_word_of_the_interface() {
        assert_eq!(encode(SetTime::At(Duration::from_nanos(5))), 5);
        assert_eq!(encode(SetTime::At(Duration::MAX)), u64::MAX - 2);
        assert_eq!((encode(SetTime::Leave), encode(SetTime::Now)), (u64::MAX, u64::MAX - 1));
    }
}
