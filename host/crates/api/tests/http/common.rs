//! The routes over sessions whose sandboxes only pretend: a script is one word that picks how the run goes, `hold` runs
//! until it is cancelled or released, `job` leaves one in the background, and `die` takes the session's driver along.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base::{Clock, Errno, Limits, ManualClock, Outcome, Signal, Timestamp, Usage};
use bytes::Bytes;
use engine::ShellState;
use http_body_util::BodyExt;
use sandshell_api::{ApiConfig, App, router};
use session::{
    BoxFuture, Candidate, Completion, Fault, Image, Reservation, Sandbox, SandboxReport, SandboxRun, SessionConfig,
    Sessions, View, Workshop,
};
use tokio::sync::Notify;
use tower::ServiceExt;
use vfs::{Ino, Quota, Tree};

/// A session's id.
pub(crate) const ID: &str = "0123456789abcdef";

struct FakeWorkshop {
    clock: Arc<ManualClock>,
    held: Arc<Held>,
}

/// What happens to runs that hold, and whether there is room.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) begun: Notify,
    pub(crate) cancelled: Notify,
    /// Lets one of them end by itself.
    pub(crate) release: Notify,
    /// The host has no memory left.
    pub(crate) is_full: AtomicBool,
}

impl Workshop for FakeWorkshop {
    fn reserve(&self, _bytes: u64) -> Result<Reservation, session::Error> {
        if self.held.is_full.load(Ordering::SeqCst) { Err(session::Error::HostFull) } else { Ok(Box::new(())) }
    }

    fn sandbox(&self, image: Image, _limits: &Limits) -> Result<Box<dyn Sandbox>, session::Error> {
        let view = Arc::new(FakeView(Mutex::new(image.tree)));
        let (clock, held) = (Arc::clone(&self.clock), Arc::clone(&self.held));
        Ok(Box::new(FakeSandbox { view, cwd: image.memory.cwd, clock, held, jobs: 0 }))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

struct FakeView(Mutex<Tree>);

impl View for FakeView {
    fn fork_tree(&self) -> Tree {
        self.0.lock().expect("not poisoned").clone()
    }

    fn look(&self, look: &mut dyn FnMut(&Tree)) {
        look(&self.0.lock().expect("not poisoned"));
    }

    fn put_file(&self, path: &[u8], content: &[u8], mode: u32) -> Result<(), Errno> {
        let mut tree = self.0.lock().expect("not poisoned");
        tree.put_file(Ino::ROOT, path, content, mode, Timestamp(0)).map(drop)
    }
}

struct FakeSandbox {
    view: Arc<FakeView>,
    cwd: Vec<u8>,
    clock: Arc<ManualClock>,
    held: Arc<Held>,
    /// In the background.
    jobs: usize,
}

impl FakeSandbox {
    fn end(&self, script: &str) -> (Outcome, Vec<u8>, Vec<u8>) {
        let plain = |outcome| (outcome, b"so far\n".to_vec(), Vec::new());
        match script {
            "both" => (Outcome::Exited(0), b"<out>\n".to_vec(), b"err & more\n".to_vec()),
            "fail" => plain(Outcome::Exited(3)),
            "killed" => plain(Outcome::Signalled(Signal::TERM)),
            "slow" => plain(Outcome::TimedOut),
            "hold" => plain(Outcome::Cancelled),
            "hungry" => plain(Outcome::OutOfFuel),
            "fat" => plain(Outcome::OutOfMemory),
            "loud" => plain(Outcome::OutputLimit),
            "bytes" => (Outcome::Exited(0), b"a\xff\n".to_vec(), Vec::new()),
            "file" => {
                let mut tree = self.view.0.lock().expect("not poisoned");
                let now = self.clock.wall();
                let ino = tree.create(Ino::ROOT, b"/new", 0o644, false, now).expect("room");
                tree.write_at(ino, 0, b"hello", now).expect("room");
                plain(Outcome::Exited(0))
            }
            _ => plain(Outcome::Exited(0)),
        }
    }
}

impl Sandbox for FakeSandbox {
    fn view(&self) -> Arc<dyn View> {
        Arc::clone(&self.view) as Arc<dyn View>
    }

    fn run(&mut self, run: SandboxRun) -> BoxFuture<'_, Result<SandboxReport, Fault>> {
        let script = String::from_utf8(run.script.to_vec()).expect("UTF-8");
        match script.as_str() {
            "fault" => return Box::pin(async { Err(Fault("secret reason".to_owned())) }),
            "die" => return Box::pin(async { panic!("as asked") }),
            "job" => self.jobs += 1,
            _ => {}
        }
        let (outcome, stdout, stderr) = self.end(&script);
        if outcome == Outcome::TimedOut {
            self.clock.advance(run.timeout);
        }
        let usage = Usage {
            cpu: Duration::from_micros(1500),
            fuel: 42,
            memory_peak: 65_536,
            processes: 2,
            files: 1,
            bytes: 5,
            ..Usage::default()
        };
        let mut report = SandboxReport {
            outcome,
            output: [stdout.as_slice(), &stderr].concat().into(),
            stdout: stdout.into(),
            stderr: stderr.into(),
            truncated: outcome == Outcome::OutputLimit,
            usage,
            cwd: self.cwd.clone(),
            state_restored: false,
        };
        Box::pin(async move {
            if outcome == Outcome::Cancelled {
                self.held.begun.notify_one();
                tokio::select! {
                    () = run.cancel.cancelled() => self.held.cancelled.notify_one(),
                    () = self.held.release.notified() => report.outcome = Outcome::Exited(0),
                }
            }
            Ok(report)
        })
    }

    fn complete(&mut self, _line: Bytes, cursor: usize) -> BoxFuture<'_, Result<Completion, Fault>> {
        Box::pin(async move {
            Ok(Completion { start: cursor, candidates: vec![Candidate { word: b"x".to_vec(), is_dir: true }] })
        })
    }

