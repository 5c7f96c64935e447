//! `wasi:io` streams over a file: reading and writing at an offset that the stream keeps.
//!
//! Each holds a descriptor of its own, so it outlives the one it was made of. None of them ever waits.

use bytes::Bytes;
use kernel::Process;
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{InputStream, OutputStream, StreamError, StreamResult};

use super::convert::error_code;
use base::Errno;

/// Bytes of one read or write: what the host allocates at once for it.
pub(super) const STEP_MAX_BYTES: usize = 1 << 20;

/// A descriptor of the process, closed with the stream.
struct Handle {
    process: Process,
    fd: u32,
}

impl Handle {
    fn of(process: &Process, fd: u32) -> Result<Self, Errno> {
        Ok(Self { process: process.clone(), fd: process.dup(fd, super::descriptor::FD_MIN)? })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Closed by number already: nothing to do.
        let _ = self.process.close(self.fd);
    }
}

/// Reads a file from an offset on.
pub(super) struct Reader {
    handle: Handle,
    offset: u64,
}

/// Where a [`Writer`] writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum WriteAt {
    /// At this offset, and then on.
    Offset(u64),
    /// At the end of the file, each time.
    End,
}

/// Writes a file.
pub(super) struct Writer {
    handle: Handle,
    at: WriteAt,
}

impl Reader {
    pub(super) fn new(process: &Process, fd: u32, offset: u64) -> Result<Self, Errno> {
        Ok(Self { handle: Handle::of(process, fd)?, offset })
    }
}

impl Writer {
    pub(super) fn new(process: &Process, fd: u32, at: WriteAt) -> Result<Self, Errno> {
        Ok(Self { handle: Handle::of(process, fd)?, at })
    }

    fn write_step(&mut self, data: &[u8]) -> Result<usize, Errno> {
        let Handle { process, fd } = &self.handle;
        match &mut self.at {
            WriteAt::Offset(offset) => {
                let n = process.pwrite(*fd, data, *offset)?;
                *offset = offset.saturating_add(n as u64);
                Ok(n)
            }
            WriteAt::End => {
                let end = process.fd_stat(*fd)?.size;
                process.pwrite(*fd, data, end)
            }
        }
    }
}

#[async_trait]
impl Pollable for Reader {
    async fn ready(&mut self) {}
}

#[async_trait]
impl InputStream for Reader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        let mut buffer = vec![0; size.min(STEP_MAX_BYTES)];
        let n = self.handle.process.pread(self.handle.fd, &mut buffer, self.offset).map_err(failed)?;
        if n == 0 {
            return Err(StreamError::Closed);
        }
        buffer.truncate(n);
        self.offset = self.offset.saturating_add(n as u64);
        Ok(buffer.into())
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.read(size)
    }
}

#[async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let n = self.write_step(rest).map_err(failed)?;
            if n == 0 {
                return Err(failed(Errno::ENOSPC));
            }
            rest = rest.get(n..).unwrap_or_default();
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(STEP_MAX_BYTES)
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.write(bytes)
    }
}

fn failed(errno: Errno) -> StreamError {
    // `filesystem-error-code` finds the code again.
    StreamError::LastOperationFailed(super::FsError::Code(error_code(errno)).into())
}
