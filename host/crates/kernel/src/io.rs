//! Reading and writing descriptors, and waiting until that is possible.
//!
//! Owns the dispatch over what a description is open on. A pipe, capture or log is reached through a copied handle
//! after the session's lock is free; the data itself is copied once.

use std::sync::Arc;

use base::{Errno, Signal};
use bytes::Bytes;
use vfs::Device;

use crate::capture::Capture;
use crate::description::Target;
use crate::output::{Logged, Stream};
use crate::pipe::Pipe;
use crate::process::Process;
use crate::run::Run;
use crate::signal::{DefaultAction, Disposition, default_action};
use crate::state::State;
use crate::types::{FdFlags, Interest, TryIo, Whence};

/// Bytes of a file looked at in one step of `try_read_until`.
const LINE_STEP: usize = 4096;

/// What is to be done with a description once the session's lock is free.
enum Outside<T> {
    /// Nothing: it was done under the lock.
    Done(T),
    Pipe(Arc<Pipe>),
    Capture(Arc<Capture>),
    Output(Run, Stream),
}

/// A non-blocking question about one descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The operation would not block.
    pub ready: bool,
    /// Bytes that could be read at once, where that is known; else 0.
    pub bytes: u64,
    /// The other side is gone: end of file for a reader, `EPIPE` for a writer.
    pub hung_up: bool,
}

impl Process {
    /// Reads up to `out.len()` bytes at the description's offset; 0 at end of file.
    ///
    /// # Errors
    ///
    /// `EBADF` (also when it is not open for reading), `EISDIR`, `EIO`.
    pub fn try_read(&self, fd: u32, out: &mut [u8]) -> Result<TryIo<usize>, Errno> {
        let step = self.kernel.locked(|state, _| state.read_inside(self.entry, fd, out))?;
        match step {
            Outside::Done(n) => Ok(TryIo::Done(n)),
            Outside::Pipe(pipe) => Ok(pipe.try_read(out)),
            Outside::Capture(_) | Outside::Output(..) => Err(Errno::EBADF),
        }
    }

