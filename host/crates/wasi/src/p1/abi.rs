//! The numbers and record layouts of `wasi_snapshot_preview1`.
//!
//! Pure data: flags, file types and the byte images of its records. What they are filled with is decided by callers.

/// Name of the module whose functions `p1` implements.
pub(crate) const MODULE: &str = "wasi_snapshot_preview1";

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
pub(crate) const FDFLAGS_ALL: u16 = FDFLAG_APPEND | FDFLAG_DSYNC | FDFLAG_NONBLOCK | FDFLAG_RSYNC | FDFLAG_SYNC;

pub(crate) const OFLAG_CREAT: u32 = 1 << 0;
pub(crate) const OFLAG_DIRECTORY: u32 = 1 << 1;
pub(crate) const OFLAG_EXCL: u32 = 1 << 2;
pub(crate) const OFLAG_TRUNC: u32 = 1 << 3;
pub(crate) const OFLAGS_ALL: u32 = OFLAG_CREAT | OFLAG_DIRECTORY | OFLAG_EXCL | OFLAG_TRUNC;

const LOOKUP_SYMLINK_FOLLOW: u32 = 1;

/// What `lookupflags` say about a symbolic link in the last place.
pub(crate) fn follows(lookup: u32) -> vfs::Follow {
    if lookup & LOOKUP_SYMLINK_FOLLOW == 0 { vfs::Follow::No } else { vfs::Follow::Yes }
}

pub(crate) const FSTFLAG_ATIM: u32 = 1 << 0;
pub(crate) const FSTFLAG_ATIM_NOW: u32 = 1 << 1;
pub(crate) const FSTFLAG_MTIM: u32 = 1 << 2;
pub(crate) const FSTFLAG_MTIM_NOW: u32 = 1 << 3;

pub(crate) const CLOCK_REALTIME: u32 = 0;
pub(crate) const CLOCK_MONOTONIC: u32 = 1;
pub(crate) const CLOCK_PROCESS_CPUTIME: u32 = 2;
pub(crate) const CLOCK_THREAD_CPUTIME: u32 = 3;

pub(crate) const EVENT_CLOCK: u8 = 0;
pub(crate) const EVENT_FD_READ: u8 = 1;
pub(crate) const EVENT_FD_WRITE: u8 = 2;
pub(crate) const EVENT_HANGUP: u16 = 1;
pub(crate) const SUBCLOCK_ABSTIME: u16 = 1;

pub(crate) const RIGHT_FD_DATASYNC: u64 = 1 << 0;
pub(crate) const RIGHT_FD_READ: u64 = 1 << 1;
pub(crate) const RIGHT_FD_SEEK: u64 = 1 << 2;
pub(crate) const RIGHT_FD_TELL: u64 = 1 << 5;
pub(crate) const RIGHT_FD_WRITE: u64 = 1 << 6;
pub(crate) const RIGHT_FD_ALLOCATE: u64 = 1 << 8;
pub(crate) const RIGHT_FD_READDIR: u64 = 1 << 14;
pub(crate) const RIGHT_FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
/// Every right preview 1 knows.
pub(crate) const RIGHTS_ALL: u64 = (1 << 30) - 1;
/// The rights that stand for the ability to write content.
pub(crate) const RIGHTS_WRITING: u64 =
    RIGHT_FD_DATASYNC | RIGHT_FD_WRITE | RIGHT_FD_ALLOCATE | RIGHT_FD_FILESTAT_SET_SIZE;
/// The rights that stand for the ability to read content.
pub(crate) const RIGHTS_READING: u64 = RIGHT_FD_READ | RIGHT_FD_READDIR;
/// Without these a character device is a terminal: that is how wasi-libc's `isatty` decides.
pub(crate) const RIGHTS_SEEKING: u64 = RIGHT_FD_SEEK | RIGHT_FD_TELL;

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
    pub(crate) links: u64,
    pub(crate) size: u64,
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

impl Filestat {
    /// The record: 64 bytes.
    pub(crate) fn encode(&self) -> [u8; 64] {
        let mut record = [0; 64];
        record[16] = self.filetype;
        let words = [
            (0, self.device),
            (8, self.inode),
            (24, self.links),
            (32, self.size),
            (40, self.accessed),
            (48, self.modified),
            (56, self.changed),
        ];
        for (at, word) in words {
            record[at..at + 8].copy_from_slice(&word.to_le_bytes());
        }
        record
    }
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

/// Bytes of a `subscription`.
pub(crate) const SUBSCRIPTION_BYTES: u32 = 48;
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

impl Subscription {
    pub(crate) fn decode(record: &[u8; SUBSCRIPTION_BYTES as usize]) -> Self {
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| record[at + i]));
        let half = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| record[at + i]));
        let interest = match record[8] {
            EVENT_CLOCK => {
                let absolute = u16::from_le_bytes([record[40], record[41]]) & SUBCLOCK_ABSTIME != 0;
                Interest::Clock { id: half(16), timeout: word(24), absolute }
            }
            EVENT_FD_READ => Interest::Read(half(16)),
            EVENT_FD_WRITE => Interest::Write(half(16)),
            _ => Interest::Unknown,
        };
        Self { userdata: word(0), tag: record[8], interest }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_subscription_is_read_field_by_field() {
        let mut record = [0u8; 48];
        record[0] = 9;
        record[16] = 1;
        record[24..32].copy_from_slice(&77u64.to_le_bytes());
        record[40] = 1;
        let expected = Interest::Clock { id: CLOCK_MONOTONIC, timeout: 77, absolute: true };
        assert_eq!(Subscription::decode(&record), Subscription { userdata: 9, tag: 0, interest: expected });
        record[8] = 2;
        assert_eq!(Subscription::decode(&record).interest, Interest::Write(1));
        record[8] = 3;
        assert_eq!(Subscription::decode(&record).interest, Interest::Unknown);
    }

    #[test]
    fn a_filestat_has_the_layout_of_preview_1() {
        let stat =
            Filestat { device: 1, inode: 2, filetype: 4, links: 3, size: 5, accessed: 6, modified: 7, changed: 8 };
        let record = stat.encode();
        let word = |at: usize| u64::from_le_bytes(record[at..at + 8].try_into().expect("eight bytes"));
        assert_eq!([word(0), word(8), word(16), word(24), word(32)], [1, 2, 4, 3, 5]);
        assert_eq!([word(40), word(48), word(56)], [6, 7, 8]);
    }
}
