//! The service: all operations on the sessions of one host, as the layers above call them.
//!
//! Each takes the registry's mutex for a few statements and then waits, at most, for the session's driver. Guest code
//! never runs in the caller's task, so a caller may go away at any time.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Clock, MonoNanos, SessionId};
use bytes::Bytes;
use meter::Host;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Span;
use vfs::Tree;

use crate::admission::{Admission, Admitted, Ticket};
use crate::config::SessionConfig;
use crate::driver::{Answer, Driver, Handle, Job};
use crate::error::Error;
use crate::export::Export;
use crate::image::{Image, ImageBuilder};
use crate::import::Inspection;
use crate::registry::{Delta, Info, Now, Registry};
use crate::run::{Completion, RunReply, RunSpec, Target};
use crate::sandbox::Workshop;
use crate::sync::lock;
use crate::{ephemeral, expiry};

/// All sessions of one host.
pub struct Sessions {
    pub(crate) config: SessionConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) workshop: Arc<dyn Workshop>,
    pub(crate) timers_changed: Notify,
    /// Cancelled once, when no more runs are taken.
    draining: CancellationToken,
    /// Cancelled once, when the host goes down.
    pub(crate) closing: CancellationToken,
    template: Tree,
    admission: Admission,
    tasks: TaskTracker,
    // Protects who exists; held for a few statements, never over an await or another lock.
    registry: Mutex<Registry>,
}

impl Sessions {
    /// Creates an empty set of sessions that start from `template`, and the task that ends idle ones.
    #[must_use]
    pub fn start(
        config: SessionConfig,
        clock: Arc<dyn Clock>,
        workshop: Arc<dyn Workshop>,
        template: Tree,
    ) -> Arc<Self> {
        let sessions = Arc::new(Self {
            registry: Mutex::new(Registry::new(config.ttl, config.max_sessions)),
            admission: Admission::new(config.max_running, config.max_waiting),
            timers_changed: Notify::new(),
            draining: CancellationToken::new(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            template,
            config,
            clock,
            workshop,
        });
        sessions.spawn(expiry::sweep(Arc::clone(&sessions)));
        sessions
    }

    /// Executes a script and returns how it went. Dropping the future cancels an ephemeral run and no other.
    ///
    /// # Errors
    /// Refusals change nothing; [`Error::Host`] means the host failed.
    pub async fn run(self: &Arc<Self>, target: Target, spec: RunSpec) -> Result<RunReply, Error> {
        let result = self.run_uncounted(target, spec).await;
        if let Err(error) = &result {
            self.config.meter.runs.refused(error.refusal());
        }
        result
    }

    async fn run_uncounted(self: &Arc<Self>, target: Target, spec: RunSpec) -> Result<RunReply, Error> {
        let id = match target {
            Target::Ephemeral => return ephemeral::run(self, spec).await,
            Target::New => mint()?,
            Target::Session(id) => id,
        };
        self.check_runtime(&id)?;
        let ticket = self.ticket()?;
        self.ask(&id, MayCreate::Yes, |answer| Job::Run { spec, ticket, answer, request: Span::current() }).await
    }

    /// Makes the session's files those of `image`, with a fresh shell; creates it if needed and returns its id. Id,
    /// time of creation, limits and usage stay. Waits for the run in progress.
    ///
    /// # Errors
    /// As [`Sessions::run`]. With [`Error::HostFull`] a session keeps the files and shell it has.
    pub async fn replace(self: &Arc<Self>, target: Target, image: Image) -> Result<SessionId, Error> {
        let (id, is_minted) = match target {
            Target::Ephemeral | Target::New => (mint()?, true),
            Target::Session(id) => (id, false),
        };
        let replaced = self.ask(&id, MayCreate::Yes, |answer| Job::Replace { image: Box::new(image), answer }).await;
        if is_minted && replaced == Err(Error::HostFull) {
            // Nobody has learnt its id.
            self.delete(&id).await;
        }
        replaced.map(|()| id)
    }

    /// Completes the word before byte `cursor` of `line` as the session's shell would. During a run it answers from the
    /// session's files alone, for the shell is busy.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown session; otherwise as [`Sessions::run`].
    pub async fn complete(self: &Arc<Self>, id: &SessionId, line: Bytes, cursor: usize) -> Result<Completion, Error> {
        let busy = {
            let registry = lock(&self.registry);
            if registry.is_running(id) { registry.handle(id).zip(registry.cwd(id)) } else { None }
        };
        match busy.and_then(|(handle, cwd)| Some((handle.view()?, cwd))) {
            Some((view, cwd)) => self.complete_in(Image { tree: view.fork_tree(), cwd }, line, cursor).await,
            None => self.ask(id, MayCreate::No, |answer| Job::Complete { line, cursor, answer }).await,
        }
    }

    /// Completes in a session without history.
    ///
    /// # Errors
    /// As [`Sessions::run`].
    pub async fn complete_fresh(self: &Arc<Self>, line: Bytes, cursor: usize) -> Result<Completion, Error> {
        self.complete_in(self.fresh_image(), line, cursor).await
    }

    async fn complete_in(self: &Arc<Self>, image: Image, line: Bytes, cursor: usize) -> Result<Completion, Error> {
        let ticket = self.ticket()?;
        let (mut answer, reply) = oneshot::channel();
        let sessions = Arc::clone(self);
        self.spawn(async move {
            let admitted = tokio::select! {
                biased;
                () = answer.closed() => return,
                admitted = ticket.admit() => admitted,
            };
            let mut sandbox = match sessions.workshop.sandbox(image) {
                Ok(sandbox) => sandbox,
                Err(error) => {
                    let _ = answer.send(Err(error));
                    return;
                }
            };
            let completed = sandbox.complete(line, cursor).await;
            let _ = answer.send(completed.map_err(|fault| Error::Host(fault.0)));
            sandbox.close().await;
            drop(admitted);
        });
        match reply.await {
            Ok(result) => result,
            Err(_) => Err(Error::Host("the completion's task died".to_owned())),
        }
    }

    /// Ends a session: cancels its run, ends its processes, and returns when they are gone. `false` if there was none.
    pub async fn delete(&self, id: &SessionId) -> bool {
        let removed = lock(&self.registry).remove(id);
        let Some(handle) = removed else { return false };
        handle.close();
        handle.gone().await;
        true
    }

    /// Returns the session's files as they are now, also during a run. Does not count as use.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn export(&self, id: &SessionId) -> Result<Export, Error> {
        let (handle, cwd) = {
            let registry = lock(&self.registry);
            (registry.handle(id).ok_or(Error::NotFound)?, registry.cwd(id).unwrap_or_default())
        };
        let tree = handle.view().map_or_else(|| self.fresh_image().tree, |view| view.fork_tree());
        Ok(Export::new(tree, self.template.clone(), cwd))
    }

