//! The data directory: its lock, its modes, and the path by which SQLite finds the file in it.

use std::os::fd::{AsRawFd, OwnedFd};
use std::path::PathBuf;

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt, Permissions, PermissionsExt};

use crate::error::StoreError;

/// The database's name in the directory.
pub(super) const DATABASE: &str = "store.db";
const LOCK: &str = "store.lock";

/// An opened data directory, locked against other servers until it is dropped.
#[derive(Debug)]
pub(super) struct Directory {
    dir: Dir,
    /// The lock is that of this open file.
    _lock: OwnedFd,
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn io(what: &str) -> impl Fn(std::io::Error) -> StoreError {
    move |error| StoreError::io(format!("{what}: {error}"))
}

impl Directory {
    /// Locks a directory and makes it and the database the owner's alone.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another store has it.
    pub(super) fn open(dir: Dir) -> Result<Self, StoreError> {
        let lock = dir.open_with(LOCK, &private()).map_err(io(LOCK))?.into_std();
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(StoreError::Locked),
            Err(std::fs::TryLockError::Error(error)) => return Err(io(LOCK)(error)),
        }
        dir.set_permissions(".", Permissions::from_mode(0o700)).map_err(io("the data directory"))?;
        // SQLite gives its other files the modes of this one.
        drop(dir.open_with(DATABASE, &private()).map_err(io(DATABASE))?);
        Ok(Self { dir, _lock: lock.into() })
    }

    /// Returns the database's path. It goes through the opened directory, so that it stays in it.
    pub(super) fn database(&self) -> PathBuf {
        path_in(&self.dir, DATABASE)
    }
}

/// Returns a path that leads to `name` in an opened directory.
pub(super) fn path_in(dir: &Dir, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", dir.as_raw_fd())).join(name)
}

/// Makes an empty private file that must not exist yet.
pub(super) fn create_private(dir: &Dir, name: &str) -> Result<(), StoreError> {
    let mut options = private();
    options.create_new(true);
    dir.open_with(name, &options).map(drop).map_err(io(name))
}

/// Makes a file and its name durable.
pub(super) fn sync(dir: &Dir, name: &str) -> Result<(), StoreError> {
    dir.open(name).and_then(|file| file.sync_all()).map_err(io(name))?;
    dir.open(".").and_then(|file| file.sync_all()).map_err(io("the directory"))
}
