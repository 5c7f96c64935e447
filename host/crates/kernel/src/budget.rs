//! Bounded counters: what the whole host may use, the memory of one process charged at every level, and what the host
//! has reserved for one session's files.
//!
//! Owns the host's totals. A charge is made before the use, at all levels or at none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::kernel::Kernel;
use crate::run::Run;
use crate::table::Shared;

/// A sum that never exceeds its bound.
#[derive(Debug)]
pub(crate) struct Gauge {
    used: AtomicU64,
    max: u64,
}

impl Gauge {
    pub(crate) fn new(max: u64) -> Self {
        Self { used: AtomicU64::new(0), max }
    }

    /// Adds and answers the new sum; `None`, and nothing added, when it would exceed the bound.
    pub(crate) fn try_add(&self, n: u64) -> Option<u64> {
        let sum = |used: u64| used.checked_add(n).filter(|sum| *sum <= self.max);
        self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, sum).ok().map(|before| before + n)
    }

    /// Adds beyond the bound, too.
    pub(crate) fn add(&self, n: u64) {
        self.used.fetch_add(n, Ordering::AcqRel);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.used() >= self.max
    }

    pub(crate) fn sub(&self, n: u64) {
        let difference = |used: u64| Some(used.saturating_sub(n));
        let before = self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, difference);
        debug_assert!(before.is_ok_and(|before| before >= n), "more was given back than was taken");
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }
}

/// Memory that files leave to processes: a quarter of all, and if that is less than this, up to half. Without it one
/// session's files could keep every other from running, and itself from removing them.
const LEFT_BY_FILES_BYTES: u64 = 64 << 20;

/// What all sessions of the host may use together; clones share the sums.
#[derive(Clone, Debug)]
pub struct HostBudget(Arc<Totals>);

#[derive(Debug)]
struct Totals {
    // Linear memory and footprints together, since one machine holds both.
    memory: Gauge,
    // The footprints alone, which files may not make larger than their share of `memory`.
    footprint: Gauge,
    processes: Gauge,
    // Open descriptors of all processes; each process's own limit bounds them.
    descriptors: AtomicU64,
}

impl HostBudget {
    /// Reserves memory for files that are kept outside of a kernel; `None` when files have their share already.
    #[must_use]
    pub fn reserve_footprint(&self, bytes: u64) -> Option<FootprintReservation> {
        let mut reserved = FootprintReservation::none(self);
        reserved.grow(bytes).then_some(reserved)
    }

    /// Makes a budget of memory in bytes, for guests' linear memory and sessions' files together, and of live processes.
    ///
    /// Files may use three quarters of the memory, and half of a small one.
    #[must_use]
    pub fn new(memory_bytes: u64, processes: u32) -> Self {
        let left_by_files = (memory_bytes / 4).max(LEFT_BY_FILES_BYTES.min(memory_bytes / 2));
        Self(Arc::new(Totals {
            memory: Gauge::new(memory_bytes),
            footprint: Gauge::new(memory_bytes - left_by_files),
            processes: Gauge::new(processes.into()),
            descriptors: AtomicU64::new(0),
        }))
    }

    /// Makes a budget that is never exhausted; for tests and one-session tools.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::new(u64::MAX, u32::MAX)
    }

    /// Bytes of memory in use: the guests' linear memory, and what is reserved for the sessions' files.
    #[must_use]
    pub fn memory_used(&self) -> u64 {
        self.0.memory.used()
    }

    /// Bytes of it that are reserved for the sessions' files.
    #[must_use]
    pub fn footprint_reserved(&self) -> u64 {
        self.0.footprint.used()
    }

    /// Bytes of memory that guests and files together may use.
    #[must_use]
    pub fn memory_max(&self) -> u64 {
        self.0.memory.max
    }

    /// Open descriptors of all processes.
    #[must_use]
    pub fn descriptors_open(&self) -> u64 {
        self.0.descriptors.load(Ordering::Relaxed)
    }

    /// Processes alive.
    #[must_use]
    pub fn processes_used(&self) -> u64 {
        self.0.processes.used()
    }

    pub(crate) fn descriptor_opened(&self) {
        self.0.descriptors.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn descriptors_closed(&self, n: u64) {
        self.0.descriptors.fetch_sub(n, Ordering::Relaxed);
    }

    pub(crate) fn process_permit(&self) -> Option<ProcessPermit> {
        self.0.processes.try_add(1)?;
        Some(ProcessPermit(self.clone()))
    }
}

