//! The cron jobs of all sessions: when a minute begins, what is due is handed to the sessions as ordinary runs.
//!
//! Owns which minute has been evaluated and which jobs are going on. What a table means is `crontab`'s; where a job runs,
//! and the writing of the log, is the session's driver's.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Errno, MonoNanos, Outcome, SessionKey, Timestamp};
use bytes::Bytes;
use crontab::{
    Crontab, Entry, FILE_BYTES_MAX, LOG_BYTES_MAX, LOG_PATH, Minute, PATH, ROTATED_LOG_PATH, Zone, bundled_zone,
    log_entry, rotate,
};
use engine::Before;
use kernel::Stdin;
use vfs::{Edition, Tree};

use crate::driver::Job;
use crate::error::Error;
use crate::rc;
use crate::registry::Now;
use crate::run::{RunReply, RunSpec};
use crate::sandbox::View;
use crate::sessions::Sessions;
use crate::sync::lock;

const MINUTE: u64 = 60 * 1_000_000_000;
const LOG_MODE: u32 = 0o644;

/// What of the jobs concerns the whole host.
pub(crate) struct Scheduler {
    state: Mutex<State>,
}

struct State {
    // The last minute that was looked at.
    evaluated: Minute,
    // By session and line: one instance of a job at a time.
    going_on: HashSet<(SessionKey, usize)>,
}

/// A job that a session is to run now.
#[derive(Clone, Debug)]
pub(crate) struct CronJob {
    table: Arc<Crontab>,
    line: usize,
    minute: Minute,
}

/// A job while it is going on; dropping it makes room for the next instance.
pub(crate) struct Instance {
    sessions: Arc<Sessions>,
    at: (SessionKey, usize),
}

impl Drop for Instance {
    fn drop(&mut self) {
        lock(&self.sessions.cron.state).going_on.remove(&self.at);
    }
}

impl Scheduler {
    /// The minute in which it is made counts as evaluated.
    pub(crate) fn new(now: Timestamp) -> Self {
        let evaluated = Minute::from_unix_secs(now.secs());
        Self { state: Mutex::new(State { evaluated, going_on: HashSet::new() }) }
    }

    /// Returns when the next minute begins.
    pub(crate) fn next_boundary(now: Now) -> MonoNanos {
        now.mono.plus(Duration::from_nanos(MINUTE - now.wall.0 % MINUTE))
    }

    /// Says that the minutes up to now need no evaluation: nobody had a table.
    pub(crate) fn skip_to(&self, now: Timestamp) {
        let mut state = lock(&self.state);
        state.evaluated = state.evaluated.max(Minute::from_unix_secs(now.secs()));
    }

    /// Moves to the minute of `now` and answers the one before; `None` when that minute has been evaluated.
    fn advance(&self, now: Timestamp) -> Option<(Minute, Minute)> {
        let minute = Minute::from_unix_secs(now.secs());
        let mut state = lock(&self.state);
        let last = state.evaluated;
        (minute > last).then(|| {
            state.evaluated = minute;
            (last, minute)
        })
    }

    fn begin(sessions: &Arc<Sessions>, key: &SessionKey, line: usize) -> Option<Instance> {
        let at = (key.clone(), line);
        let is_first = lock(&sessions.cron.state).going_on.insert(at.clone());
        is_first.then(|| Instance { sessions: Arc::clone(sessions), at })
    }
}

/// Starts what is due in the minutes since the last call.
pub(crate) fn fire(sessions: &Arc<Sessions>) {
    let Some((last, now)) = sessions.cron.advance(sessions.clock.wall()) else { return };
    for (key, table) in sessions.crontabs() {
        let caught_up = table.catch_up(last, now);
        let job = |entry: &Entry, minute| CronJob { table: Arc::clone(&table), line: entry.line(), minute };
        let skipped = caught_up.skipped.iter().map(|skipped| (job(skipped.entry, skipped.first), Due::Skipped));
        let due = caught_up.run.iter().map(|firing| (job(firing.entry, firing.minute), Due::Now));
        start(sessions, &key, skipped.chain(due).collect());
    }
}

