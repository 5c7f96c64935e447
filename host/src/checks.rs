//! What holds between settings: limits below their ceilings, defaults that follow from other settings, and settings
//! that together do nothing. All problems are reported, each with the origin of what is wrong.

use std::net::SocketAddr;

use crate::settings::{Metering, Raw};

/// Lowers a default to what another setting allows.
macro_rules! lower {
    ($raw:expr, $lower:ident, $most:expr) => {
        if !$raw.$lower.is_given() {
            $raw.$lower.value.0 = $raw.$lower.value.0.min($most);
        }
    };
}

/// Fills in the defaults that follow from other settings: one bows to a ceiling, so that what is shown is what holds.
pub(crate) fn follow(raw: &mut Raw) {
    lower!(raw, session_max_memory, raw.max_memory.value.0);
    lower!(raw, session_max_footprint, raw.max_memory.value.0);
    lower!(raw, process_max_memory, raw.session_max_memory.value.0);
    lower!(raw, max_processes, raw.max_live.value.0 / 10 * 6);
    lower!(raw, session_max_processes, raw.max_processes.value.0);
    lower!(raw, max_running, raw.max_live.value.0);
    let (output, head, tail) = (raw.run_max_output.value.0, &raw.run_output_head, &raw.run_output_tail);
    // One that is given leaves the rest to the other; otherwise each gets half.
    let beside_tail = if tail.is_given() { output.saturating_sub(tail.value.0) } else { output / 2 };
    let beside_head = if head.is_given() { output.saturating_sub(head.value.0) } else { output / 2 };
    lower!(raw, run_output_head, beside_tail);
    lower!(raw, run_output_tail, beside_head);
    if !raw.max_bodies.is_given() {
        raw.max_bodies.value.0 = raw.max_bodies.value.0.max(bodies(raw));
    }
}

/// One body of the largest size must always fit; a growing buffer counts twice.
fn bodies(raw: &Raw) -> u64 {
    raw.max_body.value.0.max(raw.max_snapshot_body.value.0).saturating_mul(2)
}

/// A given setting that is larger than another one, which is its ceiling.
macro_rules! beyond {
    ($raw:expr, $lower:ident, $ceiling:ident) => {{
        let (lower, ceiling) = (&$raw.$lower, &$raw.$ceiling);
        (lower.is_given() && lower.value.0 > ceiling.value.0).then(|| {
            use crate::settings::Value;
            format!(
                "{}: {} ({}) must not be larger than {} ({}, {})",
                lower.origin,
                stringify!($lower),
                lower.value.plain().text(),
                stringify!($ceiling),
                ceiling.value.plain().text(),
                ceiling.origin,
            )
        })
    }};
}

