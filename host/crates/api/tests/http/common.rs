//! The routes over sessions whose sandboxes only pretend: a script is one word that picks how the run goes, and `hold`
//! runs until it is cancelled or released.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base::{Clock, Limits, ManualClock, Outcome, Signal, Timestamp, Usage};
use bytes::Bytes;
use http_body_util::BodyExt;
use sandshell_api::{ApiConfig, App, router};
use session::{
    BoxFuture, Candidate, Completion, Fault, Image, Sandbox, SandboxReport, SandboxRun, SessionConfig, Sessions, View,
    Workshop,
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

/// What happens to runs that hold.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) begun: Notify,
    pub(crate) cancelled: Notify,
    /// Lets one of them end by itself.
    pub(crate) release: Notify,
}

impl Workshop for FakeWorkshop {
    fn sandbox(&self, image: Image) -> Result<Box<dyn Sandbox>, session::Error> {
        let view = Arc::new(FakeView(Mutex::new(image.tree)));
        let (clock, held) = (Arc::clone(&self.clock), Arc::clone(&self.held));
        Ok(Box::new(FakeSandbox { view, cwd: image.cwd, clock, held }))
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
}

struct FakeSandbox {
    view: Arc<FakeView>,
    cwd: Vec<u8>,
    clock: Arc<ManualClock>,
    held: Arc<Held>,
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
        if script == "fault" {
            return Box::pin(async { Err(Fault("secret reason".to_owned())) });
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

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

/// The routes under test.
pub(crate) struct Server {
    router: Router,
    pub(crate) app: Arc<App>,
    pub(crate) held: Arc<Held>,
}

/// A reply, read whole.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).expect("JSON")
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
        let app = App::new(sessions, clock, config);
        Self { router: router(&app), app, held }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        Reply { status, text: String::from_utf8(body.to_vec()).expect("UTF-8") }
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
