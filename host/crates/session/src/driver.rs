//! The one task that drives a session: it owns the session's content and executes its jobs one after the other.
//!
//! Everybody else holds a [`Handle`]: a bounded queue, a way to end the session, and a view of its content. A driver that
//! dies marks its session broken; it is never silently gone.

use std::sync::{Arc, Mutex};

use base::SessionKey;
use bytes::Bytes;
use crontab::Crontab;
use engine::{After, Before};
use store::Expect;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};
use vfs::Quota;

use crate::admission::Ticket;
use crate::content::{Content, Shown};
use crate::cron::{self, CronJob, Instance, Reread, Table};
use crate::ephemeral::{self, Terms};
use crate::error::Error;
use crate::image::{Image, Memory};
use crate::rc;
use crate::record::Record;
use crate::registry::{Delta, Update};
use crate::run::{Completion, RunReply, RunSpec};
use crate::sandbox::{Reservation, Sandbox, View};
use crate::sessions::Sessions;
use crate::settings::Settings;
use crate::sync::lock;

/// What can be asked of a session. Each is answered exactly once, or its answer's sender is dropped.
pub(crate) enum Job {
    /// Execute a script; what it logs belongs to the request.
    Run { spec: RunSpec, ticket: Ticket, answer: Answer<RunReply>, request: Span },
    /// Execute a cron job and log it.
    Cron { job: CronJob, ticket: Ticket, instance: Instance },
    /// Log why a cron job is not executed.
    CronNote { job: CronJob, why: &'static str },
    /// Put another image in the place of files and shell.
    Replace { image: Box<Image>, answer: Answer<()> },
    /// Complete a word.
    Complete { line: Bytes, cursor: usize, answer: Answer<Completion> },
    /// Make the session's content visible, from the store if it is there alone.
    Show { answer: Answer<()> },
    /// Commit the session as it is.
    Keep { answer: Answer<()> },
    /// Put processes and shell away, if that loses nothing; answers whether it did.
    Hibernate { answer: Option<Answer<bool>> },
}

/// Where a job's result goes; the receiver may have gone away.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Error>>;

impl Job {
    /// Tells whether it counts as use of the session.
    pub(crate) fn is_use(&self) -> bool {
        matches!(self, Self::Run { .. } | Self::Replace { .. } | Self::Complete { .. })
    }

    fn refuse(self, error: Error) {
        match self {
            Self::Run { answer, .. } => drop(answer.send(Err(error))),
            Self::Replace { answer, .. } => drop(answer.send(Err(error))),
            Self::Complete { answer, .. } => drop(answer.send(Err(error))),
            Self::Show { answer } | Self::Keep { answer } => drop(answer.send(Err(error))),
            Self::Hibernate { answer: Some(answer) } => drop(answer.send(Err(error))),
            Self::Cron { .. } | Self::CronNote { .. } | Self::Hibernate { answer: None } => {}
        }
    }
}

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
    // Protects what others may see; none until the session's content is made.
    shown: Mutex<Option<Shown>>,
}

impl Handle {
    /// Makes a handle and the receiving end of its queue.
    pub(crate) fn new(queue: usize) -> (Self, mpsc::Receiver<Job>) {
        let (jobs, receiver) = mpsc::channel(queue.max(1));
        let shared =
            Shared { closing: CancellationToken::new(), gone: CancellationToken::new(), shown: Mutex::new(None) };
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

    /// Returns the view of the session's files, if it has content yet.
    pub(crate) fn view(&self) -> Option<Arc<dyn View>> {
        lock(&self.shared.shown).as_ref().map(|shown| Arc::clone(&shown.view))
    }

    /// Returns the session as it is: its files of this moment and its shell's last saved state. `None` if it has no
    /// content yet.
    pub(crate) fn image(&self) -> Option<Image> {
        let shown = lock(&self.shared.shown).clone()?;
        Some(Image { tree: shown.view.fork_tree(), memory: shown.memory, base: shown.base })
    }
}

/// The driver's side of one session.
pub(crate) struct Driver {
    sessions: Arc<Sessions>,
    key: SessionKey,
    serial: u64,
    shared: Arc<Shared>,
    jobs: mpsc::Receiver<Job>,
    content: Content,
    table: Table,
    // The version the store has; none before the first commit.
    version: Option<u64>,
}

/// What a session begins with.
pub(crate) enum Origin {
    /// The template.
    Template,
    /// An image, and the host's memory that is reserved for it.
    Image(Box<Image>, Option<Reservation>),
    /// What the store has.
    Store,
}

impl Driver {
    /// Makes the driver of a session.
    pub(crate) fn new(
        sessions: Arc<Sessions>,
        key: SessionKey,
        serial: u64,
        (handle, jobs): (&Handle, mpsc::Receiver<Job>),
        origin: Origin,
    ) -> Self {
        let clock = Arc::clone(&sessions.clock);
        let content = match origin {
            Origin::Template => Content::begin(clock, None),
            Origin::Image(image, reserved) => Content::begin(clock, Some((*image, reserved))),
            Origin::Store => Content::kept(clock),
        };
        let shared = Arc::clone(&handle.shared);
        let driver = Self { sessions, key, serial, shared, jobs, content, table: Table::default(), version: None };
        driver.show();
        driver
    }

