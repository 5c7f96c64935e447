//! The service: all operations on the sessions of one host, as the layers above call them.
//!
//! Each takes the registry's mutex for a few statements and then waits, at most, for the session's driver. Guest code
//! never runs in the caller's task, so a caller may go away at any time. What the operations on files, checkpoints and
//! forks mean is in the files named after them.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Clock, Limits, MonoNanos, SessionId, SessionKey, TenantId};
use bytes::Bytes;
use crontab::Crontab;
use meter::Host;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Span;
use vfs::Tree;

use crate::admission::{Admission, Admitted, Ticket};
use crate::config::SessionConfig;
use crate::cron::Scheduler;
use crate::driver::{Answer, Driver, Handle, Job, Origin};
use crate::error::Error;
use crate::export::Export;
use crate::image::{Image, ImageBuilder};
use crate::import::Inspection;
use crate::lifecycle::Phase;
use crate::persistence::Persistence;
use crate::registry::{Beginning, Delta, Info, Now, Registry, Update};
use crate::run::{Completion, RunReply, RunSpec, Target};

use crate::sandbox::Workshop;
use crate::settings::Settings;
use crate::sync::lock;
use crate::{ephemeral, timers};

/// All sessions of one host.
pub struct Sessions {
    pub(crate) config: SessionConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) workshop: Arc<dyn Workshop>,
    pub(crate) timers_changed: Notify,
    pub(crate) cron: Scheduler,
    /// Cancelled once, when no more runs are taken.
    draining: CancellationToken,
    /// Cancelled once, when the host goes down.
    pub(crate) closing: CancellationToken,
    pub(crate) template: Tree,
    pub(crate) persistence: Option<Persistence>,
    default_settings: Arc<Settings>,
    admission: Admission,
    tasks: TaskTracker,
    // Protects who exists; held for a few statements, never over an await or another lock.
    registry: Mutex<Registry>,
}

/// One session for who looks at all of them: copies, so that no lock is held while it is used.
pub struct SessionView {
    /// Which one.
    pub key: SessionKey,
    /// Its files of this moment.
    pub tree: Tree,
    /// Its working directory.
    pub cwd: Vec<u8>,
}

impl Sessions {
    /// Creates an empty set of sessions that start from `template`, and the task that serves their timers.
    #[must_use]
    pub fn start(
        config: SessionConfig,
        clock: Arc<dyn Clock>,
        workshop: Arc<dyn Workshop>,
        template: Tree,
    ) -> Arc<Self> {
        Self::begin(config, clock, workshop, template, None)
    }

