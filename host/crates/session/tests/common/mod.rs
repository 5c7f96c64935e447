//! A workshop whose sandboxes execute no guest code: scripts are words that say what the run shall do.
//!
//! `hold` runs until [`Fake::release`] or its cancellation; `sleep N` takes N seconds of the manual clock (or its
//! timeout); `fault` fails as a host would; `die` panics; anything else ends at once and prints itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Clock, Errno, Limits, ManualClock, Outcome, SessionId, SessionKey, Timestamp, Usage};
use bytes::Bytes;
use engine::{After, ShellState};
use sandshell_session::{
    BoxFuture, Candidate, Completion, Error, Fault, Image, Memory, Persistence, ProgramNames, Reservation, RunReply,
    RunSpec, Sandbox, SandboxReport, SandboxRun, SessionConfig, Sessions, Target, View, Workshop,
};
use store::Store;
use tokio::sync::Notify;
use vfs::{Follow, Ino, Quota, Tree};

pub(crate) struct Fake {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) log: Mutex<Vec<String>>,
    pub(crate) open: AtomicUsize,
    /// The host has no room for another sandbox.
    pub(crate) full: AtomicBool,
    release: Notify,
    logged: Notify,
}

impl Fake {
    /// Lets one held run end.
    pub(crate) fn release(&self) {
        self.release.notify_one();
    }

    fn note(&self, event: impl Into<String>) {
        self.log.lock().unwrap().push(event.into());
        self.logged.notify_waiters();
    }

    /// Waits until `event` has been noted.
    pub(crate) async fn seen(&self, event: &str) {
        loop {
            let logged = self.logged.notified();
            if self.log.lock().unwrap().iter().any(|noted| noted == event) {
                return;
            }
            logged.await;
        }
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

struct FakeWorkshop(Arc<Fake>);

impl Workshop for FakeWorkshop {
    fn reserve(&self, _bytes: u64) -> Result<Reservation, Error> {
        if self.0.full.load(Ordering::SeqCst) { Err(Error::HostFull) } else { Ok(Box::new(())) }
    }

    fn sandbox(&self, image: Image, _limits: &Limits) -> Result<Box<dyn Sandbox>, Error> {
        if self.0.full.load(Ordering::SeqCst) {
            return Err(Error::HostFull);
        }
        self.0.open.fetch_add(1, Ordering::SeqCst);
        let view = Arc::new(FakeView { tree: Mutex::new(image.tree), clock: Arc::clone(&self.0.clock) });
        let Memory { cwd, state, .. } = image.memory;
        Ok(Box::new(FakeSandbox { fake: Arc::clone(&self.0), view, cwd, state, jobs: 0 }))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

struct FakeView {
    tree: Mutex<Tree>,
    clock: Arc<ManualClock>,
}

impl View for FakeView {
    fn fork_tree(&self) -> Tree {
        self.tree.lock().unwrap().clone()
    }

    fn look(&self, look: &mut dyn FnMut(&Tree)) {
        look(&self.tree.lock().unwrap());
    }

    fn put_file(&self, path: &[u8], content: &[u8], mode: u32) -> Result<(), Errno> {
        let mut tree = self.tree.lock().unwrap();
        tree.put_file(Ino::ROOT, path, content, mode, self.clock.wall()).map(drop)
    }
}

struct FakeSandbox {
    fake: Arc<Fake>,
    view: Arc<FakeView>,
    cwd: Vec<u8>,
    state: ShellState,
    /// Background jobs.
    jobs: usize,
}

impl FakeSandbox {
    fn report(&self, outcome: Outcome, stdout: &str) -> SandboxReport {
        SandboxReport {
            outcome,
            stdout: Bytes::copy_from_slice(stdout.as_bytes()),
            stderr: Bytes::new(),
            output: Bytes::copy_from_slice(stdout.as_bytes()),
            truncated: false,
            usage: Usage::default(),
            cwd: self.cwd.clone(),
            state_restored: false,
        }
    }
}

impl Sandbox for FakeSandbox {
    fn view(&self) -> Arc<dyn View> {
        Arc::clone(&self.view) as Arc<dyn View>
    }

    fn run(&mut self, run: SandboxRun) -> BoxFuture<'_, Result<SandboxReport, Fault>> {
        Box::pin(async move {
            let script = String::from_utf8(run.script.to_vec()).unwrap();
            for before in &run.before.scripts {
                self.fake.note(format!("before {}", String::from_utf8_lossy(before)));
            }
            for message in &run.before.messages {
                self.fake.note(format!("message {}", String::from_utf8_lossy(message).trim_end()));
            }
            self.fake.note(format!("start {script}"));
            let cwd = self.cwd.clone();
            let outcome = match script.split(' ').collect::<Vec<_>>().as_slice() {
                ["hold", ..] => tokio::select! {
                    () = self.fake.release.notified() => Outcome::Exited(0),
                    () = run.cancel.cancelled() => Outcome::Cancelled,
                },
                ["sleep", secs] => {
                    let asked = Duration::from_secs(secs.parse().unwrap());
                    let clock = &self.fake.clock;
                    clock.sleep_until(clock.mono().plus(asked.min(run.timeout))).await;
                    if asked <= run.timeout { Outcome::Exited(0) } else { Outcome::TimedOut }
                }
                ["cd", to] => {
                    self.cwd = to.as_bytes().to_vec();
                    Outcome::Exited(0)
                }
                ["write", path, text] => {
                    let wrote = self.view.put_file(path.as_bytes(), text.replace('_', " ").as_bytes(), 0o644);
                    Outcome::Exited(u8::from(wrote.is_err()))
                }
                ["alias", text] => {
                    let text = Bytes::copy_from_slice(text.as_bytes());
                    self.state = ShellState::from_sections([(12, text)]).unwrap();
                    Outcome::Exited(0)
                }
                ["alias?"] => {
                    let known = self.state.sections().map(|(_, text)| text.to_vec()).collect::<Vec<_>>().concat();
                    return Ok(self.report(Outcome::Exited(0), &String::from_utf8(known).unwrap()));
                }
                ["jobs", n] => {
                    self.jobs = n.parse().unwrap();
                    Outcome::Exited(0)
                }
                ["fault"] => return Err(Fault("the pool is on fire".to_owned())),
                ["die"] => panic!("as asked"),
                _ => Outcome::Exited(0),
            };
            if run.after == After::Discard {
                self.cwd = cwd;
            }
            self.fake.note(format!("end {script}"));
            Ok(self.report(outcome, &script))
        })
    }

    fn complete(&mut self, line: Bytes, cursor: usize) -> BoxFuture<'_, Result<Completion, Fault>> {
        Box::pin(async move {
            Ok(Completion { start: cursor, candidates: vec![Candidate { word: line.to_vec(), is_dir: false }] })
        })
    }

    fn state(&self) -> ShellState {
        self.state.clone()
    }

    fn is_at_rest(&self) -> bool {
        self.jobs == 0
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.fake.open.fetch_sub(1, Ordering::SeqCst);
            self.fake.note("closed");
        })
    }
}

