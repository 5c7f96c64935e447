//! A run as its processes see it: fuel, deadline, memory peak, output, and the one reason that stopped it.
//!
//! Owns what is summed over a run's processes. It starts and ends no process itself; [`crate::kernel::Kernel`] does.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use base::{MonoNanos, Outcome, Usage};

use crate::input::Stdin;
use crate::kernel::Kernel;
use crate::output::{OutputLog, Stream};
use crate::sync::{Bell, Lock};

/// What a run starts with; the rest comes from the session's limits.
#[derive(Debug)]
pub struct RunSpec {
    /// What descriptor 0 reads.
    pub stdin: Stdin,
    /// When it must be over.
    pub deadline: MonoNanos,
    /// Fuel of all its processes together.
    pub fuel: u64,
}

/// The fuel of one run, shared by its processes.
#[derive(Debug)]
pub struct Meter {
    remaining: AtomicU64,
    consumed: AtomicU64,
}

impl Meter {
    fn new(fuel: u64) -> Self {
        Self { remaining: AtomicU64::new(fuel), consumed: AtomicU64::new(0) }
    }

    /// Fuel that is left.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.remaining.load(Ordering::Acquire)
    }

    /// Fuel that was consumed, beyond the limit included.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Acquire)
    }

    /// Books what a process has consumed since it last settled; answers what is left for all.
    pub fn settle(&self, consumed: u64) -> u64 {
        self.consumed.fetch_add(consumed, Ordering::AcqRel);
        let less = |left: u64| Some(left.saturating_sub(consumed));
        let before = self.remaining.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        before.unwrap_or(0).saturating_sub(consumed)
    }

    /// Adds fuel: the reserve in which a shell unwinds after the last is used.
    pub fn grant(&self, fuel: u64) {
        let more = |left: u64| Some(left.saturating_add(fuel));
        let _before = self.remaining.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
    }
}

/// A run; clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Run(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    kernel: Weak<Kernel>,
    meter: Meter,
    output: OutputLog,
    started: MonoNanos,
    deadline: AtomicU64,
    memory_peak: AtomicU64,
    cpu_ns: AtomicU64,
    processes: AtomicU32,
    end: Lock<End>,
    stopped: Bell,
}

#[derive(Debug, Default)]
struct End {
    // Why it was stopped from outside; the first reason stays.
    stopped_by: Option<Outcome>,
    // When its shell returned.
    finished: Option<MonoNanos>,
}

impl Run {
    pub(crate) fn new(
        kernel: Weak<Kernel>,
        output: OutputLog,
        started: MonoNanos,
        deadline: MonoNanos,
        fuel: u64,
    ) -> Self {
        Self(Arc::new(Shared {
            kernel,
            meter: Meter::new(fuel),
            output,
            started,
            deadline: AtomicU64::new(deadline.0),
            memory_peak: AtomicU64::new(0),
            cpu_ns: AtomicU64::new(0),
            // The session's own shell.
            processes: AtomicU32::new(1),
            end: Lock::new(End::default()),
            stopped: Bell::default(),
        }))
    }

    /// Its fuel.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// Its output.
    #[must_use]
    pub fn output(&self) -> &OutputLog {
        &self.0.output
    }

    /// Writes a message of the host's to the run's standard error, in order with what its processes write.
    pub fn say(&self, message: &[u8]) {
        // Beyond the output's limit it is not kept; the next write of a process ends the run then.
        let _ = self.0.output.write(Stream::Stderr, message);
    }

    /// When its processes must be over.
    #[must_use]
    pub fn deadline(&self) -> MonoNanos {
        MonoNanos(self.0.deadline.load(Ordering::Acquire))
    }

    /// Moves the deadline: for the jobs that go on after the run. Who waits already meets the earlier one first.
    pub fn set_deadline(&self, deadline: MonoNanos) {
        self.0.deadline.store(deadline.0, Ordering::Release);
    }

    /// Ends the run early: its programs are killed, its shell gets SIGXCPU and is to unwind. Only the first call counts.
    pub fn stop(&self, outcome: Outcome) {
        {
            let mut end = self.0.end.lock();
            if end.stopped_by.is_some() {
                return;
            }
            end.stopped_by = Some(outcome);
        }
        self.0.stopped.ring();
        if let Some(kernel) = self.0.kernel.upgrade() {
            kernel.interrupt_run(self);
        }
    }

    /// Why it was ended early, if it was.
    #[must_use]
    pub fn stopped_by(&self) -> Option<Outcome> {
        self.0.end.lock().stopped_by
    }

    /// Completes when the run is stopped.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let shared = Arc::clone(&self.0);
        async move { shared.stopped.until(|| shared.end.lock().stopped_by.is_some()).await }
    }

    /// Tells whether its shell has returned; jobs may live on.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.end.lock().finished.is_some()
    }

    /// Books time spent executing guest code.
    pub(crate) fn add_cpu(&self, ns: u64) {
        self.0.cpu_ns.fetch_add(ns, Ordering::AcqRel);
    }

    pub(crate) fn note_memory(&self, session_sum: u64) {
        self.0.memory_peak.fetch_max(session_sum, Ordering::AcqRel);
    }

    pub(crate) fn note_process(&self) {
        self.0.processes.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Marks the end; the first call counts.
    pub(crate) fn finish(&self, now: MonoNanos) {
        self.0.end.lock().finished.get_or_insert(now);
        self.0.output.seal();
    }

    /// What it has used up to now, or up to its end.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let Some(kernel) = self.0.kernel.upgrade() else { return Usage::default() };
        let end = self.0.end.lock().finished.unwrap_or_else(|| kernel.clock().mono());
        let tree = kernel.with_tree(|tree| tree.usage());
        Usage {
            wall: end.since(self.0.started),
            cpu: Duration::from_nanos(self.0.cpu_ns.load(Ordering::Acquire)),
            fuel: self.0.meter.consumed(),
            memory_peak: self.0.memory_peak.load(Ordering::Acquire),
            processes: self.0.processes.load(Ordering::Acquire),
            files: tree.files,
            bytes: tree.bytes,
        }
    }
}
