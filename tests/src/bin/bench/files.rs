//! The file system: as a guest sees it, against the same program on the machine's own; and forks of a tree.

use std::path::{Path, PathBuf};
use std::process::Command;

use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sandshell_tests::Server;
use sandshell_tests::server::workspace_root;
use serde_json::json;
use vfs::{Ino, Quota, Tree};

use crate::figures::{alone, median, row, timed};

/// A file system in memory, like ours.
const NATIVE_PLACE: &str = "/dev/shm";
const FORK_FILES: usize = 10_000;
const FORK_FILE_BYTES: usize = 10_000;

/// Measures both.
pub(crate) fn measure() {
    guest();
    forks();
}

fn guest() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let wasm = compile(folder.path(), &["--target", "wasm32-wasip1", "-C", "target-feature=+simd128"], "bench.wasm");
    let native = compile(folder.path(), &[], "bench");
    let ours = in_session(&std::fs::read(wasm).expect("rustc wrote it"));
    let reference = natively(&native);
    for (line, reference) in ours.lines().zip(reference.lines()) {
        let (name, ours) = figure(line);
        let (same, reference) = figure(reference);
        assert_eq!(name, same);
        let unit = if name.contains("blocks") { "MB/s" } else { "ns" };
        row(
            &format!("guest: {name}"),
            &format!("{ours:.0} {unit}"),
            &format!("{reference:.0} {unit}"),
            ours / reference,
            "",
        );
    }
}

fn compile(folder: &Path, target: &[&str], name: &str) -> PathBuf {
    let made = folder.join(name);
    let source = workspace_root().join("tests/guests/file_bench.rs");
    let status = Command::new("rustc")
        .args(["--edition", "2024", "-C", "opt-level=3"])
        .args(target)
        .arg("-o")
        .args([&made, &source])
        .status()
        .expect("rustc is there, as it built this");
    assert!(status.success());
    made
}

fn in_session(wasm: &[u8]) -> String {
    let server = Server::start(&["--timeout", "120s"]);
    let client = server.client();
    let program = json!({ "path": "/bench", "mode": 0o755, "content": STANDARD.encode(wasm) });
    let id = client.import("new", &json!({ "version": 1, "files": [program] }));
    let reply = client.run_in(&id, "mkdir /w && /bench /w");
    assert_eq!(reply["exit_code"], 0, "{reply}");
    reply["stdout"].as_str().expect("text").to_owned()
}

fn natively(program: &Path) -> String {
    let place = tempfile::tempdir_in(NATIVE_PLACE).expect("a directory in memory");
    let output = Command::new(program).arg(place.path()).output().expect("it was just compiled");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn figure(line: &str) -> (&str, f64) {
    let (name, value) = line.split_once('\t').expect("a name and a number");
    (name, value.parse().expect("a number"))
}

/// Clones of a tree, as checkpoints and forks are, without HTTP.
fn forks() {
    let now = Timestamp(0);
    let mut tree = Tree::new(Quota::UNLIMITED, now);
    let content = vec![7; FORK_FILE_BYTES];
    for number in 0..FORK_FILES {
        let directory = format!("/d{}", number / 100);
        if number % 100 == 0 {
            tree.mkdir(Ino::ROOT, directory.as_bytes(), 0o755, now).expect("room");
        }
        let path = format!("{directory}/f{number}");
        let ino = tree.create(Ino::ROOT, path.as_bytes(), 0o644, true, now).expect("room");
        tree.write_at(ino, 0, &content, now).expect("room");
    }
    let mut clones = Vec::new();
    let mut fork: Vec<f64> = (0..1000).map(|_| timed(|| clones.push(tree.clone()))).collect();
    alone("fork of 10,000 files / 100 MB, p50", &format!("{:.2} µs", median(&mut fork)), "<= 100 µs");
    let ino = tree.lookup(Ino::ROOT, b"/d50/f5050", vfs::Follow::No).expect("it is there");
    let mut first: Vec<f64> =
        clones.iter_mut().map(|tree| timed(|| assert_eq!(tree.write_at(ino, 5, b"x", now), Ok(1)))).collect();
    alone("first write after a fork, 10 KB file, p50", &format!("{:.2} µs", median(&mut first)), "");
    let mut again: Vec<f64> =
        clones.iter_mut().map(|tree| timed(|| assert_eq!(tree.write_at(ino, 5, b"y", now), Ok(1)))).collect();
    alone("the next write to the same file, p50", &format!("{:.2} µs", median(&mut again)), "");
}
