//! A process's share of the processors: free time first, a slot after that, and the account of what it used.
//!
//! [`SessionCpu`] is what the processes of a session share (their turn and their free time); a [`ProcessCpu`] is one
//! process's right to compute, held between `start` and `stop`. The kernel sees it as a `CpuSlot`.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{Clock, MonoNanos};
use kernel::CpuSlot;
use meter::Meter;

use crate::bucket::FreeTime;
use crate::slots::{Party, Slot, Slots};

/// What the processes of one session share.
pub(crate) struct SessionCpu {
    slots: Arc<Slots>,
    party: Party,
    clock: Arc<dyn Clock>,
    meter: Arc<Meter>,
    // Protects the bucket; held for a few instructions, never together with a process's lock.
    free: Mutex<FreeTime>,
}

/// One process's right to compute. Clones are the same right: the guest's store and the epoch callback hold one each.
#[derive(Clone)]
pub(crate) struct ProcessCpu {
    inner: Arc<Inner>,
}

struct Inner {
    session: Arc<SessionCpu>,
    // Protects the right; the owner alone changes it, so it is never contended.
    right: Mutex<Right>,
    // Books nanoseconds of computing.
    book: Box<dyn Fn(u64) + Send + Sync>,
}

struct Right {
    held: Option<Slot>,
    // Set while the process computes: since when it has not been charged.
    since: Option<MonoNanos>,
}

/// What an epoch tick decides for a computing process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It goes on.
    Continue,
    /// Others wait: it gives its right back and queues.
    Requeue,
}

impl SessionCpu {
    pub(crate) fn new(slots: Arc<Slots>, party: Party, clock: Arc<dyn Clock>, meter: Arc<Meter>) -> Arc<Self> {
        let free = Mutex::new(FreeTime::new(clock.mono()));
        Arc::new(Self { slots, party, clock, meter, free })
    }

    /// Waits for a slot and notes how long that took.
    async fn slot(&self, turn: impl Future<Output = Slot>) -> Slot {
        let since = self.clock.mono();
        let slot = turn.await;
        self.meter.processes.waited_for_slot(self.clock.mono().since(since));
        slot
    }

    /// The session's name among those that share the processors.
    pub(crate) fn party(&self) -> Party {
        self.party
    }

    /// Makes the right of a new process, not held yet; `book` is told the nanoseconds it computes.
    pub(crate) fn process(self: &Arc<Self>, book: impl Fn(u64) + Send + Sync + 'static) -> ProcessCpu {
        let right = Mutex::new(Right { held: None, since: None });
        ProcessCpu { inner: Arc::new(Inner { session: Arc::clone(self), right, book: Box::new(book) }) }
    }

    fn free(&self) -> MutexGuard<'_, FreeTime> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProcessCpu {
    /// Who its session is among those that wait for something.
    pub(crate) fn party(&self) -> Party {
        self.inner.session.party
    }

    /// Takes the right to compute: at once in the session's free time, else with the next slot of its turn.
    ///
    /// Dropping the future before it completes leaves the process without the right.
    pub(crate) async fn start(&self) {
        let session = &self.inner.session;
        if self.inner.right().since.is_some() {
            return;
        }
        let entered = Entered::new(session);
        let slot =
            if session.free().has_some() { None } else { Some(session.slot(session.slots.take(session.party)).await) };
        entered.stays();
        let mut right = self.inner.right();
        right.held = slot;
        right.since = Some(session.clock.mono());
    }

    /// Gives the right back; a second call does nothing.
    pub(crate) fn stop(&self) {
        self.charge();
        let (slot, computed) = {
            let mut right = self.inner.right();
            (right.held.take(), right.since.take().is_some())
        };
        if computed {
            let now = self.inner.session.clock.mono();
            self.inner.session.free().leave(now);
        }
        drop(slot);
    }

    /// Gives the right to whose turn it is and takes it again in the session's next turn.
    ///
    /// Dropping the future before it completes leaves the process without the right.
    pub(crate) async fn requeue(&self) {
        self.charge();
        let session = &self.inner.session;
        let (slot, entered) = {
            let mut right = self.inner.right();
            // The process stays active while it queues.
            let entered = right.since.take().map(|_| Entered { session: Some(session) });
            (right.held.take(), entered)
        };
        let (Some(slot), Some(entered)) = (slot, entered) else { return self.start().await };
        let slot = session.slot(session.slots.exchange(session.party, slot)).await;
        entered.stays();
        let mut right = self.inner.right();
        right.held = Some(slot);
        right.since = Some(session.clock.mono());
    }

