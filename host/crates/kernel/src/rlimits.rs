//! Resource limits as a process can lower them (`getrlimit`, `setrlimit`): bounds within the session's own.
//!
//! Owns the values a process and what it starts are held to. The session's limits stay what they are: a process's
//! begin as these and are never above them.

use base::{Errno, Limits};

use crate::process::Process;

/// What a limit is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Length of a file that is written, in bytes: `EFBIG` beyond.
    FileSize,
    /// Open descriptors: none is opened at or above it.
    OpenFiles,
    /// Processes of the session when another is started.
    Processes,
    /// Memory of one process, in bytes: held to by what is started under it.
    Memory,
}

/// No limit.
pub const UNLIMITED: u64 = u64::MAX;

/// The limits of one process, soft and hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rlimits {
    file_size: (u64, u64),
    open_files: (u64, u64),
    processes: (u64, u64),
    memory: (u64, u64),
}

impl Rlimits {
    pub(crate) fn of_session(limits: &Limits) -> Self {
        let both = |limit: u64| (limit, limit);
        Self {
            file_size: both(vfs::MAX_FILE_BYTES),
            open_files: both(limits.fds_per_process.into()),
            processes: both(limits.processes.into()),
            memory: both(limits.memory_process_bytes),
        }
    }

    /// Soft and hard.
    pub(crate) fn of(&self, resource: Resource) -> (u64, u64) {
        match resource {
            Resource::FileSize => self.file_size,
            Resource::OpenFiles => self.open_files,
            Resource::Processes => self.processes,
            Resource::Memory => self.memory,
        }
    }

    /// The number below which descriptors are.
    pub(crate) fn open_files(&self) -> u32 {
        u32::try_from(self.open_files.0).unwrap_or(u32::MAX)
    }

    /// How many of `len` bytes may be written at `offset` of a file; `EFBIG` for none of some.
    pub(crate) fn room_in_file(&self, offset: u64, len: usize) -> Result<usize, Errno> {
        let room = usize::try_from(self.file_size.0.saturating_sub(offset)).unwrap_or(usize::MAX);
        if room == 0 && len > 0 { Err(Errno::EFBIG) } else { Ok(len.min(room)) }
    }

    fn set(&mut self, resource: Resource, to: (u64, u64)) -> Result<(), Errno> {
        let slot = match resource {
            Resource::FileSize => &mut self.file_size,
            Resource::OpenFiles => &mut self.open_files,
            Resource::Processes => &mut self.processes,
            Resource::Memory => &mut self.memory,
        };
        if to.0 > to.1 {
            return Err(Errno::EINVAL);
        }
        if to.1 > slot.1 {
            return Err(Errno::EPERM);
        }
        *slot = to;
        Ok(())
    }
}

impl Process {
    /// The soft and the hard limit; a subshell has its own.
    #[must_use]
    pub fn resource_limit(&self, resource: Resource) -> (u64, u64) {
        let session = Rlimits::of_session(self.limits());
        let own = self.kernel.locked(|state, _| state.frame(self.entry).map_or(session, |frame| frame.rlimits));
        own.of(resource)
    }

    /// Sets both; what it starts from now on inherits them. The session's shell has the session's again in its next run.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a soft limit above the hard one; `EPERM` for a hard limit above the present one, which not even root
    /// may raise: what is above is the host's.
    pub fn set_resource_limit(&self, resource: Resource, soft: u64, hard: u64) -> Result<(), Errno> {
        self.kernel.locked(|state, _| state.frame_mut(self.entry)?.rlimits.set(resource, (soft, hard)))
    }
}
