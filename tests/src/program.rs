//! Programs for WASI that a test compiles itself, as a user would: Rust with its standard library.

use std::process::Command;

/// Compiles a program to Wasm for `wasm32-wasip1` or `wasm32-wasip2`.
///
/// # Panics
///
/// `rustc` cannot be run or refuses the source.
#[must_use]
pub fn compiled(target: &str, source: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("program.rs"), folder.path().join("program.wasm"));
    std::fs::write(&input, source).expect("the source");
    let arguments = ["--target", target, "--edition", "2024", "-C", "opt-level=s", "-C", "strip=symbols"];
    let done = Command::new("rustc").args(arguments).arg(&input).arg("-o").arg(&output).status().expect("rustc runs");
    assert!(done.success(), "rustc compiles the program");
    std::fs::read(output).expect("rustc wrote it")
}
