//! What a session's driver needs of the layer below, as a narrow trait: the engine implements it, and a test's fake.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base::{Errno, Limits, Outcome, Usage};
use bytes::Bytes;
use engine::{After, Before, ShellState};
use kernel::{Run, Stdin};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vfs::Tree;

use crate::error::Error;
use crate::image::Image;
use crate::run::Completion;

/// A boxed future, for traits used as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Ends a run from outside; cloned freely.
pub type Cancel = CancellationToken;

/// The host failed; the text goes to the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

/// Makes sandboxes and runs the tasks that own them.
pub trait Workshop: Send + Sync {
    /// Makes a sandbox over `image` under `limits`. Cheap: no guest code runs here.
    ///
    /// # Errors
    /// [`Error::HostFull`] when the host has no room for the image's files.
    fn sandbox(&self, image: Image, limits: &Limits) -> Result<Box<dyn Sandbox>, Error>;
    /// Reserves memory of the host for what is kept outside of sandboxes, until the reservation is dropped.
    ///
    /// # Errors
    /// [`Error::HostFull`].
    fn reserve(&self, bytes: u64) -> Result<Reservation, Error>;
    /// Sets the gauges of what all sandboxes hold together; a workshop that holds nothing leaves them as they are.
    fn sample(&self, _host: &meter::Host) {}
    /// Runs `task` where guest code may run.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

/// One session's processes and files, owned by its driver.
pub trait Sandbox: Send {
    /// Returns the part that others may look at while a run is going on.
    fn view(&self) -> Arc<dyn View>;
    /// Executes one script to its end, whatever that end is.
    fn run(&mut self, run: SandboxRun) -> BoxFuture<'_, Result<SandboxReport, Fault>>;
    /// Completes the word before byte `cursor` of `line`.
    fn complete(&mut self, line: Bytes, cursor: usize) -> BoxFuture<'_, Result<Completion, Fault>>;
    /// Returns what the shell remembers, as of the last run that ended well.
    fn state(&self) -> ShellState;
    /// Tells whether closing it would lose nothing but what [`View::fork_tree`], [`Sandbox::state`] and the working
    /// directory tell: no process but the shell, no descriptor beyond the standard ones.
    fn is_at_rest(&self) -> bool;
    /// Ends all processes and completes when they are gone.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// What may be seen of a sandbox at any time.
pub trait View: Send + Sync {
    /// Returns the files as they are now; O(1).
    fn fork_tree(&self) -> Tree;
    /// Calls `look` with the files, which do not change meanwhile: keep it short.
    fn look(&self, look: &mut dyn FnMut(&Tree));
    /// Puts a regular file in the place of the regular file or nothing at `path`, charged to the session.
    ///
    /// # Errors
    /// EEXIST for what is no regular file; those of the quotas. Nothing has changed then.
    fn put_file(&self, path: &[u8], content: &[u8], mode: u32) -> Result<(), Errno>;
}

/// Memory of the host that is kept free for something; given back when dropped.
pub type Reservation = Box<dyn Send + Sync>;

/// One run, as the sandbox gets it.
#[derive(Debug)]
pub struct SandboxRun {
    /// The script's bytes.
    pub script: Bytes,
    /// What `$0` says; empty is the shell's own name.
    pub name: Bytes,
    /// What it reads from standard input.
    pub stdin: Stdin,
    /// Its wall-clock limit.
    pub timeout: Duration,
    /// Ends it early as `Outcome::Cancelled`.
    pub cancel: Cancel,
    /// Receives the run as soon as it has begun.
    pub started: Option<oneshot::Sender<Run>>,
    /// What the run begins with.
    pub before: Before,
    /// What becomes of the shell's state.
    pub after: After,
}

/// How the run ended.
#[derive(Clone, Debug)]
pub struct SandboxReport {
    /// The end.
    pub outcome: Outcome,
    /// Standard output as kept.
    pub stdout: Bytes,
    /// Standard error as kept.
    pub stderr: Bytes,
    /// Both in order, as kept.
    pub output: Bytes,
    /// Something was not kept.
    pub truncated: bool,
    /// What it used.
    pub usage: Usage,
    /// The working directory after it.
    pub cwd: Vec<u8>,
    /// The shell was re-created from its last saved state.
    pub state_restored: bool,
}
