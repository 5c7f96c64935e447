//! Error numbers of the module and of preview 1, and their words.
//!
//! The numbers are preview 1's `errno`; the words are those of glibc's `strerror`, which GNU programs print.

use std::borrow::Cow;
use std::io;

/// What calls of this crate answer.
pub type Result<T> = std::result::Result<T, Errno>;

/// A preview 1 error number; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub u16);

macro_rules! errnos {
    ($($name:ident = $number:literal $text:literal,)*) => {
        impl Errno {
            $(#[doc = $text] pub const $name: Self = Self($number);)*

            /// Returns the text that glibc's `strerror` gives in the C locale.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self.0 {
                    $($number => $text,)*
                    _ => "Unknown error",
                }
            }
        }
    };
}

errnos! {
    E2BIG = 1 "Argument list too long",
    EACCES = 2 "Permission denied",
    EADDRINUSE = 3 "Address already in use",
    EADDRNOTAVAIL = 4 "Cannot assign requested address",
    EAFNOSUPPORT = 5 "Address family not supported by protocol",
    EAGAIN = 6 "Resource temporarily unavailable",
    EALREADY = 7 "Operation already in progress",
    EBADF = 8 "Bad file descriptor",
    EBADMSG = 9 "Bad message",
    EBUSY = 10 "Device or resource busy",
    ECANCELED = 11 "Operation canceled",
    ECHILD = 12 "No child processes",
    ECONNABORTED = 13 "Software caused connection abort",
    ECONNREFUSED = 14 "Connection refused",
    ECONNRESET = 15 "Connection reset by peer",
    EDEADLK = 16 "Resource deadlock avoided",
    EDESTADDRREQ = 17 "Destination address required",
    EDOM = 18 "Numerical argument out of domain",
    EDQUOT = 19 "Disk quota exceeded",
    EEXIST = 20 "File exists",
    EFAULT = 21 "Bad address",
    EFBIG = 22 "File too large",
    EHOSTUNREACH = 23 "No route to host",
    EIDRM = 24 "Identifier removed",
    EILSEQ = 25 "Invalid or incomplete multibyte or wide character",
    EINPROGRESS = 26 "Operation now in progress",
    EINTR = 27 "Interrupted system call",
    EINVAL = 28 "Invalid argument",
    EIO = 29 "Input/output error",
    EISCONN = 30 "Transport endpoint is already connected",
    EISDIR = 31 "Is a directory",
    ELOOP = 32 "Too many levels of symbolic links",
    EMFILE = 33 "Too many open files",
    EMLINK = 34 "Too many links",
    EMSGSIZE = 35 "Message too long",
    EMULTIHOP = 36 "Multihop attempted",
    ENAMETOOLONG = 37 "File name too long",
    ENETDOWN = 38 "Network is down",
    ENETRESET = 39 "Network dropped connection on reset",
    ENETUNREACH = 40 "Network is unreachable",
    ENFILE = 41 "Too many open files in system",
    ENOBUFS = 42 "No buffer space available",
    ENODEV = 43 "No such device",
    ENOENT = 44 "No such file or directory",
    ENOEXEC = 45 "Exec format error",
    ENOLCK = 46 "No locks available",
    ENOLINK = 47 "Link has been severed",
    ENOMEM = 48 "Cannot allocate memory",
    ENOMSG = 49 "No message of desired type",
    ENOPROTOOPT = 50 "Protocol not available",
    ENOSPC = 51 "No space left on device",
    ENOSYS = 52 "Function not implemented",
    ENOTCONN = 53 "Transport endpoint is not connected",
    ENOTDIR = 54 "Not a directory",
    ENOTEMPTY = 55 "Directory not empty",
    ENOTRECOVERABLE = 56 "State not recoverable",
    ENOTSOCK = 57 "Socket operation on non-socket",
    ENOTSUP = 58 "Operation not supported",
    ENOTTY = 59 "Inappropriate ioctl for device",
    ENXIO = 60 "No such device or address",
    EOVERFLOW = 61 "Value too large for defined data type",
    EOWNERDEAD = 62 "Owner died",
    EPERM = 63 "Operation not permitted",
    EPIPE = 64 "Broken pipe",
    EPROTO = 65 "Protocol error",
    EPROTONOSUPPORT = 66 "Protocol not supported",
    EPROTOTYPE = 67 "Protocol wrong type for socket",
    ERANGE = 68 "Numerical result out of range",
    EROFS = 69 "Read-only file system",
    ESPIPE = 70 "Illegal seek",
    ESRCH = 71 "No such process",
    ESTALE = 72 "Stale file handle",
    ETIMEDOUT = 73 "Connection timed out",
    ETXTBSY = 74 "Text file busy",
    EXDEV = 75 "Invalid cross-device link",
    ENOTCAPABLE = 76 "Capabilities insufficient",
}

impl Errno {
    /// Translates what a function of the module answered: 0 is success.
    pub(crate) fn check(answer: i32) -> Result<()> {
        match u16::try_from(answer) {
            Ok(0) => Ok(()),
            Ok(number) => Err(Self(number)),
            Err(_) => Err(Self::EIO),
        }
    }
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Errno {}

impl From<Errno> for io::Error {
    /// On WASI the number is the system's own; elsewhere only its words survive.
    fn from(errno: Errno) -> Self {
        if cfg!(target_os = "wasi") { Self::from_raw_os_error(errno.0.into()) } else { Self::other(errno) }
    }
}

/// Returns the words for an I/O error as GNU programs print them, without Rust's "(os error N)".
#[must_use]
pub fn reason(error: &io::Error) -> Cow<'static, str> {
    if cfg!(target_os = "wasi")
        && let Some(number) = error.raw_os_error().and_then(|number| u16::try_from(number).ok())
    {
        return Errno(number).message().into();
    }
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned().into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_strerror_says() {
        assert_eq!(Errno::ENOENT.to_string(), "No such file or directory");
        assert_eq!(Errno(999).message(), "Unknown error");
        assert_eq!(reason(&io::Error::other(Errno::EISDIR)), "Is a directory");
        assert_eq!(Errno::check(0), Ok(()));
        assert_eq!(Errno::check(44), Err(Errno::ENOENT));
        assert_eq!(Errno::check(-1), Err(Errno::EIO));
    }
}
