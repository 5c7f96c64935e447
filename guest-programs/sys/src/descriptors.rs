//! Descriptors: duplicating them, pipes, terminals.

use std::fs::File;
use std::os::fd::AsRawFd;

use crate::errno::Result;
use crate::imports;

/// A descriptor of this process. 3 is the preopened directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fd(pub u32);

impl Fd {
    /// Standard input.
    pub const STDIN: Self = Self(0);
    /// Standard output.
    pub const STDOUT: Self = Self(1);
    /// Standard error.
    pub const STDERR: Self = Self(2);
}

impl From<&File> for Fd {
    fn from(file: &File) -> Self {
        // A descriptor that is open is not negative.
        Self(file.as_raw_fd().unsigned_abs())
    }
}

/// Size of a terminal in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSize {
    /// Width.
    pub columns: u16,
    /// Height.
    pub rows: u16,
}

/// Duplicates a descriptor to the lowest free number not below `minimum`.
///
/// # Errors
///
/// `EBADF`; `EMFILE`; `EINVAL` for a minimum beyond the limit.
pub fn duplicate(fd: Fd, minimum: u32) -> Result<Fd> {
    imports::dup(fd.0, minimum).map(Fd)
}

/// Makes a pipe: its read end and its write end.
///
/// # Errors
///
/// `EMFILE`; `ENOMEM` when the session's memory has no room.
pub fn pipe() -> Result<(Fd, Fd)> {
    imports::pipe().map(|[reader, writer]| (Fd(reader), Fd(writer)))
}

/// [`pipe`], as files that close when they are dropped. Programs that are started get an end only when it is passed to them.
///
/// # Errors
///
/// Those of [`pipe`].
pub fn pipe_files() -> Result<(File, File)> {
    imports::pipe_files().map(|[reader, writer]| (reader, writer))
}

/// Tells whether a descriptor is a terminal.
///
/// # Errors
///
/// `EBADF`.
pub fn is_terminal(fd: Fd) -> Result<bool> {
    imports::isatty(fd.0)
}

/// Returns the size of the process's terminal.
///
/// # Errors
///
/// `ENOTTY` without one.
pub fn window_size() -> Result<WindowSize> {
    imports::winsize().map(|[columns, rows]| WindowSize { columns, rows })
}
