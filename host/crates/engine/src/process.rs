//! Processes beside the session's shell: programs, `bash` as a program, and shell stages.
//!
//! The kernel has the process in its table and hands it to [`SessionLauncher`]; here it becomes a task on the guest
//! runtime. However the task ends, the store is dropped first and the exit reported last.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use base::{Errno, MonoNanos, Outcome, Signal};
use futures_util::FutureExt;
use kernel::{Executable, Interruption, Launcher, Process, ProcessSpec, TryIo, WaitStatus};
use meter::ProcessKind;
use wasi::component::{CommandPre, ShellPre, call_command};
use wasi::{GuestExit, GuestSpec, GuestState, fuel};
use wasmtime::{InstancePre, Store};

use crate::cpu::{ProcessCpu, SessionCpu};
use crate::end::End;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::leash::Leash;
use crate::programs::Program;
use crate::store::SLICE_TICKS;
use crate::user::{Unfit, UserCode};

/// Starts the processes of one session.
pub(crate) struct SessionLauncher {
    pub(crate) engine: Arc<Engine>,
    pub(crate) cpu: Arc<SessionCpu>,
}

impl Launcher for SessionLauncher {
    fn start(&self, spec: ProcessSpec) -> Result<(), Errno> {
        let is_known = match &spec.executable {
            Executable::Program(tag) => self.engine.programs.contains(*tag),
            Executable::Shell | Executable::ShellStage { .. } => true,
            // Whether it is fit is found out in its own time.
            Executable::Wasm { .. } => self.engine.user_programs.are_possible(),
        };
        if !is_known {
            return Err(Errno::ENOEXEC);
        }
        let (engine, cpu) = (Arc::clone(&self.engine), Arc::clone(&self.cpu));
        let birth = Birth::of(&spec.executable, self.engine.clock.mono());
        self.engine.spawn(run(engine, cpu, spec, birth));
        Ok(())
    }
}

/// What is counted and timed at a process's start.
#[derive(Clone, Copy)]
struct Birth {
    kind: ProcessKind,
    asked: MonoNanos,
}

impl Birth {
    fn of(executable: &Executable, asked: MonoNanos) -> Self {
        let kind = match executable {
            Executable::Program(_) => ProcessKind::Program,
            Executable::Shell | Executable::ShellStage { .. } => ProcessKind::Shell,
            Executable::Wasm { .. } => ProcessKind::User,
        };
        Self { kind, asked }
    }

    /// Called when the process's first instruction is next.
    fn note(self, engine: &Engine) {
        engine.config.meter.processes.started(self.kind, engine.clock.mono().since(self.asked));
    }
}

async fn run(engine: Arc<Engine>, session: Arc<SessionCpu>, spec: ProcessSpec, birth: Birth) {
    let process = spec.process.clone();
    let cpu = cpu_of(&session, &process);
    let ended = AssertUnwindSafe(execute(&engine, &cpu, spec, birth)).catch_unwind().await;
    cpu.stop();
    let status = ended.unwrap_or_else(|_| {
        tracing::error!("the host panicked while it ran a process");
        WaitStatus::Signalled(Signal::ABRT)
    });
    process.exit(status);
}

/// Makes the process's right to compute, which books what it computes.
pub(crate) fn cpu_of(session: &Arc<SessionCpu>, process: &Process) -> ProcessCpu {
    let booked = process.clone();
    session.process(move |nanos| booked.add_cpu(nanos))
}

async fn execute(engine: &Engine, cpu: &ProcessCpu, spec: ProcessSpec, birth: Birth) -> WaitStatus {
    let process = spec.process.clone();
    let ready = async {
        // Loading may mean compiling: it is done before the process takes part in the turns.
        let code = Code::load(engine, cpu, &process, spec.executable).await;
        cpu.start().await;
        code
    };
    let code = tokio::select! {
        biased;
        code = ready => code,
        signal = doomed(&process) => return WaitStatus::Signalled(signal),
    };
    let guest = Guest { engine, cpu, process: &process, argv: spec.argv, env: spec.env, birth };
    let ended = match code {
        Ok(Code::Program(Program::Module(program))) => guest.program(program).await,
        Ok(Code::Program(Program::Component(command))) => guest.command(command).await,
        Ok(Code::Shell(shell, executable)) => guest.shell(*shell, executable).await,
        Ok(Code::Unfit { path, unfit }) => {
            cpu.stop();
            Ok(complain(&process, &path, &unfit).await)
        }
        Err(error) => Err(error),
    };
    ended.unwrap_or_else(|error| {
        tracing::warn!("a process could not be run: {error}");
        // What a shell says of a program that is there and does not start.
        WaitStatus::Exited(126)
    })
}

/// Says on the process's own standard error why its file cannot be executed: whoever started it knows of no reason.
async fn complain(process: &Process, path: &[u8], Unfit(reason): &Unfit) -> WaitStatus {
    let line = [path, b": cannot execute: ", reason.as_bytes(), b"\n"].concat();
    let mut rest = line.as_slice();
    while !rest.is_empty() {
        match process.try_write(2, rest) {
            Ok(TryIo::Done(n)) => rest = rest.get(n..).unwrap_or_default(),
            Ok(TryIo::WouldBlock) => tokio::select! {
                biased;
                signal = doomed(process) => return WaitStatus::Signalled(signal),
                () = process.writable(2) => {}
            },
            Err(_) => break,
        }
    }
    WaitStatus::Exited(126)
}