    /// Charges what was computed since the last look and decides whether the process goes on.
    pub(crate) fn tick(&self) -> Turn {
        self.charge();
        let session = &self.inner.session;
        let goes_on =
            if self.inner.right().held.is_some() { !session.slots.contended() } else { session.free().has_some() };
        if goes_on { Turn::Continue } else { Turn::Requeue }
    }

    fn charge(&self) {
        let session = &self.inner.session;
        let now = session.clock.mono();
        let computed = match &mut self.inner.right().since {
            Some(since) => now.since(std::mem::replace(since, now)),
            None => return,
        };
        (self.inner.book)(u64::try_from(computed.as_nanos()).unwrap_or(u64::MAX));
        session.free().spend(computed);
    }
}

impl CpuSlot for ProcessCpu {
    fn give_back(&mut self) {
        self.stop();
    }

    fn take_again(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.start())
    }
}

impl Inner {
    fn right(&self) -> MutexGuard<'_, Right> {
        self.right.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let right = self.right.get_mut().unwrap_or_else(PoisonError::into_inner);
        if right.since.take().is_some() {
            self.session.free().leave(self.session.clock.mono());
        }
    }
}

/// Counts a process as active while it queues, also when it stops queueing because its future is dropped.
struct Entered<'a> {
    session: Option<&'a SessionCpu>,
}

impl<'a> Entered<'a> {
    fn new(session: &'a SessionCpu) -> Self {
        session.free().enter(session.clock.mono());
        Self { session: Some(session) }
    }

    fn stays(mut self) {
        self.session = None;
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session {
            session.free().leave(session.clock.mono());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::Poll;
    use std::time::Duration;

    use base::{ManualClock, Timestamp};

    use super::*;

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    async fn is_pending<F: Future>(future: &mut Pin<Box<F>>) -> bool {
        std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
    }

    #[test]
    fn a_process_computes_in_free_time_first_and_with_a_slot_after_that() {
        let clock = Arc::new(ManualClock::new(Timestamp(0)));
        let slots = Slots::new(1);
        let session = SessionCpu::new(Arc::clone(&slots), Party(1), Arc::clone(&clock) as Arc<dyn Clock>, Meter::new());
        let other = SessionCpu::new(Arc::clone(&slots), Party(2), Arc::clone(&clock) as Arc<dyn Clock>, Meter::new());
        let used = Arc::new(AtomicU64::new(0));
        let book = {
            let used = Arc::clone(&used);
            move |nanos| {
                used.fetch_add(nanos, Ordering::Relaxed);
            }
        };
        let (process, rival) = (session.process(book), other.process(|_| {}));
        block_on(async {
            process.start().await;
            assert_eq!(process.tick(), Turn::Continue);
            clock.advance(Duration::from_millis(10));
            assert_eq!(process.tick(), Turn::Requeue);
            process.stop();
            process.start().await;
            assert_eq!(process.tick(), Turn::Continue, "nobody waits for the slot");
            rival.start().await;
            clock.advance(Duration::from_millis(10));
            assert_eq!(rival.tick(), Turn::Requeue);
            rival.stop();
            let mut waiting = Box::pin(rival.start());
            assert!(is_pending(&mut waiting).await);
            assert_eq!(process.tick(), Turn::Requeue, "somebody waits for the slot");
            process.stop();
            waiting.await;
        });
        assert_eq!(used.load(Ordering::Relaxed), 20_000_000);
    }

    #[test]
    fn a_dropped_wait_for_a_slot_leaves_nothing_behind() {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(Timestamp(0)));
        let slots = Slots::new(1);
        let session = SessionCpu::new(Arc::clone(&slots), Party(1), clock, Meter::new());
        session.free().spend(Duration::from_secs(1));
        block_on(async {
            let (holder, waiter) = (session.process(|_| {}), session.process(|_| {}));
            holder.start().await;
            let mut waiting = Box::pin(waiter.start());
            assert!(is_pending(&mut waiting).await);
            drop(waiting);
            holder.stop();
            assert!(!is_pending(&mut Box::pin(waiter.start())).await);
        });
    }
}
