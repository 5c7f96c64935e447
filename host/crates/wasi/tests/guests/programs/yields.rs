//! `sched_yield`: others get their turn, and the program goes on.

use super::*;

pub fn run(_: &str) {
    for _ in 0..10 {
        sched_yield().unwrap();
    }
}
