//! Path arguments: where they start, and how far they may lead.
//!
//! The preopened directory is the root, so its paths lead anywhere, as in POSIX. A path from any other directory stays
//! below it as it is written: it does not start with `/`, and its `..` do not lead out. Where symbolic links lead is
//! the file system's.

use base::Errno;
use kernel::At;

use super::rights;
use crate::memory::GuestMemory;
use crate::state::GuestState;

/// A path argument of a guest.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathArg {
    /// The guest's descriptor of the directory it starts from.
    pub(super) fd: u32,
    /// The address of its bytes.
    pub(super) at: u32,
    /// Their number.
    pub(super) len: u32,
}

impl PathArg {
    /// Finds where the path starts and its bytes.
    ///
    /// # Errors
    ///
    /// `ENOTCAPABLE` when the guest has given `right` up for the directory, `EPERM` for a path that leads out of it,
    /// those of [`GuestMemory::path`].
    pub(super) fn resolve<'m>(
        self,
        memory: &'m GuestMemory<'_>,
        state: &GuestState,
        right: u64,
    ) -> Result<(At, &'m [u8]), Errno> {
        let path = memory.path(self.at, self.len)?;
        rights::require(state, self.fd, right)?;
        if !state.descriptors.is_preopen(self.fd) && leads_out(path) {
            return Err(Errno::EPERM);
        }
        Ok((state.at(self.fd), path))
    }
}

fn leads_out(path: &[u8]) -> bool {
    let mut depth = 0usize;
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." if depth == 0 => return true,
            b".." => depth -= 1,
            _ => depth += 1,
        }
    }
    path.starts_with(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_below_their_directory_are_written_so() {
        for path in ["", ".", "a", "a/..", "./a/../b/../c", "a/.//b/../../a/b/../b///./c", "a/../"] {
            assert!(!leads_out(path.as_bytes()), "{path}");
        }
        for path in ["/", "/a", "..", "../a", "a/../..", "a/b/../../../c", "./..", "a/../../a"] {
            assert!(leads_out(path.as_bytes()), "{path}");
        }
    }
}
