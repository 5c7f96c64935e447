//! Operations on trees against the naive model, which is the property tests' own.
#![no_main]

mod draw;

#[path = "../../host/crates/vfs/tests/model/naive.rs"]
mod naive;
#[path = "../../host/crates/vfs/tests/model/ops.rs"]
mod ops;
#[path = "../../host/crates/vfs/tests/model/play.rs"]
mod play;
#[path = "../../host/crates/vfs/tests/model/world.rs"]
mod world;

use draw::Play;

libfuzzer_sys::fuzz_target!(|play: Play| {
    if let Err(error) = play::play(&play.shipped, play.quota, &play.steps) {
        panic!("{error}");
    }
});
