//! What is mounted where: the session's tree at `/`, and /proc on it, read-only.

use base::Pid;
use bytes::Bytes;

use super::scene::Scene;
use super::view::View;
use crate::state::State;

pub(super) fn link(_caller: Pid) -> String {
    "self/mounts".to_owned()
}

pub(super) fn filesystems(_: &Scene<'_>) -> String {
    "nodev\tproc\nnodev\ttmpfs\n".to_owned()
}

pub(super) fn mounts(scene: &Scene<'_>, _: &View<'_>) -> Bytes {
    let root = root_options(scene.state);
    Bytes::from(format!("tmpfs / tmpfs rw,relatime,{root} 0 0\nproc /proc proc {PROC_OPTIONS} 0 0\n"))
}

pub(super) fn mountinfo(scene: &Scene<'_>, _: &View<'_>) -> Bytes {
    let root = root_options(scene.state);
    Bytes::from(format!(
        "1 0 0:1 / / rw,relatime - tmpfs tmpfs rw,{root}\n2 1 0:2 / /proc {PROC_OPTIONS} - proc proc ro\n"
    ))
}

const PROC_OPTIONS: &str = "ro,nosuid,nodev,noexec,relatime";

fn root_options(state: &State) -> String {
    let quota = state.tree.quota();
    let bytes = quota.max_bytes.unwrap_or(u64::MAX).min(quota.footprint_bytes);
    let inodes = quota.max_files.unwrap_or(u64::MAX).min(quota.inodes);
    format!("size={}k,nr_inodes={inodes}", bytes / 1024)
}
