//! Programs out of users' files: who asks for one gets it from memory, from disk, or from the compiler, in this order.
//!
//! The same Wasm is compiled once, however many wait for it. A compilation that nobody waits for any more (its run met its
//! deadline) goes on for the next try, until its own time is over or another one needs its place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{Clock, MonoNanos};
use meter::{CodeLoad, Meter};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vfs::FrozenContent;
use wasmtime::Module;
use wasmtime::component::Component;

use super::Unfit;
use super::cache::{Cache, Key, Verdict};
use super::digests::Digests;
use super::helper::{self, Failed};
use super::queue::Queue;
use crate::compiler::{self, WasmKind};
use crate::config::{EngineConfig, Metering, UserCodeConfig};
use crate::programs::{Linkers, Program};
use crate::slots::Party;

/// How long a compilation that took too much is not tried again.
const RETRY_AFTER: Duration = Duration::from_secs(60);
/// Files up to this size are hashed where they are executed; larger ones where they keep nobody from running.
const HASHED_AT_ONCE_BYTES: u64 = 1 << 20;
/// Bytes of a file that are hashed at once.
const PIECE_BYTES: usize = 64 << 10;

/// A file that is to be executed.
pub(crate) struct UserCode {
    /// Its content.
    pub(crate) content: FrozenContent,
    /// The session that executes it.
    pub(crate) party: Party,
    /// Told how many nanoseconds were computed for it, if any were; not when others have it compiled.
    pub(crate) book: Box<dyn FnOnce(u64) + Send>,
}

/// All users' programs of one engine; clones are handles to the same.
#[derive(Clone)]
pub(crate) struct UserPrograms(Arc<Shared>);

struct Shared {
    engine: wasmtime::Engine,
    linkers: Arc<Linkers>,
    config: UserCodeConfig,
    metering: Metering,
    /// What compiled code depends on beside its Wasm: part of its name on disk.
    compatibility: String,
    meter: Arc<Meter>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    // Protects the tables; held for a few instructions.
    state: Mutex<State>,
}

struct State {
    digests: Digests,
    cache: Cache,
    jobs: HashMap<Key, Job>,
    n_jobs: u64,
    queue: Queue,
}

/// What came of a job, and from where.
type Made = (Verdict, CodeLoad);

/// A program in the making.
struct Job {
    id: u64,
    party: Party,
    n_waiting: usize,
    /// It has a place.
    running: bool,
    result: watch::Receiver<Option<Made>>,
    give_up: CancellationToken,
}

impl UserPrograms {
    pub(crate) fn new(
        engine: &wasmtime::Engine,
        linkers: &Arc<Linkers>,
        config: &EngineConfig,
        clock: &Arc<dyn Clock>,
        runtime: &Handle,
    ) -> Self {
        let cache = Cache::new(config.user_code.cache_bytes);
        Self(Arc::new(Shared {
            engine: engine.clone(),
            linkers: Arc::clone(linkers),
            config: config.user_code.clone(),
            metering: config.metering,
            compatibility: compiler::compatibility(engine),
            meter: Arc::clone(&config.meter),
            clock: Arc::clone(clock),
            runtime: runtime.clone(),
            state: Mutex::new(State {
                digests: Digests::default(),
                cache,
                jobs: HashMap::new(),
                n_jobs: 0,
                queue: Queue::default(),
            }),
        }))
    }

    /// Tells whether there is a compiler at all.
    pub(crate) fn are_possible(&self) -> bool {
        self.0.config.compiler.is_some()
    }

    /// Answers what instances of a file are made of. Dropping the future leaves the compilation to others.
    pub(crate) async fn program(&self, code: UserCode) -> Verdict {
        let shared = &self.0;
        if code.content.size() > shared.config.max_bytes {
            shared.note(CodeLoad::Refused);
            let (size, max) = (code.content.size(), shared.config.max_bytes);
            return Err(Unfit::new(format!("it has {size} bytes, and at most {max} are compiled")));
        }
        let key = self.key(code.party, &code.content).await?;
        let (mut result, waiting) = {
            let mut state = shared.state();
            if let Some(verdict) = state.cache.get(&key, shared.clock.mono()) {
                shared.note(if verdict.is_ok() { CodeLoad::Memory } else { CodeLoad::Refused });
                return verdict;
            }
            let (result, id, is_first) = shared.join(&mut state, key, code)?;
            (result, Waiting { shared: Arc::clone(shared), key, id, is_first })
        };
        let made = result.wait_for(Option::is_some).await.ok().and_then(|made| made.clone());
        // Whoever makes it says how it ended, unless he is stopped.
        let (verdict, from) = made.unwrap_or_else(|| (Err(Unfit::new("compiling it was stopped")), CodeLoad::Refused));
        shared.note(if verdict.is_ok() && !waiting.is_first { CodeLoad::Memory } else { from });
        verdict
    }
}