    pub(crate) fn begin(
        config: SessionConfig,
        clock: Arc<dyn Clock>,
        workshop: Arc<dyn Workshop>,
        template: Tree,
        persistence: Option<Persistence>,
    ) -> Arc<Self> {
        let sessions = Arc::new(Self {
            persistence,
            registry: Mutex::new(Registry::new(config.max_sessions)),
            admission: Admission::new(config.max_running, config.max_waiting),
            cron: Scheduler::new(clock.wall()),
            default_settings: Arc::new(Settings::of(&config)),
            timers_changed: Notify::new(),
            draining: CancellationToken::new(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            template,
            config,
            clock,
            workshop,
        });
        sessions.spawn(timers::serve(Arc::clone(&sessions)));
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
        let key = match target {
            Target::Ephemeral => return ephemeral::run(self, spec).await,
            Target::New(tenant) => SessionKey { tenant, id: mint()? },
            Target::Session(key) => key,
        };
        if lock(&self.registry).get(&key).is_some() {
            self.check_runtime(&key)?;
        }
        let ticket = self.ticket()?;
        self.ask(&key, MayCreate::Yes, |answer| Job::Run { spec, ticket, answer, request: Span::current() }).await
    }

    /// Creates a session of a tenant's: with a minted id unless one is given, as the template unless an image is given.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::TooManySessions`], [`Error::Settings`], [`Error::Storage`], [`Error::HostFull`];
    /// nothing has changed then.
    pub async fn create(
        self: &Arc<Self>,
        tenant: TenantId,
        id: Option<SessionId>,
        settings: Option<Settings>,
        image: Option<Image>,
    ) -> Result<Info, Error> {
        let key = SessionKey { tenant, id: id.map_or_else(mint, Ok)? };
        let settings = match settings {
            Some(settings) => Arc::new(settings),
            None => Arc::clone(&self.default_settings),
        };
        settings.check()?;
        let origin = match image {
            Some(image) => self.admit_image(image, &settings.limits)?,
            None => Origin::Template,
        };
        self.begin_session(&key, settings, origin, Phase::Hibernated)?;
        self.keep_new(&key).await?;
        self.get_existing(&key).ok_or(Error::NotFound)
    }

    /// Attaches to a session, which is created if it does not exist; that counts as use.
    ///
    /// # Errors
    /// [`Error::TooManySessions`] when it does not exist and there are as many as may be.
    pub async fn get_or_create(self: &Arc<Self>, key: &SessionKey) -> Result<Info, Error> {
        let now = self.now();
        let attached = {
            let mut registry = lock(&self.registry);
            registry.touch(key, now).then(|| registry.info(key)).flatten()
        };
        if let Some(info) = attached {
            self.timers_changed.notify_one();
            return Ok(info);
        }
        match self.create(key.tenant.clone(), Some(key.id.clone()), None, None).await {
            // Somebody else was first.
            Err(Error::Exists) => lock(&self.registry).info(key).ok_or(Error::NotFound),
            other => other,
        }
    }

    /// Returns a session's row, if it exists. That is no use of it.
    #[must_use]
    pub fn get_existing(&self, key: &SessionKey) -> Option<Info> {
        lock(&self.registry).info(key)
    }

    /// Begins a session's idle time anew.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn touch(&self, key: &SessionKey) -> Result<Info, Error> {
        let now = self.now();
        let mut touched = None;
        self.with_timers(|registry| touched = registry.touch(key, now).then(|| registry.info(key)).flatten());
        touched.ok_or(Error::NotFound)
    }

    /// Gives a session other names, labels and spans of life. Its limits do not change.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Settings`].
    pub fn set_settings(&self, key: &SessionKey, settings: Settings) -> Result<Info, Error> {
        settings.check()?;
        let mut changed = Err(Error::NotFound);
        self.with_timers(|registry| {
            changed = registry.get(key).map(|entry| entry.settings.limits.clone()).ok_or(Error::NotFound).and_then(
                |limits| {
                    registry.set_settings(key, Arc::new(Settings { limits, ..settings }))?;
                    registry.info(key).ok_or(Error::NotFound)
                },
            );
        });
        changed
    }

    /// Makes the session's files those of `image`, with a fresh shell; creates it if needed and returns its id. Id,
    /// time of creation, limits and usage stay. Waits for the run in progress.
    ///
    /// # Errors
    /// As [`Sessions::run`]; [`Error::Storage`] when the image exceeds the session's quotas. With [`Error::HostFull`] a
    /// session keeps the files and shell it has.
    pub async fn replace(self: &Arc<Self>, target: Target, image: Image) -> Result<SessionId, Error> {
        let (key, is_minted) = match target {
            Target::Ephemeral => (SessionKey::of_default(mint()?), true),
            Target::New(tenant) => (SessionKey { tenant, id: mint()? }, true),
            Target::Session(key) => (key, false),
        };
        let limits = match lock(&self.registry).get(&key) {
            Some(entry) => entry.settings.limits.clone(),
            None => self.config.limits.clone(),
        };
        validate_fs(&image.tree, &limits)?;
        let replaced = self.ask(&key, MayCreate::Yes, |answer| Job::Replace { image: Box::new(image), answer }).await;
        if is_minted && replaced == Err(Error::HostFull) {
            // Nobody has learnt its id.
            self.delete(&key).await;
        }
        replaced.map(|()| key.id)
    }

