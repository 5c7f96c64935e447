//! A server's worth of engine for tests: the guests in `tests/guests`, a clock of choice, sandboxes over them.
#![allow(dead_code, reason = "each test file uses its part of this")]

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Limits, Outcome, SystemClock, Timestamp};
use kernel::Stream;
use sandshell_engine::{Engine, EngineConfig, Metering, RunReport, RunRequest, Sandbox, SandboxSpec, ShellState};
use vfs::{Ino, ProgramTag, Quota, Tree};

/// Programs by the digit that follows `P` in a script of the test shell.
const PROGRAMS: [(&str, &str); 6] = [
    ("exit", include_str!("../guests/exit.wat")),
    ("spin", include_str!("../guests/spin.wat")),
    ("sleep", include_str!("../guests/sleep.wat")),
    ("grow", include_str!("../guests/grow.wat")),
    ("abort", include_str!("../guests/abort.wat")),
    ("work", include_str!("../guests/work.wat")),
];

pub(crate) struct Options {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: EngineConfig,
}

/// A shell unwinds within this on a machine that does much else; who does not is interrupted then.
const UNWIND_GRACE: Duration = Duration::from_secs(1);

impl Default for Options {
    fn default() -> Self {
        let config = EngineConfig {
            cpu_slots: 2,
            max_live: 200,
            processes_total: 150,
            unwind_grace: UNWIND_GRACE,
            ..EngineConfig::default()
        };
        Self { clock: Arc::new(SystemClock::new()), config }
    }
}

pub(crate) fn engine_with(options: Options) -> Arc<Engine> {
    let engine = Engine::new(options.config, options.clock).expect("an engine");
    engine.set_shell(wat::parse_str(include_str!("../guests/shell.wat")).expect("the shell's text"), None);
    for (n, (name, text)) in (0..).zip(PROGRAMS) {
        engine.add_program(ProgramTag(n), name, wat::parse_str(text).expect("a program's text"), None);
    }
    engine
}

pub(crate) fn engine() -> Arc<Engine> {
    engine_with(Options::default())
}

pub(crate) fn engine_metering(metering: Metering) -> Arc<Engine> {
    let mut options = Options::default();
    options.config.metering = metering;
    engine_with(options)
}

pub(crate) fn spec(limits: Limits) -> SandboxSpec {
    let now = Timestamp(0);
    let mut tree = Tree::new(Quota::from(&limits), now);
    tree.mkdir(Ino::ROOT, b"bin", 0o755, now).expect("a directory");
    for (n, _) in (0..).zip(PROGRAMS) {
        let path = format!("bin/p{n}");
        let ino = tree.create(Ino::ROOT, path.as_bytes(), 0o755, true, now).expect("a file");
        tree.set_program(ino, ProgramTag(n)).expect("a program");
    }
    SandboxSpec {
        tree,
        limits,
        env: vec![b"PATH=/bin".to_vec()],
        state: ShellState::default(),
        cwd: b"/".to_vec(),
        seed: [7; 32],
        background_max: Duration::ZERO,
    }
}

pub(crate) fn sandbox(engine: &Arc<Engine>) -> Sandbox {
    engine.sandbox(spec(Limits::default())).expect("room for its files")
}

pub(crate) fn request(script: &str) -> RunRequest {
    let mut request = RunRequest::new(script.as_bytes().to_vec(), &Limits::default());
    // A test that waits longer has failed.
    request.timeout = Duration::from_secs(60);
    request
}

pub(crate) fn timed(script: &str, timeout: Duration) -> RunRequest {
    RunRequest { timeout, ..request(script) }
}

/// Runs `future` on the guest runtime, as a session's driver does, and waits for it here.
pub(crate) fn on_guests<F>(engine: &Arc<Engine>, future: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let task = engine.spawn(future);
    let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    waiting
        .block_on(async { tokio::time::timeout(Duration::from_secs(120), task).await })
        .expect("in time")
        .expect("no panic")
}

/// Runs one request to its end; hands the sandbox back.
pub(crate) fn run_in(engine: &Arc<Engine>, mut sandbox: Sandbox, request: RunRequest) -> (Sandbox, RunReport) {
    on_guests(engine, async move {
        let report = sandbox.run(request).await.expect("the host does its part");
        (sandbox, report)
    })
}

/// The outcome of one script in a fresh session.
pub(crate) fn outcome(engine: &Arc<Engine>, script: &str) -> Outcome {
    run_in(engine, sandbox(engine), request(script)).1.outcome
}

pub(crate) fn stdout(report: &RunReport) -> Vec<u8> {
    report.run.output().stream(Stream::Stdout).into_bytes()
}
