//! The engine: one Wasmtime engine with what all sessions share (programs, guest runtime, ticker, slots, budget).
//!
//! It knows no sessions: a [`Sandbox`] holds the engine, never the other way round. What it has of one is the instance of
//! its shell between two runs, under a number.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::Clock;
use bytes::Bytes;
use kernel::HostBudget;
use tokio::task::JoinHandle;
use vfs::ProgramTag;
use wasi::{GuestState, fuel};
use wasmtime::Store;

use crate::config::{EngineConfig, Metering};
use crate::cpu::{ProcessCpu, SessionCpu};
use crate::error::EngineError;
use crate::kept::Kept;
use crate::leash::Leash;
use crate::programs::Programs;
use crate::runtime::GuestRuntime;
use crate::sandbox::{Sandbox, SandboxSpec};
use crate::shell::LiveShell;
use crate::slots::{Party, Slots};
use crate::store;
use crate::ticker::Ticker;
use crate::user::UserPrograms;

/// Shells that wait for their next run may hold this part of the memory for guests and files: an eighth.
const KEPT_SHARE: u64 = 8;

/// Runs guests. One a server; shared by all its sessions.
pub struct Engine {
    pub(crate) wasm: wasmtime::Engine,
    pub(crate) config: EngineConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) kept: Kept<LiveShell>,
    pub(crate) programs: Programs,
    pub(crate) user_programs: UserPrograms,
    slots: Arc<Slots>,
    budget: HostBudget,
    next_party: AtomicU64,
    runtime: GuestRuntime,
    _ticker: Ticker,
}

impl Engine {
    /// Sets up Wasmtime, the guest runtime and the epoch ticker.
    ///
    /// # Errors
    ///
    /// [`EngineError::Setup`] when the machine lacks what the pool needs, [`EngineError::Runtime`] without threads.
    pub fn new(config: EngineConfig, clock: Arc<dyn Clock>) -> Result<Arc<Self>, EngineError> {
        let setup = |error: wasmtime::Error| EngineError::Setup(format!("{error:#}"));
        let wasm = wasmtime::Engine::new(&config.wasmtime()).map_err(setup)?;
        let programs = Programs::new(&wasm).map_err(setup)?;
        let ticker = Ticker::start(&wasm, config.epoch_tick)?;
        let runtime = GuestRuntime::start(config.cpu_slots)?;
        let user_programs = UserPrograms::new(&wasm, programs.linkers(), &config, &clock, runtime.handle());
        Ok(Arc::new(Self {
            clock,
            programs,
            user_programs,
            slots: Slots::new(config.cpu_slots),
            kept: Kept::new(config.kept_shells(), config.memory_total_bytes / KEPT_SHARE),
            budget: HostBudget::new(config.memory_total_bytes, config.processes_total),
            next_party: AtomicU64::new(0),
            runtime,
            _ticker: ticker,
            wasm,
            config,
        }))
    }

    /// Registers a shipped program: its Wasm and, if there is some, code that `Compiler` made of it.
    ///
    /// Nothing is compiled or loaded before the first process. A later registration under the same tag replaces it.
    pub fn add_program(&self, tag: ProgramTag, name: &str, wasm: impl Into<Bytes>, code: Option<Bytes>) {
        self.programs.add(tag, name, wasm.into(), code);
    }

    /// Registers the shell component; see [`Engine::add_program`].
    pub fn set_shell(&self, wasm: impl Into<Bytes>, code: Option<Bytes>) {
        self.programs.set_shell(wasm.into(), code);
    }

    /// Loads the shell component now, so that the first run need not.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoShell`] or [`EngineError::Compile`].
    pub async fn warm_up(&self) -> Result<(), EngineError> {
        self.programs.shell().await.map(drop)
    }

    /// Makes a session's sandbox; no guest code runs yet.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoMemory`] when the host's budget has no room for the files.
    pub fn sandbox(self: &Arc<Self>, spec: SandboxSpec) -> Result<Sandbox, EngineError> {
        let party = Party(self.next_party.fetch_add(1, Ordering::Relaxed));
        let cpu =
            SessionCpu::new(Arc::clone(&self.slots), party, Arc::clone(&self.clock), Arc::clone(&self.config.meter));
        Sandbox::new(Arc::clone(self), cpu, spec)
    }

    /// Runs `future` on the guest runtime: where a session's driver lives, so that its guest code runs there.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.runtime.handle().spawn(future)
    }

    /// Makes the store of one instance, with the run's fuel in it.
    pub(crate) fn store(
        &self,
        state: GuestState,
        cpu: ProcessCpu,
        leash: Leash,
    ) -> Result<Store<GuestState>, EngineError> {
        let made = store::store(&self.wasm, &self.config, state, cpu, leash);
        let fuelled = made.and_then(|mut store| fuel::begin(&mut store).map(|()| store));
        fuelled.map_err(|error| EngineError::Setup(format!("{error:#}")))
    }

    /// Tells whether fuel is counted.
    pub(crate) fn is_metered(&self) -> bool {
        self.config.metering == Metering::FuelAndEpoch
    }

    /// The clock all its guests see.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What all sessions use together.
    #[must_use]
    pub fn budget(&self) -> &HostBudget {
        &self.budget
    }

    /// The settings it was made with.
    #[must_use]
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("config", &self.config).finish_non_exhaustive()
    }
}
