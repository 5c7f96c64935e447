//! The one task that drives a session: it owns the sandbox and executes the session's jobs one after the other.
//!
//! Everybody else holds a [`Handle`]: a bounded queue, a way to end the session, and a view of its files. A driver that
//! dies marks its session broken; it is never silently gone.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::SessionId;
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use crate::admission::Ticket;
use crate::ephemeral;
use crate::error::Error;
use crate::image::Image;
use crate::registry::Delta;
use crate::run::{Completion, RunReply, RunSpec};
use crate::sandbox::{Sandbox, View};
use crate::sessions::Sessions;
use crate::sync::lock;

/// What can be asked of a session. Each is answered exactly once, or its answer's sender is dropped.
pub(crate) enum Job {
    /// Execute a script; what it logs belongs to the request.
    Run { spec: RunSpec, ticket: Ticket, answer: Answer<RunReply>, request: Span },
    /// Put another image in the place of files and shell.
    Replace { image: Box<Image>, answer: Answer<()> },
    /// Complete a word.
    Complete { line: Bytes, cursor: usize, answer: Answer<Completion> },
}

/// Where a job's result goes; the receiver may have gone away.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// How others reach a session's driver.
#[derive(Clone)]
pub(crate) struct Handle {
    /// The session's queue.
    pub(crate) jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

struct Shared {
    closing: CancellationToken,
    gone: CancellationToken,
    // Protects the current view; none until the session's first job needed its sandbox.
    view: Mutex<Option<Arc<dyn View>>>,
}

impl Handle {
    /// Makes a handle and the receiving end of its queue.
    pub(crate) fn new(queue: usize) -> (Self, mpsc::Receiver<Job>) {
        let (jobs, receiver) = mpsc::channel(queue.max(1));
        let shared =
            Shared { closing: CancellationToken::new(), gone: CancellationToken::new(), view: Mutex::new(None) };
        (Self { jobs, shared: Arc::new(shared) }, receiver)
    }

    /// Makes a handle nobody serves.
    #[cfg(test)]
    pub(crate) fn unattended() -> Self {
        Self::new(1).0
    }

    /// Tells the driver to end: the current run is cancelled, the waiting ones are refused.
    pub(crate) fn close(&self) {
        self.shared.closing.cancel();
    }

    /// Completes when the driver and all processes of the session are gone.
    pub(crate) async fn gone(&self) {
        self.shared.gone.cancelled().await;
    }

    /// Returns the view of the session's files, if it has its own yet.
    pub(crate) fn view(&self) -> Option<Arc<dyn View>> {
        lock(&self.shared.view).clone()
    }
}

/// The driver's side of one session.
pub(crate) struct Driver {
    sessions: Arc<Sessions>,
    id: SessionId,
    serial: u64,
    shared: Arc<Shared>,
    jobs: mpsc::Receiver<Job>,
    // Made when first needed.
    sandbox: Option<Box<dyn Sandbox>>,
}

impl Driver {
    pub(crate) fn new(
        sessions: Arc<Sessions>,
        id: SessionId,
        serial: u64,
        handle: &Handle,
        jobs: mpsc::Receiver<Job>,
    ) -> Self {
        Self { sessions, id, serial, shared: Arc::clone(&handle.shared), jobs, sandbox: None }
    }

    /// Serves the queue until the session is closed, then ends its processes.
    pub(crate) async fn drive(mut self) {
        let mut watch = DeathWatch {
            sessions: Arc::clone(&self.sessions),
            id: self.id.clone(),
            serial: self.serial,
            shared: Arc::clone(&self.shared),
            ended_well: false,
        };
        while let Some(job) = self.next_job().await {
            self.execute(job).await;
        }
        self.refuse_waiting().await;
        lock(&self.shared.view).take();
        if let Some(sandbox) = self.sandbox.take() {
            sandbox.close().await;
        }
        watch.ended_well = true;
    }

    async fn next_job(&mut self) -> Option<Job> {
        tokio::select! {
            biased;
            () = self.shared.closing.cancelled() => None,
            job = self.jobs.recv() => job,
        }
    }

