//! The project's own sources as text, for the tidy tests.

use std::path::{Path, PathBuf};

use crate::server::workspace_root;

/// Returns the files below the checkout whose extension is `extension`, build output left out, ordered by path.
///
/// # Panics
///
/// A folder cannot be read.
#[must_use]
pub fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![workspace_root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() && name != "target" && !(name.starts_with('.') && name != ".ci") {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns a path relative to the checkout, for messages.
#[must_use]
pub fn relative(path: &Path) -> String {
    path.strip_prefix(workspace_root()).unwrap_or(path).display().to_string()
}
