//! The meter: every metric of the server as a field or method, grouped by what it tells about.

use std::sync::Arc;
use std::time::Duration;

use base::{Outcome, Signal};
use prometheus::{Counter, Histogram, IntCounter, IntGauge};

use crate::names::{CodeLoad, ProcessKind, Refusal};
use crate::registry::Registry;

/// All metrics of one server. Adding is a few atomic instructions and never blocks.
#[derive(Debug)]
pub struct Meter {
    /// Runs: their admission, their time and their end.
    pub runs: Runs,
    /// Processes: their start and the processors.
    pub processes: Processes,
    /// Native code of users' Wasm.
    pub code: Code,
    /// What the host holds, read when it is asked for.
    pub host: Host,
    registry: Registry,
}

/// Metrics of runs.
#[derive(Debug)]
pub struct Runs {
    ended: Vec<IntCounter>,
    refused: Vec<IntCounter>,
    seconds: Histogram,
    queue_seconds: Histogram,
    cpu_seconds: Counter,
    fuel: IntCounter,
}

/// Metrics of processes.
#[derive(Debug)]
pub struct Processes {
    started: Vec<IntCounter>,
    start_seconds: Histogram,
    slot_seconds: Histogram,
}

/// Metrics of users' Wasm.
#[derive(Debug)]
pub struct Code {
    loads: Vec<IntCounter>,
    compile_seconds: Histogram,
}

/// Gauges that are set just before they are read.
#[derive(Debug)]
pub struct Host {
    /// Sessions that exist.
    pub sessions: IntGauge,
    /// Runs that execute.
    pub runs_running: IntGauge,
    /// Runs that wait for admission.
    pub runs_waiting: IntGauge,
    /// Processes alive beside the sessions' shells.
    pub processes: IntGauge,
    /// Open descriptors of all processes.
    pub descriptors: IntGauge,
    /// Bytes of memory that guests and files hold.
    pub memory_bytes: IntGauge,
    /// Bytes of it that are reserved for files.
    pub files_bytes: IntGauge,
    /// Bytes that guests and files may hold.
    pub memory_limit_bytes: IntGauge,
}

/// One value of each outcome, for the labels.
const OUTCOMES: [Outcome; 8] = [
    Outcome::Exited(0),
    Outcome::Signalled(Signal::KILL),
    Outcome::TimedOut,
    Outcome::OutOfFuel,
    Outcome::OutOfMemory,
    Outcome::OutputLimit,
    Outcome::Cancelled,
    Outcome::Trapped,
];

impl Meter {
    /// Makes a meter with everything at zero.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let registry = Registry::new();
        Arc::new(Self {
            runs: Runs::new(&registry),
            processes: Processes::new(&registry),
            code: Code::new(&registry),
            host: Host::new(&registry),
            registry,
        })
    }

    /// Returns all metrics in Prometheus' text exposition format, version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        self.registry.text()
    }
}

impl Runs {
    fn new(registry: &Registry) -> Self {
        Self {
            ended: registry.counts(
                "sandshell_runs_total",
                "Runs that ended, by how they ended.",
                "outcome",
                &OUTCOMES.map(Outcome::reason),
            ),
            refused: registry.counts(
                "sandshell_runs_refused_total",
                "Runs that were refused before they began, by reason.",
                "reason",
                &Refusal::ALL.map(Refusal::label),
            ),
            seconds: registry.times("sandshell_run_seconds", "Wall-clock time of runs, without waiting for admission."),
            queue_seconds: registry.times("sandshell_run_queue_seconds", "Time runs waited for admission."),
            cpu_seconds: registry.sum("sandshell_cpu_seconds_total", "Time that guests of ended runs computed."),
            fuel: registry.count("sandshell_fuel_total", "Fuel that ended runs used; about one unit an instruction."),
        }
    }

    /// Counts a run that was admitted after `waited`.
    pub fn admitted(&self, waited: Duration) {
        self.queue_seconds.observe(waited.as_secs_f64());
    }

    /// Counts a run's end: how, after how long, with how much computing and fuel.
    pub fn ended(&self, outcome: Outcome, wall: Duration, cpu: Duration, fuel: u64) {
        let same = |known: &Outcome| known.reason() == outcome.reason();
        add_at(&self.ended, OUTCOMES.iter().position(same));
        self.seconds.observe(wall.as_secs_f64());
        self.cpu_seconds.inc_by(cpu.as_secs_f64());
        self.fuel.inc_by(fuel);
    }

    /// Counts a run that did not begin.
    pub fn refused(&self, why: Refusal) {
        add_at(&self.refused, Refusal::ALL.iter().position(|known| *known == why));
    }
}

