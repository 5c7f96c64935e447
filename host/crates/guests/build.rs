//! Points the crate at the guests that `make guests` has built, and says what to do when they are missing.
#![expect(clippy::disallowed_methods, reason = "a build script speaks to Cargo and reads its environment")]

use std::path::{Path, PathBuf};

/// The files `src/embedded.rs` embeds: each as `NAME.wasm` and `NAME.cwasm`.
const GUESTS: &[&str] = &["shell", "coreutils", "find", "grep", "processes", "sed"];

fn main() {
    println!("cargo:rerun-if-env-changed=SANDSHELL_GUESTS");
    let folder = std::env::var_os("SANDSHELL_GUESTS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/guests"), PathBuf::from);
    for name in GUESTS {
        for extension in ["wasm", "cwasm"] {
            let file = folder.join(name).with_extension(extension);
            println!("cargo:rerun-if-changed={}", file.display());
            if !file.is_file() {
                println!("cargo:warning={} is missing: run `make guests` first", file.display());
                std::process::exit(1);
            }
        }
    }
    println!("cargo:rustc-env=SANDSHELL_GUESTS={}", folder.display());
}
