//! Admission of runs to the host: so many execute, so many wait, the others are refused at once.

use std::sync::Arc;

use base::MonoNanos;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The host's two counters. Waiting runs are admitted in the order they asked.
#[derive(Debug)]
pub(crate) struct Admission {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    max_running: usize,
    max_waiting: usize,
}

/// A place among the waiting.
#[derive(Debug)]
pub(crate) struct Ticket {
    /// When the place was taken.
    pub(crate) since: MonoNanos,
    running: Arc<Semaphore>,
    // Given back when the run is admitted or the ticket dropped.
    _place: OwnedSemaphorePermit,
}

/// The right to execute one run; given back by dropping it.
#[derive(Debug)]
pub(crate) struct Admitted {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Admission {
    /// Allows `max_running` runs at once (at least one) and `max_waiting` behind them (at least one, because every run
    /// passes through the queue).
    #[must_use]
    pub(crate) fn new(max_running: usize, max_waiting: usize) -> Self {
        let [max_running, max_waiting] = [max_running, max_waiting].map(|n| n.clamp(1, Semaphore::MAX_PERMITS));
        let semaphore = |n| Arc::new(Semaphore::new(n));
        Self { running: semaphore(max_running), waiting: semaphore(max_waiting), max_running, max_waiting }
    }

    /// Returns how many runs execute and how many wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        let taken = |max: usize, of: &Semaphore| max.saturating_sub(of.available_permits());
        (taken(self.max_running, &self.running), taken(self.max_waiting, &self.waiting))
    }

    /// Completes when nobody waits and nobody executes. Whoever asks for a place meanwhile may find none.
    pub(crate) async fn emptied(&self) {
        // First the waiting: each takes its place among the executing before it gives this one back.
        for (of, max) in [(&self.waiting, self.max_waiting), (&self.running, self.max_running)] {
            // A semaphore that holds more permits than fit is not made: the settings are far below.
            let all = of.acquire_many(u32::try_from(max).unwrap_or(u32::MAX)).await;
            debug_assert!(all.is_ok(), "the semaphores are never closed");
        }
    }

    /// Takes a place among the waiting, or returns `None` when all are taken.
    #[must_use]
    pub(crate) fn ticket(&self, now: MonoNanos) -> Option<Ticket> {
        let place = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        Some(Ticket { since: now, running: Arc::clone(&self.running), _place: place })
    }
}

impl Ticket {
    /// Waits for the turn to execute. Dropping the future gives the place back.
    pub(crate) async fn admit(self) -> Admitted {
        // The semaphore is never closed, so there is always a permit in the end.
        Admitted { _permit: self.running.acquire_owned().await.ok() }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn runs_beyond_the_maximum_wait_and_beyond_the_queue_are_refused() {
        let admission = Admission::new(1, 1);
        let Poll::Ready(first) = poll(pin!(admission.ticket(MonoNanos(0)).expect("a place").admit())) else {
            panic!("must run")
        };
        let mut second = pin!(admission.ticket(MonoNanos(0)).expect("a place").admit());
        assert!(poll(second.as_mut()).is_pending());
        assert!(admission.ticket(MonoNanos(0)).is_none());
        assert_eq!(admission.load(), (1, 1));
        drop(first);
        assert!(poll(second.as_mut()).is_ready());
        assert!(admission.ticket(MonoNanos(0)).is_some());
    }

    #[test]
    fn it_is_emptied_when_the_last_of_waiting_and_executing_has_gone() {
        let admission = Admission::new(1, 2);
        let ticket = || admission.ticket(MonoNanos(0)).expect("a place");
        let Poll::Ready(first) = poll(pin!(ticket().admit())) else { panic!("must run") };
        let mut second = pin!(ticket().admit());
        assert!(poll(second.as_mut()).is_pending());
        let mut emptied = pin!(admission.emptied());
        assert!(poll(emptied.as_mut()).is_pending());
        drop(first);
        let Poll::Ready(second) = poll(second.as_mut()) else { panic!("its turn comes although all are waited for") };
        assert!(poll(emptied.as_mut()).is_pending());
        drop(second);
        assert!(poll(emptied.as_mut()).is_ready());
        assert_eq!(admission.load(), (0, 0));
    }
}
