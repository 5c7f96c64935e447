//! The process table: entries, their subshell frames, parents and children, and fresh numbers.
//!
//! Owns who is whose child and what number is taken. Lives under the session's lock; closing descriptors, waking and
//! signalling are the callers' work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{Errno, MonoNanos, Pid, Signal};
use vfs::Ino;

use crate::account::Account;
use crate::budget::ProcessPermit;
use crate::fdtable::FdTable;
use crate::rlimits::Rlimits;
use crate::run::Run;
use crate::signal::{Attention, Dispositions};
use crate::started::StartedAs;
use crate::sync::Lock;
use crate::types::WaitStatus;

/// The session's shell.
pub(crate) const SHELL: Pid = Pid(1);

/// Ended children nobody has waited for yet; beyond it the status of the first to end is forgotten, as a shell itself
/// remembers only so many (bash's `CHILD_MAX`).
const MAX_ZOMBIES: usize = 4096;

/// Numbers are handed out ascending and start again above the shell's after this one (`kill` takes an `i32`).
pub(crate) const LAST_PID: u32 = i32::MAX.unsigned_abs();

/// The part of a process that its handle reaches without the session's lock.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) attention: Attention,
    pub(crate) account: Account,
    // The run it is charged to; changes for the session's shell alone.
    pub(crate) run: Lock<Run>,
}

/// One process, alive or ended and not yet waited for.
#[derive(Debug)]
pub(crate) struct Proc {
    pub(crate) parent: Pid,
    pub(crate) group: Pid,
    /// It runs the shell component, which SIGPIPE does not kill but tell.
    pub(crate) is_shell: bool,
    // Never empty; the first is the process itself, each further one a subshell. An ended process has an empty first.
    pub(crate) frames: Vec<Frame>,
    pub(crate) dispositions: Dispositions,
    /// -20 to 19; kept and inherited, while processors are shared fairly whatever it is.
    pub(crate) niceness: i8,
    /// How it ended and the how-manieth it was to end.
    pub(crate) ended: Option<(WaitStatus, u64)>,
    /// That it was stopped (by this signal) or goes on (none), until its parent has been told.
    pub(crate) changed: Option<Option<Signal>>,
    /// Its parent is gone: nobody waits, so its end removes it.
    pub(crate) orphan: bool,
    pub(crate) shared: Arc<Shared>,
    pub(crate) name: Vec<u8>,
    pub(crate) started_as: StartedAs,
    pub(crate) started: MonoNanos,
    pub(crate) children_cpu_ns: u64,
    /// Bytes of the ledger held for its arguments and environment, here and with its code, and for its state.
    pub(crate) charged: u64,
    /// The executable's inode when it is a user's, retained in the tree.
    pub(crate) executable: Option<Ino>,
    pub(crate) permit: Option<ProcessPermit>,
}

/// A process as its innermost subshell sees itself.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) pid: Pid,
    pub(crate) fds: FdTable,
    // Retained in the tree.
    pub(crate) cwd: Ino,
    pub(crate) umask: u32,
    pub(crate) rlimits: Rlimits,
    pub(crate) children: BTreeSet<Pid>,
    // What the enclosing frame's were, restored when this one is left.
    pub(crate) outer_dispositions: Dispositions,
    pub(crate) charged: u64,
}

impl Shared {
    pub(crate) fn new(run: Run) -> Self {
        Self { attention: Attention::default(), account: Account::default(), run: Lock::new(run) }
    }
}

impl Frame {
    /// Makes a frame without descriptors, children and charges; `cwd` is retained by the caller.
    pub(crate) fn new(pid: Pid, cwd: Ino, umask: u32, rlimits: Rlimits) -> Self {
        Self {
            pid,
            fds: FdTable::default(),
            cwd,
            umask,
            rlimits,
            children: BTreeSet::new(),
            outer_dispositions: Dispositions::default(),
            charged: 0,
        }
    }
}

impl Proc {
    /// The innermost frame.
    pub(crate) fn frame(&self) -> &Frame {
        self.frames.last().expect("a process has at least one frame")
    }

    /// The innermost frame.
    pub(crate) fn frame_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a process has at least one frame")
    }
}

/// All processes of a session.
#[derive(Debug)]
pub(crate) struct Table {
    procs: BTreeMap<Pid, Proc>,
    // Numbers of subshell frames and the processes they belong to.
    frame_owners: BTreeMap<Pid, Pid>,
    next: u32,
    n_ended: u64,
    n_zombies: usize,
}

impl Table {
    pub(crate) fn new(shell: Proc) -> Self {
        let procs = BTreeMap::from([(SHELL, shell)]);
        Self { procs, frame_owners: BTreeMap::new(), next: SHELL.0 + 1, n_ended: 0, n_zombies: 0 }
    }

