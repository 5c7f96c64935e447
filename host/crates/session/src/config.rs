//! What the sessions of one host may be: how many, how long, under which limits.

use std::sync::Arc;
use std::time::Duration;

use base::Limits;
use meter::Meter;

use crate::settings::Durability;

/// Settings of [`crate::Sessions`], checked by whoever made them.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// A session nobody uses ends after this long.
    pub ttl: Duration,
    /// A session ends when it is this old, used or not; `None` is never.
    pub max_lifetime: Option<Duration>,
    /// An idle session's processes and shell are put away after this long; `None` is never.
    pub hibernate_after: Option<Duration>,
    /// What the reply to a run waits for in a session that does not say.
    pub durability: Durability,
    /// A cron job begins up to this much after its minute, so that many of the same minute do not begin at once.
    pub cron_jitter: Duration,
    /// Sessions at once; `None` is no limit. Only creation is refused at the maximum, never an attach.
    pub max_sessions: Option<usize>,
    /// What each session and run may use.
    pub limits: Limits,
    /// Runs that execute at the same time in the whole host.
    pub max_running: usize,
    /// Runs that wait for their turn in the whole host, those in a session's queue included.
    pub max_waiting: usize,
    /// Where runs are counted and timed.
    pub meter: Arc<Meter>,
    /// How long background jobs may live on after the run that started them; zero kills them at its end.
    pub background_max: Duration,
    /// Jobs (runs, imports, completions) that wait in one session's queue.
    pub queue_per_session: usize,
}

impl SessionConfig {
    /// The older server's default number of sessions.
    pub const DEFAULT_MAX_SESSIONS: usize = 100;
    /// The older server's default idle time to live.
    pub const DEFAULT_TTL: Duration = Duration::from_secs(30 * 60);
    /// Longer than a client takes between two requests of a conversation; waking costs less than a millisecond.
    pub const DEFAULT_HIBERNATE_AFTER: Duration = Duration::from_secs(60);
    /// Enough that runs which wait (sleep, read) do not hold back those which compute; computing is bounded by the
    /// engine's CPU slots.
    pub const DEFAULT_MAX_RUNNING: usize = 256;
    /// A waiting run holds its script in memory; at this many, a client had better come back later.
    pub const DEFAULT_MAX_WAITING: usize = 1024;
    /// Long enough for a build in the background; a forgotten loop does not run for a day.
    pub const DEFAULT_BACKGROUND_MAX: Duration = Duration::from_mins(10);
    /// With the default timeout, the last one in this queue waits at most a quarter of an hour.
    pub const DEFAULT_QUEUE_PER_SESSION: usize = 32;
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            ttl: Self::DEFAULT_TTL,
            max_lifetime: None,
            hibernate_after: Some(Self::DEFAULT_HIBERNATE_AFTER),
            durability: Durability::default(),
            cron_jitter: Duration::ZERO,
            max_sessions: Some(Self::DEFAULT_MAX_SESSIONS),
            limits: Limits::default(),
            max_running: Self::DEFAULT_MAX_RUNNING,
            max_waiting: Self::DEFAULT_MAX_WAITING,
            meter: Meter::new(),
            background_max: Self::DEFAULT_BACKGROUND_MAX,
            queue_per_session: Self::DEFAULT_QUEUE_PER_SESSION,
        }
    }
}
