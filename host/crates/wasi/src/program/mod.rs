//! `sandshell_v1`: what a program can ask for beyond preview 1 (`wit/program.md` is its reference).
//!
//! One file a group of functions, each a translation of one kernel call. The module grants nothing that a script of
//! the same session does not have.

mod descriptors;
mod files;
mod priority;
mod processes;
mod request;
mod signals;
mod waiting;

use wasmtime::{Linker, Result};

use crate::state::GuestState;

/// Name of the module.
pub const MODULE: &str = "sandshell_v1";

/// All functions of the module, in alphabetical order.
pub const FUNCTIONS: &[&str] = &[
    "access",
    "chdir",
    "chmod",
    "chown",
    "dup",
    "fchdir",
    "fchmod",
    "fchown",
    "fstat",
    "getcwd",
    "getpid",
    "isatty",
    "kill",
    "pipe",
    "priority",
    "processes",
    "sigaction",
    "sigpending",
    "sigstate",
    "spawn",
    "stat",
    "statfs",
    "times",
    "umask",
    "utimens",
    "wait",
    "wait_for",
    "winsize",
];

/// Adds all of [`FUNCTIONS`] to the linker.
///
/// # Errors
///
/// When one of them is there already.
pub fn add_to_linker(linker: &mut Linker<GuestState>) -> Result<()> {
    descriptors::add(linker)?;
    files::add(linker)?;
    priority::add(linker)?;
    processes::add(linker)?;
    signals::add(linker)?;
    waiting::add(linker)
}
