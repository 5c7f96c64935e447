//! Ends of processes: exit, wait, kill.
//!
//! Owns the order of an end: descriptors close first, then children are orphaned, then the status is reported.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::{Errno, Pid, Signal};
use vfs::Ino;

use crate::process::Process;
use crate::signal::{self, DefaultAction, Disposition, default_action};
use crate::state::{Effects, State};
use crate::table::{Proc, SHELL};
use crate::types::{KillTarget, ProcessInfo, TryIo, WaitFor, WaitStatus};

impl Process {
    /// Ends the process: closes its descriptors, orphans its children, and then reports the status to its parent.
    ///
    /// Called once by whoever runs it, when no guest code of it runs any more; a second call does nothing. The session's
    /// own shell does not end by it: its subshells are left, its descriptors closed and its signals reset, and the next
    /// [`crate::Kernel::begin_run`] finds it as new, with its working directory kept.
    pub fn exit(&self, status: WaitStatus) {
        // Two steps: who reads the other end of a pipe must meet its end before the status can be seen.
        self.kernel.locked(|state, fx| state.close_all(self.entry, fx));
        self.kernel.locked(|state, fx| state.report_end(self.entry, status, fx));
        self.kernel.ended.ring();
    }

    /// Takes one ended child; `WouldBlock` when those asked for all live.
    ///
    /// Of several that have ended, the first to end comes first.
    ///
    /// # Errors
    ///
    /// `ECHILD` when there is no such child, or none at all.
    pub fn try_wait(&self, which: WaitFor) -> Result<TryIo<(Pid, WaitStatus)>, Errno> {
        self.kernel.locked(|state, _| state.take_child(self.entry, which))
    }

    /// Completes when [`Process::try_wait`] would not answer `WouldBlock`.
    pub fn child_ended(&self, which: WaitFor) -> impl Future<Output = ()> + Send + 'static {
        let process = self.clone();
        async move {
            let found = || process.kernel.locked(|state, _| state.find_child(process.entry, which));
            process.shared.attention.children.until(|| found() != Ok(TryIo::WouldBlock)).await;
        }
    }

    /// Sends a signal; `None` only asks whether that would be possible.
    ///
    /// # Errors
    ///
    /// `ESRCH` when nobody is meant; `EINVAL` for no signal; `ENOTSUP` for a signal that would stop a process.
    pub fn kill(&self, target: KillTarget, signal: Option<Signal>) -> Result<(), Errno> {
        let signal = signal.map(signal::checked).transpose()?;
        self.kernel.locked(|state, fx| {
            let targets = state.targets(self.entry, target)?;
            let Some(signal) = signal else { return Ok(()) };
            for (pid, frame) in targets {
                state.deliver(pid, frame, signal, fx)?;
            }
            Ok(())
        })
    }

    /// Removes a process that was never started.
    pub(crate) fn unspawn(&self) {
        self.kernel.locked(|state, fx| {
            state.close_all(self.entry, fx);
            state.table.remove(self.entry);
        });
        self.kernel.ended.ring();
    }
}

impl ProcessInfo {
    pub(crate) fn of(pid: Pid, proc: &Proc) -> Self {
        Self {
            pid,
            parent: proc.parent,
            group: proc.group,
            status: proc.ended.map(|(status, _)| status),
            cpu_ns: proc.shared.cpu_ns.load(Ordering::Acquire),
            name: proc.name.clone(),
        }
    }
}

impl State {
    /// Closes all descriptors of a process and leaves its subshells.
    fn close_all(&mut self, pid: Pid, fx: &mut Effects) {
        while self.leave_frame(pid, fx) {}
        let Ok(proc) = self.table.live_mut(pid) else { return };
        let frame = proc.frame_mut();
        let fds = std::mem::take(&mut frame.fds);
        let cwd = if pid == SHELL { None } else { Some(std::mem::replace(&mut frame.cwd, Ino::ROOT)) };
        let (charged, executable) = (std::mem::take(&mut proc.charged), proc.executable.take());
        proc.permit = None;
        fds.iter().for_each(|(_, id)| self.release(id, fx));
        self.tree.discharge(charged);
        cwd.iter().chain(&executable).for_each(|ino| self.tree.release(*ino));
    }

