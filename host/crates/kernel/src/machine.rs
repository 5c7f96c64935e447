//! The machine the session believes to be on: its names, when it was booted, and counts since then.
//!
//! Owns no limit. Nothing of it is the host's.

use std::time::Duration;

use base::{Clock, MonoNanos, Timestamp};

use crate::kernel::Kernel;
use crate::proc::Load;
use crate::random::RandomStream;

/// What `uname -s` says: what programs ask before they use names of /proc and /dev.
pub const OS_TYPE: &str = "Linux";
/// What `uname -r` says: a release whose interfaces are the ones here, and that it is none of Linux's own.
pub const OS_RELEASE: &str = "6.1.0-sandshell";
/// What `uname -v` says.
pub const OS_VERSION: &str = "#1 SMP";
/// What `uname -m` says: what the shell's `MACHTYPE` begins with.
pub const MACHINE: &str = "x86_64";

/// The host name of a session that is given none.
pub const DEFAULT_HOST_NAME: &str = "sandshell";
/// Longest host name, Linux's `HOST_NAME_MAX`.
const HOST_NAME_MAX: usize = 64;

#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) host_name: String,
    pub(crate) booted: MonoNanos,
    pub(crate) booted_wall: Timestamp,
    pub(crate) boot_id: [u8; 16],
    /// Processes and subshells made.
    pub(crate) births: u64,
    pub(crate) load: Load,
}

impl Machine {
    /// Boots now.
    pub(crate) fn boot(clock: &dyn Clock, random: &RandomStream) -> Self {
        let booted = clock.mono();
        Self {
            host_name: DEFAULT_HOST_NAME.to_owned(),
            booted,
            booted_wall: clock.wall(),
            boot_id: random.apart(),
            births: 1,
            load: Load::starting(booted),
        }
    }

    /// The wall-clock time of a monotonic one since the boot.
    pub(crate) fn wall_at(&self, at: MonoNanos) -> Timestamp {
        let since: Duration = at.since(self.booted);
        Timestamp(self.booted_wall.0.saturating_add(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Kernel {
    /// The session's host name.
    #[must_use]
    pub fn host_name(&self) -> String {
        self.locked(|state, _| state.machine.host_name.clone())
    }

    /// Gives the session a host name; false, and nothing changed, for what is none: 1 to 64 letters, digits, `-` and `.`.
    pub fn set_host_name(&self, name: &str) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        let is_name = (1..=HOST_NAME_MAX).contains(&name.len()) && name.bytes().all(is_plain);
        if is_name {
            self.locked(|state, _| name.clone_into(&mut state.machine.host_name));
        }
        is_name
    }
}
