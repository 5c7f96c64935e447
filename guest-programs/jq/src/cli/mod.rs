//! The command line of `jq`.

mod colors;
mod inputs;
mod options;
mod program;
mod run;
mod usage;

pub(crate) use inputs::NoInput;
pub(crate) use program::{compile_program, default_folders};
pub(crate) use run::main;
