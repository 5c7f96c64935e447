//! File names as bytes: the extension traits of the target, under one name.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

#[cfg(unix)]
pub(crate) use std::os::unix::ffi::{OsStrExt, OsStringExt};
#[cfg(target_os = "wasi")]
pub(crate) use std::os::wasi::ffi::{OsStrExt, OsStringExt};

/// Joins a directory as the user spelled it and a name, with one slash between them.
pub(crate) fn join(directory: &OsStr, name: &OsStr) -> PathBuf {
    let mut path = directory.as_bytes().to_vec();
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name.as_bytes());
    PathBuf::from(std::ffi::OsString::from_vec(path))
}

/// Returns the last component of a path, without trailing slashes; `/` for a path of slashes alone.
pub(crate) fn last_component(path: &OsStr) -> &OsStr {
    let bytes = strip_slashes(path).as_bytes();
    if bytes == b"/" {
        return OsStr::from_bytes(bytes);
    }
    OsStr::from_bytes(bytes.rsplit(|&byte| byte == b'/').next().unwrap_or(bytes))
}

/// Returns a path without its trailing slashes, but for the first byte.
pub(crate) fn strip_slashes(path: &OsStr) -> &OsStr {
    let mut bytes = path.as_bytes();
    while let [rest @ .., b'/'] = bytes {
        if rest.is_empty() {
            break;
        }
        bytes = rest;
    }
    OsStr::from_bytes(bytes)
}

/// Returns the names in a directory and leaves none open: a walk down a deep tree must not run out of descriptors.
///
/// # Errors
///
/// The directory cannot be opened or read.
pub(crate) fn names_in(directory: &Path) -> std::io::Result<Vec<OsString>> {
    std::fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect()
}