    fn state(&self) -> ShellState {
        ShellState::default()
    }

    fn is_at_rest(&self) -> bool {
        self.jobs == 0
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

/// The routes under test.
pub(crate) struct Server {
    router: Router,
    pub(crate) app: Arc<App>,
    pub(crate) held: Arc<Held>,
    pub(crate) clock: Arc<ManualClock>,
}

/// A reply, read whole.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Returns a header's value, empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default(), ApiConfig::default())
    }

    pub(crate) fn with(limits: Limits, config: ApiConfig) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp(1_704_164_645_000_000_000)));
        let mut template = Tree::new(Quota::UNLIMITED, Timestamp(0));
        template.mkdir(Ino::ROOT, b"/tmp", 0o1777, Timestamp(0)).expect("room");
        let sessions = SessionConfig { limits, max_sessions: Some(2), ..SessionConfig::default() };
        let held = Arc::new(Held::default());
        let workshop = Arc::new(FakeWorkshop { clock: Arc::clone(&clock), held: Arc::clone(&held) });
        let sessions = Sessions::start(sessions, Arc::clone(&clock) as Arc<dyn Clock>, workshop, template);
        let app = App::new(sessions, Arc::clone(&clock) as Arc<dyn Clock>, config);
        Self { router: router(&app), app, held, clock }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "127.0.0.1");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        Reply { status, headers, text: String::from_utf8(body.to_vec()).expect("UTF-8") }
    }

    /// Sends JSON.
    pub(crate) async fn json(&self, method: &str, path: &str, body: serde_json::Value) -> Reply {
        self.send(method, path, &[], body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], Body::empty()).await
    }

    /// Executes `script` in the session `id`, or ephemerally if that is empty.
    pub(crate) async fn run(&self, id: &str, script: &str) -> Reply {
        let body = serde_json::json!({ "script": script }).to_string();
        self.send("POST", "/run", &[("x-session-id", id)], body).await
    }
}
