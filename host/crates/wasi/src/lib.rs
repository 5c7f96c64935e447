//! The ABIs a guest sees, over the kernel: preview 1 and the program module for core modules, WASI 0.2 and the shell's
//! world for components.
//!
//! Everything here translates: numbers, pointers and records into calls of [`kernel::Process`], and waiting into
//! [`wait::host_wait`]. It decides nothing about files, processes or limits, and links nothing that is not listed.

pub mod component;
pub mod exit;
pub mod fuel;
pub mod limiter;
pub mod state;
pub mod wait;

pub mod p1;
pub mod program;

mod call;
mod descriptors;
mod memory;
mod system;

pub use exit::GuestExit;
pub use limiter::ProcessLimiter;
pub use state::{GuestSpec, GuestState};
pub use wait::{Interrupted, host_wait, host_wait_in_state, until_it_may_run};
