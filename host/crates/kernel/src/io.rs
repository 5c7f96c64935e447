//! System calls that move bytes: read, write, their positioned kin, seek.
//!
//! Owns the second half of each: what is done with a pipe, capture or log once the session's lock is free. What is done
//! under it is in [`crate::transfer`].

use std::sync::Arc;

use base::{Errno, Outcome, Signal};

use crate::description::Target;
use crate::output::Logged;
use crate::pipe::PIPE_CAPACITY;
use crate::process::Process;
use crate::signal::Disposition;
use crate::transfer::{Outside, copy_at, write_device};
use crate::types::{TryIo, Whence};

/// Bytes of a line read in one call, a pipe's worth: a longer one comes in pieces, so that a guest's `max` neither sizes
/// a buffer of the host nor holds up the session.
const LINE_MAX_BYTES: usize = PIPE_CAPACITY;

impl Process {
    /// Reads up to `out.len()` bytes at the description's offset; 0 at end of file.
    ///
    /// # Errors
    ///
    /// `EBADF` (also when it is not open for reading), `EISDIR`, `EIO`.
    pub fn try_read(&self, fd: u32, out: &mut [u8]) -> Result<TryIo<usize>, Errno> {
        let now = self.kernel.clock().wall();
        let step = self.kernel.locked(|state, _| state.read_inside(self.entry, fd, out, now))?;
        let read = match step {
            Outside::Done(n) => TryIo::Done(n),
            Outside::Pipe(pipe) => pipe.try_read(out),
            Outside::Capture(_) | Outside::Output(..) => return Err(Errno::EBADF),
        };
        if let TryIo::Done(n) = read {
            self.shared.account.note_read(n);
        }
        Ok(read)
    }

    /// Reads up to and including `delimiter`, at most `max` bytes and never beyond it; empty at end of file.
    ///
    /// It may answer less than a line: what a pipe holds so far, or the first 64 KiB. Call again for the rest.
    ///
    /// # Errors
    ///
    /// Those of [`Process::try_read`].
    pub fn try_read_until(&self, fd: u32, delimiter: u8, max: usize) -> Result<TryIo<Vec<u8>>, Errno> {
        let pipe = self.kernel.locked(|state, _| match &state.readable(self.entry, fd)?.target {
            Target::PipeReader(pipe) => Ok(Some(Arc::clone(pipe))),
            _ => Ok(None),
        })?;
        let read = match pipe {
            Some(pipe) => pipe.try_read_until(delimiter, max),
            None => {
                let (max, now) = (max.min(LINE_MAX_BYTES), self.kernel.clock().wall());
                TryIo::Done(self.kernel.locked(|state, _| state.line_inside(self.entry, fd, delimiter, max, now))?)
            }
        };
        if let TryIo::Done(piece) = &read {
            self.shared.account.note_read(piece.len());
        }
        Ok(read)
    }

    /// Writes what can be written of `data` at once, at the description's offset or its file's end.
    ///
    /// # Errors
    ///
    /// `EBADF` (also when it is not open for writing), `EDQUOT`, `ENOSPC`, `EFBIG`, `EIO`. `EPIPE` when nobody can read
    /// it any more: then SIGPIPE has done what its disposition says, and a program that does not ignore it must die.
    pub fn try_write(&self, fd: u32, data: &[u8]) -> Result<TryIo<usize>, Errno> {
        let now = self.kernel.clock().wall();
        let step = self.kernel.locked(|state, _| state.write_inside(self.entry, fd, data, now))?;
        let written = match step {
            Outside::Done(n) => Ok(TryIo::Done(n)),
            Outside::Pipe(pipe) => pipe.try_write(data),
            Outside::Capture(capture) => capture.write(data).map(TryIo::Done),
            Outside::Output(run, stream) => {
                if run.output().write(stream, data) == Logged::OverLimit {
                    run.stop(Outcome::OutputLimit);
                }
                Ok(TryIo::Done(data.len()))
            }
        };
        match written {
            Err(Errno::EPIPE) => self.broken_pipe(),
            Ok(TryIo::Done(n)) => self.shared.account.note_write(n),
            _ => {}
        }
        written
    }