    /// Completes the word before byte `cursor` of `line` as the session's shell would. During a run it answers from the
    /// session's files and its last saved state, for the shell is busy.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown session; otherwise as [`Sessions::run`].
    pub async fn complete(self: &Arc<Self>, key: &SessionKey, line: Bytes, cursor: usize) -> Result<Completion, Error> {
        let busy = {
            let registry = lock(&self.registry);
            registry.get(key).filter(|entry| entry.is_running()).map(|entry| entry.handle.clone())
        };
        match busy.and_then(|handle| handle.image()) {
            Some(image) => self.complete_in(image, line, cursor).await,
            None => self.ask(key, MayCreate::No, |answer| Job::Complete { line, cursor, answer }).await,
        }
    }

    /// Completes in a session without history.
    ///
    /// # Errors
    /// As [`Sessions::run`].
    pub async fn complete_fresh(self: &Arc<Self>, line: Bytes, cursor: usize) -> Result<Completion, Error> {
        self.complete_in(self.fresh_image(&self.config.limits), line, cursor).await
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
            let mut sandbox = match sessions.workshop.sandbox(image, &sessions.config.limits) {
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

    /// Puts an idle session's processes and shell away; answers whether they are, which a session with background jobs or
    /// open descriptors refuses. Waits for the run in progress.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of a full queue.
    pub async fn hibernate(self: &Arc<Self>, key: &SessionKey) -> Result<bool, Error> {
        self.ask(key, MayCreate::No, |answer| Job::Hibernate { answer: Some(answer) }).await
    }

    /// Ends a session: cancels its run, ends its processes, and returns when they are gone. `false` if there was none.
    pub async fn delete(&self, key: &SessionKey) -> bool {
        let removed = self.with_registry(|registry| {
            let handle = registry.remove(key)?;
            if self.persistence.is_some() {
                registry.begin_ending(key);
            }
            Some(handle)
        });
        let Some(handle) = removed else { return false };
        handle.close();
        handle.gone().await;
        self.forget(key).await;
        true
    }

    /// Returns the row of that very session, and whether it has cron jobs.
    pub(crate) fn info_of(&self, key: &SessionKey, serial: u64) -> Option<(Info, bool)> {
        let registry = lock(&self.registry);
        let entry = registry.get(key).filter(|entry| entry.serial == serial)?;
        Some((registry.info(key)?, entry.cron.is_some()))
    }

    /// Returns the session's files as they are now, also during a run. Does not count as use.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn export(self: &Arc<Self>, key: &SessionKey) -> Result<Export, Error> {
        let image = self.image(key).await?;
        Ok(Export::new(image.tree, self.template.clone(), image.memory.cwd))
    }

    /// Returns the session as it is now: its files of this moment and its shell's last saved state.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn image(self: &Arc<Self>, key: &SessionKey) -> Result<Image, Error> {
        let (handle, limits) = {
            let registry = lock(&self.registry);
            let entry = registry.get(key).ok_or(Error::NotFound)?;
            (entry.handle.clone(), entry.settings.limits.clone())
        };
        if handle.image().is_none() && self.persistence.is_some() {
            self.ask(key, MayCreate::No, |answer| Job::Show { answer }).await?;
        }
        Ok(handle.image().unwrap_or_else(|| self.fresh_image(&limits)))
    }

    /// Returns copies of key, files and working directory of all sessions of all tenants.
    #[must_use]
    pub fn views(&self) -> Vec<SessionView> {
        let handles = lock(&self.registry).handles();
        let view = |(key, (handle, cwd)): (SessionKey, (Handle, Vec<u8>))| {
            let tree = handle.view().map_or_else(|| self.template.clone(), |view| view.fork_tree());
            SessionView { key, tree, cwd }
        };
        handles.into_iter().map(view).collect()
    }

    /// Changes what is known of a session beside its content; no effect on one that does not exist.
    pub fn update(&self, key: &SessionKey, update: Update) {
        lock(&self.registry).update(key, update);
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

    /// Returns a tenant's sessions, the most recently used first.
    #[must_use]
    pub fn list(&self, tenant: &TenantId) -> Vec<Info> {
        lock(&self.registry).list(tenant)
    }

    /// Returns the number of sessions of all tenants.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.registry).count()
    }

