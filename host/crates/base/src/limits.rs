//! The one table of limits: what a run and a session may use, each with unit, default and reason.

use std::time::Duration;

/// What a session and each of its runs may use. Every field is finite by default.
///
/// `max_files`, `max_bytes` and `max_runtime` are the quotas of the older server: `None` lifts them (its `0`),
/// and never a ceiling above them (`inodes`, `footprint_bytes`, `run_timeout`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time of one run.
    pub run_timeout: Duration,
    /// Fuel of one run: the sum over all its processes, in Wasmtime's units (about one a Wasm instruction).
    pub run_fuel: u64,
    /// Linear memory and tables of one process, in bytes.
    pub memory_process_bytes: u64,
    /// The same, summed over the session's processes.
    pub memory_session_bytes: u64,
    /// Processes alive in the session at once, its shell included.
    pub processes: u32,
    /// Open descriptors of one process.
    pub fds_per_process: u32,
    /// Memory the session's files, pipes and captures occupy, in bytes (see `vfs`'s ledger).
    pub footprint_bytes: u64,
    /// Inodes of the session's tree beyond its template.
    pub inodes: u64,
    /// Bytes a run may write to its stdout and stderr together before it is ended.
    pub output_bytes: u64,
    /// Bytes kept from the start of each of a run's streams.
    pub output_head_bytes: u64,
    /// Bytes kept from the end of each of a run's streams.
    pub output_tail_bytes: u64,
    /// Quota on regular files, directories and links beyond the template; `None` is no quota.
    pub max_files: Option<u64>,
    /// Quota on the sum of file lengths, in bytes, beyond the template; `None` is no quota.
    pub max_bytes: Option<u64>,
    /// Quota on the session's summed run time; `None` is no quota.
    pub max_runtime: Option<Duration>,
}

const MIB: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            run_timeout: Duration::from_secs(30),
            // Some five minutes of one core: the wall clock ends an ordinary runaway first.
            run_fuel: 500_000_000_000,
            memory_process_bytes: 512 * MIB,
            memory_session_bytes: 1024 * MIB,
            processes: 128,
            fds_per_process: 1024,
            footprint_bytes: 256 * MIB,
            inodes: 200_000,
            output_bytes: 64 * MIB,
            output_head_bytes: MIB,
            output_tail_bytes: MIB,
            max_files: None,
            max_bytes: None,
            max_runtime: None,
        }
    }
}

impl Limits {
    /// The timeout that replaces one of zero or less (the older server's rule).
    pub const FALLBACK_TIMEOUT: Duration = Duration::from_secs(5);
    /// Sessions a server keeps at once unless it is told otherwise.
    pub const SESSIONS: usize = 100;
    /// How long a session that nobody uses is kept unless the server is told otherwise.
    pub const SESSION_TTL: Duration = Duration::from_mins(30);
    /// The part of the machine's memory that all guests and files together may take, in percent.
    pub const MEMORY_PERCENT: u64 = 60;

    /// Returns the wall-clock limit of the next run of a session that has used `used` of its runtime quota.
    #[must_use]
    pub fn effective_timeout(&self, used: Duration) -> Duration {
        match self.max_runtime {
            Some(max) => self.run_timeout.min(max.saturating_sub(used)),
            None => self.run_timeout,
        }
    }

    /// Returns the rows of the documented table: limit, default, unit and scope.
    ///
    /// `serve --help` prints them and the README repeats them; a test compares the two.
    #[must_use]
    pub fn table() -> Vec<(&'static str, String)> {
        let d = Self::default();
        let mib = |bytes: u64| format!("{} MiB", bytes / MIB);
        vec![
            (
                "run timeout",
                format!("{} s (0 or less means {} s)", d.run_timeout.as_secs(), Self::FALLBACK_TIMEOUT.as_secs()),
            ),
            ("run fuel", format!("{} G units", d.run_fuel / 1_000_000_000)),
            ("memory of a process", mib(d.memory_process_bytes)),
            ("memory of a session's processes", mib(d.memory_session_bytes)),
            ("processes of a session", d.processes.to_string()),
            ("open descriptors of a process", d.fds_per_process.to_string()),
            ("footprint of a session's files", mib(d.footprint_bytes)),
            ("inodes of a session", d.inodes.to_string()),
            (
                "output of a run",
                format!(
                    "{} (first {} and last {} of each stream are kept)",
                    mib(d.output_bytes),
                    mib(d.output_head_bytes),
                    mib(d.output_tail_bytes)
                ),
            ),
            ("sessions of the server", Self::SESSIONS.to_string()),
            ("idle time of a session", format!("{} min", Self::SESSION_TTL.as_secs() / 60)),
            ("memory of the whole server", format!("{} % of the machine's", Self::MEMORY_PERCENT)),
            ("session files, bytes, runtime", "unlimited below the ceilings above".to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_may_not_outlive_what_is_left_of_the_runtime_quota() {
        let mut limits = Limits::default();
        assert_eq!(limits.effective_timeout(Duration::from_secs(100)), Duration::from_secs(30));
        limits.max_runtime = Some(Duration::from_secs(40));
        assert_eq!(limits.effective_timeout(Duration::from_secs(15)), Duration::from_secs(25));
        assert_eq!(limits.effective_timeout(Duration::from_secs(50)), Duration::ZERO);
    }
}
