//! Sessions through the store and back: random operations with commits in between, and what is damaged on the way.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

// The model is the file system's own; it calls the crate by its full name.
extern crate vfs as sandshell_vfs;

#[path = "../../../vfs/tests/model/draw.rs"]
mod draw;
#[path = "../../../vfs/tests/model/naive.rs"]
mod naive;
#[path = "../../../vfs/tests/model/ops.rs"]
mod ops;
#[expect(dead_code, reason = "its checks are for the file system's own test")]
#[path = "../../../vfs/tests/model/world.rs"]
mod world;

mod damage;
mod depot;
mod disk;
mod play;
mod written;
