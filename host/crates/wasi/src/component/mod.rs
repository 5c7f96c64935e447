//! WASI 0.2, the shell's world and the world of programs: an explicit list of what a component may import.
//!
//! All of it is implemented here over the session's kernel, with the one preopen `/`; there are no sockets. What is not in
//! [`shell_linker`] or [`command_linker`] does not exist for a guest.

pub mod bindings;
pub mod cli;
pub mod filesystem;
pub mod io;

mod clocks;
mod command;
mod errno;
mod interface;
mod kernel;
mod owned;
mod random;
mod system;
mod transfer;

use wasmtime::component::Linker;

pub use bindings::program::{Program as Command, ProgramPre as CommandPre};
pub use bindings::shell::{CompletionReply, RunReply, Section, Shell, ShellPre};
pub use command::{call_command, unlinked_import};

use crate::state::GuestState;

/// Handles of one component at once: descriptors, streams, pollables.
pub const RESOURCES_MAX: usize = 4096;

/// Bytes a component may pass in one call, and return from an export. The largest is a shell's state on its way to a
/// stage: 16 MiB in one list, with as much again for what goes with it.
pub const HOSTCALL_BYTES: usize = 32 << 20;

/// Links all the shell may import: its kernel, and WASI 0.2 with standard streams that lead nowhere.
///
/// # Errors
///
/// Those of Wasmtime's linker: a name given twice.
pub fn shell_linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = wasi_linker(engine)?;
    kernel::link(&mut linker)?;
    Ok(linker)
}

/// Links all a command may import: WASI 0.2 and what `sandshell_v1` is to core modules.
///
/// # Errors
///
/// Those of Wasmtime's linker: a name given twice.
pub fn command_linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = wasi_linker(engine)?;
    system::link(&mut linker)?;
    Ok(linker)
}

fn wasi_linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    io::link(&mut linker)?;
    clocks::link(&mut linker)?;
    random::link(&mut linker)?;
    cli::link(&mut linker)?;
    filesystem::link(&mut linker)?;
    Ok(linker)
}