    /// Returns what a session gets that asks for nothing.
    #[must_use]
    pub fn default_settings(&self) -> &Settings {
        &self.default_settings
    }

    /// Returns a session's table of cron jobs; `None` when it has none.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn crontab(&self, key: &SessionKey) -> Result<Option<Arc<Crontab>>, Error> {
        lock(&self.registry).get(key).map(|entry| entry.cron.clone()).ok_or(Error::NotFound)
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

    /// Returns the host's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
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
    pub(crate) async fn ask<T>(
        self: &Arc<Self>,
        key: &SessionKey,
        may_create: MayCreate,
        job: impl FnOnce(Answer<T>) -> Job,
    ) -> Result<T, Error> {
        let (answer, reply) = oneshot::channel();
        self.submit(key, may_create, job(answer))?;
        reply.await.unwrap_or_else(|_| Err(Error::Host(format!("the driver of session {} died", key.id.tag()))))
    }

    /// Puts a job of the host's own into an existing session's queue.
    pub(crate) fn submit_internal(self: &Arc<Self>, key: &SessionKey, job: Job) -> Result<(), Error> {
        self.submit(key, MayCreate::No, job)
    }

    fn submit(self: &Arc<Self>, key: &SessionKey, may_create: MayCreate, job: Job) -> Result<(), Error> {
        let now = self.now();
        if may_create == MayCreate::Yes && lock(&self.registry).get(key).is_none() {
            match self.begin_session(key, Arc::clone(&self.default_settings), Origin::Template, Phase::Idle) {
                // Somebody else was first.
                Ok(_) | Err(Error::Exists) => {}
                Err(error) => return Err(error),
            }
        }
        let place = {
            let mut registry = lock(&self.registry);
            // Read under the lock: `shut_down` cancels first and empties the registry afterwards.
            if self.closing.is_cancelled() {
                return Err(Error::ShuttingDown);
            }
            let handle = registry.handle(key).ok_or(Error::NotFound)?;
            let place = handle.jobs.try_reserve_owned().map_err(|refused| match refused {
                TrySendError::Full(_) => Error::SessionBusy,
                TrySendError::Closed(_) => Error::Broken,
            })?;
            registry.accept(key, job.is_use(), now)?;
            place
        };
        // Woken only after the lock is free.
        place.send(job);
        Ok(())
    }

    /// Makes the entry and the driver of a session.
    pub(crate) fn begin_session(
        self: &Arc<Self>,
        key: &SessionKey,
        settings: Arc<Settings>,
        origin: Origin,
        phase: Phase,
    ) -> Result<Handle, Error> {
        let now = self.now();
        let (handle, jobs) = Handle::new(self.config.queue_per_session);
        let (cwd, rc_loaded) = match &origin {
            Origin::Image(image, _) => (image.memory.cwd.clone(), image.memory.rc_loaded),
            Origin::Template | Origin::Store => (b"/".to_vec(), false),
        };
        let mut created = Ok(0);
        self.with_timers(|registry| {
            created = if self.closing.is_cancelled() {
                Err(Error::ShuttingDown)
            } else if registry.get(key).is_some() {
                Err(Error::Exists)
            } else {
                registry.create(key.clone(), Beginning { handle: handle.clone(), settings, cwd, phase }, now)
            };
            registry.update(key, Update { rc_loaded: rc_loaded && created.is_ok(), ..Update::default() });
        });
        let driver = Driver::new(Arc::clone(self), key.clone(), created?, (&handle, jobs), origin);
        self.spawn(driver.drive());
        Ok(handle)
    }

    /// Checks an image for a session of these limits and reserves memory for it.
    pub(crate) fn admit_image(&self, mut image: Image, limits: &Limits) -> Result<Origin, Error> {
        validate_fs(&image.tree, limits)?;
        image.tree.set_quota(limits.into());
        let reserved = self.workshop.reserve(image.tree.usage().footprint)?;
        Ok(Origin::Image(Box::new(image), Some(reserved)))
    }

