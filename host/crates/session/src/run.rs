//! What is asked of a session and what it answers.

use std::time::Duration;

use base::{Outcome, SessionId, SessionKey, TenantId, Usage};
use bytes::Bytes;
use kernel::{Run, Stdin};
use tokio::sync::oneshot;

/// Which session a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A fresh one that ends with the run.
    Ephemeral,
    /// A new one of this tenant's, whose id the host mints.
    New(TenantId),
    /// The one with this key, created if it does not exist.
    Session(SessionKey),
}

/// One script to execute.
#[derive(Debug, Default)]
pub struct RunSpec {
    /// The script's bytes.
    pub script: Bytes,
    /// What `$0` and messages call the script; empty is the shell's own name.
    pub name: Bytes,
    /// What the run reads from its standard input.
    pub stdin: Stdin,
    /// Wall-clock limit of this run; `None` is the session's. It never exceeds what is left of the runtime quota.
    pub timeout: Option<Duration>,
    /// Receives the run as soon as it has begun, for who wants its output while it is written.
    pub started: Option<oneshot::Sender<Run>>,
}

/// How a run went.
#[derive(Clone, Debug)]
pub struct RunReply {
    /// The session it ran in; `None` if it was ephemeral.
    pub session: Option<SessionId>,
    /// How it ended.
    pub outcome: Outcome,
    /// It was ended because the host goes down (its outcome is then `Cancelled`).
    pub host_shutdown: bool,
    /// The wall-clock limit it ran under.
    pub timeout: Duration,
    /// Some when the run was cut by the session's runtime quota: (used, maximum).
    pub runtime_exceeded: Option<(Duration, Duration)>,
    /// Standard output as kept: head and tail.
    pub stdout: Bytes,
    /// Standard error as kept.
    pub stderr: Bytes,
    /// Both in the order they were written, as kept.
    pub output: Bytes,
    /// Something of the output was not kept.
    pub truncated: bool,
    /// What it used.
    pub usage: Usage,
    /// The session's working directory after it.
    pub cwd: Vec<u8>,
    /// The shell was re-created from its last saved state.
    pub state_restored: bool,
}

impl RunReply {
    /// Adds a message of the host's behind what was written to standard error.
    pub(crate) fn complain(&mut self, message: &[u8]) {
        self.stderr = [&self.stderr, message].concat().into();
        self.output = [&self.output, message].concat().into();
    }
}

/// Candidates for the word before a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Byte offset in the line where the candidates' text begins.
    pub start: usize,
    /// What may stand there.
    pub candidates: Vec<Candidate>,
}

/// One possible completion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word.
    pub word: Vec<u8>,
    /// As a path it names a directory.
    pub is_dir: bool,
}
