//! Shell behaviour as data: `cases/*.yaml`, one list of cases a file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// One script and what bash answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A sentence of behaviour.
    pub name: String,
    /// The script.
    pub script: String,
    /// Files there before the run, by path relative to the working directory.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What the script reads.
    #[serde(default)]
    pub stdin: String,
    /// What it writes to stdout, to the byte.
    #[serde(default)]
    pub stdout: String,
    /// A regular expression that its stderr matches; absent: stderr is empty.
    pub stderr: Option<String>,
    /// Its exit status.
    #[serde(default)]
    pub status: i32,
    /// Why GNU bash is not asked (its answer names a host path, say); absent: it is.
    pub not_in_bash: Option<String>,
}

/// Reads every case file of a folder: (file stem, cases), ordered by name.
///
/// # Panics
///
/// A file cannot be read or is not a list of cases.
#[must_use]
pub fn read_all(folder: &Path) -> Vec<(String, Vec<Case>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a readable file");
            let cases = serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_stem().expect("a name").to_string_lossy().into_owned(), cases)
        })
        .collect()
}
