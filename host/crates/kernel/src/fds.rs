//! System calls on descriptors themselves: close, dup, pipe, here-documents, captures, flags.
//!
//! Owns nothing; the tables and descriptions are the session state's.

use std::sync::Arc;

use base::Errno;
use bytes::Bytes;

use crate::capture::{Capture, CaptureEnd};
use crate::description::Target;
use crate::pipe::{PIPE_CAPACITY, Pipe};
use crate::process::Process;
use crate::table::Frame;
use crate::types::{FdFlags, WindowSize};

const READ: FdFlags = FdFlags { read: true, write: false, append: false, nonblock: false };
const WRITE: FdFlags = FdFlags { read: false, write: true, append: false, nonblock: false };

impl Process {
    /// Closes a descriptor.
    ///
    /// # Errors
    ///
    /// `EBADF`.
    pub fn close(&self, fd: u32) -> Result<(), Errno> {
        self.kernel.locked(|state, fx| {
            let id = state.frame_mut(self.entry)?.fds.take(fd)?;
            state.release(id, fx);
            Ok(())
        })
    }

    /// Duplicates to the lowest free descriptor not below `minimum`.
    ///
    /// # Errors
    ///
    /// `EBADF`, `EMFILE`; `EINVAL` when `minimum` is not below the limit.
    pub fn dup(&self, fd: u32, minimum: u32) -> Result<u32, Errno> {
        self.kernel.locked(|state, _| {
            let frame = state.table.live_mut(self.entry)?.frame_mut();
            let limit = frame.rlimits.open_files();
            let id = frame.fds.get(fd)?;
            if minimum >= limit {
                return Err(Errno::EINVAL);
            }
            let to = frame.fds.lowest_free(minimum, limit)?;
            let before = frame.fds.put(to, state.descriptions.share(id));
            debug_assert!(before.is_none(), "the descriptor was free");
            Ok(to)
        })
    }

    /// Makes `to` the same description as `fd`, closing what `to` was; nothing happens when they are equal.
    ///
    /// # Errors
    ///
    /// `EBADF`, also for a `to` that is not below the limit.
    pub fn dup2(&self, fd: u32, to: u32) -> Result<(), Errno> {
        self.kernel.locked(|state, fx| {
            let frame = state.table.live_mut(self.entry)?.frame_mut();
            let limit = frame.rlimits.open_files();
            let id = frame.fds.get(fd)?;
            if to >= limit {
                return Err(Errno::EBADF);
            }
            if fd == to {
                return Ok(());
            }
            let before = frame.fds.put(to, state.descriptions.share(id));
            if let Some(before) = before {
                state.release(before, fx);
            }
            Ok(())
        })
    }

    /// Moves `fd` to `to`, closing what `to` was (preview 1's `fd_renumber`).
    ///
    /// # Errors
    ///
    /// `EBADF`.
    pub fn renumber(&self, fd: u32, to: u32) -> Result<(), Errno> {
        self.dup2(fd, to)?;
        if fd == to { Ok(()) } else { self.close(fd) }
    }

    /// Makes a pipe; answers (read end, write end), both at or above `minimum`.
    ///
    /// # Errors
    ///
    /// `EMFILE`; `ENFILE` when the session's footprint has no room for its buffer.
    pub fn pipe(&self, minimum: u32) -> Result<(u32, u32), Errno> {
        self.kernel.locked(|state, fx| {
            let Frame { fds, rlimits, .. } = state.frame(self.entry)?;
            let limit = rlimits.open_files();
            let reader = fds.lowest_free(minimum, limit)?;
            let writer = fds.lowest_free(reader + 1, limit)?;
            state.tree.charge(PIPE_CAPACITY as u64).map_err(|_| Errno::ENFILE)?;
            let pipe = Pipe::new(2, state.descriptions.next_number());
            state.install(self.entry, reader, READ, Target::PipeReader(Arc::clone(&pipe)), fx)?;
            state.install(self.entry, writer, WRITE, Target::PipeWriter(pipe), fx)?;
            Ok((reader, writer))
        })
    }

    /// Opens a descriptor at or above `minimum` that reads `content` (a here-document).
    ///
    /// # Errors
    ///
    /// `EMFILE`; `ENOSPC` when the session's footprint has no room for the content.
    pub fn open_bytes(&self, content: Bytes, minimum: u32) -> Result<u32, Errno> {
        self.kernel.locked(|state, fx| {
            let fd = state.free_fd(self.entry, minimum)?;
            let charged = content.len() as u64;
            state.tree.charge_content(charged)?;
            state.install(self.entry, fd, READ, Target::Bytes { content, offset: 0, charged, generated: None }, fx)
        })
    }

    /// Starts a bounded capture; answers the descriptor, at or above `minimum`, that writes to it.
    ///
    /// # Errors
    ///
    /// `EMFILE`.
    pub fn capture_begin(&self, minimum: u32) -> Result<u32, Errno> {
        self.kernel.locked(|state, fx| {
            let fd = state.free_fd(self.entry, minimum)?;
            let target = Target::Capture { capture: Capture::new(), charged: 0 };
            state.install(self.entry, fd, WRITE, target, fx)
        })
    }

    /// Closes a capture's descriptor; the answer waits for the other writers and then holds what was written.
    ///
    /// # Errors
    ///
    /// `EBADF`; `EINVAL` when the descriptor is no capture.
    pub fn capture_end(&self, fd: u32) -> Result<CaptureEnd, Errno> {
        self.kernel.locked(|state, fx| {
            let Target::Capture { capture, .. } = &state.description(self.entry, fd)?.target else {
                return Err(Errno::EINVAL);
            };
            let end = CaptureEnd::new(Arc::clone(capture));
            let id = state.frame_mut(self.entry)?.fds.take(fd)?;
            state.release(id, fx);
            Ok(end)
        })
    }

    /// The open descriptors, ascending.
    #[must_use]
    pub fn open_fds(&self) -> Vec<u32> {
        let list = |frame: &Frame| frame.fds.iter().map(|(fd, _)| fd).collect();
        self.kernel.locked(|state, _| state.frame(self.entry).map(list).unwrap_or_default())
    }

    /// Answers the flags of a descriptor's description.
    ///
    /// # Errors
    ///
    /// `EBADF`.
    pub fn fd_flags(&self, fd: u32) -> Result<FdFlags, Errno> {
        self.kernel.locked(|state, _| Ok(state.description(self.entry, fd)?.flags))
    }

    /// Sets the two flags of a description that may change.
    ///
    /// # Errors
    ///
    /// `EBADF`.
    pub fn set_fd_flags(&self, fd: u32, append: bool, nonblock: bool) -> Result<(), Errno> {
        self.kernel.locked(|state, _| {
            let flags = &mut state.description_mut(self.entry, fd)?.flags;
            flags.append = append;
            flags.nonblock = nonblock;
            Ok(())
        })
    }

    /// Tells whether a descriptor is a terminal. No session has one yet.
    #[must_use]
    pub fn is_terminal(&self, _fd: u32) -> bool {
        false
    }

    /// The size of the terminal, if there is one. No session has one yet.
    #[must_use]
    pub fn window_size(&self) -> Option<WindowSize> {
        None
    }
}
