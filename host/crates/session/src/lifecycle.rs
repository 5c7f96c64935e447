//! The life of one session as a pure state machine.
//!
//! ```text
//! absent --create--> idle --accept--> running --finish (last job)--> idle --rest--> hibernated --accept--> running
//!                     |                 |                              |                |
//!                     |                 +--fail (its driver died)--> broken             |
//!                     +--expire (idle or lifetime)--> closed <--------------------------+
//!                                                     any --delete--> closed
//! ```
//!
//! `absent` and `closed` are the same to an observer: the registry has no entry. Time is an argument. A running session
//! meets the end of its lifetime and no other.

use std::time::Duration;

use base::MonoNanos;

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing to do.
    Idle,
    /// So many jobs are executing or waiting in its queue; never zero.
    Running {
        /// How many.
        jobs: u32,
    },
    /// Nothing to do, and its processes and shell are put away: it is files and saved state alone.
    Hibernated,
    /// Its driver died; it answers with errors until it is deleted or expires.
    Broken,
}

/// How long a session may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spans {
    /// Unused.
    pub(crate) ttl: Duration,
    /// In all.
    pub(crate) lifetime: Option<Duration>,
    /// Idle with its processes in place.
    pub(crate) awake: Option<Duration>,
}

/// A session's phase and what its timers go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifecycle {
    phase: Phase,
    spans: Spans,
    // When it ends unless it is used.
    idle_until: MonoNanos,
    // When it ends, used or not.
    ends: Option<MonoNanos>,
    // When it hibernates unless it is used.
    awake_until: Option<MonoNanos>,
}

/// The session is broken and takes no jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsBroken;

impl Lifecycle {
    /// A session is created, or comes back after it has existed for `age`.
    pub(crate) fn begin(phase: Phase, spans: Spans, age: Duration, now: MonoNanos) -> Self {
        let ends = spans.lifetime.map(|lifetime| now.plus(lifetime.saturating_sub(age)));
        let mut life = Self { phase, spans, idle_until: now, ends, awake_until: None };
        life.touch(now);
        life
    }

    /// A session comes back that has existed for `age` and was used last `idle` ago.
    pub(crate) fn resume(spans: Spans, age: Duration, idle: Duration, now: MonoNanos) -> Self {
        let mut life = Self::begin(Phase::Hibernated, spans, age, now);
        life.idle_until = now.plus(spans.ttl.saturating_sub(idle));
        life
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// It is used at `now`: its idle time begins anew.
    pub(crate) fn touch(&mut self, now: MonoNanos) {
        self.idle_until = now.plus(self.spans.ttl);
        self.awake_until = self.spans.awake.map(|awake| now.plus(awake));
    }

    /// A job was put into the queue.
    pub(crate) fn accept(&mut self) -> Result<(), IsBroken> {
        self.phase = match self.phase {
            Phase::Idle | Phase::Hibernated => Phase::Running { jobs: 1 },
            Phase::Running { jobs } => Phase::Running { jobs: jobs.saturating_add(1) },
            Phase::Broken => return Err(IsBroken),
        };
        Ok(())
    }

    /// A job ended at `now`; after the last one the session idles, or hibernates if its content `rests`.
    pub(crate) fn finish(&mut self, rests: bool, now: MonoNanos) {
        self.phase = match self.phase {
            Phase::Running { jobs } if jobs > 1 => Phase::Running { jobs: jobs - 1 },
            Phase::Running { .. } if rests => Phase::Hibernated,
            Phase::Running { .. } => Phase::Idle,
            other => other,
        };
        self.awake_until = self.spans.awake.map(|awake| now.plus(awake));
    }

    /// The driver died.
    pub(crate) fn fail(&mut self, now: MonoNanos) {
        self.phase = Phase::Broken;
        self.touch(now);
    }

    /// It gets other spans; they count from its last use and from its beginning.
    pub(crate) fn set_spans(&mut self, spans: Spans, last_use: MonoNanos, begun: MonoNanos) {
        self.spans = spans;
        self.idle_until = last_use.plus(spans.ttl);
        self.ends = spans.lifetime.map(|lifetime| begun.plus(lifetime));
        self.awake_until = spans.awake.map(|awake| last_use.plus(awake));
    }

    /// Returns when the session ends by itself, if nothing happens before.
    pub(crate) fn expires(&self) -> Option<MonoNanos> {
        match self.phase {
            Phase::Running { .. } => self.ends,
            Phase::Idle | Phase::Hibernated | Phase::Broken => {
                Some(self.ends.map_or(self.idle_until, |ends| ends.min(self.idle_until)))
            }
        }
    }

    /// Returns when the session hibernates, if nothing happens before.
    pub(crate) fn hibernates(&self) -> Option<MonoNanos> {
        self.awake_until.filter(|_| self.phase == Phase::Idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(secs: u64) -> MonoNanos {
        MonoNanos(secs * 1_000_000_000)
    }

    fn spans(lifetime: Option<u32>) -> Spans {
        Spans { ttl: SECOND * 60, lifetime: lifetime.map(|secs| SECOND * secs), awake: Some(SECOND * 10) }
    }

    #[test]
    fn a_session_idles_again_only_after_its_last_job() {
        let mut life = Lifecycle::begin(Phase::Idle, spans(None), Duration::ZERO, at(0));
        assert_eq!((life.expires(), life.hibernates()), (Some(at(60)), Some(at(10))));
        life.accept().and_then(|()| life.accept()).expect("it is no broken one");
        assert_eq!((life.phase(), life.expires(), life.hibernates()), (Phase::Running { jobs: 2 }, None, None));
        life.finish(false, at(100));
        assert_eq!(life.phase(), Phase::Running { jobs: 1 });
        life.touch(at(100));
        life.finish(false, at(100));
        assert_eq!((life.phase(), life.expires(), life.hibernates()), (Phase::Idle, Some(at(160)), Some(at(110))));
    }

    #[test]
    fn what_is_no_use_does_not_put_off_the_end() {
        let mut life = Lifecycle::begin(Phase::Hibernated, spans(None), Duration::ZERO, at(0));
        assert_eq!((life.expires(), life.hibernates()), (Some(at(60)), None));
        life.accept().expect("it is no broken one");
        life.finish(false, at(59));
        assert_eq!((life.expires(), life.hibernates()), (Some(at(60)), Some(at(69))));
    }

    #[test]
    fn its_lifetime_ends_a_session_however_busy_it_is() {
        let mut life = Lifecycle::begin(Phase::Idle, spans(Some(100)), SECOND * 30, at(0));
        assert_eq!(life.expires(), Some(at(60)));
        life.accept().expect("it is no broken one");
        assert_eq!(life.expires(), Some(at(70)));
        life.touch(at(50));
        life.finish(true, at(50));
        assert_eq!((life.phase(), life.expires()), (Phase::Hibernated, Some(at(70))));
    }

    #[test]
    fn a_broken_session_takes_no_jobs_and_still_expires() {
        let mut life = Lifecycle::begin(Phase::Idle, spans(None), Duration::ZERO, at(0));
        life.accept().expect("it is no broken one");
        life.fail(at(5));
        assert_eq!(life.accept(), Err(IsBroken));
        life.finish(false, at(6));
        assert_eq!((life.phase(), life.expires()), (Phase::Broken, Some(at(65))));
    }
}
