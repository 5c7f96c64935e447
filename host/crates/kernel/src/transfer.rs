//! Moving bytes under the session's lock: between a guest's buffer and files, devices and here-documents.
//!
//! Owns the dispatch over what a description is open on. For a pipe, capture or log it only copies the handle out; the
//! bytes themselves are moved once, when the session's lock is free.

use std::sync::Arc;

use base::{Errno, Pid, Timestamp};
use bytes::Bytes;
use vfs::Device;

use crate::capture::Capture;
use crate::description::{DescId, Description, Target};
use crate::kernel::Kernel;
use crate::output::Stream;
use crate::pipe::Pipe;
use crate::run::Run;
use crate::state::State;
use crate::table::Frame;
use crate::types::FdFlags;

/// Bytes looked at in one step of reading a line.
const LINE_STEP: usize = 4096;

/// What is to be done with a description once the session's lock is free.
pub(crate) enum Outside<T> {
    /// Nothing: it was done under the lock.
    Done(T),
    Pipe(Arc<Pipe>),
    Capture(Arc<Capture>),
    Output(Run, Stream),
}

impl State {
    pub(crate) fn readable(&self, pid: Pid, fd: u32) -> Result<&Description, Errno> {
        let description = self.description(pid, fd)?;
        if description.flags.read { Ok(description) } else { Err(Errno::EBADF) }
    }

    pub(crate) fn writable(&self, pid: Pid, fd: u32) -> Result<&Description, Errno> {
        let description = self.description(pid, fd)?;
        if description.flags.write { Ok(description) } else { Err(Errno::EBADF) }
    }

    pub(crate) fn read_inside(
        &mut self,
        pid: Pid,
        fd: u32,
        out: &mut [u8],
        now: Timestamp,
    ) -> Result<Outside<usize>, Errno> {
        let id = self.frame(pid)?.fds.get(fd)?;
        let description = self.descriptions.of_mut(id);
        if !description.flags.read {
            return Err(Errno::EBADF);
        }
        let n = match &mut description.target {
            Target::File { ino, offset } => {
                let n = self.tree.read_at(*ino, *offset, out)?;
                *offset += n as u64;
                if !out.is_empty() {
                    self.tree.note_access(*ino, now);
                }
                n
            }
            Target::Bytes { content, offset, .. } => {
                let n = copy_at(content, *offset, out);
                *offset += n as u64;
                n
            }
            Target::PipeReader(pipe) => return Ok(Outside::Pipe(Arc::clone(pipe))),
            Target::Device(device) => {
                let device = *device;
                self.read_device(device, out)
            }
            Target::Dir { .. } => return Err(Errno::EISDIR),
            Target::Gone => return Err(Errno::EIO),
            Target::PipeWriter(_) | Target::Capture { .. } | Target::Output { .. } => return Err(Errno::EBADF),
        };
        Ok(Outside::Done(n))
    }

    /// Reads a memory device, which is the same at any offset.
    pub(crate) fn read_device(&mut self, device: Device, out: &mut [u8]) -> usize {
        match device {
            Device::Null => return 0,
            Device::Random | Device::Urandom => self.random.fill(out),
            _ => out.fill(0),
        }
        out.len()
    }

    /// Reads a line of what has an offset: looks ahead, then takes exactly the line.
    pub(crate) fn line_inside(
        &mut self,
        pid: Pid,
        fd: u32,
        delimiter: u8,
        max: usize,
        now: Timestamp,
    ) -> Result<Vec<u8>, Errno> {
        let mut line = Vec::new();
        while line.len() < max {
            let start = line.len();
            line.resize(max.min(start + LINE_STEP), 0);
            let read = match self.read_inside(pid, fd, line.split_at_mut(start).1, now)? {
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

    fn step_back(&mut self, pid: Pid, fd: u32, by: usize) -> Result<(), Errno> {
        match &mut self.description_mut(pid, fd)?.target {
            Target::File { offset, .. } | Target::Bytes { offset, .. } => *offset -= by as u64,
            // What a device has given beyond the line is no loss.
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn write_inside(
        &mut self,
        pid: Pid,
        fd: u32,
        data: &[u8],
        now: Timestamp,
    ) -> Result<Outside<usize>, Errno> {
        let Frame { fds, rlimits, .. } = self.frame(pid)?;
        let (id, rlimits) = (fds.get(fd)?, *rlimits);
        let description = self.descriptions.of_mut(id);
        let FdFlags { write, append, .. } = description.flags;
        if !write {
            return Err(Errno::EBADF);
        }
        let n = match &mut description.target {
            Target::File { ino, offset } if append => {
                let room = rlimits.room_in_file(self.tree.stat(*ino)?.size, data.len())?;
                let (at, n) = self.tree.append(*ino, &data[..room], now)?;
                *offset = at + n as u64;
                n
            }
            Target::File { ino, offset } => {
                let room = rlimits.room_in_file(*offset, data.len())?;
                let n = self.tree.write_at(*ino, *offset, &data[..room], now)?;
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
            Target::Device(device) => write_device(*device, data)?,
            Target::Gone => return Err(Errno::EIO),
            Target::Dir { .. } | Target::PipeReader(_) | Target::Bytes { .. } => return Err(Errno::EBADF),
        };
        Ok(Outside::Done(n))
    }

    /// Makes the content of an open file of /proc anew, as reading it from the start does on Linux; the old stays when
    /// there is no room for the new, or what it tells of has gone.
    pub(crate) fn generate_again(&mut self, kernel: &Kernel, pid: Pid, id: DescId) {
        let Target::Bytes { generated: Some(node), charged: before, .. } = self.descriptions.of(id).target else {
            return;
        };
        let Ok(fresh) = self.proc_content(kernel, pid, node) else { return };
        let now = fresh.len() as u64;
        if self.tree.charge(now).is_err() {
            return;
        }
        self.tree.discharge(before);
        if let Target::Bytes { content, charged, .. } = &mut self.descriptions.of_mut(id).target {
            (*content, *charged) = (fresh, now);
        }
    }

    fn uncharge_capture(&mut self, id: DescId, n: u64) {
        if let Target::Capture { charged, .. } = &mut self.descriptions.of_mut(id).target {
            *charged -= n;
        }
    }
}

/// Writes to a memory device, which is the same at any offset.
pub(crate) fn write_device(device: Device, data: &[u8]) -> Result<usize, Errno> {
    if device == Device::Full { Err(Errno::ENOSPC) } else { Ok(data.len()) }
}

/// Copies what `content` has from `offset` on.
pub(crate) fn copy_at(content: &Bytes, offset: u64, out: &mut [u8]) -> usize {
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
    let rest = content.get(from..).unwrap_or_default();
    let n = rest.len().min(out.len());
    out[..n].copy_from_slice(&rest[..n]);
    n
}
