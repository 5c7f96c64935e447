//! The component that tests run, built here once with the toolchain that builds the workspace.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// The component's bytes.
pub(crate) fn wasm() -> &'static [u8] {
    static WASM: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
    WASM.get_or_init(build).as_ref().unwrap_or_else(|message| panic!("the guests do not compile: {message}"))
}

#[expect(clippy::disallowed_methods, reason = "a test runs the compiler and reads what it wrote")]
fn build() -> Result<Vec<u8>, String> {
    // A folder of its own: a test must not wait for who builds the workspace meanwhile.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("component-guests");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--package", "component-guests"])
        .args(["--profile", "guest", "--target", "wasm32-wasip2", "--target-dir"])
        .arg(&target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .map_err(|error| error.to_string())?;
    if !built.status.success() {
        return Err(String::from_utf8_lossy(&built.stderr).into_owned());
    }
    std::fs::read(target.join("wasm32-wasip2/guest/component-guests.wasm")).map_err(|error| error.to_string())
}