impl Processes {
    fn new(registry: &Registry) -> Self {
        Self {
            started: registry.counts(
                "sandshell_processes_started_total",
                "Processes started beside the sessions' shells, by what they execute.",
                "kind",
                &ProcessKind::ALL.map(ProcessKind::label),
            ),
            start_seconds: registry
                .times("sandshell_process_start_seconds", "Time from the spawn of a process to its first instruction."),
            slot_seconds: registry
                .times("sandshell_cpu_slot_wait_seconds", "Time processes waited for a processor beyond free time."),
        }
    }

    /// Counts a process whose first instruction ran `after` its spawn.
    pub fn started(&self, kind: ProcessKind, after: Duration) {
        add_at(&self.started, ProcessKind::ALL.iter().position(|known| *known == kind));
        self.start_seconds.observe(after.as_secs_f64());
    }

    /// Notes that a process waited for a CPU slot.
    pub fn waited_for_slot(&self, waited: Duration) {
        self.slot_seconds.observe(waited.as_secs_f64());
    }
}

impl Code {
    fn new(registry: &Registry) -> Self {
        Self {
            loads: registry.counts(
                "sandshell_user_code_loads_total",
                "Starts of users' Wasm, by where its native code came from.",
                "source",
                &CodeLoad::ALL.map(CodeLoad::label),
            ),
            compile_seconds: registry.times(
                "sandshell_user_code_compile_seconds",
                "Time to compile users' Wasm, waiting for a turn included.",
            ),
        }
    }

    /// Counts a use of native code.
    pub fn loaded(&self, from: CodeLoad) {
        add_at(&self.loads, CodeLoad::ALL.iter().position(|known| *known == from));
    }

    /// Notes how long a compilation took.
    pub fn compiled(&self, took: Duration) {
        self.compile_seconds.observe(took.as_secs_f64());
    }
}

impl Host {
    fn new(registry: &Registry) -> Self {
        Self {
            sessions: registry.gauge("sandshell_sessions", "Sessions that exist."),
            runs_running: registry.gauge("sandshell_runs_running", "Runs that execute."),
            runs_waiting: registry.gauge("sandshell_runs_waiting", "Runs that wait for admission."),
            processes: registry.gauge("sandshell_processes", "Processes alive beside the sessions' shells."),
            descriptors: registry.gauge("sandshell_open_descriptors", "Open descriptors of all processes."),
            memory_bytes: registry.gauge("sandshell_memory_bytes", "Memory that guests and files hold."),
            files_bytes: registry.gauge("sandshell_files_bytes", "Memory reserved for the sessions' files."),
            memory_limit_bytes: registry
                .gauge("sandshell_memory_limit_bytes", "Memory that guests and files may hold."),
        }
    }
}

fn add_at(counters: &[IntCounter], at: Option<usize>) {
    debug_assert!(at.is_some(), "the table of label values is complete");
    if let Some(counter) = at.and_then(|at| counters.get(at)) {
        counter.inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_stands_in_the_text() {
        let meter = Meter::new();
        meter.runs.admitted(Duration::from_micros(20));
        meter.runs.ended(Outcome::Exited(3), Duration::from_millis(2), Duration::from_millis(1), 42);
        meter.runs.ended(Outcome::Signalled(Signal::TERM), Duration::from_secs(60), Duration::from_secs(1), 0);
        meter.runs.refused(Refusal::Memory);
        meter.processes.started(ProcessKind::Shell, Duration::from_micros(50));
        meter.processes.waited_for_slot(Duration::from_millis(5));
        meter.code.loaded(CodeLoad::Refused);
        meter.code.compiled(Duration::from_millis(5));
        meter.host.sessions.set(7);
        let text = meter.text();
        for line in [
            "sandshell_runs_total{outcome=\"exited\"} 1",
            "sandshell_runs_total{outcome=\"signalled\"} 1",
            "sandshell_runs_total{outcome=\"fuel\"} 0",
            "sandshell_runs_refused_total{reason=\"memory\"} 1",
            "sandshell_run_seconds_bucket{le=\"0.003\"} 1",
            "sandshell_run_seconds_bucket{le=\"+Inf\"} 2",
            "sandshell_run_queue_seconds_count 1",
            "sandshell_cpu_seconds_total 1.001",
            "sandshell_fuel_total 42",
            "sandshell_processes_started_total{kind=\"shell\"} 1",
            "sandshell_cpu_slot_wait_seconds_sum 0.005",
            "sandshell_user_code_loads_total{source=\"refused\"} 1",
            "sandshell_sessions 7",
            "# TYPE sandshell_sessions gauge",
        ] {
            assert!(text.lines().any(|have| have == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn every_metric_has_help_and_two_meters_are_apart() {
        let (one, other) = (Meter::new(), Meter::new());
        one.host.sessions.set(1);
        assert!(other.text().contains("\nsandshell_sessions 0\n"));
        let text = one.text();
        let names = |kind: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.split(' ').next());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(names("# HELP "), names("# TYPE "));
        assert!(names("# HELP ").len() > 15);
    }
}
