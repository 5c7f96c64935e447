//! Descriptors: opening, duplicating, pipes, captures' beginnings, seeking. Nothing here waits.

use bytes::Bytes;
use kernel::At;

use super::{INTERNAL_FD_MIN, Interface, convert, wit};

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.fallible("open", |state, (path, flags, mode): (Vec<u8>, wit::OpenFlags, u32)| {
        state.process.open(At::Cwd, &path, convert::open_flags(flags), mode, 0)
    })?;
    interface.fallible("close", |state, (fd,): (u32,)| state.process.close(fd))?;
    interface.fallible("dup", |state, (fd, minimum): (u32, u32)| state.process.dup(fd, minimum))?;
    interface.fallible("dup2", |state, (fd, to): (u32, u32)| state.process.dup2(fd, to))?;
    interface.fallible("pipe", |state, (): ()| state.process.pipe(INTERNAL_FD_MIN))?;
    interface.fallible("open-bytes", |state, (content,): (Vec<u8>,)| {
        state.fuel.charge_bytes(content.len() as u64);
        state.process.open_bytes(Bytes::from(content), INTERNAL_FD_MIN)
    })?;
    interface.function("open-fds", |state, (): ()| state.process.open_fds())?;
    interface.fallible("seek", |state, (fd, offset, whence): (u32, i64, wit::Whence)| {
        state.process.seek(fd, offset, convert::whence(whence))
    })?;
    interface.function("is-terminal", |state, (fd,): (u32,)| state.process.is_terminal(fd))?;
    interface
        .function("window-size", |state, (): ()| state.process.window_size().map(|size| (size.columns, size.rows)))?;
    interface.fallible("capture-begin", |state, (): ()| state.process.capture_begin(INTERNAL_FD_MIN))
}
