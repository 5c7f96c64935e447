//! What one process has used beside CPU time: memory, bytes moved, fuel.
//!
//! Owns the counters; they are added to without the session's lock, where the use happens. Sums over a run or a session
//! are [`crate::run`]'s and [`crate::budget`]'s.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::process::Process;

/// What a process has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessUsage {
    /// Time it spent executing guest code, in nanoseconds.
    pub cpu_ns: u64,
    /// Fuel it consumed, in Wasmtime's units; zero when fuel is not metered.
    pub fuel: u64,
    /// Linear memory and tables it has, in bytes.
    pub memory_bytes: u64,
    /// The most it had at once.
    pub memory_peak_bytes: u64,
    /// Bytes it read, from whatever.
    pub read_bytes: u64,
    /// Bytes it wrote, to whatever.
    pub written_bytes: u64,
    /// Reads that answered something.
    pub reads: u64,
    /// Writes that did something.
    pub writes: u64,
}

/// The counters of one process.
#[derive(Debug, Default)]
pub(crate) struct Account {
    cpu_ns: AtomicU64,
    fuel: AtomicU64,
    memory: AtomicU64,
    memory_peak: AtomicU64,
    read_bytes: AtomicU64,
    written_bytes: AtomicU64,
    reads: AtomicU64,
    writes: AtomicU64,
    waits: AtomicBool,
}

impl Account {
    pub(crate) fn add_cpu(&self, ns: u64) {
        self.cpu_ns.fetch_add(ns, Ordering::AcqRel);
    }

    pub(crate) fn cpu_ns(&self) -> u64 {
        self.cpu_ns.load(Ordering::Acquire)
    }

    pub(crate) fn add_fuel(&self, units: u64) {
        self.fuel.fetch_add(units, Ordering::Relaxed);
    }

    pub(crate) fn add_memory(&self, bytes: u64) {
        let sum = self.memory.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        self.memory_peak.fetch_max(sum, Ordering::Relaxed);
    }

    pub(crate) fn sub_memory(&self, bytes: u64) {
        self.memory.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn note_read(&self, bytes: usize) {
        self.read_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn note_write(&self, bytes: usize) {
        self.written_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    pub(crate) fn usage(&self) -> ProcessUsage {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ProcessUsage {
            cpu_ns: self.cpu_ns(),
            fuel: of(&self.fuel),
            memory_bytes: of(&self.memory),
            memory_peak_bytes: of(&self.memory_peak),
            read_bytes: of(&self.read_bytes),
            written_bytes: of(&self.written_bytes),
            reads: of(&self.reads),
            writes: of(&self.writes),
        }
    }
}

impl Process {
    /// What it has used itself, without its children.
    #[must_use]
    pub fn usage(&self) -> ProcessUsage {
        self.shared.account.usage()
    }

    /// Books fuel that it has consumed, to it and to its run; answers what is left for all of the run.
    pub fn settle_fuel(&self, consumed: u64) -> u64 {
        self.shared.account.add_fuel(consumed);
        self.shared.run.lock().meter().settle(consumed)
    }

    /// Says whether it waits for something, which is what the process list calls sleeping; only whoever runs it knows.
    pub fn set_waiting(&self, waits: bool) {
        self.shared.account.waits.store(waits, Ordering::Relaxed);
    }
}
