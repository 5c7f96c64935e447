//! The shell's state as bytes: numbered sections with a version, for the host to keep and for child shells to begin with.
//!
//! The same encoding serves subshell processes, instances that are made again, and whatever stores a session. The bytes
//! are the shell's own; the host only keeps them. Descriptors, working directory and umask are the kernel's and not here.

mod child;
mod environment;
mod records;
mod save;

pub use child::{decode_stage, encode_for_child, encode_stage};
pub use records::StateError;
pub use save::{SaveLog, Section};
