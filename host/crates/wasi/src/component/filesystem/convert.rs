//! Between the kernel's errors, types and times and those of `wasi:filesystem`.

use base::{Errno, Timestamp};
use kernel::{FileStat, FileType};
use wasmtime::component::ResourceTableError;

use super::types::{self, Datetime, ErrorCode};

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// Why a function of the interface failed: a code for the guest, or an end of the guest.
#[derive(Debug)]
pub enum FsError {
    /// The guest is told.
    Code(ErrorCode),
    /// The guest used a handle it does not have, or too many.
    Trap(wasmtime::Error),
}

impl std::fmt::Display for FsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code:?}"),
            Self::Trap(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for FsError {}

impl From<ErrorCode> for FsError {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

impl From<Errno> for FsError {
    fn from(errno: Errno) -> Self {
        Self::Code(error_code(errno))
    }
}

impl From<ResourceTableError> for FsError {
    fn from(error: ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

pub(super) fn error_code(errno: Errno) -> ErrorCode {
    match errno {
        Errno::EACCES => ErrorCode::Access,
        Errno::EAGAIN => ErrorCode::WouldBlock,
        Errno::EBADF => ErrorCode::BadDescriptor,
        Errno::EBUSY => ErrorCode::Busy,
        Errno::EDQUOT => ErrorCode::Quota,
        Errno::EEXIST => ErrorCode::Exist,
        Errno::EFBIG => ErrorCode::FileTooLarge,
        Errno::EILSEQ => ErrorCode::IllegalByteSequence,
        Errno::EINTR => ErrorCode::Interrupted,
        Errno::EINVAL => ErrorCode::Invalid,
        Errno::EISDIR => ErrorCode::IsDirectory,
        Errno::ELOOP => ErrorCode::Loop,
        Errno::EMLINK => ErrorCode::TooManyLinks,
        Errno::ENAMETOOLONG => ErrorCode::NameTooLong,
        Errno::ENODEV => ErrorCode::NoDevice,
        Errno::ENOENT => ErrorCode::NoEntry,
        Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE => ErrorCode::InsufficientMemory,
        Errno::ENOSPC => ErrorCode::InsufficientSpace,
        Errno::ENOTDIR => ErrorCode::NotDirectory,
        Errno::ENOTEMPTY => ErrorCode::NotEmpty,
        Errno::ENOTSUP | Errno::ENOSYS => ErrorCode::Unsupported,
        Errno::ENOTTY => ErrorCode::NoTty,
        Errno::ENXIO => ErrorCode::NoSuchDevice,
        Errno::EOVERFLOW => ErrorCode::Overflow,
        Errno::EPERM | Errno::ENOTCAPABLE => ErrorCode::NotPermitted,
        Errno::EPIPE => ErrorCode::Pipe,
        Errno::EROFS => ErrorCode::ReadOnly,
        Errno::ESPIPE => ErrorCode::InvalidSeek,
        Errno::ETXTBSY => ErrorCode::TextFileBusy,
        Errno::EXDEV => ErrorCode::CrossDevice,
        _ => ErrorCode::Io,
    }
}

pub(super) fn descriptor_type(kind: FileType) -> types::DescriptorType {
    match kind {
        FileType::Regular => types::DescriptorType::RegularFile,
        FileType::Directory => types::DescriptorType::Directory,
        FileType::Symlink => types::DescriptorType::SymbolicLink,
        FileType::CharDevice => types::DescriptorType::CharacterDevice,
        FileType::Fifo => types::DescriptorType::Fifo,
    }
}

pub(super) fn descriptor_stat(stat: &FileStat) -> types::DescriptorStat {
    types::DescriptorStat {
        type_: descriptor_type(stat.kind),
        link_count: u64::from(stat.nlink),
        size: stat.size,
        data_access_timestamp: Some(datetime(stat.atime)),
        data_modification_timestamp: Some(datetime(stat.mtime)),
        status_change_timestamp: Some(datetime(stat.ctime)),
    }
}

pub(super) fn metadata_hash(stat: &FileStat) -> types::MetadataHashValue {
    types::MetadataHashValue { lower: stat.ino.0, upper: stat.device }
}

/// Resolves what a time is to become; `None` keeps it.
pub(super) fn new_time(time: &types::NewTimestamp, now: Timestamp) -> Result<Option<Timestamp>, FsError> {
    match time {
        types::NewTimestamp::NoChange => Ok(None),
        types::NewTimestamp::Now => Ok(Some(now)),
        types::NewTimestamp::Timestamp(at) if u64::from(at.nanoseconds) >= NANOS_PER_SEC => {
            Err(ErrorCode::Invalid.into())
        }
        types::NewTimestamp::Timestamp(at) => {
            let nanos = at.seconds.checked_mul(NANOS_PER_SEC).and_then(|secs| secs.checked_add(at.nanoseconds.into()));
            nanos.map(|nanos| Some(Timestamp(nanos))).ok_or(FsError::Code(ErrorCode::Overflow))
        }
    }
}

fn datetime(at: Timestamp) -> Datetime {
    let nanoseconds = u32::try_from(at.0 % NANOS_PER_SEC).expect("a remainder of 10^9 fits 32 bits");
    Datetime { seconds: at.0 / NANOS_PER_SEC, nanoseconds }
}
