//! The files of /proc about one process, but `status`: arguments, environment, counters, limits.

use std::fmt::Write as _;

use bytes::Bytes;

use super::scene::{Scene, ticks};
use super::view::View;
use crate::rlimits::{Resource, UNLIMITED};
use crate::table::SHELL;

/// What memory is counted in here.
const PAGE_BYTES: u64 = 4096;
/// Columns of /proc/PID/limits.
const LIMIT_WIDTHS: (usize, usize, usize) = (25, 20, 10);

pub(super) fn cmdline(_: &Scene<'_>, view: &View<'_>) -> Bytes {
    view.proc.started_as.arguments.clone()
}

pub(super) fn comm(_: &Scene<'_>, view: &View<'_>) -> Bytes {
    let mut name = view.proc.started_as.name.to_vec();
    name.push(b'\n');
    Bytes::from(name)
}

pub(super) fn environ(_: &Scene<'_>, view: &View<'_>) -> Bytes {
    view.proc.started_as.environment.clone()
}

pub(super) fn io(_: &Scene<'_>, view: &View<'_>) -> Bytes {
    let used = view.proc.shared.account.usage();
    Bytes::from(format!(
        "rchar: {}\nwchar: {}\nsyscr: {}\nsyscw: {}\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n",
        used.read_bytes, used.written_bytes, used.reads, used.writes,
    ))
}

pub(super) fn limits(_: &Scene<'_>, view: &View<'_>) -> Bytes {
    let of = |resource: Resource| view.frame().rlimits.of(resource);
    let none = (UNLIMITED, UNLIMITED);
    let rows = [
        ("Max cpu time", none, "seconds"),
        ("Max file size", of(Resource::FileSize), "bytes"),
        ("Max data size", of(Resource::Memory), "bytes"),
        ("Max stack size", (STACK_BYTES, STACK_BYTES), "bytes"),
        ("Max core file size", (0, 0), "bytes"),
        ("Max resident set", of(Resource::Memory), "bytes"),
        ("Max processes", of(Resource::Processes), "processes"),
        ("Max open files", of(Resource::OpenFiles), "files"),
        ("Max locked memory", (0, 0), "bytes"),
        ("Max address space", of(Resource::Memory), "bytes"),
        ("Max file locks", none, "locks"),
        ("Max pending signals", (PENDING_SIGNALS, PENDING_SIGNALS), "signals"),
        ("Max msgqueue size", (0, 0), "bytes"),
        ("Max nice priority", (0, 0), ""),
        ("Max realtime priority", (0, 0), ""),
        ("Max realtime timeout", none, "us"),
    ];
    let (name_width, value_width, unit_width) = LIMIT_WIDTHS;
    let mut text = String::new();
    let mut row = |name: &str, soft: &str, hard: &str, unit: &str| {
        let _infallible =
            writeln!(text, "{name:<name_width$} {soft:<value_width$} {hard:<value_width$} {unit:<unit_width$}");
    };
    row("Limit", "Soft Limit", "Hard Limit", "Units");
    for (name, (soft, hard), unit) in rows {
        row(name, &shown(soft), &shown(hard), unit);
    }
    Bytes::from(text)
}

/// The stack guests are linked with.
const STACK_BYTES: u64 = 8 << 20;
/// A signal is pending once at most.
const PENDING_SIGNALS: u64 = 64;

fn shown(limit: u64) -> String {
    if limit == UNLIMITED { "unlimited".to_owned() } else { limit.to_string() }
}

pub(super) fn statm(_: &Scene<'_>, view: &View<'_>) -> Bytes {
    let pages = view.proc.shared.account.usage().memory_bytes / PAGE_BYTES;
    Bytes::from(format!("{pages} {pages} 0 0 0 {pages} 0\n"))
}

/// The 52 fields of `proc(5)`; what has no meaning here is 0, as Linux has it for what one may not see.
pub(super) fn stat(scene: &Scene<'_>, view: &View<'_>) -> Bytes {
    let proc = view.proc;
    let used = proc.shared.account.usage();
    let started = proc.started.since(scene.state.machine.booted).as_nanos();
    let started = ticks(u64::try_from(started).unwrap_or(u64::MAX));
    let name = String::from_utf8_lossy(&proc.started_as.name);
    let (state, _) = view.state(scene.caller);
    let (pid, parent, group) = (view.pid, view.parent(), proc.group);
    let (own, children) = (ticks(used.cpu_ns), ticks(proc.children_cpu_ns));
    let (size, resident) = (used.memory_bytes, used.memory_bytes / PAGE_BYTES);
    let dispositions = view.dispositions();
    // A signal set beyond the first 31 is told in `status`.
    let set = |bits: u64| bits & 0x7fff_ffff;
    let (pending, ignored, handled) =
        (set(proc.shared.attention.pending()), set(dispositions.ignored.bits()), set(dispositions.handled.bits()));
    Bytes::from(format!(
        "{pid} ({name}) {state} {parent} {group} {session} 0 -1 0 0 0 0 0 {own} 0 {children} 0 {priority} {niceness} 1 0 {started} \
         {size} {resident} {max} 0 0 0 0 0 {pending} 0 {ignored} {handled} 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 {exit}\n",
        session = SHELL,
        priority = 20 + i32::from(proc.niceness),
        niceness = proc.niceness,
        max = u64::MAX,
        exit = proc.ended.map_or(0, |(status, _)| status.raw()),
    ))
}