/// Completes when the process must die; a signal it handles does not count.
async fn doomed(process: &Process) -> Signal {
    if let Interruption::Die(signal) = wasi::wait::interrupted(process).await {
        return signal;
    }
    // It is not running yet, so it has set up no handler and nothing can be pending.
    std::future::pending().await
}

/// What instances of an executable are made of.
enum Code {
    Program(Program),
    Shell(Box<ShellPre<GuestState>>, Executable),
    /// Nothing: a user's file that cannot be executed.
    Unfit {
        path: Vec<u8>,
        unfit: Unfit,
    },
}

impl Code {
    async fn load(
        engine: &Engine,
        cpu: &ProcessCpu,
        process: &Process,
        executable: Executable,
    ) -> Result<Self, EngineError> {
        match executable {
            Executable::Program(tag) => engine.programs.program(tag).await.map(Self::Program),
            Executable::Shell | Executable::ShellStage { .. } => {
                engine.programs.shell().await.map(|shell| Self::Shell(Box::new(shell), executable))
            }
            Executable::Wasm { path, content, .. } => {
                let booked = process.clone();
                let book = Box::new(move |nanos| booked.add_cpu(nanos));
                let code = UserCode { content, party: cpu.party(), book };
                Ok(match engine.user_programs.program(code).await {
                    Ok(program) => Self::Program(program),
                    Err(unfit) => Self::Unfit { path, unfit },
                })
            }
        }
    }
}

/// A process about to run.
struct Guest<'a> {
    engine: &'a Engine,
    cpu: &'a ProcessCpu,
    process: &'a Process,
    argv: Vec<Vec<u8>>,
    env: Vec<Vec<u8>>,
    birth: Birth,
}

impl Guest<'_> {
    async fn program(self, program: InstancePre<GuestState>) -> Result<WaitStatus, EngineError> {
        let (engine, process, cpu, birth) = (self.engine, self.process, self.cpu.clone(), self.birth);
        let Ok(state) = GuestState::for_module(self.into_spec()) else {
            return Ok(WaitStatus::Exited(126));
        };
        let mut store = engine.store(state, cpu, Leash::to_run(engine.config.unwind_grace))?;
        let called = async {
            let instance = program.instantiate_async(&mut store).await?;
            let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
            birth.note(engine);
            start.call_async(&mut store, ()).await
        };
        let returned = called.await.map(|()| 0);
        Ok(finish(store, process, returned))
    }

    async fn command(self, command: CommandPre<GuestState>) -> Result<WaitStatus, EngineError> {
        let (engine, process, cpu, birth) = (self.engine, self.process, self.cpu.clone(), self.birth);
        let mut store =
            engine.store(GuestState::for_command(self.into_spec()), cpu, Leash::to_run(engine.config.unwind_grace))?;
        let called = async {
            let instance = command.instantiate_async(&mut store).await?;
            birth.note(engine);
            call_command(&instance, &mut store).await
        };
        let returned = called.await;
        Ok(finish(store, process, returned))
    }

    async fn shell(self, shell: ShellPre<GuestState>, executable: Executable) -> Result<WaitStatus, EngineError> {
        let (engine, process, cpu, birth) = (self.engine, self.process, self.cpu.clone(), self.birth);
        let (argv, env) = (self.argv.clone(), self.env.clone());
        let mut store = engine.store(
            GuestState::for_component(self.into_spec()),
            cpu,
            Leash::to_run(engine.config.unwind_grace),
        )?;
        let called = async {
            let instance = shell.instantiate_async(&mut store).await?;
            birth.note(engine);
            match executable {
                Executable::ShellStage { state, stage } => instance.call_stage(&mut store, &state, &stage).await,
                _ => instance.call_main(&mut store, &argv, &env).await,
            }
        };
        let returned = called.await;
        Ok(finish(store, process, returned))
    }

    fn into_spec(self) -> GuestSpec {
        GuestSpec {
            process: self.process.clone(),
            argv: self.argv,
            env: self.env,
            slot: Box::new(self.cpu.clone()),
            metered: self.engine.is_metered(),
            slice_ticks: SLICE_TICKS,
        }
    }
}

/// Books the last fuel, drops the store, and tells how the process ended.
fn finish(mut store: Store<GuestState>, process: &Process, returned: wasmtime::Result<u8>) -> WaitStatus {
    // Without fuel left the run is stopped by this; the process has ended anyway.
    let settled = fuel::settle(&mut store);
    let memory_refused = store.data().limiter.limit_met();
    drop(store);
    let end = match returned {
        Ok(code) => End::Exited(code),
        Err(error) => {
            tracing::debug!("process {} ended: {error:#}", process.own_pid());
            End::of(&error, memory_refused)
        }
    };
    if end == End::Limit(Outcome::OutOfFuel) {
        process.run().stop(Outcome::OutOfFuel);
    }
    if let Err(error) = settled
        && GuestExit::of(&error).is_none()
    {
        tracing::warn!("a process's fuel could not be booked: {error:#}");
    }
    end.wait_status()
}
