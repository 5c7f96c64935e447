//! Paths: looking at files and directories, and where the shell is. Nothing here waits.

use kernel::At;
use vfs::Follow;

use super::{Interface, convert, wit};

/// What a row of a listing costs the host beside its name.
const ROW_BYTES: u64 = 32;

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.fallible("stat", |state, (path, follow): (Vec<u8>, bool)| {
        let follow = if follow { Follow::Yes } else { Follow::No };
        state.process.stat(At::Cwd, &path, follow).map(convert::file_stat)
    })?;
    interface.fallible("fd-stat", |state, (fd,): (u32,)| state.process.fd_stat(fd).map(convert::file_stat))?;
    interface.fallible("access", |state, (path, mode): (Vec<u8>, u8)| state.process.access(At::Cwd, &path, mode))?;
    interface.fallible("read-dir", |state, (path,): (Vec<u8>,)| {
        let rows = state.process.read_dir(At::Cwd, &path)?;
        let bytes = rows.iter().map(|row| row.name.len() as u64 + ROW_BYTES).sum();
        state.fuel.charge_bytes(bytes);
        let entry = |row: kernel::DirRow| wit::DirectoryEntry { name: row.name, kind: convert::file_type(row.kind) };
        Ok(rows.into_iter().map(entry).collect::<Vec<_>>())
    })?;
    interface.fallible("read-link", |state, (path,): (Vec<u8>,)| state.process.read_link(At::Cwd, &path))?;
    interface.fallible("chdir", |state, (path,): (Vec<u8>,)| state.process.chdir(At::Cwd, &path))?;
    interface.fallible("getcwd", |state, (): ()| state.process.getcwd())?;
    interface.function("umask", |state, (mask,): (Option<u32>,)| state.process.umask(mask))
}
