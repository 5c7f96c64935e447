//! Signals of one process: what is pending, what is ignored or handled, and whether it must die.
//!
//! Owns the atomics a running guest looks at without a lock ([`Attention`]) and the table of default actions. Delivery
//! to processes and groups is [`crate::process`]'s.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use base::{Errno, Signal};

use crate::sync::Bell;

/// What a process does with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The signal's default action.
    Default,
    /// Nothing.
    Ignore,
    /// The guest is told: the signal becomes pending and is taken with `take_signal`.
    Handle,
}

/// Why a process that runs or waits must stop what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// A handled signal is pending: a blocking call answers `EINTR`.
    Pending,
    /// The process must end with this signal; no guest code may run any more.
    Die(Signal),
}

/// A set of signals 1 to 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignalSet(u64);

impl SignalSet {
    /// The empty set.
    pub const EMPTY: Self = Self(0);

    /// Adds a signal; numbers beyond 1 to 64 are left out.
    pub fn insert(&mut self, signal: Signal) {
        self.0 |= bit(signal);
    }

    /// Removes a signal.
    pub fn remove(&mut self, signal: Signal) {
        self.0 &= !bit(signal);
    }

    /// The set as Linux writes it: bit 0 is signal 1.
    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    /// Tells whether the signal is in the set.
    #[must_use]
    pub fn contains(self, signal: Signal) -> bool {
        self.0 & bit(signal) != 0
    }
}

impl FromIterator<Signal> for SignalSet {
    fn from_iter<I: IntoIterator<Item = Signal>>(signals: I) -> Self {
        let mut set = Self::EMPTY;
        signals.into_iter().for_each(|signal| set.insert(signal));
        set
    }
}

/// Dispositions of a process: what is in neither set is `Default`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dispositions {
    pub(crate) ignored: SignalSet,
    pub(crate) handled: SignalSet,
}

impl Dispositions {
    pub(crate) fn of(self, signal: Signal) -> Disposition {
        // POSIX: these two can be neither caught nor ignored.
        if signal == Signal::KILL || signal == Signal::STOP {
            Disposition::Default
        } else if self.ignored.contains(signal) {
            Disposition::Ignore
        } else if self.handled.contains(signal) {
            Disposition::Handle
        } else {
            Disposition::Default
        }
    }

    pub(crate) fn set(&mut self, signal: Signal, disposition: Disposition) {
        self.ignored.remove(signal);
        self.handled.remove(signal);
        match disposition {
            Disposition::Default => {}
            Disposition::Ignore => self.ignored.insert(signal),
            Disposition::Handle => self.handled.insert(signal),
        }
    }
}

/// What a signal does to a process that neither ignores nor handles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultAction {
    Terminate,
    Nothing,
    Stop,
}

pub(crate) fn default_action(signal: Signal) -> DefaultAction {
    match signal {
        Signal::CHLD | Signal::CONT | Signal::URG | Signal::WINCH => DefaultAction::Nothing,
        Signal::STOP | Signal::TSTP | Signal::TTIN | Signal::TTOU => DefaultAction::Stop,
        _ => DefaultAction::Terminate,
    }
}

/// The signals that stop a process.
pub(crate) const STOPPING: [Signal; 4] = [Signal::STOP, Signal::TSTP, Signal::TTIN, Signal::TTOU];

/// Checks a signal number of a guest: 1 to 64.
pub(crate) fn checked(signal: Signal) -> Result<Signal, Errno> {
    if (1..=64).contains(&signal.0) { Ok(signal) } else { Err(Errno::EINVAL) }
}

/// The part of a process that is looked at without the session's lock, while its guest runs or waits.
#[derive(Debug, Default)]
pub(crate) struct Attention {
    // The signal it must die of; 0 while it may live. Set once, until a revival of the session's shell.
    dying: AtomicU8,
    // The signal that has stopped it; 0 while it may run.
    stopped: AtomicU8,
    // Handled signals that wait to be taken.
    pending: AtomicU64,
    // Rung when either changes.
    bell: Bell,
    // Rung when a child ends.
    pub(crate) children: Bell,
}

impl Attention {
    pub(crate) fn interruption(&self) -> Option<Interruption> {
        match self.dying.load(Ordering::Acquire) {
            0 if self.pending.load(Ordering::Acquire) == 0 => None,
            0 => Some(Interruption::Pending),
            signal => Some(Interruption::Die(Signal(signal))),
        }
    }

    /// Dooms the process; the first signal stays. The caller rings afterwards.
    pub(crate) fn doom(&self, signal: Signal) {
        // A failure means that an earlier signal won, which is what is wanted.
        let _earlier = self.dying.compare_exchange(0, signal.0, Ordering::AcqRel, Ordering::Acquire);
    }

    pub(crate) fn post(&self, signal: Signal) {
        self.pending.fetch_or(bit(signal), Ordering::AcqRel);
    }

    /// Takes one pending signal: SIGXCPU first, since it stands for the end of the run, then the lowest.
    pub(crate) fn take(&self) -> Option<Signal> {
        loop {
            let pending = self.pending.load(Ordering::Acquire);
            let lowest = (1..=64).map(Signal).find(|signal| pending & bit(*signal) != 0)?;
            let signal = if pending & bit(Signal::XCPU) != 0 { Signal::XCPU } else { lowest };
            let before = self.pending.fetch_and(!bit(signal), Ordering::AcqRel);
            if before & bit(signal) != 0 {
                return Some(signal);
            }
        }
    }

    /// The handled signals that wait to be taken.
    pub(crate) fn pending(&self) -> u64 {
        self.pending.load(Ordering::Acquire)
    }

    /// The signal that has stopped the process, while it is stopped.
    pub(crate) fn stopped(&self) -> Option<Signal> {
        match self.stopped.load(Ordering::Acquire) {
            0 => None,
            signal => Some(Signal(signal)),
        }
    }

    /// Stops the process; false when it is stopped already. What it does next is up to whoever runs it.
    pub(crate) fn stop(&self, signal: Signal) -> bool {
        self.stopped.compare_exchange(0, signal.0, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Lets a stopped process go on; false when it was not stopped. The caller rings afterwards.
    pub(crate) fn resume(&self) -> bool {
        self.stopped.swap(0, Ordering::AcqRel) != 0
    }

    /// Completes when the process may compute: it is not stopped, or it must die.
    pub(crate) async fn may_run(&self) {
        let may_run = || self.stopped().is_none() || self.dying.load(Ordering::Acquire) != 0;
        self.bell.until(may_run).await;
    }

    /// Forgets a pending signal (it was ignored meanwhile).
    pub(crate) fn forget(&self, signal: Signal) {
        self.pending.fetch_and(!bit(signal), Ordering::AcqRel);
    }

    /// Makes a session's shell live again with nothing pending.
    pub(crate) fn revive(&self) {
        self.dying.store(0, Ordering::Release);
        self.stopped.store(0, Ordering::Release);
        self.pending.store(0, Ordering::Release);
    }

    pub(crate) fn ring(&self) {
        self.bell.ring();
    }

    /// Completes when [`Attention::interruption`] answers something.
    pub(crate) async fn interrupted(&self) -> Interruption {
        let mut found = Interruption::Pending;
        self.bell.until(|| self.interruption().inspect(|why| found = *why).is_some()).await;
        found
    }
}

fn bit(signal: Signal) -> u64 {
    if (1..=64).contains(&signal.0) { 1 << (signal.0 - 1) } else { 0 }
}
