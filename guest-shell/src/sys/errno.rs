//! The errors of the kernel and their texts, as `strerror` of glibc words them.
//!
//! The order is that of the WIT enum; nothing here decides what an error means.

/// An error of the kernel; the names of POSIX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errno {
    /// Argument list too long.
    E2BIG,
    /// Permission denied.
    EACCES,
    /// Resource temporarily unavailable.
    EAGAIN,
    /// Bad file descriptor.
    EBADF,
    /// Device or resource busy.
    EBUSY,
    /// Operation canceled.
    ECANCELED,
    /// No child processes.
    ECHILD,
    /// Numerical argument out of domain.
    EDOM,
    /// Disk quota exceeded.
    EDQUOT,
    /// File exists.
    EEXIST,
    /// Bad address.
    EFAULT,
    /// File too large.
    EFBIG,
    /// Invalid or incomplete multibyte or wide character.
    EILSEQ,
    /// Interrupted system call.
    EINTR,
    /// Invalid argument.
    EINVAL,
    /// Input/output error.
    EIO,
    /// Is a directory.
    EISDIR,
    /// Too many levels of symbolic links.
    ELOOP,
    /// Too many open files.
    EMFILE,
    /// Too many links.
    EMLINK,
    /// File name too long.
    ENAMETOOLONG,
    /// Too many open files in system.
    ENFILE,
    /// No such device.
    ENODEV,
    /// No such file or directory.
    ENOENT,
    /// Exec format error.
    ENOEXEC,
    /// Cannot allocate memory.
    ENOMEM,
    /// No space left on device.
    ENOSPC,
    /// Function not implemented.
    ENOSYS,
    /// Not a directory.
    ENOTDIR,
    /// Directory not empty.
    ENOTEMPTY,
    /// Operation not supported.
    ENOTSUP,
    /// Inappropriate ioctl for device.
    ENOTTY,
    /// No such device or address.
    ENXIO,
    /// Value too large for defined data type.
    EOVERFLOW,
    /// Operation not permitted.
    EPERM,
    /// Broken pipe.
    EPIPE,
    /// Numerical result out of range.
    ERANGE,
    /// Read-only file system.
    EROFS,
    /// Illegal seek.
    ESPIPE,
    /// No such process.
    ESRCH,
    /// Connection timed out.
    ETIMEDOUT,
    /// Text file busy.
    ETXTBSY,
    /// Invalid cross-device link.
    EXDEV,
    /// Capabilities insufficient.
    ENOTCAPABLE,
}

impl Errno {
    /// All errors, in the order of the WIT enum.
    pub const ALL: &'static [Errno] = &[
        Errno::E2BIG,
        Errno::EACCES,
        Errno::EAGAIN,
        Errno::EBADF,
        Errno::EBUSY,
        Errno::ECANCELED,
        Errno::ECHILD,
        Errno::EDOM,
        Errno::EDQUOT,
        Errno::EEXIST,
        Errno::EFAULT,
        Errno::EFBIG,
        Errno::EILSEQ,
        Errno::EINTR,
        Errno::EINVAL,
        Errno::EIO,
        Errno::EISDIR,
        Errno::ELOOP,
        Errno::EMFILE,
        Errno::EMLINK,
        Errno::ENAMETOOLONG,
        Errno::ENFILE,
        Errno::ENODEV,
        Errno::ENOENT,
        Errno::ENOEXEC,
        Errno::ENOMEM,
        Errno::ENOSPC,
        Errno::ENOSYS,
        Errno::ENOTDIR,
        Errno::ENOTEMPTY,
        Errno::ENOTSUP,
        Errno::ENOTTY,
        Errno::ENXIO,
        Errno::EOVERFLOW,
        Errno::EPERM,
        Errno::EPIPE,
        Errno::ERANGE,
        Errno::EROFS,
        Errno::ESPIPE,
        Errno::ESRCH,
        Errno::ETIMEDOUT,
        Errno::ETXTBSY,
        Errno::EXDEV,
        Errno::ENOTCAPABLE,
    ];

    /// The message bash prints after the name of the file.
    pub fn text(self) -> &'static str {
        TEXTS[self as usize]
    }
}

/// One text for each error, in the order of the enum.
const TEXTS: [&str; Errno::ALL.len()] = [
    "Argument list too long",
    "Permission denied",
    "Resource temporarily unavailable",
    "Bad file descriptor",
    "Device or resource busy",
    "Operation canceled",
    "No child processes",
    "Numerical argument out of domain",
    "Disk quota exceeded",
    "File exists",
    "Bad address",
    "File too large",
    "Invalid or incomplete multibyte or wide character",
    "Interrupted system call",
    "Invalid argument",
    "Input/output error",
    "Is a directory",
    "Too many levels of symbolic links",
    "Too many open files",
    "Too many links",
    "File name too long",
    "Too many open files in system",
    "No such device",
    "No such file or directory",
    "Exec format error",
    "Cannot allocate memory",
    "No space left on device",
    "Function not implemented",
    "Not a directory",
    "Directory not empty",
    "Operation not supported",
    "Inappropriate ioctl for device",
    "No such device or address",
    "Value too large for defined data type",
    "Operation not permitted",
    "Broken pipe",
    "Numerical result out of range",
    "Read-only file system",
    "Illegal seek",
    "No such process",
    "Connection timed out",
    "Text file busy",
    "Invalid cross-device link",
    "Capabilities insufficient",
];

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}
