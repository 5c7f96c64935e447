//! `sandshell version`: what this binary is made of.

use std::process::ExitCode;

use serde_json::json;

use crate::banner;

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Whoever builds may say which commit it is; the build itself needs no git.
const COMMIT: Option<&str> = option_env!("SANDSHELL_COMMIT");

/// Prints the version.
pub(crate) fn print(as_json: bool) -> ExitCode {
    banner::print(if as_json { details() } else { line() }.as_bytes())
}

fn line() -> String {
    match COMMIT {
        Some(commit) => format!("sandshell {VERSION} ({commit})\n"),
        None => format!("sandshell {VERSION}\n"),
    }
}

fn details() -> String {
    let details = json!({
        "version": VERSION,
        "commit": COMMIT,
        "wasmtime": env!("SANDSHELL_WASMTIME"),
        "guests": guests::names(),
    });
    format!("{details:#}\n")
}