impl UserPrograms {
    /// Names a file by its content.
    async fn key(&self, party: Party, content: &FrozenContent) -> Result<Key, Unfit> {
        let edition = content.edition();
        let known = self.0.state().digests.get(party, edition);
        if let Some(key) = known {
            return Ok(key);
        }
        let key = hash(content).await?;
        self.0.state().digests.put(party, edition, key);
        Ok(key)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, from: CodeLoad) {
        self.meter.code.loaded(from);
    }

    /// Waits for a job with others, or begins it.
    fn join(
        self: &Arc<Self>,
        state: &mut State,
        key: Key,
        code: UserCode,
    ) -> Result<(watch::Receiver<Option<Made>>, u64, bool), Unfit> {
        // One that is given up may not have noticed yet.
        if let Some(job) = state.jobs.get_mut(&key).filter(|job| !job.give_up.is_cancelled()) {
            job.n_waiting += 1;
            return Ok((job.result.clone(), job.id, false));
        }
        let Ok(place) = state.queue.enter(code.party) else {
            self.note(CodeLoad::Refused);
            return Err(Unfit::new("too much is being compiled; try again"));
        };
        let (sender, result) = watch::channel(None);
        let give_up = CancellationToken::new();
        state.n_jobs += 1;
        let id = state.n_jobs;
        let (party, asked) = (code.party, self.clock.mono());
        let job = Job { id, party, n_waiting: 1, running: false, result: result.clone(), give_up: give_up.clone() };
        state.jobs.insert(key, job);
        state.drop_unwanted();
        let made = Making { shared: Arc::clone(self), key, id, party, asked, placed: false, result: sender };
        self.runtime.spawn(async move {
            tokio::select! {
                biased;
                () = made.make(code, place) => {}
                () = give_up.cancelled() => {}
            }
        });
        Ok((result, id, true))
    }

    /// Reads or makes the native code of `content`.
    async fn code(&self, key: &Key, content: FrozenContent) -> Result<(Vec<u8>, bool), Failed> {
        let name = *blake3::Hasher::new().update(self.compatibility.as_bytes()).update(key).finalize().as_bytes();
        if let Some(shelf) = self.config.shelf.clone() {
            let read = tokio::task::spawn_blocking(move || shelf.read(&name));
            if let Ok(Some(code)) = read.await {
                return Ok((code, true));
            }
        }
        let code = helper::compile(&self.config, self.metering, content, &*self.clock).await?;
        if let Some(shelf) = self.config.shelf.clone() {
            let wrote = tokio::task::spawn_blocking(move || (shelf.write(&name, &code), code)).await;
            let (wrote, code) = wrote.map_err(|stopped| Failed::Host(std::io::Error::other(stopped)))?;
            if let Err(error) = wrote {
                tracing::warn!("compiled code could not be kept on disk: {error}");
            }
            return Ok((code, false));
        }
        Ok((code, false))
    }

    /// Makes a program of native code.
    async fn load(&self, kind: WasmKind, code: Vec<u8>) -> Verdict {
        let (engine, linkers) = (self.engine.clone(), Arc::clone(&self.linkers));
        let loaded = tokio::task::spawn_blocking(move || load(&engine, &linkers, kind, &code)).await;
        match loaded {
            Ok(loaded) => loaded.map_err(|error| Unfit::of(&error)),
            Err(stopped) => {
                tracing::error!("users' code could not be loaded: {stopped}");
                Err(Unfit::new("it could not be loaded"))
            }
        }
    }
}

impl State {
    /// The job of that number, unless another has taken its place.
    fn job(&mut self, key: &Key, id: u64) -> Option<&mut Job> {
        self.jobs.get_mut(key).filter(|job| job.id == id)
    }

    /// Gives up what nobody waits for: what has not begun, and what has a place that another could use.
    fn drop_unwanted(&mut self) {
        for job in self.jobs.values().filter(|job| job.n_waiting == 0) {
            if !job.running || self.queue.is_wanted(job.party) {
                job.give_up.cancel();
            }
        }
    }
}