    /// Begins an image from the template under the sessions' limits, for [`Sessions::replace`].
    #[must_use]
    pub fn image_builder(&self) -> ImageBuilder {
        ImageBuilder::new(&self.template, &self.config.limits, self.clock.wall())
    }

    /// Begins the inspection of a list of entries by the limits that an image of them will have.
    #[must_use]
    pub fn inspection(&self) -> Inspection {
        Inspection::new(&self.config.limits)
    }

    /// Returns all sessions, the most recently used first.
    #[must_use]
    pub fn list(&self) -> Vec<Info> {
        lock(&self.registry).list()
    }

    /// Returns the number of sessions.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.registry).count()
    }

    /// Returns the host's metrics as of now, in Prometheus' text exposition format 0.0.4.
    #[must_use]
    pub fn metrics(&self) -> String {
        let Host { sessions, runs_running, runs_waiting, .. } = &self.config.meter.host;
        let (running, waiting) = self.admission.load();
        for (gauge, n) in [(sessions, self.count()), (runs_running, running), (runs_waiting, waiting)] {
            gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        }
        self.workshop.sample(&self.config.meter.host);
        self.config.meter.text()
    }

    /// Refuses new runs from now on, and completes when all that were accepted have ended, whoever still waits for them.
    pub async fn drain(&self) {
        self.draining.cancel();
        self.admission.emptied().await;
    }

    /// Tells whether new runs are refused because the host goes down.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Ends everything: refuses new work, cancels all runs, and returns when all processes are gone.
    pub async fn shut_down(&self) {
        self.draining.cancel();
        self.closing.cancel();
        let handles = lock(&self.registry).clear();
        for handle in &handles {
            handle.close();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Puts a job into the session's queue and waits for its answer.
    async fn ask<T>(
        self: &Arc<Self>,
        id: &SessionId,
        may_create: MayCreate,
        job: impl FnOnce(Answer<T>) -> Job,
    ) -> Result<T, Error> {
        let (answer, reply) = oneshot::channel();
        self.submit(id, may_create, job(answer))?;
        reply.await.unwrap_or_else(|_| Err(Error::Host(format!("the driver of session {} died", id.tag()))))
    }

    fn submit(self: &Arc<Self>, id: &SessionId, may_create: MayCreate, job: Job) -> Result<(), Error> {
        let now = self.now();
        let mut driver = None;
        let place = {
            let mut registry = lock(&self.registry);
            // Read under the lock: `shut_down` cancels first and empties the registry afterwards.
            if self.closing.is_cancelled() {
                return Err(Error::ShuttingDown);
            }
            let handle = match registry.handle(id) {
                Some(handle) => handle,
                None if may_create == MayCreate::No => return Err(Error::NotFound),
                None => {
                    let (handle, jobs) = Handle::new(self.config.queue_per_session);
                    let serial = registry.create(id.clone(), b"/".to_vec(), handle.clone(), now)?;
                    driver = Some(Driver::new(Arc::clone(self), id.clone(), serial, &handle, jobs));
                    handle
                }
            };
            let place = handle.jobs.try_reserve_owned().map_err(|refused| match refused {
                TrySendError::Full(_) => Error::SessionBusy,
                TrySendError::Closed(_) => Error::Host(format!("session {} is broken", id.tag())),
            })?;
            registry.accept(id, now)?;
            place
        };
        // Woken only after the lock is free.
        place.send(job);
        if let Some(driver) = driver {
            self.spawn(driver.drive());
        }
        Ok(())
    }

    /// Returns what the session has used of its runtime, or the refusal when that is all of it.
    pub(crate) fn check_runtime(&self, id: &SessionId) -> Result<Duration, Error> {
        let registry = lock(&self.registry);
        let used = registry.runtime(id).unwrap_or_default();
        match self.config.limits.max_runtime {
            Some(max) if used >= max => {
                let cwd = registry.cwd(id).unwrap_or_default();
                Err(Error::RuntimeExceeded { id: Some(id.clone()), cwd, used, max })
            }
            _ => Ok(used),
        }
    }

    pub(crate) fn ticket(&self) -> Result<Ticket, Error> {
        if self.draining.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        self.admission.ticket(self.clock.mono()).ok_or(Error::HostBusy)
    }

    /// Waits for a run's turn and notes how long that took.
    pub(crate) async fn admit(&self, ticket: Ticket) -> Admitted {
        let since = ticket.since;
        let admitted = ticket.admit().await;
        self.config.meter.runs.admitted(self.clock.mono().since(since));
        admitted
    }

    pub(crate) fn fresh_image(&self) -> Image {
        self.image_builder().finish(b"/")
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.workshop.spawn(Box::pin(self.tasks.track_future(task)));
    }

    pub(crate) fn finish(&self, id: &SessionId, serial: u64, delta: Delta) {
        let now = self.now();
        self.with_timers(|registry| registry.finish(id, serial, delta, now));
    }

    pub(crate) fn fail(&self, id: &SessionId, serial: u64) {
        let now = self.now();
        self.with_timers(|registry| registry.fail(id, serial, now));
    }

    pub(crate) fn next_deadline(&self) -> Option<MonoNanos> {
        lock(&self.registry).next_deadline()
    }

    /// Ends the sessions whose time has come. Their drivers end by themselves.
    pub(crate) fn expire_now(&self) {
        let expired = lock(&self.registry).expire(self.clock.mono());
        for (id, handle) in expired {
            tracing::info!(session = id.tag(), "the session expired");
            handle.close();
        }
    }

    /// Changes the registry and wakes the sweeping task if that brought the next deadline nearer.
    fn with_timers(&self, change: impl FnOnce(&mut Registry)) {
        let nearer = {
            let mut registry = lock(&self.registry);
            let before = registry.next_deadline();
            change(&mut registry);
            registry.next_deadline().is_some_and(|after| before.is_none_or(|before| after < before))
        };
        if nearer {
            self.timers_changed.notify_one();
        }
    }

    fn now(&self) -> Now {
        Now { wall: self.clock.wall(), mono: self.clock.mono() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MayCreate {
    Yes,
    No,
}

fn mint() -> Result<SessionId, Error> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| Error::Host(format!("no random numbers: {error}")))?;
    Ok(SessionId::from_random(u128::from_ne_bytes(bits)))
}
