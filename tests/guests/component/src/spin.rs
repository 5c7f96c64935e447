//! Computes for ever; with the argument `calling`, in calls of the host that are always answered at once.

use std::hint::black_box;

use crate::bindings::wasi::clocks::monotonic_clock;

pub(crate) fn main() {
    let calls = std::env::args().nth(1).as_deref() == Some("calling");
    let mut n = 0u64;
    loop {
        n = black_box(if calls { monotonic_clock::now() } else { n.wrapping_add(1) });
    }
}
