//! `sandshell:shell/kernel`: what the shell can reach, function by function over [`kernel::Process`].
//!
//! Linked by hand ([`super::interface`]): each function charges fuel for itself and books it when the run's fuel is nearly
//! used, so that a shell learns in time that it must unwind. The types come from the WIT.

mod convert;
mod descriptors;
mod files;
mod process;
mod time;
mod waiting;

use wasmtime::component::Linker;

use super::bindings::shell::sandshell::shell::kernel as wit;
use super::interface::Interface;
use crate::state::GuestState;

/// The name under which the shell imports it.
const INTERFACE: &str = "sandshell:shell/kernel@0.1.0";

/// Descriptors the shell asks for without naming a number lie at or above this one, out of a script's way.
const INTERNAL_FD_MIN: u32 = 10;

/// Links the interface.
pub(crate) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut interface = Interface::new(linker, INTERFACE)?;
    descriptors::link(&mut interface)?;
    files::link(&mut interface)?;
    process::link(&mut interface)?;
    time::link(&mut interface)?;
    waiting::link(&mut interface)
}