/// The host's permission for one live process, given back when dropped.
#[derive(Debug)]
pub(crate) struct ProcessPermit(HostBudget);

impl Drop for ProcessPermit {
    fn drop(&mut self) {
        self.0.0.processes.sub(1);
    }
}

/// The host's memory that is reserved for one session's files; dropping gives it back.
#[derive(Debug)]
pub struct FootprintReservation {
    budget: HostBudget,
    bytes: u64,
}

impl FootprintReservation {
    pub(crate) fn none(budget: &HostBudget) -> Self {
        Self { budget: budget.clone(), bytes: 0 }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Tells whether the files of all sessions have their share, or more.
    pub(crate) fn is_share_used(&self) -> bool {
        self.budget.0.footprint.is_full()
    }

    /// Makes it `bytes`, which is no less than it is; false, and nothing changed, when the share of files has not so much.
    #[must_use]
    pub(crate) fn grow(&mut self, bytes: u64) -> bool {
        let Totals { memory, footprint, .. } = &*self.budget.0;
        let more = bytes.saturating_sub(self.bytes);
        if footprint.try_add(more).is_none() {
            return false;
        }
        if memory.try_add(more).is_none() {
            footprint.sub(more);
            return false;
        }
        self.bytes += more;
        true
    }

    /// As [`FootprintReservation::grow`], out of the memory that files leave to processes, too.
    #[must_use]
    pub(crate) fn grow_beyond_share(&mut self, bytes: u64) -> bool {
        let Totals { memory, footprint, .. } = &*self.budget.0;
        let more = bytes.saturating_sub(self.bytes);
        if memory.try_add(more).is_none() {
            return false;
        }
        footprint.add(more);
        self.bytes += more;
        true
    }

    /// Makes it `bytes`, if it is more.
    pub(crate) fn cut(&mut self, bytes: u64) {
        let Totals { memory, footprint, .. } = &*self.budget.0;
        let less = self.bytes.saturating_sub(bytes);
        footprint.sub(less);
        memory.sub(less);
        self.bytes -= less;
    }
}

impl Drop for FootprintReservation {
    fn drop(&mut self) {
        self.cut(0);
    }
}

/// The linear memory and tables of one instance, charged to its process, session and host; dropping gives all back.
///
/// It belongs to the instance and not to the process entry, since an instance may outlive the exit of its process by a
/// moment, and the session's shell outlives its instances.
#[derive(Debug)]
pub struct MemoryAccount {
    own: Gauge,
    kernel: Arc<Kernel>,
    process: Arc<Shared>,
    run: Run,
}

impl MemoryAccount {
    pub(crate) fn new(kernel: Arc<Kernel>, process: Arc<Shared>, run: Run, max: u64) -> Self {
        Self { own: Gauge::new(max), kernel, process, run }
    }

    /// Charges `bytes` more; false, and nothing charged, when a bound would be exceeded.
    #[must_use]
    pub fn grow(&self, bytes: u64) -> bool {
        if self.own.try_add(bytes).is_none() {
            return false;
        }
        let Some(session_sum) = self.kernel.memory().try_add(bytes) else {
            self.own.sub(bytes);
            return false;
        };
        if self.kernel.budget().0.memory.try_add(bytes).is_none() {
            self.own.sub(bytes);
            self.kernel.memory().sub(bytes);
            return false;
        }
        self.process.account.add_memory(bytes);
        self.run.note_memory(session_sum);
        true
    }

    /// Moves the account to another run, whose peak it counts in from now on (the session's shell).
    pub fn set_run(&mut self, run: Run) {
        run.note_memory(self.kernel.memory().used());
        self.run = run;
    }

    /// Bytes charged.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.own.used()
    }
}

impl Drop for MemoryAccount {
    fn drop(&mut self) {
        let bytes = self.own.used();
        self.process.account.sub_memory(bytes);
        self.kernel.memory().sub(bytes);
        self.kernel.budget().0.memory.sub(bytes);
    }
}