#[expect(unsafe_code, reason = "loading compiled code is unsafe by nature; see SAFETY")]
fn load(engine: &wasmtime::Engine, linkers: &Linkers, kind: WasmKind, code: &[u8]) -> wasmtime::Result<Program> {
    match kind {
        // SAFETY: the bytes are what our own compiler made: its process has just sent them, or the shelf has found them
        // marked with this server's key. A guest decides what is compiled, never what native code is.
        WasmKind::Module => linkers.module(&unsafe { Module::deserialize(engine, code) }?),
        // SAFETY: as above.
        WasmKind::Component => linkers.component(&unsafe { Component::deserialize(engine, code) }?),
    }
}

/// A compilation under way: however it ends, its place is free and who waits is told.
struct Making {
    shared: Arc<Shared>,
    key: Key,
    id: u64,
    party: Party,
    asked: MonoNanos,
    placed: bool,
    result: watch::Sender<Option<Made>>,
}

impl Making {
    async fn make(mut self, code: UserCode, place: tokio::sync::oneshot::Receiver<()>) {
        if place.await.is_err() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        {
            let mut state = shared.state();
            self.placed = true;
            if let Some(job) = state.job(&self.key, self.id) {
                job.running = true;
            }
            state.drop_unwanted();
        }
        let mut preamble = [0; 8];
        code.content.read(0, &mut preamble);
        let Some(kind) = WasmKind::of(&preamble) else {
            return self.refuse(Unfit::new("it is no WebAssembly of version 1"), None);
        };
        let size = code.content.size();
        let begun = shared.clock.mono();
        let made = shared.code(&self.key, code.content).await;
        let computed = shared.clock.mono().since(begun);
        (code.book)(u64::try_from(computed.as_nanos()).unwrap_or(u64::MAX));
        let retry = Some(shared.clock.mono().plus(RETRY_AFTER));
        match made {
            Ok((code, from_disk)) => {
                let bytes = size + code.len() as u64;
                if !from_disk {
                    shared.meter.code.compiled(shared.clock.mono().since(self.asked));
                }
                let from = if from_disk { CodeLoad::Disk } else { CodeLoad::Compiled };
                let verdict = shared.load(kind, code).await;
                self.end((verdict, from), bytes, None);
            }
            Err(Failed::Unfit(unfit)) => self.refuse(unfit, None),
            Err(Failed::TooMuch(unfit)) => self.refuse(unfit, retry),
            Err(Failed::Host(error)) => {
                tracing::error!("users' Wasm cannot be compiled: {error}");
                self.refuse(Unfit::new("the compiler could not be run"), Some(shared.clock.mono()));
            }
        }
    }

    fn refuse(self, unfit: Unfit, until: Option<MonoNanos>) {
        self.end((Err(unfit), CodeLoad::Refused), 0, until);
    }

    fn end(self, (verdict, from): Made, bytes: u64, until: Option<MonoNanos>) {
        let from = if verdict.is_ok() { from } else { CodeLoad::Refused };
        self.shared.state().cache.put(self.key, verdict.clone(), bytes, until);
        self.result.send_replace(Some((verdict, from)));
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        if state.job(&self.key, self.id).is_some() {
            state.jobs.remove(&self.key);
        }
        if self.placed {
            state.queue.leave(self.party);
        }
    }
}

/// One who waits for a job.
struct Waiting {
    shared: Arc<Shared>,
    key: Key,
    id: u64,
    /// The job is his: what he gets is new.
    is_first: bool,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        if let Some(job) = state.job(&self.key, self.id) {
            job.n_waiting = job.n_waiting.saturating_sub(1);
            state.drop_unwanted();
        }
    }
}

async fn hash(content: &FrozenContent) -> Result<Key, Unfit> {
    if content.size() <= HASHED_AT_ONCE_BYTES {
        return Ok(hash_now(content));
    }
    let content = content.clone();
    let hashed = tokio::task::spawn_blocking(move || hash_now(&content)).await;
    hashed.map_err(|_stopped| Unfit::new("it could not be read"))
}

fn hash_now(content: &FrozenContent) -> Key {
    let mut hasher = blake3::Hasher::new();
    let (mut piece, mut offset) = (vec![0; PIECE_BYTES], 0);
    loop {
        let n = content.read(offset, &mut piece);
        if n == 0 {
            return *hasher.finalize().as_bytes();
        }
        hasher.update(piece.get(..n).unwrap_or_default());
        offset += n as u64;
    }
}
