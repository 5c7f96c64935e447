//! Asking and awaiting whether descriptors can be read or written.
//!
//! Owns nothing. Only pipes ever make a process wait; everything else is ready at once, as POSIX says of files.

use std::sync::Arc;

use base::Errno;

use crate::description::Target;
use crate::pipe::Pipe;
use crate::process::Process;
use crate::types::Interest;

/// A non-blocking question about one descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The operation would not block.
    pub ready: bool,
    /// Bytes that could be read or written at once, where that is known; else 0.
    pub bytes: u64,
    /// The other side is gone: end of file for a reader, `EPIPE` for a writer.
    pub hung_up: bool,
}

impl Process {
    /// Answers whether an operation on a descriptor would block.
    ///
    /// # Errors
    ///
    /// `EBADF`.
    pub fn readiness(&self, fd: u32, interest: Interest) -> Result<Readiness, Errno> {
        let pipe = self.kernel.locked(|state, _| match (&state.description(self.entry, fd)?.target, interest) {
            (Target::PipeReader(pipe), Interest::Read) | (Target::PipeWriter(pipe), Interest::Write) => {
                Ok(Ok(Arc::clone(pipe)))
            }
            (Target::File { ino, offset }, Interest::Read) => {
                Ok(Err(state.tree.stat(*ino)?.size.saturating_sub(*offset)))
            }
            (Target::Bytes { content, offset, .. }, Interest::Read) => {
                Ok(Err((content.len() as u64).saturating_sub(*offset)))
            }
            _ => Ok(Err(0)),
        })?;
        Ok(match (pipe, interest) {
            (Ok(pipe), Interest::Read) => {
                let hung_up = pipe.writer_is_gone();
                Readiness { ready: pipe.is_readable(), bytes: pipe.len() as u64, hung_up }
            }
            (Ok(pipe), Interest::Write) => {
                Readiness { ready: pipe.is_writable(), bytes: pipe.room() as u64, hung_up: pipe.reader_is_gone() }
            }
            (Err(bytes), _) => Readiness { ready: true, bytes, hung_up: false },
        })
    }

    /// Completes when a read of `fd` would not block; at once when it is not open.
    pub fn readable(&self, fd: u32) -> impl Future<Output = ()> + Send + 'static {
        let pipe = self.pipe_of(fd, Interest::Read);
        async move {
            if let Some(pipe) = pipe {
                pipe.readable().await;
            }
        }
    }

    /// Completes when a write to `fd` would not block; at once when it is not open.
    pub fn writable(&self, fd: u32) -> impl Future<Output = ()> + Send + 'static {
        let pipe = self.pipe_of(fd, Interest::Write);
        async move {
            if let Some(pipe) = pipe {
                pipe.writable().await;
            }
        }
    }

    /// Completes when any of the operations would not block.
    pub fn any_ready(&self, of: &[(u32, Interest)]) -> impl Future<Output = ()> + Send + 'static {
        let mut pending: Vec<_> = of
            .iter()
            .map(|(fd, interest)| {
                let pipe = self.pipe_of(*fd, *interest);
                let interest = *interest;
                Box::pin(async move {
                    match (pipe, interest) {
                        (Some(pipe), Interest::Read) => pipe.readable().await,
                        (Some(pipe), Interest::Write) => pipe.writable().await,
                        (None, _) => {}
                    }
                })
            })
            .collect();
        std::future::poll_fn(move |cx| {
            let any = pending.iter_mut().any(|one| one.as_mut().poll(cx).is_ready());
            if any { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
    }

    fn pipe_of(&self, fd: u32, interest: Interest) -> Option<Arc<Pipe>> {
        self.kernel.locked(|state, _| match (&state.description(self.entry, fd).ok()?.target, interest) {
            (Target::PipeReader(pipe), Interest::Read) | (Target::PipeWriter(pipe), Interest::Write) => {
                Some(Arc::clone(pipe))
            }
            _ => None,
        })
    }
}
