//! Shell behaviour: every case of `cases/*.yaml`, through the HTTP interface, and against GNU bash where it is installed.
//!
//! A case runs in a session of its own whose working directory is `/w`. In bash it runs in a fresh folder whose path is
//! replaced by `/w` in what it writes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex_lite::Regex;
use sandshell_tests::case::{Case, read_all};
use sandshell_tests::server::workspace_root;
use sandshell_tests::{Client, Server, skip};
use serde_json::{Value, json};

/// What a shell answered.
#[derive(Debug, PartialEq)]
struct Answer {
    stdout: String,
    stderr: String,
    status: i64,
}

/// The script as it runs: its standard input, when it has one, comes from a file beside the others.
fn script_of(case: &Case) -> String {
    if case.stdin.is_empty() { case.script.clone() } else { format!("exec <.stdin; {}", case.script) }
}

fn files_of(case: &Case) -> BTreeMap<String, String> {
    let mut files = case.files.clone();
    if !case.stdin.is_empty() {
        files.insert(".stdin".to_owned(), case.stdin.clone());
    }
    files
}

fn snapshot_of(files: &BTreeMap<String, String>) -> Value {
    const DIRECTORY: u32 = 1 << 31;
    let mut folders = std::collections::BTreeSet::from(["/w".to_owned()]);
    for path in files.keys() {
        for parent in Path::new(path).ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()) {
            folders.insert(format!("/w/{}", parent.display()));
        }
    }
    let mut entries: Vec<Value> =
        folders.iter().map(|path| json!({ "path": path, "mode": DIRECTORY | 0o755, "is_dir": true })).collect();
    for (path, text) in files {
        entries.push(json!({ "path": format!("/w/{path}"), "mode": 0o644, "content": STANDARD.encode(text) }));
    }
    json!({ "version": 1, "cwd": "/w", "files": entries })
}

fn in_sandshell(client: &Client, case: &Case) -> Answer {
    let session = client.import("new", &snapshot_of(&files_of(case)));
    let reply = client.run_in(&session, &script_of(case));
    let _ = client.send("DELETE", &format!("/session/{session}"), &[], b"");
    Answer {
        stdout: reply["stdout"].as_str().unwrap_or_default().to_owned(),
        stderr: reply["stderr"].as_str().unwrap_or_default().to_owned(),
        status: reply["exit_code"].as_i64().unwrap_or(-1),
    }
}

fn in_bash(case: &Case) -> Answer {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files_of(case) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let root = folder.path().canonicalize().expect("a path");
    // A file, since `-c` words some messages and statuses in its own way. It lies where the script's globs do not see it.
    let script = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(script.path(), script_of(case)).expect("a script");
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-O", "expand_aliases"])
        .arg(script.path())
        .current_dir(&root)
        .env_clear()
        .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/root"), ("LANG", "C.UTF-8"), ("USER", "root")])
        .env("PWD", &root)
        .stdin(Stdio::null())
        .output()
        .expect("bash starts");
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).replace(&root.display().to_string(), "/w");
        text.replace(&script.path().display().to_string(), "bash")
    };
    Answer {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        status: i64::from(output.status.code().unwrap_or(-1)),
    }
}

/// Returns what is wrong with an answer, if anything.
fn complaint(case: &Case, answer: &Answer) -> Option<String> {
    let stderr_fits = match &case.stderr {
        Some(pattern) => Regex::new(pattern).expect("a regular expression").is_match(&answer.stderr),
        None => answer.stderr.is_empty(),
    };
    if answer.stdout == case.stdout && answer.status == i64::from(case.status) && stderr_fits {
        return None;
    }
    let expected = format!("stdout {:?}, status {}, stderr {:?}", case.stdout, case.status, case.stderr);
    Some(format!("{}\n{}\n  expected {expected}\n  got      {answer:?}", case.name, case.script))
}

/// Runs `answer` over all cases on a few threads and fails with every complaint.
fn check_all(cases: &[(String, Vec<Case>)], answer: impl Fn(&Case) -> Answer + Sync) {
    const THREADS: usize = 4;
    let all: Vec<(&str, &Case)> =
        cases.iter().flat_map(|(file, cases)| cases.iter().map(move |case| (file.as_str(), case))).collect();
    let complaints: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|worker| {
                let (all, answer) = (&all, &answer);
                scope.spawn(move || {
                    let mine = all.iter().skip(worker).step_by(THREADS);
                    mine.filter_map(|(file, case)| Some(format!("--- {file}: {}", complaint(case, &answer(case))?)))
                        .collect()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|_| vec!["a worker died".to_owned()]))
            .collect()
    });
    assert!(complaints.is_empty(), "{} of {} cases differ:\n{}", complaints.len(), all.len(), complaints.join("\n"));
}

fn all_cases() -> Vec<(String, Vec<Case>)> {
    read_all(&workspace_root().join("tests/cases"))
}

#[test]
fn every_case_answers_as_recorded() {
    let server = Server::start(&["--max-sessions", "0"]);
    let client = server.client();
    check_all(&all_cases(), |case| in_sandshell(&client, case));
}

#[test]
fn the_recorded_answers_are_those_of_gnu_bash() {
    if !skip::tool_or_skip("cases against GNU bash", "bash") {
        return;
    }
    let version = Command::new("bash").args(["-c", "echo $BASH_VERSION"]).output().expect("bash starts");
    if !version.stdout.starts_with(b"5.2") {
        skip::record("cases against GNU bash", "bash 5.2");
        return;
    }
    let mut cases = all_cases();
    for (_, cases) in &mut cases {
        cases.retain(|case| case.not_in_bash.is_none());
    }
    check_all(&cases, in_bash);
}

#[test]
fn the_table_of_cases_counts_them() {
    let readme =
        std::fs::read_to_string(workspace_root().join("tests/cases/README.md")).expect("tests/cases/README.md");
    let mut total = 0;
    for (file, cases) in all_cases() {
        total += cases.len();
        let row = format!("| `{file}.yaml` | {} |", cases.len());
        assert!(readme.contains(&row), "tests/cases/README.md lacks the row {row}");
        let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), cases.len(), "{file}: two cases have one name");
    }
    assert!(
        readme.contains(&format!("\n{total} cases in all")),
        "tests/cases/README.md does not say that there are {total} cases"
    );
}
