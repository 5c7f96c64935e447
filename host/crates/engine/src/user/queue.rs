//! Whose compilation is next: places for a few at once, one of them at most a session's, the rest in a bounded queue.
//!
//! Plain data: who has a place is told by the sender he left, and gives it back with [`Queue::leave`].

use std::collections::VecDeque;

use tokio::sync::oneshot;

use crate::slots::Party;

/// Compilations at once: each is a process that computes without pause and may take gigabytes.
pub(super) const PLACES: usize = 2;
/// Compilations of all sessions that wait. At a second each the last one has waited for half a minute, as long as a run
/// may take by default.
const WAITING_MAX: usize = 64;
/// Those of one session among them.
const WAITING_OF_ONE_MAX: usize = 8;

/// The queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Who compiles and who waits.
#[derive(Debug, Default)]
pub(super) struct Queue {
    busy: Vec<Party>,
    waiting: VecDeque<(Party, oneshot::Sender<()>)>,
}

impl Queue {
    /// Queues for a place; what is received is its grant.
    pub(super) fn enter(&mut self, party: Party) -> Result<oneshot::Receiver<()>, Full> {
        // Who has gone no longer counts.
        self.waiting.retain(|(_, sender)| !sender.is_closed());
        let own = self.waiting.iter().filter(|(waiting, _)| *waiting == party).count();
        if self.waiting.len() >= WAITING_MAX || own >= WAITING_OF_ONE_MAX {
            return Err(Full);
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.push_back((party, sender));
        self.admit();
        Ok(receiver)
    }

    /// Gives a place back that was granted to `party`.
    pub(super) fn leave(&mut self, party: Party) {
        if let Some(at) = self.busy.iter().position(|busy| *busy == party) {
            self.busy.swap_remove(at);
        }
        self.admit();
    }

    /// Tells whether somebody waits who could have the place that `holder` has: another session that has none, or itself.
    pub(super) fn is_wanted(&self, holder: Party) -> bool {
        let could = |party: &Party| *party == holder || !self.busy.contains(party);
        self.waiting.iter().any(|(party, sender)| could(party) && !sender.is_closed())
    }

    fn admit(&mut self) {
        while self.busy.len() < PLACES {
            let Some(next) = self.waiting.iter().position(|(party, _)| !self.busy.contains(party)) else { return };
            let Some((party, sender)) = self.waiting.remove(next) else { return };
            if sender.send(()).is_ok() {
                self.busy.push(party);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(receiver: &mut oneshot::Receiver<()>) -> bool {
        receiver.try_recv().is_ok()
    }

    #[test]
    fn a_session_has_one_place_however_much_it_asks_for() {
        let mut queue = Queue::default();
        let (mut a1, mut a2) = (queue.enter(Party(1)).expect("room"), queue.enter(Party(1)).expect("room"));
        let mut b = queue.enter(Party(2)).expect("room");
        assert_eq!((granted(&mut a1), granted(&mut a2), granted(&mut b)), (true, false, true));
        let mut c = queue.enter(Party(3)).expect("room");
        assert!(queue.is_wanted(Party(1)) && queue.is_wanted(Party(2)));
        queue.leave(Party(2));
        assert_eq!((granted(&mut a2), granted(&mut c)), (false, true));
        assert!(queue.is_wanted(Party(1)) && !queue.is_wanted(Party(3)), "the first session only waits for itself");
        queue.leave(Party(1));
        assert!(granted(&mut a2));
    }

    #[test]
    fn a_full_queue_refuses_and_who_has_gone_makes_room() {
        let mut queue = Queue::default();
        let mut kept: Vec<_> = (0..2 + WAITING_OF_ONE_MAX as u64 - 1).map(|_| queue.enter(Party(1))).collect();
        assert!(kept.iter().all(Result::is_ok));
        assert_eq!(queue.enter(Party(1)).map(drop), Err(Full));
        kept.pop();
        assert!(queue.enter(Party(1)).is_ok());
        let others: Vec<_> = (10..200).map(|n| queue.enter(Party(n))).collect();
        assert_eq!(others.iter().filter(|entered| entered.is_ok()).count(), 1 + WAITING_MAX - (WAITING_OF_ONE_MAX - 1));
    }

    #[test]
    fn a_place_granted_to_nobody_goes_to_the_next() {
        let mut queue = Queue::default();
        let _busy = [queue.enter(Party(1)).expect("room"), queue.enter(Party(2)).expect("room")];
        let (gone, mut waits) = (queue.enter(Party(3)).expect("room"), queue.enter(Party(4)).expect("room"));
        drop(gone);
        queue.leave(Party(1));
        assert!(granted(&mut waits));
    }
}