    /// Serves the queue until the session is closed, then ends its processes.
    pub(crate) async fn drive(mut self) {
        let mut watch = DeathWatch {
            sessions: Arc::clone(&self.sessions),
            key: self.key.clone(),
            serial: self.serial,
            shared: Arc::clone(&self.shared),
            ended_well: false,
        };
        if let Some(table) = self.read_table() {
            cron::fire_at_start(&self.sessions, &self.key, &table);
        }
        while let Some(job) = self.next_job().await {
            self.execute(job).await;
        }
        self.refuse_waiting().await;
        lock(&self.shared.shown).take();
        self.content.close().await;
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
                let span = tracing::info_span!(parent: &request, "run", session = self.key.id.tag());
                let result = self.run(spec, ticket).instrument(span).await;
                let delta = Delta { is_use: true, ..Delta::of_run(result.as_ref().ok(), true) };
                let kept = self.finish_and_keep(delta).await;
                let _ = answer.send(result.and_then(|reply| kept.map(|()| reply)));
            }
            Job::Cron { job, ticket, instance } => {
                let result = self.run_cron(&job, ticket).await;
                self.finish_quietly(Delta::of_run(result.as_ref().ok(), false)).await;
                drop(instance);
            }
            Job::CronNote { job, why } => {
                if self.load().await.is_ok() {
                    self.log_cron(|view| job.log_note(view, why));
                }
                self.finish_quietly(Delta::default()).await;
            }
            Job::Replace { image, answer } => {
                let (cwd, rc_loaded) = (image.memory.cwd.clone(), image.memory.rc_loaded);
                let replaced = self.replace(*image).await;
                let mut delta = Delta { is_use: true, ..Delta::default() };
                if replaced.is_ok() {
                    delta.update = Update { cwd: Some(cwd), rc_loaded, ..Update::default() };
                    delta.rc_forgotten = true;
                }
                let kept = self.finish_and_keep(delta).await;
                let _ = answer.send(replaced.and(kept));
            }
            Job::Complete { line, cursor, answer } => {
                let result = self.complete(line, cursor).await;
                self.finish(Delta { is_use: true, ..Delta::default() });
                let _ = answer.send(result);
            }
            Job::Show { answer } => {
                let result = self.load().await;
                self.finish(Delta::default());
                let _ = answer.send(result);
            }
            Job::Keep { answer } => {
                let result = self.finish_and_keep(Delta::default()).await;
                let _ = answer.send(result);
            }
            Job::Hibernate { answer } => {
                let result = self.content.put_away(&*self.sessions.workshop).await;
                // What background jobs have written since the last commit.
                if self.content.has_changed_files() {
                    self.finish_quietly(Delta::default()).await;
                } else {
                    self.finish(Delta::default());
                }
                if let Some(answer) = answer {
                    let _ = answer.send(result);
                }
            }
        }
    }

    /// Ends a job: what others see is what is now.
    fn finish(&mut self, delta: Delta) {
        self.show();
        self.read_table();
        let rests = self.content.is_put_away();
        self.sessions.finish(&self.key, self.serial, Delta { rests, ..delta });
    }

    /// Ends a job and waits until the store has what it did.
    async fn finish_and_keep(&mut self, delta: Delta) -> Result<(), Error> {
        self.finish(delta);
        self.keep().await
    }

    /// Ends a job of the host's own; that it is not durable is said in the log.
    async fn finish_quietly(&mut self, delta: Delta) {
        if let Err(error) = self.finish_and_keep(delta).await {
            tracing::error!(session = self.key.id.tag(), "what a job did is not durable: {error}");
        }
    }

    /// Commits the session as it is, if sessions are kept.
    async fn keep(&mut self) -> Result<(), Error> {
        let sessions = Arc::clone(&self.sessions);
        let Some(persistence) = &sessions.persistence else { return Ok(()) };
        if self.content.is_kept() {
            return Ok(());
        }
        // Deleted meanwhile: there is nothing to keep.
        let Some((info, has_cron)) = sessions.info_of(&self.key, self.serial) else { return Ok(()) };
        let image = match self.content.image() {
            Some(image) => image,
            None => sessions.fresh_image(&info.settings.limits),
        };
        let aliases_known = image.memory.aliases.is_known(&image.tree);
        let record = Record::of(&info, &image.memory, aliases_known, has_cron);
        let ending = sessions.with_registry(|registry| registry.ending(&self.key));
        if let Some(ending) = ending.filter(|_| self.version.is_none()) {
            ending.cancelled().await;
        }
        let expect = self.version.map_or(Expect::Absent, Expect::Version);
        let kept = persistence.commit(&self.key, expect, &image, record, info.settings.durability).await?;
        self.version = Some(kept.version);
        self.content.set_base(kept.base);
        self.show();
        Ok(())
    }

    /// Reads the session's content from the store, if it is there alone.
    async fn load(&mut self) -> Result<(), Error> {
        let sessions = Arc::clone(&self.sessions);
        let Some(persistence) = sessions.persistence.as_ref().filter(|_| self.content.is_kept()) else {
            return Ok(());
        };
        let (_, settings) = sessions.usage_and_settings(&self.key)?;
        let revived = persistence.revive(&self.key, Quota::from(&settings.limits)).await?;
        let reserved = sessions.workshop.reserve(revived.image.tree.usage().footprint)?;
        self.version = Some(revived.kept.version);
        self.content.load(revived.image, reserved);
        self.show();
        if let Some(table) = self.read_table() {
            cron::fire_at_start(&self.sessions, &self.key, &table);
        }
        Ok(())
    }

    fn show(&self) {
        *lock(&self.shared.shown) = self.content.shown();
    }

    /// Takes a changed table of cron jobs over, logs its bad lines, and answers it.
    fn read_table(&mut self) -> Option<Arc<Crontab>> {
        let view = self.content.view()?;
        let Reread::Changed(table) = self.table.reread(&*view) else { return None };
        if let Some(table) = &table {
            cron::log_bad_lines(&*view, table, self.sessions.clock.wall());
        }
        self.sessions.set_cron(&self.key, self.serial, table.clone());
        table
    }

    async fn run(&mut self, spec: RunSpec, ticket: Ticket) -> Result<RunReply, Error> {
        let closing = self.shared.closing.clone();
        let admitted = tokio::select! {
            biased;
            () = closing.cancelled() => return Err(self.closed()),
            admitted = self.sessions.admit(ticket) => admitted,
        };
        let (used, settings) = self.sessions.check_runtime(&self.key)?;
        let sessions = Arc::clone(&self.sessions);
        self.load().await?;
        let (sandbox, memory) = self.awake(&settings)?;
        let mut before = Before::default();
        let view = sandbox.view();
        memory.aliases.read_before(&*view, &mut before);
        if !std::mem::replace(&mut memory.rc_loaded, true) {
            rc::read_rc_before(&*view, &mut before);
        }
        let terms = Terms { limits: &settings.limits, used, before, after: After::Keep };
        let mut reply = ephemeral::execute(&sessions, sandbox, spec, terms, closing.cancelled()).await?;
        memory.cwd.clone_from(&reply.cwd);
        memory.state = sandbox.state();
        if let Some(complaint) = memory.aliases.write_after(&memory.state, &*view) {
            reply.complain(&complaint);
        }
        drop(admitted);
        reply.session = Some(self.key.id.clone());
        Ok(reply)
    }

    /// Executes a cron job in the session and logs how it went; the shell is afterwards as it was.
    async fn run_cron(&mut self, job: &CronJob, ticket: Ticket) -> Result<RunReply, Error> {
        let result = self.run_apart(job, ticket).await;
        self.log_cron(|view| match &result {
            Ok(reply) => job.log_run(view, reply, cron::failure(reply).as_deref()),
            Err(error) => job.log_note(view, &cron::refusal(error)),
        });
        result
    }

    async fn run_apart(&mut self, job: &CronJob, ticket: Ticket) -> Result<RunReply, Error> {
        let closing = self.shared.closing.clone();
        let admitted = tokio::select! {
            biased;
            () = closing.cancelled() => return Err(self.closed()),
            admitted = self.sessions.admit(ticket) => admitted,
        };
        let (used, settings) = self.sessions.check_runtime(&self.key)?;
        let sessions = Arc::clone(&self.sessions);
        self.load().await?;
        let (sandbox, _) = self.awake(&settings)?;
        let terms = Terms { limits: &settings.limits, used, before: job.before(), after: After::Discard };
        let reply = ephemeral::execute(&sessions, sandbox, job.spec(), terms, closing.cancelled()).await;
        drop(admitted);
        reply
    }

    fn log_cron(&self, log: impl FnOnce(&dyn View) -> Result<(), base::Errno>) {
        let Some(view) = self.content.view() else { return };
        if let Err(errno) = log(&*view) {
            tracing::debug!(session = self.key.id.tag(), "a cron job was not logged: {errno}");
        }
    }

    async fn complete(&mut self, line: Bytes, cursor: usize) -> Result<Completion, Error> {
        let (_, settings) = self.sessions.usage_and_settings(&self.key)?;
        self.load().await?;
        let (sandbox, _) = self.awake(&settings)?;
        sandbox.complete(line, cursor).await.map_err(|fault| Error::Host(fault.0))
    }

    /// Puts a new sandbox in the place of the old one, which goes on when there is no room for the new.
    async fn replace(&mut self, image: Image) -> Result<(), Error> {
        let (_, settings) = self.sessions.usage_and_settings(&self.key)?;
        self.load().await?;
        self.content.replace(image, &*self.sessions.workshop, &settings.limits).await
    }

    /// Wakes the session's content, which others see from then on.
    fn awake(&mut self, settings: &Settings) -> Result<(&mut dyn Sandbox, &mut Memory), Error> {
        let is_new = self.content.wake(&self.sessions, &settings.limits)?;
        if is_new {
            self.show();
        }
        self.content.parts()
    }

    async fn refuse_waiting(&mut self) {
        self.jobs.close();
        // Places that were reserved before the close are still filled or given back, so this ends.
        while let Some(job) = self.jobs.recv().await {
            job.refuse(self.closed());
        }
    }

    fn closed(&self) -> Error {
        if self.sessions.closing.is_cancelled() { Error::ShuttingDown } else { Error::Closed }
    }
}

impl Delta {
    /// Returns what a run changes; one that was refused changes nothing.
    fn of_run(reply: Option<&RunReply>, keeps_shell: bool) -> Self {
        let Some(reply) = reply else { return Self::default() };
        let cwd = keeps_shell.then(|| reply.cwd.clone());
        let update = Update { cwd, rc_loaded: keeps_shell, runtime: reply.usage.wall, ..Update::default() };
        Self { update, ..Self::default() }
    }
}

/// Reports the end of a driver, also one by panic.
struct DeathWatch {
    sessions: Arc<Sessions>,
    key: SessionKey,
    serial: u64,
    shared: Arc<Shared>,
    ended_well: bool,
}

impl Drop for DeathWatch {
    fn drop(&mut self) {
        if !self.ended_well {
            tracing::error!(session = self.key.id.tag(), "the session's driver died; the session is broken");
            self.sessions.fail(&self.key, self.serial);
        }
        self.shared.gone.cancel();
    }
}
