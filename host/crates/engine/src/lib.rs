//! Wasmtime for sandshell: one configuration, the program registry, the scheduler, and processes run under limits.
//!
//! An [`Engine`] is one a server; a [`Sandbox`] is one session's processes and files over it. Guest code ends as an
//! outcome; an [`EngineError`] is the host's own failure.

mod compiler;
mod config;
mod error;
mod report;
mod shell_state;

mod engine;
mod programs;
mod runtime;
mod ticker;
mod user;

mod bucket;
mod cpu;
mod slots;

mod end;
mod kept;
mod leash;
mod process;
mod sandbox;
mod shell;
mod store;

pub use compiler::Compiler;
pub use config::{CompilerCommand, EngineConfig, Metering, UserCodeConfig};
pub use engine::Engine;
pub use error::EngineError;
pub use report::{After, Before, Completion, RunReport, RunRequest};
pub use sandbox::{Sandbox, SandboxSpec};
pub use shell_state::{ShellState, StateTooLarge};
pub use user::{CodeShelf, ShelfError, compile_for_server};
