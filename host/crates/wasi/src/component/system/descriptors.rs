//! Descriptors by number: those of open files, duplicates, pipes, and streams over them.

use base::Errno;
use wasmtime::component::Resource;

use super::super::errno;
use super::super::filesystem::Descriptor;
use super::super::interface::Interface;
use super::super::io::{InputStream, OutputStream};
use super::wit;
use crate::system;

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.ending("number", |state, (descriptor,): (Resource<Descriptor>,)| {
        // The preopened root is a place and no descriptor.
        Ok(state.table.get(&descriptor)?.number().ok_or(errno::to_wit(Errno::EBADF)))
    })?;
    interface.fallible("close", |state, (fd,): (u32,)| state.process.close(fd))?;
    interface.fallible("dup", |state, (fd, minimum): (u32, u32)| state.process.dup(fd, minimum))?;
    // 0 to 2 are the standard streams even while closed.
    interface.fallible("pipe", |state, (): ()| state.process.pipe(3))?;
    interface.ending("read-via-stream", |state, (fd,): (u32,)| match state.process.fd_flags(fd) {
        Ok(flags) if flags.read => Ok(Ok(state.table.push(InputStream::number(fd))?)),
        Ok(_) => Ok(Err(errno::to_wit(Errno::EBADF))),
        Err(error) => Ok(Err(errno::to_wit(error))),
    })?;
    interface.ending("write-via-stream", |state, (fd,): (u32,)| match state.process.fd_flags(fd) {
        Ok(flags) if flags.write => Ok(Ok(state.table.push(OutputStream::number(fd))?)),
        Ok(_) => Ok(Err(errno::to_wit(Errno::EBADF))),
        Err(error) => Ok(Err(errno::to_wit(error))),
    })?;
    interface.fallible("isatty", |state, (fd,): (u32,)| system::isatty(state, fd))?;
    interface.fallible("winsize", |state, (): ()| {
        let size = state.process.window_size().ok_or(Errno::ENOTTY)?;
        Ok(wit::WindowSize { columns: size.columns, rows: size.rows })
    })
}
