//! `wasi:io` over the kernel: errors, streams and pollables, all of them plain data.
//!
//! A stream names what it reads or writes; it holds no bytes, so nothing is lost when it is dropped or the process ends,
//! and a flush has nothing to do.

mod error;
mod input;
mod output;
mod poll;

use wasmtime::component::Linker;

pub use error::IoError;
pub use input::InputStream;
pub use output::OutputStream;
pub use poll::Pollable;

use super::interface::Interface;
use crate::state::GuestState;

/// Links `wasi:io/error`, `poll` and `streams`.
pub(super) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    error::link(&mut Interface::new(linker, "wasi:io/error@0.2.12")?)?;
    poll::link(&mut Interface::new(linker, "wasi:io/poll@0.2.12")?)?;
    let mut streams = Interface::new(linker, "wasi:io/streams@0.2.12")?;
    input::link(&mut streams)?;
    output::link(&mut streams)
}