    /// Reads up to and including `delimiter`, at most `max` bytes and never beyond it; empty at end of file.
    ///
    /// A pipe answers what it holds when there is no delimiter yet: call again for the rest of the line.
    ///
    /// # Errors
    ///
    /// Those of [`Process::try_read`].
    pub fn try_read_until(&self, fd: u32, delimiter: u8, max: usize) -> Result<TryIo<Vec<u8>>, Errno> {
        let pipe = self.kernel.locked(|state, _| match &state.readable(self.entry, fd)?.target {
            Target::PipeReader(pipe) => Ok(Some(Arc::clone(pipe))),
            _ => Ok(None),
        })?;
        match pipe {
            Some(pipe) => Ok(pipe.try_read_until(delimiter, max)),
            None => self.kernel.locked(|state, _| state.line_inside(self.entry, fd, delimiter, max)).map(TryIo::Done),
        }
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
                    run.stop(base::Outcome::OutputLimit);
                }
                Ok(TryIo::Done(data.len()))
            }
        };
        if written == Err(Errno::EPIPE) {
            self.broken_pipe();
        }
        written
    }

    /// Reads a file at `offset` without moving the description's own.
    ///
    /// # Errors
    ///
    /// `EBADF`, `EISDIR`; `ESPIPE` for what has no offsets.
    pub fn pread(&self, fd: u32, out: &mut [u8], offset: u64) -> Result<usize, Errno> {
        self.kernel.locked(|state, _| match &state.readable(self.entry, fd)?.target {
            Target::File { ino, .. } => state.tree.read_at(*ino, offset, out),
            Target::Bytes { content, .. } => Ok(copy_at(content, offset, out)),
            Target::Dir { .. } => Err(Errno::EISDIR),
            Target::Gone => Err(Errno::EIO),
            _ => Err(Errno::ESPIPE),
        })
    }

    /// Writes a file at `offset` without moving the description's own; an appending description appends, as on Linux.
    ///
    /// # Errors
    ///
    /// Those of [`Process::try_write`]; `ESPIPE` for what has no offsets.
    pub fn pwrite(&self, fd: u32, data: &[u8], offset: u64) -> Result<usize, Errno> {
        let now = self.kernel.clock().wall();
        self.kernel.locked(|state, _| {
            let description = state.writable(self.entry, fd)?;
            match description.target {
                Target::File { ino, .. } if description.flags.append => Ok(state.tree.append(ino, data, now)?.1),
                Target::File { ino, .. } => state.tree.write_at(ino, offset, data, now),
                Target::Gone => Err(Errno::EIO),
                _ => Err(Errno::ESPIPE),
            }
        })
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
            let (present, end) = match target {
                Target::File { ino, offset } => (*offset, state.tree.stat(*ino)?.size),
                Target::Bytes { content, offset, .. } => (*offset as u64, content.len() as u64),
                // As on Linux, seeking a memory device succeeds and means nothing.
                Target::Device(_) => return Ok(0),
                Target::Dir { .. } => return Err(Errno::EISDIR),
                Target::Gone => return Err(Errno::EIO),
                _ => return Err(Errno::ESPIPE),
            };
            let from = match whence {
                Whence::Set => 0,
                Whence::Current => present,
                Whence::End => end,
            };
            let to = from.checked_add_signed(offset).filter(|to| i64::try_from(*to).is_ok()).ok_or(Errno::EINVAL)?;
            match target {
                Target::File { offset, .. } => *offset = to,
                Target::Bytes { content, offset, .. } => {
                    *offset = usize::try_from(to).unwrap_or(usize::MAX).min(content.len());
                }
                _ => {}
            }
            Ok(to)
        })
    }

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
            (Target::Bytes { content, offset, .. }, Interest::Read) => Ok(Err((content.len() - offset) as u64)),
            _ => Ok(Err(0)),
        })?;
        Ok(match (pipe, interest) {
            (Ok(pipe), Interest::Read) => {
                let hung_up = pipe.writer_is_gone();
                Readiness { ready: pipe.is_readable(), bytes: pipe.len() as u64, hung_up }
            }
            (Ok(pipe), Interest::Write) => {
                Readiness { ready: pipe.is_writable(), bytes: 0, hung_up: pipe.reader_is_gone() }
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

    /// Does what SIGPIPE does to this process; a shell is told by `EPIPE` alone.
    fn broken_pipe(&self) {
        self.kernel.locked(|state, fx| {
            let Ok(proc) = state.table.live(self.entry) else { return };
            match proc.dispositions.of(Signal::PIPE) {
                Disposition::Handle => proc.shared.attention.post(Signal::PIPE),
                Disposition::Default if !proc.is_shell => proc.shared.attention.doom(Signal::PIPE),
                Disposition::Default | Disposition::Ignore => return,
            }
            debug_assert!(default_action(Signal::PIPE) == DefaultAction::Terminate);
            fx.attend(&proc.shared);
        });
    }
}

impl State {
    fn readable(&self, pid: base::Pid, fd: u32) -> Result<&crate::description::Description, Errno> {
        let description = self.description(pid, fd)?;
        if description.flags.read { Ok(description) } else { Err(Errno::EBADF) }
    }

    fn writable(&self, pid: base::Pid, fd: u32) -> Result<&crate::description::Description, Errno> {
        let description = self.description(pid, fd)?;
        if description.flags.write { Ok(description) } else { Err(Errno::EBADF) }
    }

    fn read_inside(&mut self, pid: base::Pid, fd: u32, out: &mut [u8]) -> Result<Outside<usize>, Errno> {
        let id = self.frame(pid)?.fds.get(fd)?;
        let description = self.descriptions.of_mut(id);
        if !description.flags.read {
            return Err(Errno::EBADF);
        }
        let n = match &mut description.target {
            Target::File { ino, offset } => {
                let n = self.tree.read_at(*ino, *offset, out)?;
                *offset += n as u64;
                n
            }
            Target::Bytes { content, offset, .. } => {
                let n = copy_at(content, *offset as u64, out);
                *offset += n;
                n
            }
            Target::PipeReader(pipe) => return Ok(Outside::Pipe(Arc::clone(pipe))),
            Target::Device(Device::Null) => 0,
            Target::Device(Device::Random | Device::Urandom) => {
                self.random.fill(out);
                out.len()
            }
            Target::Device(_) => {
                out.fill(0);
                out.len()
            }
            Target::Dir { .. } => return Err(Errno::EISDIR),
            Target::Gone => return Err(Errno::EIO),
            Target::PipeWriter(_) | Target::Capture { .. } | Target::Output { .. } => return Err(Errno::EBADF),
        };
        Ok(Outside::Done(n))
    }

    /// Reads a line of what has an offset: looks ahead, then takes exactly the line.
    fn line_inside(&mut self, pid: base::Pid, fd: u32, delimiter: u8, max: usize) -> Result<Vec<u8>, Errno> {
        let mut line = Vec::new();
        while line.len() < max {
            let start = line.len();
            line.resize(max.min(start + LINE_STEP), 0);
            let read = match self.read_inside(pid, fd, line.split_at_mut(start).1)? {
                Outside::Done(n) => n,
                _ => 0,
            };
            line.truncate(start + read);
            let found = line.iter().skip(start).position(|byte| *byte == delimiter);
            if let Some(at) = found {
                let end = start + at + 1;
                self.step_back(pid, fd, line.len() - end)?;
                line.truncate(end);
                return Ok(line);
            }
            if read == 0 {
                break;
            }
        }
        Ok(line)
    }

    fn step_back(&mut self, pid: base::Pid, fd: u32, by: usize) -> Result<(), Errno> {
        match &mut self.description_mut(pid, fd)?.target {
            Target::File { offset, .. } => *offset -= by as u64,
            Target::Bytes { offset, .. } => *offset -= by,
            // What a device has given beyond the line is no loss.
            _ => {}
        }
        Ok(())
    }

    fn write_inside(
        &mut self,
        pid: base::Pid,
        fd: u32,
        data: &[u8],
        now: base::Timestamp,
    ) -> Result<Outside<usize>, Errno> {
        let id = self.frame(pid)?.fds.get(fd)?;
        let description = self.descriptions.of_mut(id);
        let FdFlags { write, append, .. } = description.flags;
        if !write {
            return Err(Errno::EBADF);
        }
        let n = match &mut description.target {
            Target::File { ino, offset } if append => {
                let (at, n) = self.tree.append(*ino, data, now)?;
                *offset = at + n as u64;
                n
            }
            Target::File { ino, offset } => {
                let n = self.tree.write_at(*ino, *offset, data, now)?;
                *offset += n as u64;
                n
            }
            Target::PipeWriter(pipe) => return Ok(Outside::Pipe(Arc::clone(pipe))),
            Target::Output { run, stream } => return Ok(Outside::Output(run.clone(), *stream)),
            Target::Capture { capture, charged } => {
                let capture = Arc::clone(capture);
                let n = data.len() as u64;
                *charged += n;
                if let Err(error) = self.tree.charge(n) {
                    self.uncharge_capture(id, n);
                    return Err(error);
                }
                return Ok(Outside::Capture(capture));
            }
            Target::Device(Device::Full) => return Err(Errno::ENOSPC),
            Target::Device(_) => data.len(),
            Target::Gone => return Err(Errno::EIO),
            Target::Dir { .. } | Target::PipeReader(_) | Target::Bytes { .. } => return Err(Errno::EBADF),
        };
        Ok(Outside::Done(n))
    }

    fn uncharge_capture(&mut self, id: crate::description::DescId, n: u64) {
        if let Target::Capture { charged, .. } = &mut self.descriptions.of_mut(id).target {
            *charged -= n;
        }
    }
}

fn copy_at(content: &Bytes, offset: u64, out: &mut [u8]) -> usize {
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
    let rest = content.get(from..).unwrap_or_default();
    let n = rest.len().min(out.len());
    out[..n].copy_from_slice(&rest[..n]);
    n
}
