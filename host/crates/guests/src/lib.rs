//! The shipped guests: their Wasm and native code, embedded in the binary, and the default image built of them.
//!
//! `make guests` builds what is embedded; `build.rs` finds it. Nothing here runs a guest: `engine` does.

mod embedded;
mod image;

pub use embedded::{install, name_of, names, tag_of};
pub use image::{program_count, template};
