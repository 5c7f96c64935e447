//! The live instance of a session's shell: a store, and what it takes to call its exports one at a time.
//!
//! The instance is a cache. All that must survive it is in the kernel (files, descriptors, cwd) and in the saved
//! [`ShellState`]; who finds a call failed drops it. Its exports are called with fuel and time of the run, or, for what
//! the host does with it in between, with fuel and time lent by the host.

use std::sync::Arc;
use std::time::Duration;

use base::MonoNanos;
use bytes::Bytes;
use kernel::{Kernel, Run};
use wasi::component::{Section, Shell};
use wasi::{GuestSpec, GuestState, fuel};
use wasmtime::Store;

use crate::cpu::{ProcessCpu, SessionCpu};
use crate::end::End;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::kept::Keep;
use crate::leash::Leash;
use crate::process::cpu_of;
use crate::report::Completion;
use crate::shell_state::ShellState;
use crate::store::SLICE_TICKS;

/// What the host lends an instance to load, save or complete: a state of 16 MiB takes some 1 % of it.
const HOST_WORK_FUEL: u64 = 20_000_000_000;
/// And the time, which a loaded machine must not exceed either.
const HOST_WORK_TIME: Duration = Duration::from_secs(5);
/// An instance that has grown beyond this is not kept: memory never shrinks, and a new one costs microseconds.
const KEPT_MAX_BYTES: u64 = 16 << 20;

/// A shell that has loaded its state and runs nothing at the moment.
pub(crate) struct LiveShell {
    store: Store<GuestState>,
    shell: Shell,
    cpu: ProcessCpu,
    leash: Leash,
    // The generation of what was saved last; nothing before it need be saved again.
    saved_generation: u64,
}

/// How a script ended in the shell.
pub(crate) enum Ran {
    /// The shell returned and goes on living.
    Returned { status: u8, generation: u64 },
    /// The instance is dead.
    Dead(End),
}

impl LiveShell {
    /// Makes an instance and loads `saved`, or `env` into a fresh shell.
    pub(crate) async fn start(
        engine: &Engine,
        session: &Arc<SessionCpu>,
        kernel: &Arc<Kernel>,
        env: &[Vec<u8>],
        saved: &ShellState,
    ) -> Result<Self, EngineError> {
        let pre = engine.programs.shell().await?;
        let process = kernel.shell();
        let cpu = cpu_of(session, &process);
        let leash = Leash::to_run(engine.config.unwind_grace);
        let spec = GuestSpec {
            process,
            argv: Vec::new(),
            env: Vec::new(),
            slot: Box::new(cpu.clone()),
            metered: engine.is_metered(),
            slice_ticks: SLICE_TICKS,
        };
        let mut store = engine.store(GuestState::for_component(spec), cpu.clone(), leash.clone())?;
        lend(&mut store, &leash, engine.clock().mono())?;
        cpu.start().await;
        let shell = pre.instantiate_async(&mut store).await.map_err(|error| failed(&error))?;
        let sections: Vec<Section> = saved.sections().map(|(id, data)| Section { id, data: data.to_vec() }).collect();
        let loaded = shell.call_load(&mut store, env, &sections).await.map_err(|error| failed(&error))?;
        cpu.stop();
        loaded.map_err(EngineError::Shell)?;
        Ok(Self { store, shell, cpu, leash, saved_generation: 0 })
    }

    /// Executes a script of `run`.
    pub(crate) async fn run(&mut self, run: &Run, name: &[u8], script: &[u8]) -> Ran {
        let state = self.store.data_mut();
        state.limiter.forget_limit_met();
        state.limiter.account_mut().set_run(run.clone());
        self.leash.bind_to_run();
        if let Err(error) = fuel::begin(&mut self.store) {
            return Ran::Dead(End::of(&error, false));
        }
        self.cpu.start().await;
        self.store.set_epoch_deadline(SLICE_TICKS);
        let returned = self.shell.call_run(&mut self.store, name, script).await;
        self.cpu.stop();
        // Without fuel left this stops the run, which has ended anyway.
        let _ = fuel::settle(&mut self.store);
        match returned {
            Ok(reply) => Ran::Returned { status: reply.status, generation: reply.generation },
            Err(error) => {
                tracing::debug!("the shell ended: {error:#}");
                Ran::Dead(End::of(&error, self.store.data().limiter.limit_met()))
            }
        }
    }

    /// Answers `saved` with what changed since it was saved last, up to `generation`.
    pub(crate) async fn save(
        &mut self,
        saved: &ShellState,
        generation: u64,
        now: MonoNanos,
    ) -> Result<ShellState, EngineError> {
        if generation == self.saved_generation && !saved.is_empty() {
            return Ok(saved.clone());
        }
        self.lend(now)?;
        self.cpu.start().await;
        let changed = self.shell.call_save(&mut self.store, self.saved_generation).await;
        self.cpu.stop();
        let changed = changed.map_err(|error| failed(&error))?;
        let changed = changed.into_iter().map(|section| (section.id, Bytes::from(section.data)));
        let saved = saved.merged(changed).map_err(|error| EngineError::Shell(error.to_string()))?;
        self.saved_generation = generation;
        Ok(saved)
    }

    /// Completes the word before byte `cursor` of `line`.
    pub(crate) async fn complete(
        &mut self,
        line: &[u8],
        cursor: usize,
        now: MonoNanos,
    ) -> Result<Completion, EngineError> {
        let cursor = u32::try_from(cursor.min(line.len())).unwrap_or(u32::MAX);
        self.lend(now)?;
        self.cpu.start().await;
        let reply = self.shell.call_complete(&mut self.store, line, cursor).await;
        self.cpu.stop();
        let reply = reply.map_err(|error| failed(&error))?;
        let start = (reply.start as usize).min(line.len());
        Ok(Completion { start, candidates: reply.candidates })
    }

    /// Tells whether the instance has grown too large to be kept between runs.
    pub(crate) fn is_too_large(&self) -> bool {
        self.bytes() > KEPT_MAX_BYTES
    }

    fn lend(&mut self, now: MonoNanos) -> Result<(), EngineError> {
        lend(&mut self.store, &self.leash, now)
    }
}

impl Keep for LiveShell {
    fn bytes(&self) -> u64 {
        self.store.data().limiter.account().used()
    }
}

fn lend(store: &mut Store<GuestState>, leash: &Leash, now: MonoNanos) -> Result<(), EngineError> {
    leash.bind_until(now.plus(HOST_WORK_TIME));
    store.set_epoch_deadline(SLICE_TICKS);
    fuel::lend(&mut *store, HOST_WORK_FUEL).map_err(|error| failed(&error))
}

fn failed(error: &wasmtime::Error) -> EngineError {
    if error.downcast_ref::<wasmtime::PoolConcurrencyLimitError>().is_some() {
        EngineError::Busy(format!("{error:#}"))
    } else {
        EngineError::Shell(format!("{error:#}"))
    }
}
