//! One session over the engine: its kernel, its shell's saved state, and the live shell instance between runs.
//!
//! States of the shell: *saved* (no instance) -> *live* by a run or a completion; *live* -> *saved* when it is dropped
//! (by us, or by the engine to make room for others), has grown too large, trapped, or did not unwind in time. One call at a time (`&mut self`); dropping a call's future
//! ends the run and loses the instance, never the saved state.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Limits, MonoNanos, Outcome};
use kernel::{At, Kernel, RandomStream, Run, RunSpec, Stdin, WaitStatus};
use tokio_util::sync::CancellationToken;
use vfs::Tree;

use crate::cpu::SessionCpu;
use crate::end::End;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::process::SessionLauncher;
use crate::report::{After, Before, Completion, RunReport, RunRequest};
use crate::shell::{LiveShell, Ran};
use crate::shell_state::ShellState;

/// A completion's own fuel and time; nobody waits longer for a list of words.
const COMPLETION_FUEL: u64 = 2_000_000_000;
const COMPLETION_TIME: Duration = Duration::from_millis(500);

/// How long a closed session may take to lose its processes, each of which needs a moment of a thread.
const CLOSE_TIME: Duration = Duration::from_secs(5);
/// A shell that computes ends itself at the end of its grace; one that waits is dropped this much later.
const WATCH_MARGIN: Duration = Duration::from_millis(2);

/// `$0` of the session's own shell.
const SHELL_NAME: &[u8] = b"bash";

/// What a session's sandbox is made of.
pub struct SandboxSpec {
    /// Its files.
    pub tree: Tree,
    /// Its limits.
    pub limits: Limits,
    /// Environment of a shell that has no saved state, `NAME=value` each.
    pub env: Vec<Vec<u8>>,
    /// The shell's state; the default is a shell that has not run yet.
    pub state: ShellState,
    /// The working directory; `/` when there is none of that name.
    pub cwd: Vec<u8>,
    /// Seed of the session's random numbers.
    pub seed: [u8; 32],
    /// How long jobs may live on after the run that started them; zero kills them at its end.
    pub background_max: Duration,
}

/// One session's processes and files.
pub struct Sandbox {
    engine: Arc<Engine>,
    cpu: Arc<SessionCpu>,
    kernel: Arc<Kernel>,
    env: Vec<Vec<u8>>,
    saved: ShellState,
    // The working directory that belongs to `saved`.
    saved_cwd: Vec<u8>,
    background_max: Duration,
}

/// How the shell of a run ended.
struct ShellEnd {
    outcome: Outcome,
    state_restored: bool,
}

impl Sandbox {
    pub(crate) fn new(engine: Arc<Engine>, cpu: Arc<SessionCpu>, spec: SandboxSpec) -> Result<Self, EngineError> {
        let launcher = Arc::new(SessionLauncher { engine: Arc::clone(&engine), cpu: Arc::clone(&cpu) });
        let (clock, budget) = (Arc::clone(engine.clock()), engine.budget().clone());
        let random = RandomStream::from_seed(spec.seed);
        // It has no other reason to refuse.
        let kernel = Kernel::new(spec.tree, spec.limits, clock, launcher, budget, random)
            .map_err(|_no_space| EngineError::NoMemory)?;
        kernel.set_shell_environment(&spec.env);
        // A directory that is no more leaves the shell in `/`, where it starts.
        let _ = kernel.shell().chdir(At::Root, &spec.cwd);
        let saved_cwd = kernel.shell().getcwd().unwrap_or_else(|_| b"/".to_vec());
        let (env, saved, background_max) = (spec.env, spec.state, spec.background_max);
        Ok(Self { engine, cpu, kernel, env, saved, saved_cwd, background_max })
    }

