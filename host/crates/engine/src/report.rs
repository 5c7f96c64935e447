//! What a run is asked to do and what it came to: the values that cross the engine's border.

use std::time::Duration;

use base::{Outcome, Usage};
use bytes::Bytes;
use kernel::{Run, Stdin};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// One run of a session's shell.
#[derive(Debug)]
pub struct RunRequest {
    /// The script.
    pub script: Bytes,
    /// `$0`, also the name in the shell's messages.
    pub name: Vec<u8>,
    /// What descriptor 0 reads.
    pub stdin: Stdin,
    /// Wall-clock limit, counted from the call.
    pub timeout: Duration,
    /// Fuel of all its processes together.
    pub fuel: u64,
    /// Ends it early with `Outcome::Cancelled`; before its start, at its start.
    pub cancel: CancellationToken,
    /// Receives the run as soon as it has begun, for who wants to read its output while it is written.
    pub started: Option<oneshot::Sender<Run>>,
    /// What comes before the script, within the same run and its limits.
    pub before: Before,
    /// What becomes of the shell's state afterwards.
    pub after: After,
}

/// What a run begins with: messages of the host, then scripts whose statuses do not count.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// Written to standard error, each a whole line with its newline.
    pub messages: Vec<Vec<u8>>,
    /// Executed in order as the session's own scripts. One that exits or fails does not keep the next from running;
    /// the end of the run does.
    pub scripts: Vec<Bytes>,
}

/// What becomes of the shell after a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// Variables, directory and descriptors stay for the next run, and background jobs for their time.
    #[default]
    Keep,
    /// All of them are as they were before the run, and its background jobs are killed.
    Discard,
}

impl RunRequest {
    /// Makes a request with the timeout and fuel of `limits`, no input, and nobody to cancel it.
    #[must_use]
    pub fn new(script: impl Into<Bytes>, limits: &base::Limits) -> Self {
        Self {
            script: script.into(),
            name: b"bash".to_vec(),
            stdin: Stdin::Empty,
            timeout: limits.run_timeout,
            fuel: limits.run_fuel,
            cancel: CancellationToken::new(),
            started: None,
            before: Before::default(),
            after: After::Keep,
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct RunReport {
    /// The end.
    pub outcome: Outcome,
    /// What it used.
    pub usage: Usage,
    /// Its output is in here; jobs it left behind may still be charged to it.
    pub run: Run,
    /// The shell's working directory afterwards, absolute.
    pub cwd: Vec<u8>,
    /// True when the shell's variables and functions are those saved before this run, since it could not finish.
    pub state_restored: bool,
}

/// The answer to a completion request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Byte of the line at which the candidates replace what is there.
    pub start: usize,
    /// Possible words.
    pub candidates: Vec<Vec<u8>>,
}
