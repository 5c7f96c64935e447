//! Admission of runs to the host: so many execute, so many wait, the others are refused at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The host's two counters. Waiting runs are admitted in the order they asked.
#[derive(Debug)]
pub(crate) struct Admission {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A place among the waiting.
#[derive(Debug)]
pub(crate) struct Ticket {
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
        let semaphore = |n: usize| Arc::new(Semaphore::new(n.clamp(1, Semaphore::MAX_PERMITS)));
        Self { running: semaphore(max_running), waiting: semaphore(max_waiting) }
    }

    /// Takes a place among the waiting, or returns `None` when all are taken.
    #[must_use]
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        let place = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        Some(Ticket { running: Arc::clone(&self.running), _place: place })
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
        let Poll::Ready(first) = poll(pin!(admission.ticket().expect("a place").admit())) else { panic!("must run") };
        let mut second = pin!(admission.ticket().expect("a place").admit());
        assert!(poll(second.as_mut()).is_pending());
        assert!(admission.ticket().is_none());
        drop(first);
        assert!(poll(second.as_mut()).is_ready());
        assert!(admission.ticket().is_some());
    }
}