    /// Executes one script in the session's shell, to its end. Call it in a task of [`Engine::spawn`].
    ///
    /// # Errors
    ///
    /// Those of the host: no shell component, no room for an instance, a saved state that does not load.
    pub async fn run(&mut self, request: RunRequest) -> Result<RunReport, EngineError> {
        let mut run = self.begin(request.stdin, request.timeout, request.fuel);
        if request.after == After::Discard {
            // A frame of its own for descriptors, directory and umask, which the run's end leaves.
            self.kernel.shell().enter_subshell().map_err(|_no_room| EngineError::NoMemory)?;
            run.background_max = Duration::ZERO;
        }
        request.before.messages.iter().for_each(|message| run.run.say(message));
        if let Some(started) = request.started {
            // Who no longer wants to watch has dropped the receiver.
            let _ = started.send(run.run.clone());
        }
        let scripts = Scripts { name: &request.name, script: &request.script, before: &request.before };
        let ended = self.execute(&run, &scripts, request.cancel, request.after).await?;
        run.finish();
        Ok(RunReport {
            outcome: ended.outcome,
            usage: run.run.usage(),
            cwd: self.kernel.shell().getcwd().unwrap_or_else(|_| b"/".to_vec()),
            state_restored: ended.state_restored,
            run: run.run.clone(),
        })
    }

    /// Completes the word before byte `cursor` of `line` with the shell's names and files; no answer in time is none.
    ///
    /// # Errors
    ///
    /// As for [`Sandbox::run`], when there is no live shell and none can be made.
    pub async fn complete(&mut self, line: &[u8], cursor: usize) -> Result<Completion, EngineError> {
        let run = self.begin(Stdin::Empty, COMPLETION_TIME, COMPLETION_FUEL);
        let now = self.now();
        let over = self.engine.clock().sleep_until(now.plus(COMPLETION_TIME));
        let mut live = self.take_live().await?;
        let answer = tokio::select! {
            biased;
            answer = live.complete(line, cursor, now) => answer,
            () = over => return Ok(Completion::default()),
        };
        run.finish();
        match answer {
            Ok(completion) => {
                self.keep(live);
                Ok(completion)
            }
            Err(error) => {
                tracing::warn!("a completion failed: {error}");
                Ok(Completion::default())
            }
        }
    }

    /// Ends all processes and completes when they are gone.
    pub async fn close(mut self) {
        self.drop_instance();
        self.kernel.kill_all();
        let over = self.engine.clock().sleep_until(self.now().plus(CLOSE_TIME));
        tokio::select! {
            () = self.kernel.jobs_gone() => {}
            () = over => tracing::warn!("a closed session still has processes"),
        }
    }

    /// The session's kernel: its files and processes.
    #[must_use]
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// What the shell remembers, as of the last run that ended well.
    #[must_use]
    pub fn shell_state(&self) -> &ShellState {
        &self.saved
    }

    /// Puts another saved state in place of the present one (a rollback); the live instance is dropped.
    pub fn replace_shell_state(&mut self, state: ShellState) {
        self.drop_instance();
        self.saved = state;
    }

    /// Drops the live instance, if there is one; the next run makes another from the saved state.
    pub fn drop_instance(&mut self) {
        drop(self.engine.kept.take(self.cpu.party()));
    }

