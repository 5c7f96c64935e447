//! Both clocks tell the session's time; sleeping takes as long as it says.

use std::time::{Duration, Instant};

use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};

pub(crate) fn main() {
    let now = wall_clock::now();
    println!("wall {} {}", now.seconds, now.nanoseconds);
    assert!(now.nanoseconds < 1_000_000_000);
    assert_eq!((wall_clock::resolution().seconds, monotonic_clock::resolution()), (0, 1));
    let (before, start) = (monotonic_clock::now(), Instant::now());
    std::thread::sleep(Duration::from_millis(20));
    assert!(monotonic_clock::now() - before >= 20_000_000);
    assert!(start.elapsed() >= Duration::from_millis(20));
    let due = monotonic_clock::subscribe_instant(before);
    assert!(due.ready());
    due.block();
    let later = monotonic_clock::subscribe_duration(5_000_000);
    assert!(!later.ready());
    later.block();
    assert!(later.ready());
    assert!(!monotonic_clock::subscribe_duration(u64::MAX).ready());
}