    async fn execute(&mut self, job: Job) {
        // The entry changes before the answer leaves, so that whoever has the answer sees its effect.
        match job {
            Job::Run { spec, ticket, answer, request } => {
                let span = tracing::info_span!(parent: &request, "run", session = self.id.tag());
                let result = self.run(spec, ticket).instrument(span).await;
                self.finish(result.as_ref().map(Delta::of_run).unwrap_or_default());
                let _ = answer.send(result);
            }
            Job::Replace { image, answer } => {
                let cwd = image.cwd.clone();
                let replaced = self.replace(*image).await;
                let cwd = replaced.is_ok().then_some(cwd);
                self.finish(Delta { cwd, runtime: Duration::ZERO });
                let _ = answer.send(replaced);
            }
            Job::Complete { line, cursor, answer } => {
                let result = self.complete(line, cursor).await;
                self.finish(Delta::default());
                let _ = answer.send(result);
            }
        }
    }

    fn finish(&self, delta: Delta) {
        self.sessions.finish(&self.id, self.serial, delta);
    }

    async fn run(&mut self, spec: RunSpec, ticket: Ticket) -> Result<RunReply, Error> {
        let closing = self.shared.closing.clone();
        let admitted = tokio::select! {
            biased;
            () = closing.cancelled() => return Err(self.closed()),
            admitted = self.sessions.admit(ticket) => admitted,
        };
        let used = self.sessions.check_runtime(&self.id)?;
        let sessions = Arc::clone(&self.sessions);
        let result = ephemeral::execute(&sessions, self.sandbox()?, spec, used, closing.cancelled()).await;
        drop(admitted);
        result.map(|mut reply| {
            reply.session = Some(self.id.clone());
            reply
        })
    }

    async fn complete(&mut self, line: Bytes, cursor: usize) -> Result<Completion, Error> {
        self.sandbox()?.complete(line, cursor).await.map_err(|fault| Error::Host(fault.0))
    }

    /// Puts a new sandbox in the place of the old one, which goes on when there is no room for the new.
    async fn replace(&mut self, image: Image) -> Result<(), Error> {
        let new = self.sessions.workshop.sandbox(image)?;
        if let Some(old) = self.sandbox.take() {
            old.close().await;
        }
        self.install(new);
        Ok(())
    }

    fn sandbox(&mut self) -> Result<&mut dyn Sandbox, Error> {
        if self.sandbox.is_none() {
            let fresh = self.sessions.workshop.sandbox(self.sessions.fresh_image())?;
            self.install(fresh);
        }
        Ok(self.sandbox.as_deref_mut().expect("installed above"))
    }

    fn install(&mut self, sandbox: Box<dyn Sandbox>) {
        *lock(&self.shared.view) = Some(sandbox.view());
        self.sandbox = Some(sandbox);
    }

    async fn refuse_waiting(&mut self) {
        self.jobs.close();
        // Places that were reserved before the close are still filled or given back, so this ends.
        while let Some(job) = self.jobs.recv().await {
            let error = self.closed();
            match job {
                Job::Run { answer, .. } => drop(answer.send(Err(error))),
                Job::Replace { answer, .. } => drop(answer.send(Err(error))),
                Job::Complete { answer, .. } => drop(answer.send(Err(error))),
            }
        }
    }

    fn closed(&self) -> Error {
        if self.sessions.closing.is_cancelled() { Error::ShuttingDown } else { Error::Closed }
    }
}

impl Delta {
    fn of_run(reply: &RunReply) -> Self {
        Self { cwd: Some(reply.cwd.clone()), runtime: reply.usage.wall }
    }
}

/// Reports the end of a driver, also one by panic.
struct DeathWatch {
    sessions: Arc<Sessions>,
    id: SessionId,
    serial: u64,
    shared: Arc<Shared>,
    ended_well: bool,
}

impl Drop for DeathWatch {
    fn drop(&mut self) {
        if !self.ended_well {
            tracing::error!(session = self.id.tag(), "the session's driver died; the session is broken");
            self.sessions.fail(&self.id, self.serial);
        }
        self.shared.gone.cancel();
    }
}