/// The sessions under test and their world.
pub(crate) struct World {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) fake: Arc<Fake>,
    pub(crate) config: SessionConfig,
    pub(crate) template: Tree,
}

impl World {
    pub(crate) fn new(config: SessionConfig) -> Self {
        Self::at(config, Timestamp(1_000_000_000_000))
    }

    /// A world whose sessions are kept.
    pub(crate) fn kept(config: SessionConfig, store: &Arc<dyn Store>) -> Self {
        let template = Tree::new(Quota::UNLIMITED, Timestamp(0));
        Self::build(config, Arc::new(ManualClock::new(Timestamp(1_000_000_000_000))), template, Some(store))
    }

    /// Another server on the same store, at the same time.
    pub(crate) fn restarted(&self, store: &Arc<dyn Store>) -> Self {
        Self::again(self.config.clone(), store, self)
    }

    /// Another server with another configuration.
    pub(crate) fn again(config: SessionConfig, store: &Arc<dyn Store>, before: &Self) -> Self {
        Self::build(config, Arc::clone(&before.fake.clock), before.template.clone(), Some(store))
    }

    /// A world that begins at a wall-clock time.
    pub(crate) fn at(config: SessionConfig, now: Timestamp) -> Self {
        let template = Tree::new(Quota::UNLIMITED, Timestamp(0));
        Self::build(config, Arc::new(ManualClock::new(now)), template, None)
    }

    fn build(config: SessionConfig, clock: Arc<ManualClock>, template: Tree, store: Option<&Arc<dyn Store>>) -> Self {
        let fake = Arc::new(Fake {
            clock: Arc::clone(&clock),
            log: Mutex::new(Vec::new()),
            open: AtomicUsize::new(0),
            full: AtomicBool::new(false),
            release: Notify::new(),
            logged: Notify::new(),
        });
        let workshop = Arc::new(FakeWorkshop(Arc::clone(&fake)));
        let of = template.clone();
        let sessions = match store {
            None => Sessions::start(config.clone(), clock, workshop, of),
            Some(store) => {
                let names = ProgramNames { name: Box::new(|_| None), tag: Box::new(|_| None) };
                let persistence = Persistence::new(Arc::clone(store), names, template.clone());
                Sessions::start_persistent(config.clone(), clock, workshop, of, persistence, None).unwrap()
            }
        };
        Self { sessions, fake, config, template }
    }

    pub(crate) async fn run(&self, key: &SessionKey, script: &str) -> Result<RunReply, Error> {
        self.sessions.run(Target::Session(key.clone()), spec(script)).await
    }

    /// Starts a run in a task of its own.
    pub(crate) fn begin(&self, key: &SessionKey, script: &str) -> tokio::task::JoinHandle<Result<RunReply, Error>> {
        let (sessions, target, spec) = (Arc::clone(&self.sessions), Target::Session(key.clone()), spec(script));
        tokio::spawn(async move { sessions.run(target, spec).await })
    }

    /// Moves the clock and lets every task that became due run.
    pub(crate) async fn advance(&self, secs: u64) {
        self.fake.clock.advance(Duration::from_secs(secs));
        settle().await;
    }
}

/// Lets all other tasks of this single-threaded runtime do what they can do now.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

pub(crate) fn spec(script: &str) -> RunSpec {
    RunSpec { script: Bytes::copy_from_slice(script.as_bytes()), ..RunSpec::default() }
}

pub(crate) fn id(n: u8) -> SessionKey {
    SessionKey::of_default(SessionId::from_random(u128::from(n)))
}

/// A session's file as text, if it has it.
pub(crate) async fn file(world: &World, key: &SessionKey, path: &str) -> Option<String> {
    let tree = world.sessions.image(key).await.ok()?.tree;
    let ino = tree.lookup(Ino::ROOT, path.as_bytes(), Follow::No).ok()?;
    let mut text = vec![0; usize::try_from(tree.stat(ino).ok()?.size).unwrap()];
    tree.read_at(ino, 0, &mut text).ok()?;
    String::from_utf8(text).ok()
}

pub(crate) fn config() -> SessionConfig {
    SessionConfig {
        ttl: Duration::from_secs(60),
        max_sessions: Some(3),
        limits: Limits::default(),
        max_running: 2,
        max_waiting: 4,
        queue_per_session: 2,
        ..SessionConfig::default()
    }
}
