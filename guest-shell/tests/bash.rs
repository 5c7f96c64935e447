//! Scripts that the shell and the installed GNU bash must answer alike: standard output and status.
//!
//! The scripts are data (`scripts/*.txt`, separated by `###` lines); both shells run them as files in an empty
//! directory. Without an installed bash 5.2 there is nothing to compare with and the test says so.

#![expect(clippy::disallowed_methods, reason = "the test runs two shells as processes and writes their scripts")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Standard output and status.
type Answer = (String, Option<i32>);

/// The native shell, which cargo builds beside the tests.
fn native() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let target = test.parent().and_then(Path::parent).expect("tests are in target/PROFILE/deps");
    target.join("examples/native")
}

fn answer(shell: &Path, script: &str) -> Answer {
    let directory = tempfile::tempdir().expect("a directory for the script");
    let work = directory.path().join("work");
    std::fs::create_dir(&work).expect("a working directory");
    let file = directory.path().join("script");
    std::fs::write(&file, script).expect("the script is written");
    let output = Command::new(shell)
        .arg(&file)
        .current_dir(&work)
        .env_clear()
        .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/root"), ("LANG", "C.UTF-8"), ("TERM", "dumb")])
        .env("TMP", &work)
        .stdin(Stdio::null())
        .output()
        .expect("the shell starts");
    let text = String::from_utf8_lossy(&output.stdout).replace(&directory.path().display().to_string(), "DIR");
    (text, output.status.code())
}

fn has_bash() -> bool {
    let version = Command::new("/bin/bash").arg("--version").output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("version 5.2"))
}

/// Runs all scripts of a file in both shells and names those that differ.
fn compare(name: &str) {
    if !has_bash() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts").join(name);
    let scripts = std::fs::read_to_string(&path).expect("the scripts are there");
    let differing: Vec<String> = scripts
        .split("\n###\n")
        .filter_map(|script| {
            let expected = answer(Path::new("/bin/bash"), script);
            let got = answer(&native(), script);
            (got != expected).then(|| format!("{script}\n  bash: {expected:?}\n  ours: {got:?}"))
        })
        .collect();
    assert!(differing.is_empty(), "{} scripts differ:\n{}", differing.len(), differing.join("\n\n"));
}

#[test]
fn commands_and_lists_behave_as_in_bash() {
    compare("commands.txt");
}

#[test]
fn builtins_behave_as_in_bash() {
    compare("builtins.txt");
}

#[test]
fn small_programs_behave_as_in_bash() {
    compare("programs.txt");
}
