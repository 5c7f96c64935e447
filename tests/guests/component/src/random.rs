//! Random bytes and seeds are there and differ.

use crate::bindings::wasi::random::{insecure, insecure_seed, random};

pub(crate) fn main() {
    for len in [0, 1, 16, 40_000] {
        assert_eq!(random::get_random_bytes(len).len() as u64, len);
        assert_eq!(insecure::get_insecure_random_bytes(len).len() as u64, len);
    }
    assert_ne!(random::get_random_bytes(32), random::get_random_bytes(32));
    assert_ne!(insecure::get_insecure_random_bytes(32), insecure::get_insecure_random_bytes(32));
    assert_ne!(random::get_random_u64(), random::get_random_u64());
    assert_ne!(insecure::get_insecure_random_u64(), insecure::get_insecure_random_u64());
    assert_ne!(insecure_seed::insecure_seed(), insecure_seed::insecure_seed());
    if std::env::args().nth(1).as_deref() == Some("too-much") {
        random::get_random_bytes(1 << 21);
    }
    println!("{:?}", random::get_random_bytes(8));
}
