//! Suites that need a tool which may be missing: named when skipped, and a failure where CI demands all of them.

use std::io::Write;

use crate::server::workspace_root;

/// Returns whether `tool` is on the PATH; if not, records that `suite` was skipped.
///
/// # Panics
///
/// The tool is missing and `SANDSHELL_REQUIRE_ALL` is set, as in CI.
#[must_use]
pub fn tool_or_skip(suite: &str, tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !found {
        record(suite, tool);
    }
    found
}

/// Records that `suite` was skipped for want of `what`.
///
/// # Panics
///
/// `SANDSHELL_REQUIRE_ALL` is set, as in CI.
pub fn record(suite: &str, what: &str) {
    assert!(std::env::var_os("SANDSHELL_REQUIRE_ALL").is_none(), "{suite} needs {what}");
    let list = workspace_root().join("target/skipped");
    let mut list = std::fs::OpenOptions::new().create(true).append(true).open(list).expect("target/ is writable");
    writeln!(list, "{suite}: {what} is missing").expect("target/ is writable");
}