    /// Reads a file at `offset` without moving the description's own.
    ///
    /// # Errors
    ///
    /// `EBADF`, `EISDIR`; `ESPIPE` for what has no offsets.
    pub fn pread(&self, fd: u32, out: &mut [u8], offset: u64) -> Result<usize, Errno> {
        let now = self.kernel.clock().wall();
        let n = self.kernel.locked(|state, _| match &state.readable(self.entry, fd)?.target {
            Target::File { ino, .. } => {
                let ino = *ino;
                let n = state.tree.read_at(ino, offset, out)?;
                if !out.is_empty() {
                    state.tree.note_access(ino, now);
                }
                Ok(n)
            }
            Target::Bytes { content, .. } => Ok(copy_at(content, offset, out)),
            Target::Device(device) => {
                let device = *device;
                Ok(state.read_device(device, out))
            }
            Target::Dir { .. } => Err(Errno::EISDIR),
            Target::Gone => Err(Errno::EIO),
            _ => Err(Errno::ESPIPE),
        })?;
        self.shared.account.note_read(n);
        Ok(n)
    }

    /// Writes a file at `offset` without moving the description's own; an appending description appends, as on Linux.
    ///
    /// # Errors
    ///
    /// Those of [`Process::try_write`]; `ESPIPE` for what has no offsets.
    pub fn pwrite(&self, fd: u32, data: &[u8], offset: u64) -> Result<usize, Errno> {
        self.write_file(fd, data, Some(offset))
    }

    /// Writes at the end of a file, whatever the description's offset, which does not move.
    ///
    /// # Errors
    ///
    /// Those of [`Process::pwrite`].
    pub fn append(&self, fd: u32, data: &[u8]) -> Result<usize, Errno> {
        self.write_file(fd, data, None)
    }

    /// Writes at an offset, or at the end when there is none or the description appends.
    fn write_file(&self, fd: u32, data: &[u8], offset: Option<u64>) -> Result<usize, Errno> {
        let now = self.kernel.clock().wall();
        let n = self.kernel.locked(|state, _| {
            let rlimits = state.frame(self.entry)?.rlimits;
            let description = state.writable(self.entry, fd)?;
            let ino = match description.target {
                Target::File { ino, .. } => ino,
                Target::Device(device) => return write_device(device, data),
                Target::Gone => return Err(Errno::EIO),
                _ => return Err(Errno::ESPIPE),
            };
            let offset = match offset {
                Some(offset) if !description.flags.append => offset,
                _ => state.tree.stat(ino)?.size,
            };
            let room = rlimits.room_in_file(offset, data.len())?;
            state.tree.write_at(ino, offset, &data[..room], now)
        })?;
        self.shared.account.note_write(n);
        Ok(n)
    }

    /// Moves the description's offset and answers it.
    ///
    /// # Errors
    ///
    /// `EBADF`; `ESPIPE` for pipes and the like; `EINVAL` for a negative result.
    pub fn seek(&self, fd: u32, offset: i64, whence: Whence) -> Result<u64, Errno> {
        self.kernel.locked(|state, _| {
            let id = state.frame(self.entry)?.fds.get(fd)?;
            let target = &mut state.descriptions.of_mut(id).target;
            let (offset_now, end) = match target {
                Target::File { ino, offset } => (offset, state.tree.stat(*ino)?.size),
                Target::Bytes { content, offset, .. } => (offset, content.len() as u64),
                // As on Linux, seeking a memory device succeeds and means nothing.
                Target::Device(_) => return Ok(0),
                Target::Dir { .. } => return Err(Errno::EISDIR),
                Target::Gone => return Err(Errno::EIO),
                _ => return Err(Errno::ESPIPE),
            };
            let from = match whence {
                Whence::Set => 0,
                Whence::Current => *offset_now,
                Whence::End => end,
            };
            let to = from.checked_add_signed(offset).filter(|to| i64::try_from(*to).is_ok()).ok_or(Errno::EINVAL)?;
            *offset_now = to;
            if to == 0 {
                state.generate_again(&self.kernel, self.entry, id);
            }
            Ok(to)
        })
    }

    /// Does what SIGPIPE does to this process; a shell is told by `EPIPE` alone.
    fn broken_pipe(&self) {
        self.kernel.locked(|state, fx| {
            let Ok(proc) = state.table.live(self.entry) else { return };
            match proc.dispositions.of(Signal::PIPE) {
                Disposition::Handle => proc.shared.attention.post(Signal::PIPE),
                Disposition::Default if !proc.is_shell => proc.shared.attention.doom(Signal::PIPE),
                Disposition::Default | Disposition::Ignore => return,
            }
            fx.attend(&proc.shared);
        });
    }
}
