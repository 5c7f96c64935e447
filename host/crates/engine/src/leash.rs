//! Until when an instance may run: what its epoch callback and its watcher agree on.
//!
//! A program is bound to its run and killed with it. The shell of a session outlives runs: during one it is bound to it,
//! with a grace to unwind in; in between, while the host saves or loads its state, it has a time of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::MonoNanos;

/// The bound of one instance; clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Leash {
    /// What the instance gets to unwind after its run was stopped.
    grace: Duration,
    bound: Arc<Mutex<Bound>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// By the process's run, and since it was stopped, until then.
    Run { grace_ends: Option<MonoNanos> },
    /// By a time alone: the host works with the instance.
    Host { ends: MonoNanos },
}

/// What the leash says about an instance that computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pull {
    /// Nothing.
    Slack,
    /// It is to unwind and needs no slot meanwhile.
    Unwinding,
    /// Its time is over.
    Over,
}

impl Leash {
    pub(crate) fn to_run(grace: Duration) -> Self {
        Self { grace, bound: Arc::new(Mutex::new(Bound::Run { grace_ends: None })) }
    }

    /// Binds the instance to its process's run from now on.
    pub(crate) fn bind_to_run(&self) {
        self.set(Bound::Run { grace_ends: None });
    }

    /// Binds the instance to `ends`, whatever becomes of a run.
    pub(crate) fn bind_until(&self, ends: MonoNanos) {
        self.set(Bound::Host { ends });
    }

    /// Tells whether the instance is bound to its run.
    pub(crate) fn is_bound_to_run(&self) -> bool {
        matches!(*self.bound.lock().unwrap_or_else(PoisonError::into_inner), Bound::Run { .. })
    }

    /// Asks at `now` whether an instance may go on whose run `is_stopped`; the first time it is starts the grace.
    pub(crate) fn pull(&self, is_stopped: bool, now: MonoNanos) -> Pull {
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *bound {
            Bound::Host { ends } => {
                if now >= *ends {
                    Pull::Over
                } else {
                    Pull::Slack
                }
            }
            Bound::Run { .. } if !is_stopped => Pull::Slack,
            Bound::Run { grace_ends } => {
                let ends = *grace_ends.get_or_insert(now.plus(self.grace));
                if now >= ends { Pull::Over } else { Pull::Unwinding }
            }
        }
    }

    fn set(&self, bound: Bound) {
        *self.bound.lock().unwrap_or_else(PoisonError::into_inner) = bound;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> MonoNanos {
        MonoNanos(ms * 1_000_000)
    }

    #[test]
    fn a_stopped_run_leaves_its_shell_a_grace_and_no_more() {
        let leash = Leash::to_run(Duration::from_millis(8));
        assert_eq!(leash.pull(false, at(100)), Pull::Slack);
        assert_eq!(leash.pull(true, at(200)), Pull::Unwinding);
        assert_eq!(leash.pull(true, at(207)), Pull::Unwinding);
        assert_eq!(leash.pull(true, at(208)), Pull::Over);
        leash.bind_to_run();
        assert_eq!(leash.pull(true, at(300)), Pull::Unwinding);
    }

    #[test]
    fn the_hosts_own_work_has_its_own_time() {
        let leash = Leash::to_run(Duration::from_millis(8));
        leash.bind_until(at(10));
        assert_eq!(leash.pull(true, at(9)), Pull::Slack);
        assert_eq!(leash.pull(false, at(10)), Pull::Over);
    }
}