/// Starts the jobs of a table that are due when its session begins.
pub(crate) fn fire_at_start(sessions: &Arc<Sessions>, key: &SessionKey, table: &Arc<Crontab>) {
    let minute = Minute::from_unix_secs(sessions.clock.wall().secs());
    let job = |entry: &Entry| CronJob { table: Arc::clone(table), line: entry.line(), minute };
    start(sessions, key, table.due_at_start().map(|entry| (job(entry), Due::Now)).collect());
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Now,
    Skipped,
}

/// Hands a session its jobs, one after the other in the table's order.
fn start(sessions: &Arc<Sessions>, key: &SessionKey, jobs: Vec<(CronJob, Due)>) {
    if jobs.is_empty() {
        return;
    }
    let (sessions, key) = (Arc::clone(sessions), key.clone());
    let delay = jitter(sessions.config.cron_jitter, &key, &jobs);
    sessions.clone().spawn(async move {
        if !delay.is_zero() {
            let until = sessions.clock.mono().plus(delay);
            tokio::select! {
                () = sessions.closing.cancelled() => return,
                () = sessions.clock.sleep_until(until) => {}
            }
        }
        for (job, due) in jobs {
            let note = match (due, Scheduler::begin(&sessions, &key, job.line)) {
                (Due::Skipped, _) => Job::CronNote { job, why: "not run: the server was not running then" },
                (Due::Now, None) => Job::CronNote { job, why: "not run: the run before is still going on" },
                (Due::Now, Some(instance)) => match sessions.ticket() {
                    Ok(ticket) => Job::Cron { job, ticket, instance },
                    Err(_) => Job::CronNote { job, why: "not run: the server is busy" },
                },
            };
            if let Err(error) = sessions.submit_internal(&key, note) {
                tracing::debug!(session = key.id.tag(), "a cron job was not taken: {error}");
            }
        }
    });
}

/// Returns how long to wait, the same for the same session and minute.
fn jitter(max: Duration, key: &SessionKey, jobs: &[(CronJob, Due)]) -> Duration {
    let max = u64::try_from(max.as_millis()).unwrap_or(u64::MAX);
    if max == 0 {
        return Duration::ZERO;
    }
    let minute = jobs.first().map(|(job, _)| job.minute);
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one((key, minute));
    Duration::from_millis(hash % max.saturating_add(1))
}

impl CronJob {
    fn entry(&self) -> Option<&Entry> {
        self.table.entries().iter().find(|entry| entry.line() == self.line)
    }

    /// Returns what is to be run.
    pub(crate) fn spec(&self) -> RunSpec {
        let Some(entry) = self.entry() else { return RunSpec::default() };
        let stdin = entry.stdin().map_or(Stdin::Empty, |input| Stdin::Bytes(Bytes::copy_from_slice(input)));
        RunSpec { script: Bytes::copy_from_slice(entry.command()), stdin, ..RunSpec::default() }
    }

    /// Returns what the run begins with: the variables the table sets.
    pub(crate) fn before(&self) -> Before {
        let mut script = Vec::new();
        for variable in self.entry().map(Entry::environment).unwrap_or_default() {
            script.extend_from_slice(b"\\export ");
            script.extend_from_slice(variable.name.as_bytes());
            script.push(b'=');
            push_quoted(&mut script, &variable.value);
            script.push(b'\n');
        }
        Before { messages: Vec::new(), scripts: if script.is_empty() { Vec::new() } else { vec![script.into()] } }
    }

    /// Appends a finished run to the session's log.
    pub(crate) fn log_run(&self, view: &dyn View, reply: &RunReply, error: Option<&str>) -> Result<(), Errno> {
        self.log(view, &reply.output, error)
    }

    /// Appends why there was no run.
    pub(crate) fn log_note(&self, view: &dyn View, why: &str) -> Result<(), Errno> {
        self.log(view, b"", Some(why))
    }

