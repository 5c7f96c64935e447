//! `/proc/PID/status`: who a process is, how it does and what it has, a line each.

use std::fmt::Write as _;

use bytes::Bytes;

use super::scene::Scene;
use super::view::View;
use crate::table::SHELL;

/// The capabilities of root, as Linux 6.1 knows them: the one user here is root, as in a container.
const ALL_CAPABILITIES: u64 = (1 << 41) - 1;
/// Linux makes tables of descriptors at least so long.
const FD_TABLE_MIN: usize = 64;

pub(super) fn status(scene: &Scene<'_>, view: &View<'_>) -> Bytes {
    let mut text = String::new();
    identity(&mut text, scene, view);
    if view.is_alive() {
        memory(&mut text, view);
    }
    signals(&mut text, view);
    text.push_str("NoNewPrivs:\t1\nSeccomp:\t0\nCpus_allowed:\t1\nCpus_allowed_list:\t0\n");
    text.push_str("Mems_allowed:\t1\nMems_allowed_list:\t0\n");
    text.push_str("voluntary_ctxt_switches:\t0\nnonvoluntary_ctxt_switches:\t0\n");
    Bytes::from(text)
}

fn identity(text: &mut String, scene: &Scene<'_>, view: &View<'_>) {
    let (letter, name) = view.state(scene.caller);
    let pid = view.pid;
    let table_len = view.frame().fds.iter().last().map_or(0, |(fd, _)| fd as usize + 1);
    let rows = [
        ("Name", escaped(&view.proc.started_as.name)),
        ("Umask", format!("{:04o}", view.frame().umask)),
        ("State", format!("{letter} ({name})")),
        ("Tgid", pid.to_string()),
        ("Ngid", "0".to_owned()),
        ("Pid", pid.to_string()),
        ("PPid", view.parent().to_string()),
        ("TracerPid", "0".to_owned()),
        ("Uid", "0\t0\t0\t0".to_owned()),
        ("Gid", "0\t0\t0\t0".to_owned()),
        ("FDSize", table_len.next_power_of_two().max(FD_TABLE_MIN).to_string()),
        ("Groups", "0 ".to_owned()),
        ("NStgid", pid.to_string()),
        ("NSpid", pid.to_string()),
        ("NSpgid", view.proc.group.to_string()),
        ("NSsid", SHELL.to_string()),
    ];
    for (name, value) in rows {
        let _infallible = writeln!(text, "{name}:\t{value}");
    }
}

fn memory(text: &mut String, view: &View<'_>) {
    let used = view.proc.shared.account.usage();
    let (now, peak) = (used.memory_bytes / 1024, used.memory_peak_bytes / 1024);
    let rows = [
        ("VmPeak", peak),
        ("VmSize", now),
        ("VmLck", 0),
        ("VmPin", 0),
        ("VmHWM", peak),
        ("VmRSS", now),
        ("RssAnon", now),
        ("RssFile", 0),
        ("RssShmem", 0),
        ("VmData", now),
        ("VmStk", 0),
        ("VmExe", 0),
        ("VmLib", 0),
        ("VmPTE", 0),
        ("VmSwap", 0),
    ];
    for (name, kib) in rows {
        let _infallible = writeln!(text, "{name}:\t{kib:>8} kB");
    }
}

fn signals(text: &mut String, view: &View<'_>) {
    let pending = view.proc.shared.attention.pending();
    let dispositions = view.dispositions();
    let _infallible = writeln!(text, "Threads:\t1\nSigQ:\t{}/64", pending.count_ones());
    let sets = [
        ("SigPnd", 0),
        ("ShdPnd", pending),
        ("SigBlk", 0),
        ("SigIgn", dispositions.ignored.bits()),
        ("SigCgt", dispositions.handled.bits()),
        ("CapInh", 0),
        ("CapPrm", ALL_CAPABILITIES),
        ("CapEff", ALL_CAPABILITIES),
        ("CapBnd", ALL_CAPABILITIES),
        ("CapAmb", 0),
    ];
    for (name, bits) in sets {
        let _infallible = writeln!(text, "{name}:\t{bits:016x}");
    }
}

/// A name as Linux writes it here: a line end must not begin a line of its own.
fn escaped(name: &[u8]) -> String {
    String::from_utf8_lossy(name).replace('\\', "\\\\").replace('\n', "\\n")
}
