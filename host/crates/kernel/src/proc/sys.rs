//! `/proc/sys`: who the machine is said to be, and the session's bounds under the names Linux has for them.

use super::scene::{Scene, uuid};
use crate::machine::{OS_RELEASE, OS_TYPE, OS_VERSION};
use crate::pipe::PIPE_CAPACITY;
use crate::table::LAST_PID;

/// The last capability Linux 6.1 knows.
const LAST_CAPABILITY: u32 = 40;
/// Bits of entropy Linux's pool is said to hold since it is never empty.
const ENTROPY_BITS: u32 = 256;
/// Groups a process may be in on Linux; here it is in one.
const GROUPS_MAX: u32 = 65_536;

pub(super) fn os_type(_: &Scene<'_>) -> String {
    format!("{OS_TYPE}\n")
}

pub(super) fn os_release(_: &Scene<'_>) -> String {
    format!("{OS_RELEASE}\n")
}

pub(super) fn kernel_version(_: &Scene<'_>) -> String {
    format!("{OS_VERSION}\n")
}

pub(super) fn host_name(scene: &Scene<'_>) -> String {
    format!("{}\n", scene.state.machine.host_name)
}

pub(super) fn domain_name(_: &Scene<'_>) -> String {
    "(none)\n".to_owned()
}

pub(super) fn boot_id(scene: &Scene<'_>) -> String {
    format!("{}\n", uuid(scene.state.machine.boot_id))
}

pub(super) fn pid_max(_: &Scene<'_>) -> String {
    format!("{LAST_PID}\n")
}

pub(super) fn threads_max(scene: &Scene<'_>) -> String {
    format!("{}\n", scene.kernel.limits().processes)
}

pub(super) fn cap_last_cap(_: &Scene<'_>) -> String {
    format!("{LAST_CAPABILITY}\n")
}

pub(super) fn entropy(_: &Scene<'_>) -> String {
    format!("{ENTROPY_BITS}\n")
}

pub(super) fn ngroups_max(_: &Scene<'_>) -> String {
    format!("{GROUPS_MAX}\n")
}

pub(super) fn file_max(scene: &Scene<'_>) -> String {
    format!("{}\n", open_files_max(scene))
}

pub(super) fn file_nr(scene: &Scene<'_>) -> String {
    format!("{}\t0\t{}\n", scene.state.descriptions.iter().count(), open_files_max(scene))
}

pub(super) fn open_max(scene: &Scene<'_>) -> String {
    format!("{}\n", scene.kernel.limits().fds_per_process)
}

pub(super) fn pipe_max_size(_: &Scene<'_>) -> String {
    format!("{PIPE_CAPACITY}\n")
}

pub(super) fn overcommit_memory(_: &Scene<'_>) -> String {
    // Memory is charged before it is had: Linux's mode 2, never more than there is.
    "2\n".to_owned()
}

fn open_files_max(scene: &Scene<'_>) -> u64 {
    let limits = scene.kernel.limits();
    u64::from(limits.fds_per_process) * u64::from(limits.processes)
}
