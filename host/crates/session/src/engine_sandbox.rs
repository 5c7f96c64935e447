//! The engine as the sessions' workshop: what a session's driver asks for, said in the engine's words.

use std::sync::Arc;
use std::time::Duration;

use base::{Errno, Limits};
use bytes::Bytes;
use engine::{Engine, EngineError, RunRequest, SandboxSpec, ShellState};
use kernel::{At, FileType, Kernel, OutputLog, Stream};
use meter::Host;
use vfs::{Follow, Tree};

use crate::config::SessionConfig;
use crate::error::Error;
use crate::image::Image;
use crate::rc;
use crate::run::{Candidate, Completion};
use crate::sandbox::{BoxFuture, Fault, Reservation, Sandbox, SandboxReport, SandboxRun, View, Workshop};

/// The environment of a new session's shell.
const ENVIRONMENT: [&str; 9] = [
    "HOME=/root",
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "USER=root",
    "LOGNAME=root",
    "SHELL=/bin/bash",
    "HOSTNAME=sandshell",
    "LANG=C.UTF-8",
    "TERM=dumb",
    "PWD=/",
];

/// Descriptors below are set anew for each run.
const FIRST_OTHER_FD: u32 = 3;

/// Makes sandboxes on one engine.
pub struct EngineWorkshop {
    engine: Arc<Engine>,
    background_max: Duration,
}

impl EngineWorkshop {
    /// Background jobs get the default time.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine, background_max: SessionConfig::DEFAULT_BACKGROUND_MAX }
    }

    /// Gives background jobs `max` after the run that started them.
    #[must_use]
    pub fn with_background_max(self, max: Duration) -> Self {
        Self { background_max: max, ..self }
    }
}

impl Workshop for EngineWorkshop {
    fn sandbox(&self, image: Image, limits: &Limits) -> Result<Box<dyn Sandbox>, Error> {
        let mut seed = [0; 32];
        if let Err(error) = getrandom::fill(&mut seed) {
            // The guests' random numbers are no secrets of the host's; a session without them still works.
            tracing::error!("no random numbers for a session: {error}");
        }
        let spec = SandboxSpec {
            tree: image.tree,
            limits: limits.clone(),
            env: ENVIRONMENT.iter().map(|entry| entry.as_bytes().to_vec()).collect(),
            state: image.memory.state,
            cwd: image.memory.cwd,
            seed,
            background_max: self.background_max,
        };
        let sandbox = self.engine.sandbox(spec).map_err(|error| match error {
            EngineError::NoMemory => Error::HostFull,
            error => Error::Host(error.to_string()),
        })?;
        Ok(Box::new(EngineSandbox { sandbox, fuel: limits.run_fuel }))
    }

    fn reserve(&self, bytes: u64) -> Result<Reservation, Error> {
        let reserved = self.engine.budget().reserve_footprint(bytes).ok_or(Error::HostFull)?;
        Ok(Box::new(reserved))
    }

    fn sample(&self, host: &Host) {
        let budget = self.engine.budget();
        for (gauge, n) in [
            (&host.processes, budget.processes_used()),
            (&host.descriptors, budget.descriptors_open()),
            (&host.memory_bytes, budget.memory_used()),
            (&host.files_bytes, budget.footprint_reserved()),
            (&host.memory_limit_bytes, budget.memory_max()),
        ] {
            gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        }
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        // The task reports its own end; nobody joins it.
        drop(self.engine.spawn(task));
    }
}

struct EngineSandbox {
    sandbox: engine::Sandbox,
    fuel: u64,
}

struct KernelView(Arc<Kernel>);

impl View for KernelView {
    fn fork_tree(&self) -> Tree {
        self.0.fork_tree()
    }

    fn look(&self, look: &mut dyn FnMut(&Tree)) {
        self.0.with_tree(look);
    }

    fn put_file(&self, path: &[u8], content: &[u8], mode: u32) -> Result<(), Errno> {
        let now = self.0.clock().wall();
        self.0.change_tree(|tree| rc::put(tree, path, content, mode, now))
    }
}

impl Sandbox for EngineSandbox {
    fn view(&self) -> Arc<dyn View> {
        Arc::new(KernelView(Arc::clone(self.sandbox.kernel())))
    }

    fn run(&mut self, run: SandboxRun) -> BoxFuture<'_, Result<SandboxReport, Fault>> {
        let request = RunRequest {
            script: run.script,
            name: if run.name.is_empty() { b"bash".to_vec() } else { run.name.to_vec() },
            stdin: run.stdin,
            timeout: run.timeout,
            fuel: self.fuel,
            cancel: run.cancel,
            started: run.started,
            before: run.before,
            after: run.after,
        };
        Box::pin(async move {
            let report = self.sandbox.run(request).await.map_err(fault)?;
            let output = report.run.output();
            Ok(SandboxReport {
                outcome: report.outcome,
                stdout: output.stream(Stream::Stdout).into_bytes().into(),
                stderr: output.stream(Stream::Stderr).into_bytes().into(),
                output: interleaved(output),
                truncated: output.is_truncated(),
                usage: report.usage,
                cwd: report.cwd,
                state_restored: report.state_restored,
            })
        })
    }

    fn complete(&mut self, line: Bytes, cursor: usize) -> BoxFuture<'_, Result<Completion, Fault>> {
        Box::pin(async move {
            let completion = self.sandbox.complete(&line, cursor).await.map_err(fault)?;
            let shell = self.sandbox.kernel().shell();
            let is_dir =
                |word: &[u8]| shell.stat(At::Cwd, word, Follow::Yes).is_ok_and(|stat| stat.kind == FileType::Directory);
            let candidate = |word: Vec<u8>| Candidate { is_dir: is_dir(&word), word };
            let candidates = completion.candidates.into_iter().map(candidate).collect();
            Ok(Completion { start: completion.start, candidates })
        })
    }

    fn state(&self) -> ShellState {
        self.sandbox.shell_state().clone()
    }

    fn is_at_rest(&self) -> bool {
        let kernel = self.sandbox.kernel();
        kernel.n_jobs() == 0 && kernel.shell().open_fds().into_iter().all(|fd| fd < FIRST_OTHER_FD)
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(self.sandbox.close())
    }
}

fn interleaved(output: &OutputLog) -> Bytes {
    let records = output.records();
    let mut bytes = Vec::with_capacity(records.iter().map(|record| record.data.len()).sum());
    for record in &records {
        bytes.extend_from_slice(&record.data);
    }
    bytes.into()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn fault(error: EngineError) -> Fault {
    Fault(error.to_string())
}
