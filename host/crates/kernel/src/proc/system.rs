//! The files of /proc about the session as a whole: its memory, its one processor, its load, its uptime.

use std::fmt::Write as _;

use base::Pid;

use super::scene::{Scene, seconds, ticks};
use crate::machine::{OS_RELEASE, OS_TYPE, OS_VERSION};

pub(super) fn own_pid(caller: Pid) -> String {
    caller.to_string()
}

pub(super) fn cmdline(_: &Scene<'_>) -> String {
    "sandshell\n".to_owned()
}

/// One processor without any trait of the host's: what a guest can tell of it is that it executes WebAssembly.
pub(super) fn cpuinfo(_: &Scene<'_>) -> String {
    let rows = [
        ("processor\t", "0"),
        ("vendor_id\t", "sandshell"),
        ("cpu family\t", "0"),
        ("model\t\t", "0"),
        ("model name\t", "WebAssembly"),
        ("stepping\t", "0"),
        ("physical id\t", "0"),
        ("siblings\t", "1"),
        ("core id\t\t", "0"),
        ("cpu cores\t", "1"),
        ("fpu\t\t", "yes"),
        ("flags\t\t", "bulk-memory multivalue mutable-globals nontrapping-fptoint sign-ext simd128"),
        ("address sizes\t", "32 bits physical, 32 bits virtual"),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        let _infallible = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
    text
}

pub(super) fn devices(_: &Scene<'_>) -> String {
    "Character devices:\n  1 mem\n  5 /dev/tty\n\nBlock devices:\n".to_owned()
}

pub(super) fn swaps(_: &Scene<'_>) -> String {
    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n".to_owned()
}

pub(super) fn loadavg(scene: &Scene<'_>) -> String {
    let [one, five, fifteen] = scene.state.machine.load.averages();
    let pids = scene.state.all_pids();
    let last = scene.state.table.latest_pid();
    format!("{one:.2} {five:.2} {fifteen:.2} {}/{} {last}\n", running(scene), pids.len())
}

/// The session's memory: what its processes may have together. What its files occupy is a budget of its own.
pub(super) fn meminfo(scene: &Scene<'_>) -> String {
    let total = scene.kernel.limits().memory_session_bytes / 1024;
    let used = scene.kernel.memory_used() / 1024;
    let free = total.saturating_sub(used);
    let rows = [
        ("MemTotal", total),
        ("MemFree", free),
        ("MemAvailable", free),
        ("Buffers", 0),
        ("Cached", 0),
        ("SwapCached", 0),
        ("Active", used),
        ("Inactive", 0),
        ("SwapTotal", 0),
        ("SwapFree", 0),
        ("Dirty", 0),
        ("Writeback", 0),
        ("AnonPages", used),
        ("Mapped", 0),
        ("Shmem", 0),
        ("Slab", 0),
        ("SReclaimable", 0),
        ("SUnreclaim", 0),
        ("CommitLimit", total),
        ("Committed_AS", used),
    ];
    let mut text = String::new();
    for (name, kib) in rows {
        let _infallible = writeln!(text, "{:<15} {kib:>8} kB", format!("{name}:"));
    }
    text
}

pub(super) fn stat(scene: &Scene<'_>) -> String {
    let busy = ticks(scene.cpu_ns());
    let idle = ticks(scene.uptime_ns()).saturating_sub(busy);
    let machine = &scene.state.machine;
    let cpu = format!("{busy} 0 0 {idle} 0 0 0 0 0 0");
    format!(
        "cpu  {cpu}\ncpu0 {cpu}\nintr 0\nctxt 0\nbtime {}\nprocesses {}\nprocs_running {}\nprocs_blocked 0\nsoftirq 0\n",
        machine.booted_wall.secs(),
        machine.births,
        running(scene),
    )
}

pub(super) fn uptime(scene: &Scene<'_>) -> String {
    let up = scene.uptime_ns();
    format!("{} {}\n", seconds(up), seconds(up.saturating_sub(scene.cpu_ns())))
}

pub(super) fn version(_: &Scene<'_>) -> String {
    format!("{OS_TYPE} version {OS_RELEASE} (root@sandshell) (WebAssembly) {OS_VERSION}\n")
}

/// How many processes compute; who asks is one.
fn running(scene: &Scene<'_>) -> usize {
    let is_running = |pid: &Pid| scene.state.view(*pid).is_ok_and(|view| view.state(scene.caller).0 == 'R');
    scene.state.all_pids().iter().filter(|pid| is_running(pid)).count()
}
