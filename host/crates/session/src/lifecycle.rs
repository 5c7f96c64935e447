//! The life of one session as a pure state machine.
//!
//! ```text
//! absent --create--> idle --accept--> running --finish (last job)--> idle
//!                     |                 |
//!                     |                 +--fail (its driver died)--> broken
//!                     +--expire--> closed        any --delete--> closed
//! ```
//!
//! `absent` and `closed` are the same to an observer: the registry has no entry. Time is an argument.

use base::MonoNanos;

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    /// Nothing to do; ends at `expires` unless used.
    Idle {
        /// When the idle time is over.
        expires: MonoNanos,
    },
    /// `jobs` requests are executing or waiting in its queue; it does not expire.
    Running {
        /// Never zero.
        jobs: u32,
    },
    /// Its driver died; it answers with errors until it is deleted or `expires`.
    Broken {
        /// When it is swept away.
        expires: MonoNanos,
    },
}

/// The session is broken and takes no jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsBroken;

impl Lifecycle {
    /// A job was put into the queue.
    pub(crate) fn accept(self) -> Result<Self, IsBroken> {
        match self {
            Self::Idle { .. } => Ok(Self::Running { jobs: 1 }),
            Self::Running { jobs } => Ok(Self::Running { jobs: jobs.saturating_add(1) }),
            Self::Broken { .. } => Err(IsBroken),
        }
    }

    /// A job ended; after the last one the session idles until `expires`.
    pub(crate) fn finish(self, expires: MonoNanos) -> Self {
        match self {
            Self::Running { jobs } if jobs > 1 => Self::Running { jobs: jobs - 1 },
            Self::Running { .. } => Self::Idle { expires },
            Self::Idle { .. } | Self::Broken { .. } => self,
        }
    }

    /// The driver died.
    pub(crate) fn fail(self, expires: MonoNanos) -> Self {
        Self::Broken { expires }
    }

    /// Returns when the session ends by itself, if nothing happens before.
    pub(crate) fn expires(self) -> Option<MonoNanos> {
        match self {
            Self::Idle { expires } | Self::Broken { expires } => Some(expires),
            Self::Running { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: MonoNanos = MonoNanos(100);

    #[test]
    fn a_session_idles_again_only_after_its_last_job() {
        let running = Lifecycle::Idle { expires: MonoNanos(5) }.accept().and_then(Lifecycle::accept).expect("idle");
        assert_eq!(running, Lifecycle::Running { jobs: 2 });
        assert_eq!(running.expires(), None);
        let running = running.finish(LATER);
        assert_eq!(running, Lifecycle::Running { jobs: 1 });
        assert_eq!(running.finish(LATER), Lifecycle::Idle { expires: LATER });
    }

    #[test]
    fn a_broken_session_takes_no_jobs_and_still_expires() {
        let broken = Lifecycle::Running { jobs: 3 }.fail(LATER);
        assert_eq!(broken.accept(), Err(IsBroken));
        assert_eq!(broken.finish(MonoNanos(1)), broken);
        assert_eq!(broken.expires(), Some(LATER));
    }
}
