//! Arguments, environment and paths as the bytes they are.

use std::ffi::OsStr;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
#[cfg(target_os = "wasi")]
use std::os::wasi::ffi::OsStrExt;
use std::path::Path;

/// Returns the arguments of this process, the name it was called by first.
#[must_use]
pub fn arguments() -> Vec<Vec<u8>> {
    std::env::args_os().map(|argument| bytes_of(&argument).to_vec()).collect()
}

/// Returns the environment, `NAME=value` each, in the order it was given.
#[must_use]
pub fn environment() -> Vec<Vec<u8>> {
    std::env::vars_os().map(|(name, value)| [bytes_of(&name), b"=", bytes_of(&value)].concat()).collect()
}

/// Returns bytes as the path they name.
#[must_use]
pub fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Returns the bytes of a name or path.
#[must_use]
pub fn bytes_of(text: &OsStr) -> &[u8] {
    text.as_bytes()
}
