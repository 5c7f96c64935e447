//! The working directory, which the WASI libc of a program does not know at start.

use std::io;

use crate::descriptors::Fd;
use crate::errno::Result;
use crate::imports;

/// Longest path in bytes (`PATH_MAX`).
const PATH_MAX: usize = 4096;

/// Makes relative paths of this program mean what they mean to the process that started it.
///
/// Call it first in `main`. On targets with working directories of their own it does nothing.
///
/// # Errors
///
/// The directory was removed, or its path is longer than the 4,096 bytes of `PATH_MAX`.
#[cfg(target_arch = "wasm32")]
pub fn enter_working_directory() -> io::Result<()> {
    let path = working_directory()?;
    if path == b"/" { Ok(()) } else { std::env::set_current_dir(crate::text::path_of(&path)) }
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

/// Returns the process's working directory: absolute, without symbolic links.
///
/// # Errors
///
/// `ENOENT` when it was removed; `ERANGE` when its path is longer than `PATH_MAX`.
pub fn working_directory() -> Result<Vec<u8>> {
    let mut path = vec![0; PATH_MAX];
    let length = imports::getcwd(&mut path)?;
    path.truncate(length);
    Ok(path)
}

/// Changes the process's working directory: where this crate's calls and started programs begin. `std::fs` is not told, since
/// the WASI libc keeps a directory of its own.
///
/// # Errors
///
/// Those of `chdir(2)`.
pub fn change_directory(path: &[u8]) -> Result<()> {
    imports::chdir(path)
}

/// [`change_directory`] to an open directory.
///
/// # Errors
///
/// `EBADF`; `ENOTDIR`.
pub fn change_directory_to(fd: Fd) -> Result<()> {
    imports::fchdir(fd.0)
}
