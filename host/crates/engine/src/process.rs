//! Processes beside the session's shell: programs, `bash` as a program, and shell stages.
//!
//! The kernel has the process in its table and hands it to [`SessionLauncher`]; here it becomes a task on the guest
//! runtime. However the task ends, the store is dropped first and the exit reported last.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use base::{Errno, Outcome, Signal};
use futures_util::FutureExt;
use kernel::{Executable, Interruption, Launcher, Process, ProcessSpec, WaitStatus};
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
            // Modules of users need a compiler that is kept away from the server; there is none yet.
            Executable::Wasm { .. } => false,
        };
        if !is_known {
            return Err(Errno::ENOEXEC);
        }
        let (engine, cpu) = (Arc::clone(&self.engine), Arc::clone(&self.cpu));
        self.engine.spawn(run(engine, cpu, spec));
        Ok(())
    }
}

async fn run(engine: Arc<Engine>, session: Arc<SessionCpu>, spec: ProcessSpec) {
    let process = spec.process.clone();
    let cpu = cpu_of(&session, &process);
    let ended = AssertUnwindSafe(execute(&engine, &cpu, spec)).catch_unwind().await;
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

async fn execute(engine: &Engine, cpu: &ProcessCpu, spec: ProcessSpec) -> WaitStatus {
    let process = spec.process.clone();
    let ready = async {
        // Loading may mean compiling: it is done before the process takes part in the turns.
        let code = Code::load(engine, &spec.executable).await;
        cpu.start().await;
        code
    };
    let code = tokio::select! {
        biased;
        code = ready => code,
        signal = doomed(&process) => return WaitStatus::Signalled(signal),
    };
    let guest = Guest { engine, cpu, process: &process, argv: spec.argv, env: spec.env };
    let ended = match code {
        Ok(Code::Program(Program::Module(program))) => guest.program(program).await,
        Ok(Code::Program(Program::Component(command))) => guest.command(command).await,
        Ok(Code::Shell(shell)) => guest.shell(shell, spec.executable).await,
        Err(error) => Err(error),
    };
    ended.unwrap_or_else(|error| {
        tracing::warn!("a process could not be run: {error}");
        // What a shell says of a program that is there and does not start.
        WaitStatus::Exited(126)
    })
}

/// Completes when the process must die; a signal it handles does not count.
async fn doomed(process: &Process) -> Signal {
    if let Interruption::Die(signal) = process.interrupted().await {
        return signal;
    }
    // It is not running yet, so it has set up no handler and nothing can be pending.
    std::future::pending().await
}

/// What instances of an executable are made of.
enum Code {
    Program(Program),
    Shell(ShellPre<GuestState>),
}

impl Code {
    async fn load(engine: &Engine, executable: &Executable) -> Result<Self, EngineError> {
        match executable {
            Executable::Program(tag) => engine.programs.program(*tag).await.map(Self::Program),
            Executable::Shell | Executable::ShellStage { .. } => engine.programs.shell().await.map(Self::Shell),
            Executable::Wasm { path, .. } => Err(EngineError::Compile {
                name: String::from_utf8_lossy(path).into_owned(),
                reason: "users' modules are not supported".to_owned(),
            }),
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
}

impl Guest<'_> {
    async fn program(self, program: InstancePre<GuestState>) -> Result<WaitStatus, EngineError> {
        let (engine, process, cpu) = (self.engine, self.process, self.cpu.clone());
        let Ok(state) = GuestState::for_module(self.into_spec()) else {
            return Ok(WaitStatus::Exited(126));
        };
        let mut store = engine.store(state, cpu, Leash::to_run())?;
        let called = async {
            let instance = program.instantiate_async(&mut store).await?;
            let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
            start.call_async(&mut store, ()).await
        };
        let returned = called.await.map(|()| 0);
        Ok(finish(store, process, returned))
    }

    async fn command(self, command: CommandPre<GuestState>) -> Result<WaitStatus, EngineError> {
        let (engine, process, cpu) = (self.engine, self.process, self.cpu.clone());
        let mut store = engine.store(GuestState::for_command(self.into_spec()), cpu, Leash::to_run())?;
        let called = async {
            let instance = command.instantiate_async(&mut store).await?;
            call_command(&instance, &mut store).await
        };
        let returned = called.await;
        Ok(finish(store, process, returned))
    }

    async fn shell(self, shell: ShellPre<GuestState>, executable: Executable) -> Result<WaitStatus, EngineError> {
        let (engine, process, cpu) = (self.engine, self.process, self.cpu.clone());
        let (argv, env) = (self.argv.clone(), self.env.clone());
        let mut store = engine.store(GuestState::for_component(self.into_spec()), cpu, Leash::to_run())?;
        let called = async {
            let instance = shell.instantiate_async(&mut store).await?;
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
