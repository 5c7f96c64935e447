//! One process as /proc shows it. A subshell is a process to whoever looks, though it is a frame of its shell's.

use base::{Errno, Pid};

use crate::signal::Dispositions;
use crate::state::State;
use crate::table::{Frame, Proc, SHELL};

/// A process, or one of its subshells.
pub(crate) struct View<'a> {
    pub(crate) pid: Pid,
    pub(crate) proc: &'a Proc,
    // Which of its frames.
    at: usize,
}

impl State {
    /// The process of that number; `ENOENT` when there is none, as for a name that is not there.
    pub(crate) fn view(&self, pid: Pid) -> Result<View<'_>, Errno> {
        let owner = self.table.owner(pid).ok_or(Errno::ENOENT)?;
        let proc = self.table.any(owner).ok_or(Errno::ENOENT)?;
        let at = proc.frames.iter().position(|frame| frame.pid == pid).unwrap_or(0);
        Ok(View { pid, proc, at })
    }

    /// The numbers of all processes and their subshells, ascending.
    pub(crate) fn all_pids(&self) -> Vec<Pid> {
        let of = |(pid, proc): (Pid, &Proc)| {
            let subshells: Vec<Pid> = proc.frames.iter().skip(1).map(|frame| frame.pid).collect();
            std::iter::once(pid).chain(subshells)
        };
        let mut pids: Vec<Pid> = self.table.iter().flat_map(of).collect();
        pids.sort_unstable();
        pids
    }
}

impl<'a> View<'a> {
    /// Its descriptors, directory and mask.
    pub(crate) fn frame(&self) -> &'a Frame {
        self.proc.frames.get(self.at).unwrap_or_else(|| self.proc.frame())
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.proc.ended.is_none()
    }

    pub(crate) fn parent(&self) -> Pid {
        let outer = self.at.checked_sub(1).and_then(|outer| self.proc.frames.get(outer));
        outer.map_or(self.proc.parent, |outer| outer.pid)
    }

    /// Its dispositions: what an inner subshell has changed is not an outer shell's.
    pub(crate) fn dispositions(&self) -> Dispositions {
        self.proc.frames.get(self.at + 1).map_or(self.proc.dispositions, |inner| inner.outer_dispositions)
    }

    /// The state's letter and name, as `caller` sees it.
    pub(crate) fn state(&self, caller: Pid) -> (char, &'static str) {
        let is_inner = self.at + 1 == self.proc.frames.len();
        let calls = self.proc.frame().pid == caller;
        let idles = self.proc.frames.first().is_some_and(|frame| frame.pid == SHELL)
            && self.proc.shared.run.lock().is_finished();
        if !self.is_alive() {
            ('Z', "zombie")
        } else if self.proc.shared.attention.stopped().is_some() {
            ('T', "stopped")
        } else if !is_inner || (!calls && (idles || self.proc.shared.account.waits())) {
            ('S', "sleeping")
        } else {
            ('R', "running")
        }
    }
}
