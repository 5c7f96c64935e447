//! The interpreter of the table: compiled for guests and for Linux, and run on the latter.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test runs the compiler and what it made, and looks after the files"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/guests/posix")
}

/// Returns the case files, name and content.
pub(crate) fn cases() -> Vec<(String, Vec<u8>)> {
    let listed = std::fs::read_dir(folder().join("cases")).expect("the folder of the cases");
    let mut cases: Vec<(String, Vec<u8>)> = listed
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a case file"))
        })
        .collect();
    cases.sort();
    cases
}

/// Compiles it with the toolchain that compiles the workspace, which names the target.
///
/// Each target has a folder of its own: the compiler puts what it links beside its output, under the same names.
fn compile(target: &str, args: &[&str]) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("posix").join(target);
    std::fs::create_dir_all(&place).expect("a folder for the interpreter");
    let output = place.join("interpreter");
    let compiled = Command::new("rustc")
        .args(["--edition", "2024", "-C", "opt-level=1", "-C", "strip=symbols", "-o"])
        .arg(&output)
        .args(args)
        .arg(folder().join("main.rs"))
        .status()
        .expect("rustc runs");
    assert!(compiled.success());
    output
}

/// Returns it as a module of preview 1.
pub(crate) fn for_guests() -> Vec<u8> {
    std::fs::read(compile("wasm", &["--target", "wasm32-wasip1"])).expect("rustc wrote it")
}

/// Adds a line to the list of what a run of all tests has skipped, where it may skip anything.
pub(crate) fn note_skipped(suite: &str, what: &str) {
    assert!(std::env::var_os("SANDSHELL_REQUIRE_ALL").is_none(), "{suite} needs {what}");
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/skipped");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(list);
    let noted = file.and_then(|mut file| writeln!(file, "{suite}: {what} is missing"));
    noted.expect("the list of what was skipped");
}

/// Runs all cases in a new directory below `parent` and returns what was printed; nothing if that cannot be.
pub(crate) fn on_linux(parent: &Path) -> Option<String> {
    let base = parent.join(format!("sandshell-posix-{}", std::process::id()));
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !is_root || std::fs::create_dir(&base).is_err() {
        return None;
    }
    let names = cases().into_iter().map(|(name, _)| folder().join("cases").join(name));
    let done = Command::new(compile("linux", &[])).arg(&base).args(names).output();
    std::fs::remove_dir_all(&base).expect("the cases leave nothing that cannot be removed");
    let output = done.expect("it runs");
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}
