//! Messages on stderr: `PROGRAM: what`, in one write.

use std::io;

use sandshell_sys::Errno;

/// Returns the words of an error as glibc has them.
pub(crate) fn reason(error: &io::Error) -> String {
    sandshell_sys::reason(error).into_owned()
}

/// Writes `PROGRAM: message`.
pub(crate) fn complain(program: &str, message: &str) {
    super::output::warn(format!("{program}: {message}\n").as_bytes());
}

/// What can be said about a failure, from `std` or from the program module.
pub(crate) trait Reason {
    /// The words of `strerror`.
    fn words(&self) -> String;
}

impl Reason for io::Error {
    fn words(&self) -> String {
        reason(self)
    }
}

impl Reason for Errno {
    fn words(&self) -> String {
        self.message().to_owned()
    }
}
