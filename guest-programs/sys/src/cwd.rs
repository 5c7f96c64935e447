//! The working directory, which the WASI libc of a program does not know at start.

use std::io;

/// Makes relative paths of this program mean what they mean to the process that started it.
///
/// Call it first in `main`. On targets with working directories of their own it does nothing.
///
/// # Errors
///
/// The directory was removed, or its path is longer than the 4,096 bytes of `PATH_MAX`.
#[cfg(target_arch = "wasm32")]
pub fn enter_working_directory() -> io::Result<()> {
    use std::ffi::OsStr;
    use std::os::wasi::ffi::OsStrExt;

    let mut path = [0u8; 4096];
    let length = crate::imports::working_directory(&mut path)?;
    let path = &path[..length];
    if path == b"/" { Ok(()) } else { std::env::set_current_dir(OsStr::from_bytes(path)) }
}

/// See the Wasm version: here the operating system has done it already.
///
/// # Errors
///
/// None.
#[cfg(not(target_arch = "wasm32"))]
pub fn enter_working_directory() -> io::Result<()> {
    Ok(())
}
