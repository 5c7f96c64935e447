//! POSIX error numbers with the numbering of WASI preview 1, so that the ABIs pass them through unchanged.

/// Why an operation failed, as POSIX names it (`<errno.h>`).
///
/// The discriminants are those of `errno` in `wasi_snapshot_preview1`; zero (success) is not a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum Errno {
    /// Argument list too long.
    E2BIG = 1,
    /// Permission denied.
    EACCES = 2,
    /// Resource temporarily unavailable.
    EAGAIN = 6,
    /// Bad file descriptor.
    EBADF = 8,
    /// Device or resource busy.
    EBUSY = 10,
    /// Operation canceled.
    ECANCELED = 11,
    /// No child processes.
    ECHILD = 12,
    /// Numerical argument out of domain.
    EDOM = 18,
    /// Disk quota exceeded.
    EDQUOT = 19,
    /// File exists.
    EEXIST = 20,
    /// Bad address.
    EFAULT = 21,
    /// File too large.
    EFBIG = 22,
    /// Invalid or incomplete multibyte or wide character.
    EILSEQ = 25,
    /// Interrupted system call.
    EINTR = 27,
    /// Invalid argument.
    EINVAL = 28,
    /// Input/output error.
    EIO = 29,
    /// Is a directory.
    EISDIR = 31,
    /// Too many levels of symbolic links.
    ELOOP = 32,
    /// Too many open files.
    EMFILE = 33,
    /// Too many links.
    EMLINK = 34,
    /// File name too long.
    ENAMETOOLONG = 37,
    /// Too many open files in system.
    ENFILE = 41,
    /// No such device.
    ENODEV = 43,
    /// No such file or directory.
    ENOENT = 44,
    /// Exec format error.
    ENOEXEC = 45,
    /// Cannot allocate memory.
    ENOMEM = 48,
    /// No space left on device.
    ENOSPC = 51,
    /// Function not implemented.
    ENOSYS = 52,
    /// Not a directory.
    ENOTDIR = 54,
    /// Directory not empty.
    ENOTEMPTY = 55,
    /// Socket operation on non-socket.
    ENOTSOCK = 57,
    /// Operation not supported.
    ENOTSUP = 58,
    /// Inappropriate ioctl for device.
    ENOTTY = 59,
    /// No such device or address.
    ENXIO = 60,
    /// Value too large for defined data type.
    EOVERFLOW = 61,
    /// Operation not permitted.
    EPERM = 63,
    /// Broken pipe.
    EPIPE = 64,
    /// Numerical result out of range.
    ERANGE = 68,
    /// Read-only file system.
    EROFS = 69,
    /// Illegal seek.
    ESPIPE = 70,
    /// No such process.
    ESRCH = 71,
    /// Connection timed out.
    ETIMEDOUT = 73,
    /// Text file busy.
    ETXTBSY = 74,
    /// Invalid cross-device link.
    EXDEV = 75,
    /// Capabilities insufficient.
    ENOTCAPABLE = 76,
}

impl Errno {
    /// Returns the preview 1 number of this error; never zero.
    #[must_use]
    pub fn wasi(self) -> u16 {
        self as u16
    }

    /// Returns the text that `strerror` gives for this error in the C locale.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::E2BIG => "Argument list too long",
            Self::EACCES => "Permission denied",
            Self::EAGAIN => "Resource temporarily unavailable",
            Self::EBADF => "Bad file descriptor",
            Self::EBUSY => "Device or resource busy",
            Self::ECANCELED => "Operation canceled",
            Self::ECHILD => "No child processes",
            Self::EDOM => "Numerical argument out of domain",
            Self::EDQUOT => "Disk quota exceeded",
            Self::EEXIST => "File exists",
            Self::EFAULT => "Bad address",
            Self::EFBIG => "File too large",
            Self::EILSEQ => "Invalid or incomplete multibyte or wide character",
            Self::EINTR => "Interrupted system call",
            Self::EINVAL => "Invalid argument",
            Self::EIO => "Input/output error",
            Self::EISDIR => "Is a directory",
            Self::ELOOP => "Too many levels of symbolic links",
            Self::EMFILE => "Too many open files",
            Self::EMLINK => "Too many links",
            Self::ENAMETOOLONG => "File name too long",
            Self::ENFILE => "Too many open files in system",
            Self::ENODEV => "No such device",
            Self::ENOENT => "No such file or directory",
            Self::ENOEXEC => "Exec format error",
            Self::ENOMEM => "Cannot allocate memory",
            Self::ENOSPC => "No space left on device",
            Self::ENOSYS => "Function not implemented",
            Self::ENOTDIR => "Not a directory",
            Self::ENOTEMPTY => "Directory not empty",
            Self::ENOTSOCK => "Socket operation on non-socket",
            Self::ENOTSUP => "Operation not supported",
            Self::ENOTTY => "Inappropriate ioctl for device",
            Self::ENXIO => "No such device or address",
            Self::EOVERFLOW => "Value too large for defined data type",
            Self::EPERM => "Operation not permitted",
            Self::EPIPE => "Broken pipe",
            Self::ERANGE => "Numerical result out of range",
            Self::EROFS => "Read-only file system",
            Self::ESPIPE => "Illegal seek",
            Self::ESRCH => "No such process",
            Self::ETIMEDOUT => "Connection timed out",
            Self::ETXTBSY => "Text file busy",
            Self::EXDEV => "Invalid cross-device link",
            Self::ENOTCAPABLE => "Capabilities insufficient",
        }
    }
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Errno {}
