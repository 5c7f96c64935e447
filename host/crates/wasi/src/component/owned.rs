//! A descriptor of the process that a resource of the component holds, closed with it.

use base::Errno;
use kernel::{At, OpenFlags, Process};

/// Descriptors 0 to 2 are the standard streams even while closed.
const FD_MIN: u32 = 3;

/// The descriptor.
#[derive(Debug)]
pub(super) struct OwnedFd {
    process: Process,
    fd: u32,
}

impl OwnedFd {
    /// Opens a path.
    pub(super) fn open(process: &Process, at: At, path: &[u8], flags: OpenFlags, mode: u32) -> Result<Self, Errno> {
        let fd = process.open(at, path, flags, mode, FD_MIN)?;
        Ok(Self { process: process.clone(), fd })
    }

    /// Duplicates a descriptor: the new one outlives it.
    pub(super) fn duplicate(process: &Process, fd: u32) -> Result<Self, Errno> {
        let fd = process.dup(fd, FD_MIN)?;
        Ok(Self { process: process.clone(), fd })
    }

    /// Its number.
    pub(super) fn number(&self) -> u32 {
        self.fd
    }
}

impl Drop for OwnedFd {
    fn drop(&mut self) {
        // The process may have closed it by number; then there is nothing to do.
        let _ = self.process.close(self.fd);
    }
}
