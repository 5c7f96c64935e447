//! `sandshell:program/system`: the functions of `sandshell_v1` for components (`wit/program/program.wit`).
//!
//! One file a group of functions, as in [`crate::program`]; what the two front ends share is [`crate::system`].

mod descriptors;
mod files;
mod processes;

use wasmtime::component::Linker;

use super::bindings::program::sandshell::program::system as wit;
use super::interface::Interface;
use crate::state::GuestState;

/// The name under which components import it.
const INTERFACE: &str = "sandshell:program/system@1.0.0";

/// Links the interface.
pub(super) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut interface = Interface::new(linker, INTERFACE)?;
    files::link(&mut interface)?;
    descriptors::link(&mut interface)?;
    processes::link(&mut interface)
}
