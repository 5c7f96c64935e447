//! The shell: bash 5.2's language as a library, and as the WebAssembly component `sandshell:shell`.
//!
//! A table of contents: the language (`tree`, `parse`), values (`vars`, `expand`, `pattern`, `arith`), evaluation
//! (`exec`, `builtins`), and the edges (`sys`, `state`, `component`). The shell reaches its world through
//! [`Sys`] alone; nothing here opens a file, reads a clock or starts a thread by itself.

pub mod arith;
pub mod builtins;
#[cfg(target_arch = "wasm32")]
mod component;
pub mod exec;
pub mod expand;
pub mod flow;
pub mod options;
pub mod parse;
pub mod pattern;
pub mod shell;
pub mod state;
pub mod sys;
pub mod traps;
pub mod tree;
pub mod vars;

pub use flow::{Flow, Unwind};
pub use shell::Shell;
pub use sys::{Errno, Sys};