    fn report_end(&mut self, pid: Pid, status: WaitStatus, fx: &mut Effects) {
        let Ok(proc) = self.table.live_mut(pid) else { return };
        let children = std::mem::take(&mut proc.frame_mut().children);
        self.table.orphan(children);
        if pid == SHELL {
            if let Ok(shell) = self.table.live_mut(pid) {
                shell.dispositions = crate::signal::Dispositions::default();
            }
            return;
        }
        self.table.end(pid, status);
        let Some(proc) = self.table.any(pid) else { return };
        if proc.orphan {
            self.table.remove(pid);
            return;
        }
        let parent = self.table.owner(proc.parent).and_then(|owner| self.table.live(owner).ok());
        if let Some(parent) = parent {
            if parent.dispositions.of(Signal::CHLD) == Disposition::Handle {
                parent.shared.attention.post(Signal::CHLD);
                fx.attend(&parent.shared);
            }
            fx.child_ended(&parent.shared);
        }
    }

    /// Answers the first of the caller's ended children that `which` means.
    fn find_child(&self, pid: Pid, which: WaitFor) -> Result<TryIo<(Pid, WaitStatus)>, Errno> {
        let children = &self.frame(pid)?.children;
        let wanted = |child: &Pid, proc: &Proc| match which {
            WaitFor::Any => true,
            WaitFor::Pid(one) => *child == one,
            WaitFor::Group(group) => proc.group == group,
        };
        let mut first: Option<(u64, Pid, WaitStatus)> = None;
        let mut any = false;
        // The one asked for is looked up; only the other questions walk the list.
        let candidates: Box<dyn Iterator<Item = &Pid>> = match &which {
            WaitFor::Pid(one) => Box::new(children.get(one).into_iter()),
            _ => Box::new(children.iter()),
        };
        for child in candidates {
            let Some(proc) = self.table.any(*child).filter(|proc| wanted(child, proc)) else { continue };
            any = true;
            let Some((status, order)) = proc.ended else { continue };
            if first.is_none_or(|(earliest, ..)| order < earliest) {
                first = Some((order, *child, status));
            }
        }
        match first {
            Some((_, child, status)) => Ok(TryIo::Done((child, status))),
            None if any => Ok(TryIo::WouldBlock),
            None => Err(Errno::ECHILD),
        }
    }

    fn take_child(&mut self, pid: Pid, which: WaitFor) -> Result<TryIo<(Pid, WaitStatus)>, Errno> {
        let found = self.find_child(pid, which)?;
        if let TryIo::Done((child, _)) = found
            && let Some(child) = self.table.remove(child)
        {
            let cpu_ns = child.shared.cpu_ns.load(Ordering::Acquire) + child.children_cpu_ns;
            self.table.live_mut(pid)?.children_cpu_ns += cpu_ns;
        }
        Ok(found)
    }

    /// Answers whom `kill` means: each process, and whether one of its subshells was named.
    fn targets(&self, caller: Pid, target: KillTarget) -> Result<Vec<(Pid, bool)>, Errno> {
        let group = |group: Pid| -> Vec<(Pid, bool)> {
            let members = self.table.iter().filter(|(_, proc)| proc.group == group);
            members.map(|(pid, _)| (pid, false)).collect()
        };
        let targets = match target {
            KillTarget::Pid(pid) => {
                let owner = self.table.owner(pid);
                owner.map(|owner| (owner, owner != pid)).into_iter().collect()
            }
            KillTarget::OwnGroup => group(self.table.live(caller)?.group),
            KillTarget::Group(leader) => group(leader),
            KillTarget::All => {
                let others = self.table.live_pids().into_iter().filter(|pid| *pid != caller && *pid != SHELL);
                others.map(|pid| (pid, false)).collect()
            }
        };
        if targets.is_empty() { Err(Errno::ESRCH) } else { Ok(targets) }
    }

    /// Does what a signal does to a process; nothing to one that has ended.
    fn deliver(&mut self, pid: Pid, to_subshell: bool, signal: Signal, fx: &mut Effects) -> Result<(), Errno> {
        let Ok(proc) = self.table.live(pid) else { return Ok(()) };
        let attention = &proc.shared.attention;
        match (proc.dispositions.of(signal), default_action(signal)) {
            (Disposition::Ignore, _) | (Disposition::Default, DefaultAction::Nothing) => return Ok(()),
            (Disposition::Handle, _) => attention.post(signal),
            (Disposition::Default, DefaultAction::Stop) => return Err(Errno::ENOTSUP),
            // A subshell is no process that could die alone: its shell takes the signal and leaves it.
            (Disposition::Default, DefaultAction::Terminate) if to_subshell => attention.post(signal),
            (Disposition::Default, DefaultAction::Terminate) => attention.doom(signal),
        }
        fx.attend(&Arc::clone(&proc.shared));
        Ok(())
    }
}
