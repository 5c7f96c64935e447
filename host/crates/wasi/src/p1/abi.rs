//! The numbers and record layouts of preview 1.
//!
//! Pure data: flags, file types and the byte images of its records. What they are filled with is decided by callers;
//! rights are `rights`'s, and what differs between the versions of preview 1 is `version`'s.

use base::Errno;

pub(crate) const FILETYPE_UNKNOWN: u8 = 0;
pub(crate) const FILETYPE_CHARACTER_DEVICE: u8 = 2;
pub(crate) const FILETYPE_DIRECTORY: u8 = 3;
pub(crate) const FILETYPE_REGULAR_FILE: u8 = 4;
pub(crate) const FILETYPE_SYMBOLIC_LINK: u8 = 7;

pub(crate) const FDFLAG_APPEND: u16 = 1 << 0;
pub(crate) const FDFLAG_DSYNC: u16 = 1 << 1;
pub(crate) const FDFLAG_NONBLOCK: u16 = 1 << 2;
pub(crate) const FDFLAG_RSYNC: u16 = 1 << 3;
pub(crate) const FDFLAG_SYNC: u16 = 1 << 4;
/// Those about writing through, which files in memory always do.
pub(crate) const FDFLAGS_SYNC: u16 = FDFLAG_DSYNC | FDFLAG_RSYNC | FDFLAG_SYNC;

/// Decodes `fdflags`; `EINVAL` for a flag there is not.
pub(crate) fn fdflags(flags: u32) -> Result<u16, Errno> {
    let flags = u16::try_from(flags).map_err(|_| Errno::EINVAL)?;
    if flags & !(FDFLAG_APPEND | FDFLAG_NONBLOCK | FDFLAGS_SYNC) == 0 { Ok(flags) } else { Err(Errno::EINVAL) }
}

pub(crate) const OFLAG_CREAT: u32 = 1 << 0;
pub(crate) const OFLAG_DIRECTORY: u32 = 1 << 1;
pub(crate) const OFLAG_EXCL: u32 = 1 << 2;
pub(crate) const OFLAG_TRUNC: u32 = 1 << 3;
pub(crate) const OFLAGS_ALL: u32 = OFLAG_CREAT | OFLAG_DIRECTORY | OFLAG_EXCL | OFLAG_TRUNC;

const LOOKUP_SYMLINK_FOLLOW: u32 = 1;

/// What `lookupflags` say about a symbolic link in the last place; `EINVAL` for a flag there is not.
pub(crate) fn follows(lookup: u32) -> Result<vfs::Follow, Errno> {
    match lookup {
        0 => Ok(vfs::Follow::No),
        LOOKUP_SYMLINK_FOLLOW => Ok(vfs::Follow::Yes),
        _ => Err(Errno::EINVAL),
    }
}

pub(crate) const FSTFLAG_ATIM: u32 = 1 << 0;
pub(crate) const FSTFLAG_ATIM_NOW: u32 = 1 << 1;
pub(crate) const FSTFLAG_MTIM: u32 = 1 << 2;
pub(crate) const FSTFLAG_MTIM_NOW: u32 = 1 << 3;
pub(crate) const FSTFLAGS_ALL: u32 = FSTFLAG_ATIM | FSTFLAG_ATIM_NOW | FSTFLAG_MTIM | FSTFLAG_MTIM_NOW;

pub(crate) const CLOCK_REALTIME: u32 = 0;
pub(crate) const CLOCK_MONOTONIC: u32 = 1;
pub(crate) const CLOCK_PROCESS_CPUTIME: u32 = 2;
pub(crate) const CLOCK_THREAD_CPUTIME: u32 = 3;

pub(crate) const EVENT_CLOCK: u8 = 0;
pub(crate) const EVENT_FD_READ: u8 = 1;
pub(crate) const EVENT_FD_WRITE: u8 = 2;
pub(crate) const EVENT_HANGUP: u16 = 1;
pub(crate) const SUBCLOCK_ABSTIME: u16 = 1;

/// `fdstat`: 24 bytes.
pub(crate) fn fdstat(filetype: u8, flags: u16, rights: u64, inheriting: u64) -> [u8; 24] {
    let mut record = [0; 24];
    record[0] = filetype;
    record[2..4].copy_from_slice(&flags.to_le_bytes());
    record[8..16].copy_from_slice(&rights.to_le_bytes());
    record[16..24].copy_from_slice(&inheriting.to_le_bytes());
    record
}

/// The fields of a `filestat`.
pub(crate) struct Filestat {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) filetype: u8,
    pub(crate) links: u32,
    pub(crate) size: u64,
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

/// Bytes of a `dirent` before its name.
pub(crate) const DIRENT_BYTES: usize = 24;

/// `dirent`, without the name.
pub(crate) fn dirent(next: u64, inode: u64, name_len: u32, filetype: u8) -> [u8; DIRENT_BYTES] {
    let mut record = [0; DIRENT_BYTES];
    record[0..8].copy_from_slice(&next.to_le_bytes());
    record[8..16].copy_from_slice(&inode.to_le_bytes());
    record[16..20].copy_from_slice(&name_len.to_le_bytes());
    record[20] = filetype;
    record
}

/// Bytes of an `event`.
pub(crate) const EVENT_BYTES: u32 = 32;

/// What a `subscription` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    Clock {
        id: u32,
        timeout: u64,
        absolute: bool,
    },
    Read(u32),
    Write(u32),
    /// A tag preview 1 does not know.
    Unknown,
}

/// A decoded `subscription`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) userdata: u64,
    pub(crate) tag: u8,
    pub(crate) interest: Interest,
}

/// Decodes a `subscription` whose clock begins at `clock`; `None` when it is too short.
pub(crate) fn subscription(record: &[u8], clock: usize) -> Option<Subscription> {
    let tag = *record.get(8)?;
    let interest = match tag {
        EVENT_CLOCK => {
            let flags = record.get(clock + 24..)?.first_chunk().copied()?;
            let absolute = u16::from_le_bytes(flags) & SUBCLOCK_ABSTIME != 0;
            Interest::Clock { id: half(record, clock)?, timeout: word(record, clock + 8)?, absolute }
        }
        EVENT_FD_READ => Interest::Read(half(record, 16)?),
        EVENT_FD_WRITE => Interest::Write(half(record, 16)?),
        _ => Interest::Unknown,
    };
    Some(Subscription { userdata: word(record, 0)?, tag, interest })
}

fn word(record: &[u8], at: usize) -> Option<u64> {
    record.get(at..)?.first_chunk().copied().map(u64::from_le_bytes)
}

fn half(record: &[u8], at: usize) -> Option<u32> {
    record.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// `event`: 32 bytes; `errno` 0 is success.
pub(crate) fn event(userdata: u64, errno: u16, tag: u8, n_bytes: u64, flags: u16) -> [u8; EVENT_BYTES as usize] {
    let mut record = [0; EVENT_BYTES as usize];
    record[0..8].copy_from_slice(&userdata.to_le_bytes());
    record[8..10].copy_from_slice(&errno.to_le_bytes());
    record[10] = tag;
    record[16..24].copy_from_slice(&n_bytes.to_le_bytes());
    record[24..26].copy_from_slice(&flags.to_le_bytes());
    record
}
