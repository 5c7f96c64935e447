//! Expansions, patterns, variables and arithmetic as data: `expansion/*.cases`, recorded from GNU bash 5.2.
//!
//! A case is one or more lines `$ script` followed by the lines `> output` (standard output and error together);
//! `# ` begins a remark. Each runs in a shell of its own in an empty directory; the function `n` shows its arguments.
//! Where bash 5.2 is installed the recorded answers are checked against it too.

use std::path::Path;
use std::rc::Rc;

use guest_shell::Shell;
use guest_shell::sys::OpenFlags;
use guest_shell::sys::Sys;
use guest_shell::sys::native::NativeSys;

/// Shows the number of its arguments and each in angle brackets.
const PRELUDE: &str = "n() { local s= i_; for i_ in \"$@\"; do s=\"$s<$i_>\"; done; echo \"$#:$s\"; }\n";

/// The environment of both shells.
const ENVIRONMENT: [(&str, &str); 3] =
    [("HOME", "/root"), ("LANG", "C.UTF-8"), ("PATH", "/usr/local/bin:/usr/bin:/bin")];

struct Case {
    line: usize,
    script: String,
    expected: String,
}

fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut in_script = false;
    for (i, line) in text.lines().enumerate() {
        if let Some(script) = line.strip_prefix("$ ") {
            match cases.last_mut().filter(|_| in_script) {
                Some(case) => case.script.push_str(script),
                None => cases.push(Case { line: i + 1, script: script.into(), expected: String::new() }),
            }
            in_script = true;
        } else if let Some(case) = cases.last_mut()
            && let Some(output) = line.strip_prefix('>')
        {
            in_script = false;
            case.expected.push_str(output.strip_prefix(' ').unwrap_or(output));
            case.expected.push('\n');
        }
        if line.starts_with('#') {
            in_script = false;
        }
        if let Some(case) = cases.last_mut().filter(|_| in_script) {
            case.script.push('\n');
        }
    }
    cases
}

fn ours(directory: &Path, script: &str) -> String {
    let sys = Rc::new(NativeSys::new("/bin/false".into()).expect("the process has descriptors and a directory"));
    sys.enter(directory.into());
    let out = sys.open(b"../out", OpenFlags { append: true, create: true, write: true, ..OpenFlags::default() }, 0o600);
    let out = out.expect("the directory is new");
    for fd in [1, 2] {
        sys.dup2(out, fd).expect("both descriptors exist");
    }
    let env = ENVIRONMENT.map(|(name, value)| format!("{name}={value}").into_bytes());
    Shell::new(sys, b"bash", &env).main(&["bash", "-c", script, "bash"].map(|text| text.as_bytes().to_vec()));
    read(&directory.join("../out"))
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own output")]
fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

#[expect(clippy::disallowed_methods, reason = "the oracle is a process of the test")]
fn bash(directory: &Path, script: &str) -> Option<String> {
    let script = format!("exec 2>&1; {script}");
    let run = |script: &str| {
        std::process::Command::new("bash")
            .args(["-c", script, "bash"])
            .current_dir(directory)
            .env_clear()
            .envs(ENVIRONMENT)
            .output()
            .ok()
    };
    let version = run("echo ${BASH_VERSION%.*}")?;
    if version.stdout != b"5.2\n" {
        return None;
    }
    Some(String::from_utf8_lossy(&run(&script)?.stdout).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "a test makes its own directory")]
fn check(file: &str, text: &str) {
    let mut wrong = String::new();
    for case in parse(text) {
        let place = tempfile::tempdir().expect("a temporary directory");
        let directory = place.path().join("w");
        std::fs::create_dir(&directory).expect("the place is new");
        let script = format!("{PRELUDE}{}", case.script);
        let got = ours(&directory, &script);
        let again = tempfile::tempdir().expect("a temporary directory");
        let oracle = bash(again.path(), &script);
        if got != case.expected {
            wrong += &format!("{file}:{}: {}expected:\n{}got:\n{got}\n", case.line, case.script, case.expected);
        } else if oracle.is_some_and(|text| text != got) {
            wrong += &format!("{file}:{}: {}is not what the installed bash says\n", case.line, case.script);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! files {
    ($($name:ident),*) => {
        $(#[test] fn $name() { check(stringify!($name), include_str!(concat!("expansion/", stringify!($name), ".cases"))); })*
    };
}

files!(splitting, parameters, arrays, variables, braces, patterns, paths, regexes, arithmetic, failures);
