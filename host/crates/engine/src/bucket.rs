//! A session's free time: short work runs at once, without queueing for a CPU slot.
//!
//! A token bucket over all the session's processes: it holds 10 ms of computing and refills at a tenth of the time in
//! which no process of the session computes or queues. (Refilling by real time would hand out free time for waiting:
//! with a hundred busy sessions everybody would always have some, and the slots would mean nothing.) Times are arguments.

use std::time::Duration;

use base::MonoNanos;

/// What a session that was idle may compute before slots apply.
const CAPACITY_NANOS: u64 = 10_000_000;
/// One nanosecond of free time comes back every so many idle nanoseconds: 10 ms per 100 ms.
const REFILL_DIVISOR: u64 = 10;
/// A long computation must not put a session into debt for ever.
const DEBT_NANOS: u64 = CAPACITY_NANOS;

/// The bucket.
#[derive(Debug)]
pub(crate) struct FreeTime {
    // Free time plus `DEBT_NANOS`, so that it never goes below zero.
    level_above_debt: u64,
    // Processes that compute or queue.
    active: usize,
    idle_since: MonoNanos,
}

impl FreeTime {
    /// Makes a full bucket of a session without active processes.
    pub(crate) fn new(now: MonoNanos) -> Self {
        Self { level_above_debt: DEBT_NANOS + CAPACITY_NANOS, active: 0, idle_since: now }
    }

    /// Counts a process that wants to compute.
    pub(crate) fn enter(&mut self, now: MonoNanos) {
        if self.active == 0 {
            let refill = now.0.saturating_sub(self.idle_since.0) / REFILL_DIVISOR;
            self.level_above_debt = self.level_above_debt.saturating_add(refill).min(DEBT_NANOS + CAPACITY_NANOS);
        }
        self.active += 1;
    }

    /// Ends what [`FreeTime::enter`] began.
    pub(crate) fn leave(&mut self, now: MonoNanos) {
        debug_assert!(self.active > 0, "a process leaves once for each time it entered");
        self.active = self.active.saturating_sub(1);
        if self.active == 0 {
            self.idle_since = now;
        }
    }

    /// Takes what was computed out of the bucket.
    pub(crate) fn spend(&mut self, computed: Duration) {
        let nanos = u64::try_from(computed.as_nanos()).unwrap_or(u64::MAX);
        self.level_above_debt = self.level_above_debt.saturating_sub(nanos);
    }

    /// Tells whether free time is left.
    pub(crate) fn has_some(&self) -> bool {
        self.level_above_debt > DEBT_NANOS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> MonoNanos {
        MonoNanos(ms * 1_000_000)
    }

    fn compute(free: &mut FreeTime, from_ms: u64, to_ms: u64) {
        free.enter(at(from_ms));
        free.spend(Duration::from_millis(to_ms - from_ms));
        free.leave(at(to_ms));
    }

    #[test]
    fn ten_milliseconds_are_free_and_come_back_within_a_hundred() {
        let mut free = FreeTime::new(at(0));
        compute(&mut free, 0, 9);
        assert!(free.has_some());
        compute(&mut free, 9, 10);
        assert!(!free.has_some());
        compute(&mut free, 110, 119);
        assert!(free.has_some());
        compute(&mut free, 119, 121);
        assert!(!free.has_some());
    }

    #[test]
    fn a_busy_session_gets_nothing_back_while_it_queues() {
        let mut free = FreeTime::new(at(0));
        free.enter(at(0));
        free.spend(Duration::from_millis(10));
        free.enter(at(0));
        free.leave(at(1000));
        assert!(!free.has_some());
        free.leave(at(1000));
        free.enter(at(1010));
        assert!(free.has_some());
    }

    #[test]
    fn a_long_computation_costs_no_more_than_its_debt() {
        let mut free = FreeTime::new(at(0));
        compute(&mut free, 0, 1_000_000);
        free.enter(at(1_000_100));
        assert!(!free.has_some());
        free.leave(at(1_000_100));
        free.enter(at(1_000_200));
        assert!(free.has_some());
    }
}