    /// Returns what the session has used of its runtime and its settings.
    pub(crate) fn usage_and_settings(&self, key: &SessionKey) -> Result<(Duration, Arc<Settings>), Error> {
        let registry = lock(&self.registry);
        let entry = registry.get(key).ok_or(Error::Closed)?;
        Ok((entry.runtime(), Arc::clone(&entry.settings)))
    }

    /// As [`Sessions::usage_and_settings`], or the refusal when all its runtime is used.
    pub(crate) fn check_runtime(&self, key: &SessionKey) -> Result<(Duration, Arc<Settings>), Error> {
        let registry = lock(&self.registry);
        let entry = registry.get(key).ok_or(Error::Closed)?;
        let used = entry.runtime();
        entry.settings.limits.validate_runtime(used).map_err(|exceeded| Error::RuntimeExceeded {
            id: Some(key.id.clone()),
            cwd: entry.cwd().to_vec(),
            used: exceeded.used,
            max: exceeded.max,
        })?;
        Ok((used, Arc::clone(&entry.settings)))
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

    /// Returns the template as a session of these limits begins with it.
    pub(crate) fn fresh_image(&self, limits: &Limits) -> Image {
        ImageBuilder::new(&self.template, limits, self.clock.wall()).finish(b"/")
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.workshop.spawn(Box::pin(self.tasks.track_future(task)));
    }

    pub(crate) fn finish(&self, key: &SessionKey, serial: u64, delta: Delta) {
        let now = self.now();
        self.with_timers(|registry| registry.finish(key, serial, delta, now));
    }

    pub(crate) fn fail(&self, key: &SessionKey, serial: u64) {
        let now = self.now();
        self.with_timers(|registry| registry.fail(key, serial, now));
    }

    /// Notes a session's table of cron jobs.
    pub(crate) fn set_cron(&self, key: &SessionKey, serial: u64, table: Option<Arc<Crontab>>) {
        let now = self.now();
        self.with_timers(|registry| {
            if !registry.has_crontabs() {
                // Nothing could be due before there was a table.
                self.cron.skip_to(now.wall);
            }
            registry.set_cron(key, serial, table);
        });
    }

    pub(crate) fn crontabs(&self) -> Vec<(SessionKey, Arc<Crontab>)> {
        lock(&self.registry).crontabs()
    }

    /// Changes a session's entry under the lock.
    pub(crate) fn with_registry<R>(&self, act: impl FnOnce(&mut Registry) -> R) -> R {
        act(&mut lock(&self.registry))
    }

    /// Returns when something is to be done: a session's timer, or the next minute if there are cron jobs.
    pub(crate) fn next_deadline(&self) -> Option<MonoNanos> {
        next_deadline(&lock(&self.registry), self.now())
    }

    /// Changes the registry and wakes the timers' task if that brought the next deadline nearer.
    fn with_timers(&self, change: impl FnOnce(&mut Registry)) {
        let nearer = {
            let mut registry = lock(&self.registry);
            let before = next_deadline(&registry, self.now());
            change(&mut registry);
            next_deadline(&registry, self.now()).is_some_and(|after| before.is_none_or(|before| after < before))
        };
        if nearer {
            self.timers_changed.notify_one();
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now { wall: self.clock.wall(), mono: self.clock.mono() }
    }
}

fn next_deadline(registry: &Registry, now: Now) -> Option<MonoNanos> {
    let minute = registry.has_crontabs().then(|| Scheduler::next_boundary(now));
    [registry.next_deadline(), minute].into_iter().flatten().min()
}

/// Judges a whole tree that arrives at once by the quotas on files and bytes. Directories and what is the template's count
/// as none.
///
/// # Errors
/// [`Error::Storage`].
pub fn validate_fs(tree: &Tree, limits: &Limits) -> Result<(), Error> {
    let usage = tree.usage();
    Ok(limits.validate_fs(usage.files, usage.bytes)?)
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MayCreate {
    Yes,
    No,
}

/// Makes an id of 128 random bits.
pub(crate) fn mint() -> Result<SessionId, Error> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| Error::Host(format!("no random numbers: {error}")))?;
    Ok(SessionId::from_random(u128::from_ne_bytes(bits)))
}
