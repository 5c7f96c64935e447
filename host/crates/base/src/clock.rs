//! Time as a value: wall-clock timestamps, monotonic nanoseconds, and the one trait that reads or awaits them.
//!
//! Core code takes times as arguments. [`SystemClock`] is the only place that asks the operating system;
//! [`ManualClock`] stands still until a test moves it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// A wall-clock instant: nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

/// A monotonic instant: nanoseconds since an arbitrary start of the same [`Clock`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonoNanos(pub u64);

impl Timestamp {
    /// Returns the whole seconds since the epoch.
    #[must_use]
    pub fn secs(self) -> u64 {
        self.0 / 1_000_000_000
    }
}

impl MonoNanos {
    /// Returns the instant `duration` later, or the last representable one.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// Returns the time from `earlier` to `self`, zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Reads and awaits time for one host.
pub trait Clock: Send + Sync {
    /// Returns the wall-clock time.
    fn wall(&self) -> Timestamp;
    /// Returns the monotonic time.
    fn mono(&self) -> MonoNanos;
    /// Completes when [`Clock::mono`] has reached `at`; cancel by dropping.
    fn sleep_until(&self, at: MonoNanos) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>>;
}

/// The clock of the operating system.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Creates a clock whose monotonic time starts at zero now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's monotonic clock")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's wall clock")]
    fn wall(&self) -> Timestamp {
        Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanos))
    }

    fn mono(&self) -> MonoNanos {
        MonoNanos(nanos(self.start.elapsed()))
    }

    fn sleep_until(&self, at: MonoNanos) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        // An unrepresentable instant is further away than any process lives.
        let instant = self.start.checked_add(Duration::from_nanos(at.0));
        Box::pin(async move {
            match instant {
                Some(instant) => tokio::time::sleep_until(instant.into()).await,
                None => std::future::pending().await,
            }
        })
    }
}

/// A clock that moves only when told to; for tests.
#[derive(Debug)]
pub struct ManualClock {
    wall_at_start: Timestamp,
    mono: watch::Sender<u64>,
    // Serialises `advance`, so that two callers add their steps.
    step: Mutex<()>,
}

impl ManualClock {
    /// Creates a clock that shows `wall` and monotonic zero.
    #[must_use]
    pub fn new(wall: Timestamp) -> Self {
        Self { wall_at_start: wall, mono: watch::Sender::new(0), step: Mutex::new(()) }
    }

    /// Moves both times forward and wakes the sleepers that have become due.
    pub fn advance(&self, by: Duration) {
        let _step = self.step.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.mono.send_modify(|now| *now = now.saturating_add(nanos(by)));
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Timestamp {
        Timestamp(self.wall_at_start.0.saturating_add(*self.mono.borrow()))
    }

    fn mono(&self) -> MonoNanos {
        MonoNanos(*self.mono.borrow())
    }

    fn sleep_until(&self, at: MonoNanos) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        let mut mono = self.mono.subscribe();
        Box::pin(async move {
            // The sender outlives its waiters only by dropping the clock: then nobody will ever be due.
            if mono.wait_for(|now| *now >= at.0).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_wakes_a_sleeper_when_it_is_due_and_not_before() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let clock = ManualClock::new(Timestamp(5));
            let mut sleeper = tokio::spawn(clock.sleep_until(MonoNanos(10)));
            clock.advance(Duration::from_nanos(9));
            tokio::task::yield_now().await;
            assert!(!sleeper.is_finished());
            clock.advance(Duration::from_nanos(1));
            (&mut sleeper).await.expect("the sleeper ends");
            assert_eq!(clock.wall(), Timestamp(15));
        });
    }
}
