//! The compiling process of users' Wasm as a program of its own; `sandshell` has it inside.

use std::process::ExitCode;

fn main() -> ExitCode {
    match sandshell_engine::compile_for_server(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
