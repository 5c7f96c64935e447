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
            state.enqueue(party)
        };
        granted(turn).await
    }

    /// Gives `slot` to whose turn it is and takes the next one of this party's turn.
    ///
    /// The party queues before the slot is free: who came back only afterwards would find the others ahead of it twice.
    pub(crate) async fn exchange(self: &Arc<Self>, party: Party, slot: Slot) -> Slot {
        let turn = self.lock().enqueue(party);
        drop(slot);
        granted(turn).await
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

/// Waits for a turn.
async fn granted(turn: oneshot::Receiver<Slot>) -> Slot {
    match turn.await {
        Ok(slot) => slot,
        // The sender lives in the queue until it is used, and whoever waits here keeps the queue alive.
        Err(_) => std::future::pending().await,
    }
}

impl State {
    fn enqueue(&mut self, party: Party) -> oneshot::Receiver<Slot> {
        let (sender, turn) = oneshot::channel();
        let queue = self.waiting.entry(party).or_default();
        queue.push_back(sender);
        if queue.len() == 1 {
            self.turns.push_back(party);
        }
        turn
    }

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
    fn who_exchanges_a_slot_comes_before_those_who_had_their_turn_since() {
        let slots = Slots::new(1);
        let mut held = poll(&mut start(&slots, 2)).expect("a free slot");
        let mut many: Vec<Taking> = [1, 1, 1].map(|party| start(&slots, party)).into();
        for taker in &mut many {
            assert!(poll(taker).is_none());
        }
        for taker in &mut many {
            let again = Arc::clone(&slots);
            let mut exchange: Taking = Box::pin(async move { again.exchange(Party(2), held).await });
            assert!(poll(&mut exchange).is_none());
            drop(poll(taker).expect("the other party's turn"));
            held = poll(&mut exchange).expect("and then this one's");
        }
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