/// Returns the limits that lie beyond their ceilings.
pub(crate) fn ceilings(raw: &Raw) -> Vec<String> {
    let live = &raw.max_live;
    let (processes, max) = (&raw.max_processes, live.value.0);
    let pool = ((processes.is_given() || live.is_given()) && processes.value.0 >= max).then(|| {
        let origin = if processes.is_given() { &processes.origin } else { &live.origin };
        format!("{origin}: max_processes ({}) must be less than max_live ({max}, {})", processes.value.0, live.origin)
    });
    [
        beyond!(raw, process_max_memory, session_max_memory),
        beyond!(raw, session_max_memory, max_memory),
        beyond!(raw, session_max_footprint, max_memory),
        beyond!(raw, session_max_processes, max_processes),
        pool,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns what is wrong between settings that matter to `serve` alone.
pub(crate) fn server(raw: &Raw) -> Vec<String> {
    let (head, tail, max) = (&raw.run_output_head, &raw.run_output_tail, &raw.run_max_output);
    let kept = head.value.0.saturating_add(tail.value.0);
    let output = ((head.is_given() || tail.is_given()) && kept > max.value.0).then(|| {
        let origin = if head.is_given() { &head.origin } else { &tail.origin };
        format!(
            "{origin}: run_output_head and run_output_tail together ({kept} bytes) must not be larger than \
             run_max_output ({} bytes, {})",
            max.value.0, max.origin
        )
    });
    let (needed, held) = (bodies(raw), &raw.max_bodies);
    let bodies = (held.value.0 < needed).then(|| {
        format!(
            "{}: max_bodies ({} bytes) must be at least {needed} bytes, twice the larger of max_body and \
             max_snapshot_body",
            held.origin, held.value.0
        )
    });
    [output, bodies, beyond!(raw, max_running, max_live)].into_iter().flatten().collect()
}

/// Returns why the server must not listen on `addr`.
pub(crate) fn exposure(addr: SocketAddr, raw: &Raw) -> Option<String> {
    (!addr.ip().is_loopback() && !raw.insecure.value.0).then(|| {
        format!(
            "{}: {addr} can be reached from other machines and no keys are set; listen on 127.0.0.1 or add --insecure",
            raw.addr.origin
        )
    })
}

/// Returns which given settings do nothing beside the others.
pub(crate) fn hints(addr: SocketAddr, raw: &Raw) -> Vec<String> {
    let mut hints = Vec::new();
    let mut hint = |odd: bool, origin: &dyn std::fmt::Display, text: &str| {
        if odd {
            hints.push(format!("{origin}: {text}"));
        }
    };
    let (bytes, files, fuel, hosts) =
        (&raw.session_max_bytes, &raw.session_max_files, &raw.run_max_fuel, &raw.allow_host);
    let is_beyond = bytes.value.0 > raw.session_max_footprint.value.0;
    hint(is_beyond, &bytes.origin, "session_max_bytes is never reached: session_max_footprint is less");
    let is_beyond = files.value.0 > raw.session_max_inodes.value.0;
    hint(is_beyond, &files.origin, "session_max_files is never reached: session_max_inodes is less");
    let is_unmetered = fuel.is_given() && raw.metering.value == Metering::Epoch;
    hint(is_unmetered, &fuel.origin, "run_max_fuel does nothing with metering = \"epoch\"");
    let is_open = hosts.is_given() && !addr.ip().is_loopback();
    hint(is_open, &hosts.origin, "allow_host does nothing on an address that is not loopback: every name is answered");
    hints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::loaded;

    fn problems(given: &[(&'static str, &str)]) -> Vec<String> {
        let raw = loaded(given).expect("each is fine alone").raw;
        let mut problems = ceilings(&raw);
        problems.extend(server(&raw));
        problems
    }

    #[test]
    fn all_limits_beyond_their_ceilings_are_told_at_once() {
        let told = problems(&[
            ("process_max_memory", "2GiB"),
            ("session_max_memory", "1GiB"),
            ("max_memory", "512MiB"),
            ("session_max_footprint", "1GiB"),
            ("session_max_processes", "500"),
            ("max_processes", "400"),
            ("run_output_head", "1MiB"),
            ("run_output_tail", "1MiB"),
            ("run_max_output", "1MiB"),
            ("max_bodies", "1MiB"),
        ]);
        assert_eq!(told.len(), 6, "{told:#?}");
        assert_eq!(
            told[0],
            "--process-max-memory: process_max_memory (2GiB) must not be larger than session_max_memory (1GiB, \
             --session-max-memory)"
        );
    }

    #[test]
    fn defaults_bow_to_a_ceiling() {
        let raw = loaded(&[("max_memory", "64MiB"), ("max_live", "100"), ("max_body", "1GiB")]).expect("loads").raw;
        let memory = [&raw.session_max_memory.value.0, &raw.process_max_memory.value.0];
        assert_eq!((memory, raw.session_max_footprint.value.0), ([&(64 << 20); 2], 64 << 20));
        let live = (raw.max_processes.value.0, raw.session_max_processes.value.0, raw.max_running.value.0);
        assert_eq!((live, raw.max_bodies.value.0), ((60, 60, 100), 2 << 30));
        let output = |given: &[(&'static str, &str)]| {
            let raw = loaded(given).expect("loads").raw;
            (raw.run_output_head.value.0, raw.run_output_tail.value.0)
        };
        assert_eq!(output(&[("run_max_output", "1MiB")]), (512 << 10, 512 << 10));
        assert_eq!(output(&[("run_max_output", "1MiB"), ("run_output_head", "768KiB")]), (768 << 10, 256 << 10));
        assert_eq!(output(&[("run_max_output", "1MiB"), ("run_output_tail", "1MiB")]), (0, 1 << 20));
        for given in [("max_memory", "64MiB"), ("max_live", "10"), ("run_max_output", "1KiB"), ("max_body", "1GiB")] {
            assert_eq!(problems(&[given]), [""; 0], "{given:?}");
        }
    }

    #[test]
    fn processes_stay_below_the_pool() {
        let told = problems(&[("max_live", "100"), ("max_processes", "100")]);
        assert_eq!(told, ["--max-processes: max_processes (100) must be less than max_live (100, --max-live)"]);
    }

    #[test]
    fn settings_that_do_nothing_are_hinted_at() {
        let given = [("session_max_bytes", "1TiB"), ("run_max_fuel", "1G"), ("metering", "epoch"), ("allow_host", "a")];
        let raw = loaded(&given).expect("loads").raw;
        let told = hints("0.0.0.0:1".parse().expect("an address"), &raw);
        assert_eq!(told.len(), 3, "{told:#?}");
        assert_eq!(hints("127.0.0.1:1".parse().expect("an address"), &loaded(&[]).expect("loads").raw), [""; 0]);
    }
}
