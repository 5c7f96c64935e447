//! Processes beside the session's shell: programs, `bash` as a program, and shell stages.
//!
//! The kernel has the process in its table and hands it to [`SessionLauncher`]; here it becomes a task on the guest
//! runtime. However the task ends, the store is dropped first and the exit reported last.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use base::{Errno, Outcome, Signal};
use bytes::Bytes;
use futures_util::FutureExt;
use kernel::{Executable, Interruption, Launcher, Process, ProcessSpec, WaitStatus};
use vfs::ProgramTag;
use wasi::{GuestExit, GuestSpec, GuestState, fuel};
use wasmtime::Store;

use crate::cpu::{ProcessCpu, SessionCpu};
use crate::end::End;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::leash::Leash;
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
    tokio::select! {
        biased;
        () = cpu.start() => {}
        why = process.interrupted() => if let Interruption::Die(signal) = why {
            return WaitStatus::Signalled(signal);
        },
    }
    let guest = Guest { engine, cpu, process: &process, argv: spec.argv, env: spec.env };
    let ended = match spec.executable {
        Executable::Program(tag) => guest.program(tag).await,
        Executable::Shell => guest.shell(ShellCall::Main).await,
        Executable::ShellStage { state, stage } => guest.shell(ShellCall::Stage { state, stage }).await,
        Executable::Wasm { .. } => return WaitStatus::Exited(126),
    };
    match ended {
        Ok(status) => status,
        Err(error) => {
            tracing::warn!("a process could not be run: {error}");
            // What a shell says of a program that is there and does not start.
            WaitStatus::Exited(126)
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

enum ShellCall {
    Main,
    Stage { state: Bytes, stage: Bytes },
}

impl Guest<'_> {
    async fn program(self, tag: ProgramTag) -> Result<WaitStatus, EngineError> {
        let program = self.engine.programs.program(tag).await?;
        let (engine, process) = (self.engine, self.process);
        let spec = self.spec();
        let Ok(state) = GuestState::for_module(spec.guest) else {
            return Ok(WaitStatus::Exited(126));
        };
        let mut store = engine.store(state, spec.cpu, Leash::to_run())?;
        let called = async {
            let instance = program.instantiate_async(&mut store).await?;
            let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
            start.call_async(&mut store, ()).await
        };
        let returned = called.await.map(|()| 0);
        Ok(finish(store, process, returned))
    }

    async fn shell(self, call: ShellCall) -> Result<WaitStatus, EngineError> {
        let shell = self.engine.programs.shell().await?;
        let (engine, process) = (self.engine, self.process);
        let (argv, env) = (self.argv.clone(), self.env.clone());
        let spec = self.spec();
        let mut store = engine.store(GuestState::for_component(spec.guest), spec.cpu, Leash::to_run())?;
        let called = async {
            let instance = shell.instantiate_async(&mut store).await?;
            match call {
                ShellCall::Main => instance.call_main(&mut store, &argv, &env).await,
                ShellCall::Stage { state, stage } => instance.call_stage(&mut store, &state, &stage).await,
            }
        };
        let returned = called.await;
        Ok(finish(store, process, returned))
    }

    fn spec(self) -> Spec {
        let guest = GuestSpec {
            process: self.process.clone(),
            argv: self.argv,
            env: self.env,
            slot: Box::new(self.cpu.clone()),
            metered: self.engine.is_metered(),
            slice_ticks: SLICE_TICKS,
        };
        Spec { guest, cpu: self.cpu.clone() }
    }
}

struct Spec {
    guest: GuestSpec,
    cpu: ProcessCpu,
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
