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
    /// Checkpoints of the session at once.
    pub checkpoints: u32,
    /// Logical bytes of all its checkpoints together: their files' footprint and their shells' states.
    pub checkpoint_bytes: u64,
}

/// A session has used up its runtime quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("session runtime limit exceeded")]
pub struct RuntimeExceeded {
    /// What it has used.
    pub used: Duration,
    /// What it may use.
    pub max: Duration,
}

/// The files of a whole tree exceed a session's quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageExceeded {
    /// Too many of them.
    #[error("session file limit exceeded: {files} files (max {max})")]
    Files {
        /// How many there are.
        files: u64,
        /// How many there may be.
        max: u64,
    },
    /// Too many bytes in them.
    #[error("session storage limit exceeded: {bytes} bytes (max {max})")]
    Bytes {
        /// The sum of their sizes.
        bytes: u64,
        /// What it may be.
        max: u64,
    },
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
            checkpoints: 64,
            // Four full sessions; what checkpoints share with each other is counted each time.
            checkpoint_bytes: 1024 * MIB,
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

    /// Returns the wall-clock limit of the next run: `base` (of zero, `min`), and no more than what a session that has
    /// used `used` has left of its runtime quota.
    ///
    /// # Errors
    /// [`RuntimeExceeded`] when nothing is left.
    pub fn effective_timeout(
        &self,
        base: Duration,
        used: Duration,
        min: Duration,
    ) -> Result<Duration, RuntimeExceeded> {
        let base = if base.is_zero() { min } else { base };
        match self.max_runtime {
            None => Ok(base),
            Some(max) if used >= max => Err(RuntimeExceeded { used, max }),
            Some(max) => Ok(base.min(max.saturating_sub(used))),
        }
    }

    /// Judges whether a session that has used `used` of its runtime quota may run at all.
    ///
    /// # Errors
    /// [`RuntimeExceeded`] when all of it is used.
    pub fn validate_runtime(&self, used: Duration) -> Result<(), RuntimeExceeded> {
        match self.max_runtime {
            Some(max) if used >= max => Err(RuntimeExceeded { used, max }),
            _ => Ok(()),
        }
    }

    /// Tells whether the number or the bytes of the session's files are limited by a quota.
    #[must_use]
    pub fn has_fs_limits(&self) -> bool {
        self.max_files.is_some() || self.max_bytes.is_some()
    }

    /// Judges a number of files (what is no directory) and the sum of their sizes, as they arrive at once.
    ///
    /// # Errors
    /// The quota they exceed; files first.
    pub fn validate_fs(&self, files: u64, bytes: u64) -> Result<(), StorageExceeded> {
        match (self.max_files, self.max_bytes) {
            (Some(max), _) if files > max => Err(StorageExceeded::Files { files, max }),
            (_, Some(max)) if bytes > max => Err(StorageExceeded::Bytes { bytes, max }),
            _ => Ok(()),
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
            ("checkpoints of a session", format!("{}, {} together", d.checkpoints, mib(d.checkpoint_bytes))),
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

    const SECOND: Duration = Duration::from_secs(1);

    fn quota(secs: u32) -> Limits {
        Limits { max_runtime: Some(SECOND * secs), ..Limits::default() }
    }

    #[test]
    fn a_timeout_of_nothing_counts_as_the_least_and_no_quota_leaves_it_alone() {
        let limits = Limits::default();
        assert_eq!(limits.effective_timeout(Duration::ZERO, SECOND * 900, SECOND * 5), Ok(SECOND * 5));
        assert_eq!(limits.effective_timeout(SECOND * 30, SECOND * 900, SECOND * 5), Ok(SECOND * 30));
        assert_eq!(limits.validate_runtime(SECOND * 900), Ok(()));
    }

    #[test]
    fn a_run_may_not_outlive_what_is_left_of_the_runtime_quota() {
        let (limits, nano) = (quota(8), Duration::from_nanos(1));
        let timeout = |base, used| limits.effective_timeout(base, used, SECOND * 5);
        assert_eq!(timeout(SECOND * 30, Duration::ZERO), Ok(SECOND * 8));
        assert_eq!(timeout(SECOND * 3, SECOND * 5), Ok(SECOND * 3));
        assert_eq!(timeout(SECOND * 3, SECOND * 5 + nano), Ok(SECOND * 3 - nano));
        assert_eq!(timeout(Duration::ZERO, SECOND * 2), Ok(SECOND * 5));
        assert_eq!(timeout(SECOND * 30, SECOND * 8 - nano), Ok(nano));
        for used in [SECOND * 8, SECOND * 9] {
            let refusal = Err(RuntimeExceeded { used, max: SECOND * 8 });
            assert_eq!(timeout(SECOND * 30, used), refusal);
            assert_eq!(limits.validate_runtime(used), refusal.map(|_: Duration| ()));
        }
        assert_eq!(limits.validate_runtime(SECOND * 8 - nano), Ok(()));
    }

    #[test]
    fn files_and_bytes_are_refused_one_beyond_their_quota() {
        let none = Limits::default();
        let files = Limits { max_files: Some(5), ..Limits::default() };
        let bytes = Limits { max_bytes: Some(1000), ..Limits::default() };
        assert_eq!([&none, &files, &bytes].map(Limits::has_fs_limits), [false, true, true]);
        assert_eq!(none.validate_fs(u64::MAX, u64::MAX), Ok(()));
        assert_eq!(files.validate_fs(5, u64::MAX), Ok(()));
        assert_eq!(bytes.validate_fs(u64::MAX, 1000), Ok(()));
        let text = |result: Result<(), StorageExceeded>| result.map_err(|error| error.to_string());
        assert_eq!(text(files.validate_fs(9, 0)), Err("session file limit exceeded: 9 files (max 5)".to_owned()));
        let refusal = "session storage limit exceeded: 3897 bytes (max 1000)".to_owned();
        assert_eq!(text(bytes.validate_fs(0, 3897)), Err(refusal));
    }
}
