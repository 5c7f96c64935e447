//! The bytes of a file and what belongs to it: mode, owner, times.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sandshell_sys::{SetTime, Stat, change_mode, change_owner, set_times};

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::Reason;

/// Bytes moved at once.
const BUFFER_BYTES: usize = 256 << 10;

/// Which attributes a copy takes from its source.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of --preserve")]
pub(crate) struct Preserve {
    /// The whole mode, set-id bits included; else what the umask leaves of the permissions.
    pub(crate) mode: bool,
    /// New files get the mode any new file has, whatever their source's.
    pub(crate) default_mode: bool,
    /// Owner and group.
    pub(crate) owner: bool,
    /// Times of access and modification.
    pub(crate) times: bool,
}

impl Preserve {
    /// All of them.
    pub(crate) fn all() -> Self {
        Self { mode: true, default_mode: false, owner: true, times: true }
    }
}

/// Copies all bytes of an open file to another.
///
/// # Errors
///
/// What could not be done, and the words why.
pub(crate) fn copy_bytes(from: &mut File, to: &mut File) -> Result<(), (CopyStep, String)> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err((CopyStep::Read, error.words())),
        };
        to.write_all(&buffer[..count]).map_err(|error| (CopyStep::Write, error.words()))?;
    }
}

/// Which side of a copy failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CopyStep {
    /// Reading the source.
    Read,
    /// Writing the destination.
    Write,
}

/// Gives a file the attributes of another. Answers what failed, worded for a message.
pub(crate) fn set_attributes(path: &Path, of: &Stat, preserve: Preserve, follow: bool) -> Result<(), String> {
    let bytes = path.as_os_str().as_bytes();
    let quoted = crate::basis::quoting::name(path);
    if preserve.times {
        set_times(bytes, SetTime::At(of.accessed), SetTime::At(of.modified), follow)
            .map_err(|error| format!("preserving times for {quoted}: {}", error.words()))?;
    }
    if preserve.owner {
        change_owner(bytes, Some(of.uid), Some(of.gid), follow)
            .map_err(|error| format!("failed to preserve ownership for {quoted}: {}", error.words()))?;
    }
    // A link has no mode of its own. The mode comes last: a change of owner may clear set-id bits.
    if preserve.mode && follow {
        change_mode(bytes, of.mode.permissions(), true)
            .map_err(|error| format!("preserving permissions for {quoted}: {}", error.words()))?;
    }
    Ok(())
}

/// Makes a symbolic link.
///
/// # Errors
///
/// Those of `symlink(2)`.
pub(crate) fn make_link(target: &Path, link: &Path) -> io::Result<()> {
    rustix::fs::symlink(target, link).map_err(io::Error::from)
}
