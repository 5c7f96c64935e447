//! What the session's one lock guards: tree, process table and open file descriptions, and what follows its release.
//!
//! Owns the rule that a pipe, capture or log is never locked under it, and no waiter woken: such steps are collected as
//! [`Effects`] and run once the lock is free.

use std::sync::Arc;

use base::{Errno, Pid};
use vfs::Ino;

use crate::budget::HostBudget;
use crate::capture::Capture;
use crate::description::{DescId, Description, Descriptions, Target};
use crate::machine::Machine;
use crate::pipe::{PIPE_CAPACITY, Pipe};
use crate::random::RandomStream;
use crate::table::{Frame, Proc, Shared, Table};
use crate::types::{At, FdFlags};
use crate::volume::Volume;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tree: Volume,
    pub(crate) table: Table,
    pub(crate) descriptions: Descriptions,
    pub(crate) random: RandomStream,
    pub(crate) machine: Machine,
}

/// Steps to take when the session's lock is free, in order.
#[derive(Debug, Default)]
pub(crate) struct Effects(Vec<Effect>);

#[derive(Debug)]
enum Effect {
    CloseReader(Arc<Pipe>),
    CloseWriter(Arc<Pipe>),
    CloseCapture(Arc<Capture>),
    Attend(Arc<Shared>),
    ChildEnded(Arc<Shared>),
    // A description whose content is large enough that freeing it should hold up nobody.
    Free(Target),
}

impl Effects {
    /// Takes the steps; the caller holds no lock.
    pub(crate) fn run(self) {
        for effect in self.0 {
            match effect {
                Effect::CloseReader(pipe) => pipe.close_reader(),
                Effect::CloseWriter(pipe) => pipe.close_writer(),
                Effect::CloseCapture(capture) => capture.close_writer(),
                Effect::Attend(shared) => shared.attention.ring(),
                Effect::ChildEnded(shared) => shared.attention.children.ring(),
                Effect::Free(target) => drop(target),
            }
        }
    }

    /// Wakes a process that has got a signal.
    pub(crate) fn attend(&mut self, shared: &Arc<Shared>) {
        self.0.push(Effect::Attend(Arc::clone(shared)));
    }

    /// Wakes a process whose child has ended.
    pub(crate) fn child_ended(&mut self, shared: &Arc<Shared>) {
        self.0.push(Effect::ChildEnded(Arc::clone(shared)));
    }
}

impl State {
    pub(crate) fn new(tree: Volume, table: Table, random: RandomStream, machine: Machine, host: HostBudget) -> Self {
        Self { tree, table, descriptions: Descriptions::new(host), random, machine }
    }

    /// Answers the innermost frame of a live process.
    pub(crate) fn frame(&self, pid: Pid) -> Result<&Frame, Errno> {
        self.table.live(pid).map(Proc::frame)
    }

    /// Answers the innermost frame of a live process.
    pub(crate) fn frame_mut(&mut self, pid: Pid) -> Result<&mut Frame, Errno> {
        self.table.live_mut(pid).map(Proc::frame_mut)
    }

    /// Answers the description behind a descriptor.
    pub(crate) fn description(&self, pid: Pid, fd: u32) -> Result<&Description, Errno> {
        let id = self.frame(pid)?.fds.get(fd)?;
        Ok(self.descriptions.of(id))
    }

    /// Answers the description behind a descriptor.
    pub(crate) fn description_mut(&mut self, pid: Pid, fd: u32) -> Result<&mut Description, Errno> {
        let id = self.frame(pid)?.fds.get(fd)?;
        Ok(self.descriptions.of_mut(id))
    }

    /// Answers the lowest free descriptor of a process that is not below `minimum`.
    pub(crate) fn free_fd(&self, pid: Pid, minimum: u32) -> Result<u32, Errno> {
        let frame = self.frame(pid)?;
        frame.fds.lowest_free(minimum, frame.rlimits.open_files())
    }

    /// Answers the directory where a relative path starts.
    pub(crate) fn base(&self, pid: Pid, at: At) -> Result<Ino, Errno> {
        match at {
            At::Root => Ok(Ino::ROOT),
            At::Cwd => Ok(self.frame(pid)?.cwd),
            At::Fd(fd) => match self.description(pid, fd)?.target {
                Target::Dir { ino, .. } => Ok(ino),
                _ => Err(Errno::ENOTDIR),
            },
        }
    }

    /// Opens a description at `fd`, closing what was there.
    pub(crate) fn install(
        &mut self,
        pid: Pid,
        fd: u32,
        flags: FdFlags,
        target: Target,
        fx: &mut Effects,
    ) -> Result<u32, Errno> {
        let id = self.descriptions.add(flags, target);
        match self.frame_mut(pid) {
            Ok(frame) => {
                let before = frame.fds.put(fd, id);
                if let Some(before) = before {
                    self.release(before, fx);
                }
                Ok(fd)
            }
            Err(error) => {
                self.release(id, fx);
                Err(error)
            }
        }
    }

    /// Counts one descriptor less of a description, closing it with the last.
    pub(crate) fn release(&mut self, id: DescId, fx: &mut Effects) {
        let Some(description) = self.descriptions.unshare(id) else { return };
        if description.path_bytes() > 0 {
            self.tree.discharge(description.path_bytes());
        }
        let target = description.target;
        match target {
            Target::File { ino, .. } | Target::Dir { ino, .. } => self.tree.release(ino),
            Target::PipeReader(pipe) => {
                self.uncharge_end(&pipe);
                fx.0.push(Effect::CloseReader(pipe));
            }
            Target::PipeWriter(pipe) => {
                self.uncharge_end(&pipe);
                fx.0.push(Effect::CloseWriter(pipe));
            }
            Target::Capture { capture, charged } => {
                self.tree.discharge(charged);
                fx.0.push(Effect::CloseCapture(capture));
            }
            Target::Bytes { charged, .. } => {
                self.tree.discharge(charged);
                fx.0.push(Effect::Free(target));
            }
            Target::Output { .. } => fx.0.push(Effect::Free(target)),
            Target::Device(_) | Target::Gone => {}
        }
    }

    fn uncharge_end(&mut self, pipe: &Pipe) {
        if pipe.uncharge_end() {
            self.tree.discharge(PIPE_CAPACITY as u64);
        }
    }

    /// Closes all that a frame holds; its children stay to be dealt with.
    pub(crate) fn close_frame(&mut self, frame: &Frame, fx: &mut Effects) {
        frame.fds.iter().for_each(|(_, id)| self.release(id, fx));
        self.tree.release(frame.cwd);
        self.tree.discharge(frame.charged);
    }

    /// Leaves the innermost subshell frame of a process; false when it is in none.
    pub(crate) fn leave_frame(&mut self, pid: Pid, fx: &mut Effects) -> bool {
        let Some(mut frame) = self.table.pop_frame(pid) else { return false };
        self.table.orphan(std::mem::take(&mut frame.children));
        self.close_frame(&frame, fx);
        true
    }
}
