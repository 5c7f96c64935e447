//! Tells the binary which Wasmtime it is built with: the one of the lock file.

use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a build script reads the checkout it builds")]
fn main() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = std::fs::read_to_string(lock).unwrap_or_default();
    let version = text
        .split("[[package]]")
        .find(|package| package.contains("name = \"wasmtime\"\n"))
        .and_then(|package| package.split("version = \"").nth(1)?.split('"').next());
    println!("cargo::rustc-env=SANDSHELL_WASMTIME={}", version.unwrap_or("unknown"));
}
