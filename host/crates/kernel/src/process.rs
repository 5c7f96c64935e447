//! The handle of a process: who it is, what it is charged to, and whether it must stop.
//!
//! All system calls are methods of [`Process`]; each group of them has its own file (`fds`, `open`, `io`, `files`,
//! `dirs`, `subshell`, `spawn`, `wait`). None of them blocks: a call that would answers [`crate::TryIo::WouldBlock`],
//! and a future tells when to try again. The futures are level-triggered, so a wake-up cannot be lost between the two.

use std::sync::Arc;

use base::{Errno, Limits, Pid, Signal};

use crate::budget::MemoryAccount;
use crate::kernel::Kernel;
use crate::rlimits::Resource;
use crate::run::Run;
use crate::signal::{self, DefaultAction, Disposition, Interruption, SignalSet, default_action};
use crate::table::{SHELL, Shared};
use crate::types::ProcessInfo;

/// The bounds of niceness (POSIX, `NZERO` of 20).
const NICENESS: std::ops::RangeInclusive<i32> = -20..=19;

/// A process of a session; clones are handles to the same one.
///
/// In a subshell (between [`Process::enter_subshell`] and [`Process::leave_subshell`]) every call acts for the subshell.
#[derive(Clone)]
pub struct Process {
    pub(crate) kernel: Arc<Kernel>,
    // Its entry in the table; the number a subshell of it has is another.
    pub(crate) entry: Pid,
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Process").field(&self.entry).finish()
    }
}

impl Process {
    pub(crate) fn new(kernel: Arc<Kernel>, entry: Pid, shared: Arc<Shared>) -> Self {
        Self { kernel, entry, shared }
    }

    /// The kernel it lives in.
    #[must_use]
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// The limits of its session.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.kernel.limits()
    }

    /// Its number; in a subshell, that subshell's.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.kernel.locked(|state, _| state.frame(self.entry).map_or(self.entry, |frame| frame.pid))
    }

    /// The number it keeps in and out of subshells (`$$`).
    #[must_use]
    pub fn own_pid(&self) -> Pid {
        self.entry
    }

    /// Its parent's number; 0 for the session's shell.
    #[must_use]
    pub fn parent_pid(&self) -> Pid {
        self.kernel.locked(|state, _| state.table.any(self.entry).map_or(Pid(0), |proc| proc.parent))
    }

    /// Its process group.
    #[must_use]
    pub fn group(&self) -> Pid {
        self.kernel.locked(|state, _| state.table.any(self.entry).map_or(self.entry, |proc| proc.group))
    }

    /// Tells whether it is the session's own shell, whose process outlives its instances and runs.
    #[must_use]
    pub fn is_session_shell(&self) -> bool {
        self.entry == SHELL
    }

    /// The run it is charged to; the session's shell changes runs, the others never do.
    #[must_use]
    pub fn run(&self) -> Run {
        self.shared.run.lock().clone()
    }

    /// Makes an account for the memory of one instance that runs this process.
    #[must_use]
    pub fn memory_account(&self) -> MemoryAccount {
        let (max, _) = self.resource_limit(Resource::Memory);
        MemoryAccount::new(Arc::clone(&self.kernel), Arc::clone(&self.shared), self.run(), max)
    }

    /// Books time spent executing its guest code, to it and to its run.
    pub fn add_cpu(&self, ns: u64) {
        self.shared.account.add_cpu(ns);
        self.kernel.add_cpu(ns);
        self.shared.run.lock().add_cpu(ns);
    }

    /// Guest execution time in nanoseconds: its own, and that of the children it has waited for.
    #[must_use]
    pub fn cpu_times(&self) -> (u64, u64) {
        let children =
            self.kernel.locked(|state, _| state.table.any(self.entry).map_or(0, |proc| proc.children_cpu_ns));
        (self.shared.account.cpu_ns(), children)
    }

    /// The next 64 bits of the session's random stream.
    #[must_use]
    pub fn random_u64(&self) -> u64 {
        self.kernel.locked(|state, _| state.random.next_u64())
    }

    /// Fills `out` from the session's random stream.
    pub fn fill_random(&self, out: &mut [u8]) {
        self.kernel.locked(|state, _| state.random.fill(out));
    }

    /// The session's processes, ended ones that nobody has waited for included, ascending.
    #[must_use]
    pub fn processes(&self) -> Vec<ProcessInfo> {
        self.kernel.process_list()
    }

    /// Answers why the process must stop what it does, if it must. Cheap: takes no lock.
    #[must_use]
    pub fn interruption(&self) -> Option<Interruption> {
        self.shared.attention.interruption()
    }

    /// Tells whether a signal has stopped it: no guest code is to run until it goes on or must die. Cheap: takes no lock.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shared.attention.stopped().is_some()
    }

    /// Completes when it is not stopped or must die, at once if so.
    pub fn may_run(&self) -> impl Future<Output = ()> + Send + 'static {
        let shared = Arc::clone(&self.shared);
        async move { shared.attention.may_run().await }
    }

    /// Completes when [`Process::interruption`] answers something, at once if it does.
    pub fn interrupted(&self) -> impl Future<Output = Interruption> + Send + 'static {
        let shared = Arc::clone(&self.shared);
        async move { shared.attention.interrupted().await }
    }

    /// Takes one pending handled signal; SIGXCPU, which stands for the end of the run, before others.
    #[must_use]
    pub fn take_signal(&self) -> Option<Signal> {
        self.shared.attention.take()
    }

    /// Sets what a signal does to the process.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a number outside 1 to 64, and for a change of SIGKILL or SIGSTOP.
    pub fn set_disposition(&self, signal: Signal, disposition: Disposition) -> Result<(), Errno> {
        let signal = signal::checked(signal)?;
        let fixed = signal == Signal::KILL || signal == Signal::STOP;
        if fixed {
            return if disposition == Disposition::Default { Ok(()) } else { Err(Errno::EINVAL) };
        }
        self.kernel.locked(|state, _| {
            let proc = state.table.live_mut(self.entry)?;
            proc.dispositions.set(signal, disposition);
            let now_ignored = match disposition {
                Disposition::Ignore => true,
                Disposition::Default => default_action(signal) == DefaultAction::Nothing,
                Disposition::Handle => false,
            };
            if now_ignored {
                proc.shared.attention.forget(signal);
            }
            Ok(())
        })
    }

    /// Adds to its niceness, within -20 to 19, and answers the new one. What it starts later inherits it.
    ///
    /// # Errors
    ///
    /// `ESRCH` when the process has ended.
    pub fn add_niceness(&self, increment: i32) -> Result<i8, Errno> {
        self.kernel.locked(|state, _| {
            let proc = state.table.live_mut(self.entry)?;
            let sum = i32::from(proc.niceness).saturating_add(increment).clamp(*NICENESS.start(), *NICENESS.end());
            // What is clamped so fits.
            proc.niceness = i8::try_from(sum).unwrap_or(proc.niceness);
            Ok(proc.niceness)
        })
    }

    /// The signals it ignores: what a program that it starts is to ignore, too.
    #[must_use]
    pub fn ignored_signals(&self) -> SignalSet {
        self.kernel
            .locked(|state, _| state.table.any(self.entry).map_or(SignalSet::EMPTY, |proc| proc.dispositions.ignored))
    }

    /// Answers what a signal does to the process.
    #[must_use]
    pub fn disposition(&self, signal: Signal) -> Disposition {
        let found = |proc: &crate::table::Proc| proc.dispositions.of(signal);
        self.kernel.locked(|state, _| state.table.any(self.entry).map_or(Disposition::Default, found))
    }
}