    fn log(&self, view: &dyn View, output: &[u8], error: Option<&str>) -> Result<(), Errno> {
        let utc = Zone::utc();
        let (zone, command) = self.entry().map_or((&utc, &b""[..]), |entry| (entry.zone(), entry.command()));
        append(view, &log_entry(self.minute, zone, command, output, error))
    }
}

/// Appends an entry to a session's log; a full one is put aside first.
pub(crate) fn append(view: &dyn View, entry: &[u8]) -> Result<(), Errno> {
    let mut log = Ok(None);
    // Twice its bound is more than any log we wrote.
    view.look(&mut |tree| log = rc::read_text(tree, LOG_PATH, 2 * LOG_BYTES_MAX as u64));
    let log = match log {
        Ok(log) => log.map(|(_, text)| text).unwrap_or_default(),
        Err(_unusable) => return Err(Errno::EEXIST),
    };
    let kept = match rotate(&log, entry) {
        None => log.as_slice(),
        Some(old) => {
            view.put_file(ROTATED_LOG_PATH.as_bytes(), old, LOG_MODE)?;
            &[]
        }
    };
    view.put_file(LOG_PATH.as_bytes(), &[kept, entry].concat(), LOG_MODE)
}

/// Logs the lines of a table that were skipped.
pub(crate) fn log_bad_lines(view: &dyn View, table: &Crontab, now: Timestamp) {
    let minute = Minute::from_unix_secs(now.secs());
    for bad in table.bad_lines() {
        let why = format!("{PATH}:{bad}: the line is skipped");
        // A log that cannot be written has nobody to tell.
        let _ = append(view, &log_entry(minute, &Zone::utc(), bad.text.as_bytes(), b"", Some(&why)));
    }
}

/// Says in a log how a run failed; `None` when it did not.
pub(crate) fn failure(reply: &RunReply) -> Option<String> {
    match reply.outcome {
        Outcome::Exited(0) => None,
        Outcome::Exited(status) => Some(format!("exit status {status}")),
        Outcome::Signalled(signal) => Some(format!("killed by signal {}", signal.0)),
        Outcome::TimedOut => Some(format!("timeout: execution exceeded {} s", reply.timeout.as_secs())),
        other => Some(other.reason().to_owned()),
    }
}

/// Says in a log why a run was refused.
pub(crate) fn refusal(error: &Error) -> String {
    match error {
        Error::Host(_) => "not run: the server failed".to_owned(),
        other => format!("not run: {other}"),
    }
}

/// A session's table as it was read last.
#[derive(Default)]
pub(crate) struct Table {
    edition: Option<Edition>,
}

/// What reading the table again came to.
pub(crate) enum Reread {
    /// It is as it was.
    Same,
    /// It is another, or none any more. The lines that are none are to be logged.
    Changed(Option<Arc<Crontab>>),
}

impl Table {
    /// Reads the session's table if it has changed since.
    pub(crate) fn reread(&mut self, view: &dyn View) -> Reread {
        let mut answer = Reread::Same;
        view.look(&mut |tree| answer = self.read(tree));
        answer
    }

    fn read(&mut self, tree: &Tree) -> Reread {
        let text = rc::read_text(tree, PATH, FILE_BYTES_MAX as u64).ok().flatten();
        let edition = text.as_ref().map(|(edition, _)| *edition);
        if edition == self.edition {
            return Reread::Same;
        }
        self.edition = edition;
        Reread::Changed(text.map(|(_, text)| Arc::new(Crontab::parse(&text, &bundled_zone))))
    }
}

/// Appends `word` so that a shell reads it as it is.
fn push_quoted(script: &mut Vec<u8>, word: &[u8]) {
    script.push(b'\'');
    for &byte in word {
        if byte == b'\'' {
            script.extend_from_slice(b"'\\''");
        } else {
            script.push(byte);
        }
    }
    script.push(b'\'');
}
