//! Safe Rust over the `sandshell_v1` program module (see `wit/program.md`), for the programs built to Wasm.
//!
//! WASI preview 1 has no working directory, process or mode bits; the module gives them. On other targets (native
//! tests of a program's own logic) the same functions act on the real process as far as they can.

mod cwd;
#[cfg(target_arch = "wasm32")]
mod imports;

pub use cwd::enter_working_directory;
