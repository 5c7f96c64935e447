//! Ends of processes, and what else their parents are told: exit, wait, kill, stopping and going on.
//!
//! Owns the order of an end: descriptors close first, then children are orphaned, then the status is reported.

use std::sync::Arc;

use base::{Errno, Pid, Signal};
use vfs::Ino;

use crate::process::Process;
use crate::signal::{self, DefaultAction, Disposition, STOPPING, default_action};
use crate::state::{Effects, State};
use crate::table::{Proc, SHELL};
use crate::types::{ChildEvent, KillTarget, ProcessInfo, TryIo, WaitEvents, WaitFor, WaitStatus};

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
        let event = self.try_wait_event(which, WaitEvents::default())?;
        Ok(match event {
            TryIo::Done((pid, ChildEvent::Ended(status))) => TryIo::Done((pid, status)),
            _ => TryIo::WouldBlock,
        })
    }

    /// Takes one event of a child: an end, and what else is asked for. Each is told once; ends come first.
    ///
    /// # Errors
    ///
    /// Those of [`Process::try_wait`].
    pub fn try_wait_event(&self, which: WaitFor, events: WaitEvents) -> Result<TryIo<(Pid, ChildEvent)>, Errno> {
        self.kernel.locked(|state, _| state.take_child(self.entry, which, events))
    }

    /// Completes when [`Process::try_wait`] would not answer `WouldBlock`.
    pub fn child_ended(&self, which: WaitFor) -> impl Future<Output = ()> + Send + 'static {
        self.child_event(which, WaitEvents::default())
    }

    /// Completes when [`Process::try_wait_event`] would not answer `WouldBlock`.
    pub fn child_event(&self, which: WaitFor, events: WaitEvents) -> impl Future<Output = ()> + Send + 'static {
        let process = self.clone();
        async move {
            let found = || process.kernel.locked(|state, _| state.find_child(process.entry, which, events));
            process.shared.attention.children.until(|| found() != Ok(TryIo::WouldBlock)).await;
        }
    }

    /// Sends a signal; `None` only asks whether that would be possible.
    ///
    /// # Errors
    ///
    /// `ESRCH` when nobody is meant; `EINVAL` for no signal.
    pub fn kill(&self, target: KillTarget, signal: Option<Signal>) -> Result<(), Errno> {
        let signal = signal.map(signal::checked).transpose()?;
        self.kernel.locked(|state, fx| {
            let targets = state.targets(self.entry, target)?;
            let Some(signal) = signal else { return Ok(()) };
            for (pid, frame) in targets {
                state.deliver(pid, frame, signal, fx);
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
            cpu_ns: proc.shared.account.cpu_ns(),
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
        if pid != SHELL {
            proc.started_as = proc.started_as.ended();
        }
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
        self.tell_parent(pid, fx);
    }

    /// Tells a process that something has become of its child `pid`.
    fn tell_parent(&self, pid: Pid, fx: &mut Effects) {
        let Some(proc) = self.table.any(pid) else { return };
        let parent = self.table.owner(proc.parent).and_then(|owner| self.table.live(owner).ok());
        if let Some(parent) = parent {
            if parent.dispositions.of(Signal::CHLD) == Disposition::Handle {
                parent.shared.attention.post(Signal::CHLD);
                fx.attend(&parent.shared);
            }
            fx.child_ended(&parent.shared);
        }
    }

    /// Answers the first of the caller's ended children that `which` means, else one with another of `events`.
    fn find_child(&self, pid: Pid, which: WaitFor, events: WaitEvents) -> Result<TryIo<(Pid, ChildEvent)>, Errno> {
        let children = &self.frame(pid)?.children;
        let wanted = |child: &Pid, proc: &Proc| match which {
            WaitFor::Any => true,
            WaitFor::Pid(one) => *child == one,
            WaitFor::Group(group) => proc.group == group,
        };
        let mut first: Option<(u64, Pid, WaitStatus)> = None;
        let mut changed: Option<(Pid, ChildEvent)> = None;
        let mut any = false;
        // The one asked for is looked up; only the other questions walk the list.
        let candidates: Box<dyn Iterator<Item = &Pid>> = match &which {
            WaitFor::Pid(one) => Box::new(children.get(one).into_iter()),
            _ => Box::new(children.iter()),
        };
        for child in candidates {
            let Some(proc) = self.table.any(*child).filter(|proc| wanted(child, proc)) else { continue };
            any = true;
            let Some((status, order)) = proc.ended else {
                let event = match proc.changed {
                    Some(Some(signal)) if events.stopped => Some(ChildEvent::Stopped(signal)),
                    Some(None) if events.continued => Some(ChildEvent::Continued),
                    _ => None,
                };
                changed = changed.or(event.map(|event| (*child, event)));
                continue;
            };
            if first.is_none_or(|(earliest, ..)| order < earliest) {
                first = Some((order, *child, status));
            }
        }
        match (first, changed) {
            (Some((_, child, status)), _) => Ok(TryIo::Done((child, ChildEvent::Ended(status)))),
            (None, Some(event)) => Ok(TryIo::Done(event)),
            (None, None) if any => Ok(TryIo::WouldBlock),
            (None, None) => Err(Errno::ECHILD),
        }
    }

    fn take_child(&mut self, pid: Pid, which: WaitFor, events: WaitEvents) -> Result<TryIo<(Pid, ChildEvent)>, Errno> {
        let found = self.find_child(pid, which, events)?;
        match found {
            TryIo::Done((child, ChildEvent::Ended(_))) => {
                if let Some(child) = self.table.remove(child) {
                    let cpu_ns = child.shared.account.cpu_ns() + child.children_cpu_ns;
                    self.table.live_mut(pid)?.children_cpu_ns += cpu_ns;
                }
            }
            TryIo::Done((child, _)) => self.table.live_mut(child)?.changed = None,
            TryIo::WouldBlock => {}
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
    fn deliver(&mut self, pid: Pid, to_subshell: bool, signal: Signal, fx: &mut Effects) {
        if signal == Signal::CONT {
            self.resume(pid, fx);
        }
        let Ok(proc) = self.table.live(pid) else { return };
        let attention = &proc.shared.attention;
        match (proc.dispositions.of(signal), default_action(signal)) {
            (Disposition::Ignore, _) | (Disposition::Default, DefaultAction::Nothing) => return,
            (Disposition::Handle, _) => attention.post(signal),
            (Disposition::Default, DefaultAction::Stop) => return self.stop(pid, signal, fx),
            // A subshell is no process that could die alone: its shell takes the signal and leaves it.
            (Disposition::Default, DefaultAction::Terminate) if to_subshell => attention.post(signal),
            (Disposition::Default, DefaultAction::Terminate) => attention.doom(signal),
        }
        fx.attend(&Arc::clone(&proc.shared));
    }

    /// Stops a process: at its next epoch tick or wait whoever runs it meets that.
    fn stop(&mut self, pid: Pid, signal: Signal, fx: &mut Effects) {
        let Ok(proc) = self.table.live_mut(pid) else { return };
        proc.shared.attention.forget(Signal::CONT);
        if proc.shared.attention.stop(signal) {
            proc.changed = Some(Some(signal));
            self.tell_parent(pid, fx);
        }
    }

    /// Lets a stopped process go on; it also forgets what would stop it again.
    fn resume(&mut self, pid: Pid, fx: &mut Effects) {
        let Ok(proc) = self.table.live_mut(pid) else { return };
        STOPPING.iter().for_each(|signal| proc.shared.attention.forget(*signal));
        if proc.shared.attention.resume() {
            proc.changed = Some(None);
            fx.attend(&Arc::clone(&proc.shared));
            self.tell_parent(pid, fx);
        }
    }
}
