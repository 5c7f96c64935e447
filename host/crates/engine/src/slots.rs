//! CPU slots: how many guests compute at once, and who is next.
//!
//! Fair between *sessions*: waiting sessions take turns, and the processes of one session take turns among themselves,
//! so a session with a hundred busy processes gets as much as one with a single process. Nothing here reads a clock.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Names a session for turn-taking; unique within one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Party(pub(crate) u64);

/// The slots of one engine.
pub(crate) struct Slots {
    // Protects the count and the queues together.
    state: Mutex<State>,
}

struct State {
    free: usize,
    // Sessions with at least one waiter, in the order of their turns. Each is here once.
    turns: VecDeque<Party>,
    waiting: HashMap<Party, VecDeque<oneshot::Sender<Slot>>>,
}

/// The right to compute, given back by dropping it.
pub(crate) struct Slot {
    // None once the slot was passed on.
    slots: Option<Arc<Slots>>,
}

impl Slots {
    /// Makes `count` slots, at least one.
    pub(crate) fn new(count: usize) -> Arc<Self> {
        let state = State { free: count.max(1), turns: VecDeque::new(), waiting: HashMap::new() };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// Takes a slot, waiting for this party's turn. Dropping the future leaves the queue.
    pub(crate) async fn take(self: &Arc<Self>, party: Party) -> Slot {
        let turn = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Slot { slots: Some(Arc::clone(self)) };
            }
            let (sender, turn) = oneshot::channel();
            let queue = state.waiting.entry(party).or_default();
            queue.push_back(sender);
            if queue.len() == 1 {
                state.turns.push_back(party);
            }
            turn
        };
        match turn.await {
            Ok(slot) => slot,
            // The sender lives in the queue, which lives as long as `self`: it is not dropped unsent.
            Err(_) => std::future::pending().await,
        }
    }

    /// Tells whether anybody waits for a slot.
    pub(crate) fn contended(&self) -> bool {
        !self.lock().turns.is_empty()
    }

    fn give_back(self: Arc<Self>) {
        let mut slot = Slot { slots: Some(Arc::clone(&self)) };
        loop {
            let Some(next) = self.lock().next_waiter() else {
                slot.slots = None;
                return;
            };
            // A waiter that has gone away hands the slot back, and the next one is asked.
            match next.send(slot) {
                Ok(()) => return,
                Err(unsent) => slot = unsent,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the waiter whose turn it is, or counts the slot as free if there is none.
    fn next_waiter(&mut self) -> Option<oneshot::Sender<Slot>> {
        while let Some(party) = self.turns.pop_front() {
            let Some(queue) = self.waiting.get_mut(&party) else { continue };
            let waiter = queue.pop_front();
            if queue.is_empty() {
                self.waiting.remove(&party);
            } else {
                self.turns.push_back(party);
            }
            if waiter.is_some() {
                return waiter;
            }
        }
        self.free += 1;
        None
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(slots) = self.slots.take() {
            slots.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    type Taking = Pin<Box<dyn Future<Output = Slot>>>;

    fn start(slots: &Arc<Slots>, party: u64) -> Taking {
        let slots = Arc::clone(slots);
        Box::pin(async move { slots.take(Party(party)).await })
    }

    fn poll(taking: &mut Taking) -> Option<Slot> {
        match taking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(slot) => Some(slot),
            Poll::Pending => None,
        }
    }

    #[test]
    fn sessions_take_turns_however_many_processes_wait() {
        let slots = Slots::new(1);
        let mut held = poll(&mut start(&slots, 0));
        // Session 1 queues three processes before session 2 queues its one.
        let mut takers: Vec<(u64, Taking)> = [1, 1, 1, 2].map(|party| (party, start(&slots, party))).into();
        for (_, taker) in &mut takers {
            assert!(poll(taker).is_none());
        }
        let mut order = Vec::new();
        while !takers.is_empty() {
            drop(held.take());
            let next = takers.iter_mut().position(|(_, taker)| {
                held = poll(taker);
                held.is_some()
            });
            order.push(takers.remove(next.expect("a waiter gets the free slot")).0);
        }
        assert_eq!(order, [1, 2, 1, 1]);
        assert!(!slots.contended());
    }

    #[test]
    fn a_waiter_that_went_away_does_not_lose_the_slot() {
        let slots = Slots::new(1);
        let held = poll(&mut start(&slots, 0));
        let mut gone = start(&slots, 1);
        assert!(poll(&mut gone).is_none());
        drop(gone);
        drop(held);
        assert!(poll(&mut start(&slots, 2)).is_some());
    }

    #[test]
    fn a_slot_granted_to_a_waiter_that_never_looks_is_given_back() {
        let slots = Slots::new(1);
        let held = poll(&mut start(&slots, 0));
        let mut granted = start(&slots, 1);
        assert!(poll(&mut granted).is_none());
        drop(held);
        drop(granted);
        assert!(poll(&mut start(&slots, 2)).is_some());
    }
}
