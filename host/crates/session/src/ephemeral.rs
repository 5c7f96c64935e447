//! The execution of one run in a sandbox, and sessions that live for one run only.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base::{Limits, MonoNanos, Outcome};
use engine::{After, Before};
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use crate::admission::Ticket;
use crate::driver::Answer;
use crate::error::Error;
use crate::run::{RunReply, RunSpec};
use crate::sandbox::{Cancel, Fault, Sandbox, SandboxReport, SandboxRun};
use crate::sessions::Sessions;

/// Executes `spec` in a session of its own. Dropping the future cancels the run.
pub(crate) async fn run(sessions: &Arc<Sessions>, spec: RunSpec) -> Result<RunReply, Error> {
    let ticket = sessions.ticket()?;
    let (answer, reply) = oneshot::channel();
    sessions.spawn(serve(Arc::clone(sessions), spec, ticket, answer).instrument(Span::current()));
    reply.await.unwrap_or_else(|_| Err(Error::Host("the run's task died".to_owned())))
}

async fn serve(sessions: Arc<Sessions>, spec: RunSpec, ticket: Ticket, mut answer: Answer<RunReply>) {
    let admitted = tokio::select! {
        biased;
        () = answer.closed() => return,
        () = sessions.closing.cancelled() => {
            let _ = answer.send(Err(Error::ShuttingDown));
            return;
        }
        admitted = sessions.admit(ticket) => admitted,
    };
    let mut sandbox =
        match sessions.workshop.sandbox(sessions.fresh_image(&sessions.config.limits), &sessions.config.limits) {
            Ok(sandbox) => sandbox,
            Err(error) => {
                let _ = answer.send(Err(error));
                return;
            }
        };
    let stop = async {
        tokio::select! {
            () = answer.closed() => {}
            () = sessions.closing.cancelled() => {}
        }
    };
    let result = execute(&sessions, sandbox.as_mut(), spec, Terms::of(&sessions.config.limits), stop).await;
    let _ = answer.send(result);
    sandbox.close().await;
    drop(admitted);
}

/// What a run is executed under.
pub(crate) struct Terms<'a> {
    /// The session's limits.
    pub(crate) limits: &'a Limits,
    /// What the session has used of its runtime quota.
    pub(crate) used: Duration,
    /// What the run begins with.
    pub(crate) before: Before,
    /// What becomes of the shell's state.
    pub(crate) after: After,
}

impl<'a> Terms<'a> {
    fn of(limits: &'a Limits) -> Self {
        Self { limits, used: Duration::ZERO, before: Before::default(), after: After::Keep }
    }
}

/// Executes `spec` in `sandbox` and cancels it when `stop` completes.
pub(crate) async fn execute(
    sessions: &Sessions,
    sandbox: &mut dyn Sandbox,
    spec: RunSpec,
    terms: Terms<'_>,
    stop: impl Future<Output = ()>,
) -> Result<RunReply, Error> {
    let (limits, used) = (terms.limits, terms.used);
    let asked = spec.timeout.map_or(limits.run_timeout, |asked| asked.min(limits.run_timeout));
    let timeout = limits.effective_timeout(asked, used, Limits::FALLBACK_TIMEOUT).map_err(|exceeded| {
        Error::RuntimeExceeded { id: None, cwd: Vec::new(), used: exceeded.used, max: exceeded.max }
    })?;
    let run = SandboxRun {
        script: spec.script,
        name: spec.name,
        stdin: spec.stdin,
        timeout,
        cancel: Cancel::new(),
        started: spec.started,
        before: terms.before,
        after: terms.after,
    };
    let start: MonoNanos = sessions.clock.mono();
    tracing::debug!("a run begins");
    let report = run_until_stopped(sandbox, run, stop).await.map_err(|Fault(text)| Error::Host(text))?;
    let wall = sessions.clock.mono().since(start);
    let (end, code) = (report.outcome.reason(), report.outcome.exit_code());
    tracing::debug!(end, code, wall_us = wall.as_micros(), fuel = report.usage.fuel, "a run ended");
    sessions.config.meter.runs.ended(report.outcome, wall, report.usage.cpu, report.usage.fuel);
    Ok(reply(sessions, limits, report, timeout, used, wall))
}

async fn run_until_stopped(
    sandbox: &mut dyn Sandbox,
    run: SandboxRun,
    stop: impl Future<Output = ()>,
) -> Result<SandboxReport, Fault> {
    let cancel = run.cancel.clone();
    let mut running = sandbox.run(run);
    tokio::select! {
        report = &mut running => return report,
        () = stop => cancel.cancel(),
    }
    running.await
}

fn reply(
    sessions: &Sessions,
    limits: &Limits,
    report: SandboxReport,
    timeout: Duration,
    used: Duration,
    wall: Duration,
) -> RunReply {
    let used_after = used.saturating_add(wall);
    let timed_out = report.outcome == Outcome::TimedOut;
    let quota = limits.max_runtime.filter(|max| timed_out && used_after >= *max);
    let mut usage = report.usage;
    usage.wall = wall;
    RunReply {
        session: None,
        host_shutdown: report.outcome == Outcome::Cancelled && sessions.closing.is_cancelled(),
        outcome: report.outcome,
        timeout,
        runtime_exceeded: quota.map(|max| (used_after, max)),
        stdout: report.stdout,
        stderr: report.stderr,
        output: report.output,
        truncated: report.truncated,
        usage,
        cwd: report.cwd,
        state_restored: report.state_restored,
    }
}