    /// Tells whether an instance is kept.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.engine.kept.has(self.cpu.party())
    }

    fn now(&self) -> MonoNanos {
        self.engine.clock().mono()
    }

    fn begin(&self, stdin: Stdin, timeout: Duration, fuel: u64) -> Running {
        let deadline = self.now().plus(timeout);
        let run = self.kernel.begin_run(RunSpec { stdin, deadline, fuel });
        Running { kernel: Arc::clone(&self.kernel), run, background_max: self.background_max }
    }

    async fn execute(
        &mut self,
        running: &Running,
        scripts: &Scripts<'_>,
        cancel: CancellationToken,
        after: After,
    ) -> Result<ShellEnd, EngineError> {
        let run = &running.run;
        let grace = self.engine.config.unwind_grace;
        let over = watch(run.clone(), cancel, Arc::clone(self.engine.clock()), grace);
        let ran = async {
            let mut live = self.take_live().await?;
            let ran = scripts.run(run, &mut live).await;
            Ok::<_, EngineError>((live, ran))
        };
        let ran = tokio::select! {
            biased;
            ran = ran => Some(ran?),
            // The shell waits somewhere and did not unwind: it is dropped where it is.
            () = over => None,
        };
        running.finish();
        match ran {
            Some((live, Ran::Returned { status, generation })) => {
                let outcome = run.stopped_by().unwrap_or(Outcome::Exited(status));
                if after == After::Discard {
                    return Ok(ShellEnd { outcome, state_restored: false });
                }
                let state_restored = !self.save(live, generation).await;
                Ok(ShellEnd { outcome, state_restored })
            }
            Some((_, Ran::Dead(end))) => Ok(self.bury(run, end)),
            None => Ok(self.bury(run, End::Limit(Outcome::TimedOut))),
        }
    }

    async fn take_live(&mut self) -> Result<LiveShell, EngineError> {
        match self.engine.kept.take(self.cpu.party()) {
            Some(live) => Ok(live),
            None => LiveShell::start(&self.engine, &self.cpu, &self.kernel, &self.env, &self.saved).await,
        }
    }

    /// Saves what the run changed in the shell; false when that failed and the instance is gone.
    async fn save(&mut self, mut live: LiveShell, generation: u64) -> bool {
        match live.save(&self.saved, generation, self.now()).await {
            Ok(saved) => {
                self.saved = saved;
                // A directory that was removed has no path to go back to: the one before stays.
                self.saved_cwd = self.kernel.shell().getcwd().unwrap_or_else(|_| std::mem::take(&mut self.saved_cwd));
                self.keep(live);
                true
            }
            Err(error) => {
                tracing::warn!("a shell's state could not be saved: {error}");
                self.kernel.shell().exit(WaitStatus::Exited(0));
                false
            }
        }
    }

    fn keep(&self, live: LiveShell) {
        if !live.is_too_large() {
            self.engine.kept.put(self.cpu.party(), live);
        }
    }

    /// Settles the end of a run whose shell instance is dead: its programs go, its descriptors close.
    fn bury(&self, run: &Run, end: End) -> ShellEnd {
        let outcome = end.outcome(run);
        run.stop(outcome);
        let shell = self.kernel.shell();
        shell.exit(end.wait_status());
        // The variables go back to the last save, `PWD` among them; where it is gone, the shell stays where it is.
        let _ = shell.chdir(At::Root, &self.saved_cwd);
        ShellEnd { outcome, state_restored: true }
    }
}

/// What a run executes.
struct Scripts<'a> {
    name: &'a [u8],
    script: &'a [u8],
    before: &'a Before,
}

impl Scripts<'_> {
    /// Executes one after the other until the run is stopped or the shell is dead.
    async fn run(&self, run: &Run, live: &mut LiveShell) -> Ran {
        for script in &self.before.scripts {
            let ran = live.run(run, SHELL_NAME, script).await;
            if matches!(ran, Ran::Dead(_)) || run.stopped_by().is_some() {
                return ran;
            }
        }
        live.run(run, self.name, self.script).await
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.drop_instance();
        self.kernel.kill_all();
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("live", &self.is_live()).finish_non_exhaustive()
    }
}

/// A run between its beginning and its end, which comes also when the caller's future is dropped.
struct Running {
    kernel: Arc<Kernel>,
    run: Run,
    background_max: Duration,
}

impl Running {
    /// Ends the run; its jobs live on for a while. A second call does nothing.
    fn finish(&self) {
        if self.run.is_finished() {
            return;
        }
        self.kernel.end_run(&self.run);
        if self.background_max.is_zero() {
            self.kernel.kill_jobs();
        } else if self.kernel.n_jobs() > 0 {
            self.run.set_deadline(self.kernel.clock().mono().plus(self.background_max));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.run.is_finished() {
            self.run.stop(Outcome::Cancelled);
            self.kernel.shell().exit(WaitStatus::Exited(0));
            self.finish();
        }
    }
}

/// Stops the run at its deadline or when it is cancelled; completes when the shell has had its time to unwind.
async fn watch(run: Run, cancel: CancellationToken, clock: Arc<dyn Clock>, grace: Duration) {
    while run.stopped_by().is_none() {
        tokio::select! {
            () = run.stopped() => {}
            () = cancel.cancelled() => run.stop(Outcome::Cancelled),
            () = clock.sleep_until(run.deadline()) => run.stop(Outcome::TimedOut),
        }
    }
    clock.sleep_until(clock.mono().plus(grace + WATCH_MARGIN)).await;
}
