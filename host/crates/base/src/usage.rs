//! What a run did use.

use std::time::Duration;

/// What one run used. `files` and `bytes` are the session's totals after the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Wall-clock time from the run's start to its end.
    pub wall: Duration,
    /// Time its processes spent executing guest code.
    pub cpu: Duration,
    /// Fuel its processes consumed, in Wasmtime's units; zero when fuel is not metered.
    pub fuel: u64,
    /// Highest sum of the processes' linear memories, in bytes.
    pub memory_peak: u64,
    /// Processes started, the session's own shell included.
    pub processes: u32,
    /// Inodes beyond the template.
    pub files: u64,
    /// Sum of file lengths beyond the template, holes not counted, in bytes.
    pub bytes: u64,
}