    /// Takes the next number that neither a process, a frame nor a group uses.
    pub(crate) fn fresh_pid(&mut self) -> Pid {
        loop {
            let pid = Pid(self.next);
            self.next = if self.next >= LAST_PID { SHELL.0 + 1 } else { self.next + 1 };
            let taken = self.procs.contains_key(&pid) || self.frame_owners.contains_key(&pid);
            // Asked only once numbers come round again: before that no group has a number not yet handed out.
            if !taken && !self.has_group(pid) {
                return pid;
            }
        }
    }

    /// The number handed out last.
    pub(crate) fn latest_pid(&self) -> Pid {
        Pid(if self.next == SHELL.0 + 1 { SHELL.0 } else { self.next - 1 })
    }

    /// Answers a live process.
    pub(crate) fn live(&self, pid: Pid) -> Result<&Proc, Errno> {
        self.procs.get(&pid).filter(|proc| proc.ended.is_none()).ok_or(Errno::ESRCH)
    }

    /// Answers a live process.
    pub(crate) fn live_mut(&mut self, pid: Pid) -> Result<&mut Proc, Errno> {
        self.procs.get_mut(&pid).filter(|proc| proc.ended.is_none()).ok_or(Errno::ESRCH)
    }

    /// Answers a process, alive or not.
    pub(crate) fn any(&self, pid: Pid) -> Option<&Proc> {
        self.procs.get(&pid)
    }

    /// Answers the process that `pid` names, be it its own number or that of one of its frames.
    pub(crate) fn owner(&self, pid: Pid) -> Option<Pid> {
        if self.procs.contains_key(&pid) { Some(pid) } else { self.frame_owners.get(&pid).copied() }
    }

    pub(crate) fn add_frame(&mut self, owner: Pid, frame: Frame) {
        self.frame_owners.insert(frame.pid, owner);
        if let Some(proc) = self.procs.get_mut(&owner) {
            proc.frames.push(frame);
        }
    }

    /// Takes the innermost subshell frame of a process, if it is in one.
    pub(crate) fn pop_frame(&mut self, owner: Pid) -> Option<Frame> {
        let proc = self.procs.get_mut(&owner)?;
        if proc.frames.len() < 2 {
            return None;
        }
        let frame = proc.frames.pop()?;
        proc.dispositions = frame.outer_dispositions;
        self.frame_owners.remove(&frame.pid);
        Some(frame)
    }

    /// Adds a child of the innermost frame of `parent`.
    pub(crate) fn add_child(&mut self, parent: Pid, pid: Pid, proc: Proc) {
        if let Some(parent) = self.procs.get_mut(&parent) {
            parent.frame_mut().children.insert(pid);
        }
        self.procs.insert(pid, proc);
    }

    /// Removes an entry and its mention in its parent's frames.
    pub(crate) fn remove(&mut self, pid: Pid) -> Option<Proc> {
        let proc = self.procs.remove(&pid)?;
        if proc.ended.is_some() {
            self.n_zombies -= 1;
        }
        let parent = self.owner(proc.parent).and_then(|owner| self.procs.get_mut(&owner));
        if let Some(parent) = parent {
            parent.frames.iter_mut().for_each(|frame| {
                frame.children.remove(&pid);
            });
        }
        Some(proc)
    }

    /// Makes a live process a zombie.
    pub(crate) fn end(&mut self, pid: Pid, status: WaitStatus) {
        if let Some(proc) = self.procs.get_mut(&pid).filter(|proc| proc.ended.is_none()) {
            proc.ended = Some((status, self.n_ended));
            self.n_ended += 1;
            self.n_zombies += 1;
        }
        if self.n_zombies > MAX_ZOMBIES {
            let order = |(pid, proc): (&Pid, &Proc)| proc.ended.map(|(_, order)| (order, *pid));
            let first = self.procs.iter().filter_map(order).min();
            first.map(|(_, pid)| self.remove(pid));
        }
    }

    /// Gives the children of a frame that is gone to the session's shell; ended ones are removed.
    pub(crate) fn orphan(&mut self, children: BTreeSet<Pid>) {
        for child in children {
            let Some(proc) = self.procs.get_mut(&child) else { continue };
            if proc.ended.is_some() {
                self.procs.remove(&child);
                self.n_zombies -= 1;
            } else {
                proc.parent = SHELL;
                proc.orphan = true;
            }
        }
    }

    pub(crate) fn has_group(&self, group: Pid) -> bool {
        self.procs.values().any(|proc| proc.group == group)
    }

    /// Live processes, ascending.
    pub(crate) fn live_pids(&self) -> Vec<Pid> {
        self.procs.iter().filter(|(_, proc)| proc.ended.is_none()).map(|(pid, _)| *pid).collect()
    }

    pub(crate) fn n_live(&self) -> usize {
        self.procs.len() - self.n_zombies
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Pid, &Proc)> {
        self.procs.iter().map(|(pid, proc)| (*pid, proc))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Proc> {
        self.procs.values_mut()
    }
}
