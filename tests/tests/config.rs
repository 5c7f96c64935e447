//! Settings and help as an operator meets them: the binary, its files and variables, its answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sandshell_tests::server::binary;
use sandshell_tests::skip;
use serde_json::Value;

/// Runs the binary in `folder` with nothing but `variables` in its environment.
fn run(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Output {
    Command::new(binary())
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .envs(variables.iter().copied())
        .output()
        .expect("target/release/sandshell starts: `make build` builds it")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the settings that `config check` shows.
fn settings(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Value {
    let args: Vec<&str> = ["config", "check", "--format", "json"].iter().chain(args).copied().collect();
    let output = run(folder, variables, &args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn folder_with(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sandshell.toml");
    std::fs::write(&path, text).expect("written");
    (folder, path)
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_a_variable_than_the_file() {
    let (folder, _) = folder_with("timeout = \"1s\"\nsession_ttl = \"1m\"\nmax_sessions = 1\n");
    let variables = [("SANDSHELL_SESSION_TTL", "2m"), ("SANDSHELL_MAX_SESSIONS", "2")];
    let shown = settings(folder.path(), &variables, &["--max-sessions", "3"]);
    let check = |key: &str, value: Value, from: Value| {
        assert_eq!(shown["settings"][key], serde_json::json!({ "value": value, "from": from }), "{key}");
    };
    check("timeout", "1s".into(), serde_json::json!({ "kind": "file", "file": "sandshell.toml", "line": 1 }));
    check("session_ttl", "2m".into(), serde_json::json!({ "kind": "env", "variable": "SANDSHELL_SESSION_TTL" }));
    check("max_sessions", 3.into(), serde_json::json!({ "kind": "flag", "flag": "--max-sessions" }));
    check("drain", "10s".into(), serde_json::json!({ "kind": "default" }));
}

#[test]
fn the_nearest_file_counts_unless_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, timeout: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, format!("timeout = \"{timeout}\"\n")).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let timeout = |variables: &[(&str, &str)], args: &[&str]| {
        settings(folder.path(), variables, args)["settings"]["timeout"]["value"].as_str().expect("text").to_owned()
    };
    let _ = write(".config/sandshell/config.toml", "1s");
    assert_eq!(timeout(&[], &[]), "1s");
    let _ = write("xdg/sandshell/config.toml", "2s");
    let xdg = folder.path().join("xdg");
    let xdg = [("XDG_CONFIG_HOME", xdg.to_str().expect("text"))];
    assert_eq!(timeout(&xdg, &[]), "2s");
    let _ = write("sandshell.toml", "3s");
    assert_eq!(timeout(&xdg, &[]), "3s");
    let (by_variable, by_flag) = (write("variable.toml", "4s"), write("flag.toml", "5s"));
    assert_eq!(timeout(&[("SANDSHELL_CONFIG", &by_variable)], &[]), "4s");
    assert_eq!(timeout(&[("SANDSHELL_CONFIG", &by_variable)], &["--config", &by_flag]), "5s");
    assert_eq!(timeout(&[], &["--config", "/dev/null"]), "30s");
}

#[test]
fn everything_wrong_is_told_at_once_with_its_place_and_the_status_is_2() {
    let (folder, _) = folder_with("# limits\nsession-ttl = \"1m\"\ntimeout = [1]\n\n[server]\naddr = \"x\"\n");
    for command in [&["config", "check"][..], &["serve"], &["run", "-c", "echo ran"]] {
        let output = run(folder.path(), &[("SANDSHELL_CPU_SLOTS", "none")], command);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
        assert_eq!(said.lines().count(), 4, "{said}");
        assert!(said.contains("sandshell.toml:2: unknown key session-ttl; did you mean session_ttl?"), "{said}");
        assert!(said.contains("sandshell.toml:3: timeout must be a string or number: a duration"), "{said}");
        assert!(said.contains("sandshell.toml:5: unknown section [server]"), "{said}");
        assert!(
            said.contains("SANDSHELL_CPU_SLOTS: \"none\" is not allowed; it must be a whole number from 1"),
            "{said}"
        );
    }
}

#[test]
fn limits_beyond_their_ceilings_are_told_together() {
    let (folder, _) = folder_with("process_max_memory = \"2GiB\"\n");
    let output =
        run(folder.path(), &[], &["config", "check", "--session-max-processes", "5000", "--addr", "0.0.0.0:1"]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), said.lines().count()), (Some(2), 3), "{said}");
    assert!(
        said.contains("sandshell.toml:1: process_max_memory (2GiB) must not be larger than session_max_memory"),
        "{said}"
    );
    assert!(said.contains("--session-max-processes: session_max_processes (5000) must not be larger than"), "{said}");
    assert!(said.contains("--addr: 0.0.0.0:1 can be reached from other machines"), "{said}");
}

#[test]
fn the_example_and_the_shown_settings_are_files_that_give_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let values = |args: &[&str]| {
        let shown = settings(folder.path(), &[], args);
        let settings = shown["settings"].as_object().expect("an object").clone();
        settings.into_iter().map(|(key, setting)| (key, setting["value"].clone())).collect::<Vec<_>>()
    };
    let path = folder.path().join("file.toml");
    let file = path.to_str().expect("text");
    std::fs::write(&path, run(folder.path(), &[], &["config", "example"]).stdout).expect("written");
    assert_eq!(values(&["--config", file]), values(&[]));
    let given = ["--timeout", "7s", "--allow-host", "a", "--allow-host", "b", "--insecure", "--max-memory", "700MiB"];
    let shown = run(folder.path(), &[], &[&["config", "check", "--format", "toml"], &given[..]].concat());
    std::fs::write(&path, shown.stdout).expect("written");
    assert_eq!(values(&["--config", file]), values(&given));
}

#[test]
fn the_table_shows_value_and_origin_of_every_setting() {
    let (folder, _) = folder_with("timeout = 5\n");
    let output = run(folder.path(), &[("SANDSHELL_TIMOUT", "5")], &["config", "check"]);
    let table = text(&output.stdout);
    assert!(table.starts_with("file: sandshell.toml\n"), "{table}");
    let row = |key: &str| -> Vec<String> {
        let line = table.lines().find(|line| line.split_whitespace().next() == Some(key));
        line.expect(key).split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(row("timeout"), ["timeout", "5s", "sandshell.toml:1"]);
    assert_eq!(row("max_sessions"), ["max_sessions", "100", "default"]);
    assert!(text(&output.stderr).contains("SANDSHELL_TIMOUT is no setting"), "{}", text(&output.stderr));
}

#[test]
fn run_obeys_the_same_settings() {
    let (folder, _) = folder_with("timeout = \"200ms\"\naddr = \"0.0.0.0:80\"\n");
    let output = run(folder.path(), &[], &["run", "-c", "while :; do :; done"]);
    assert_eq!(output.status.code(), Some(124));
    assert_eq!(text(&output.stderr), "sandshell: timeout: execution exceeded 200ms\n");
    let output = run(folder.path(), &[("SANDSHELL_RUN_MAX_FUEL", "1M")], &["run", "-c", "while :; do :; done"]);
    assert_eq!(output.status.code(), Some(152), "{}", text(&output.stderr));
}

#[test]
fn help_teaches_and_mistakes_get_a_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = |args: &[&str]| {
        let output = run(folder.path(), &[], args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        text(&output.stdout)
    };
    for command in [&["--help"][..], &["serve", "--help"], &["run", "--help"], &["config", "check", "--help"]] {
        let long = help(command);
        assert!(long.contains("Examples:\n  sandshell ") && long.contains("Exit status:"), "{command:?}: {long}");
    }
    assert!(help(&["serve", "-h"]).lines().count() < 60);
    let long = help(&["serve", "--help"]);
    let shown = settings(folder.path(), &[], &[]);
    for key in shown["settings"].as_object().expect("an object").keys() {
        let (flag, variable) = (format!("--{}", key.replace('_', "-")), format!("SANDSHELL_{}", key.to_uppercase()));
        assert!(long.contains(&flag) && long.contains(&variable), "{key}");
    }
    for (mistake, hint) in [(&["srve"][..], "'serve'"), (&["serve", "--sesion-ttl", "5"], "'--session-ttl'")] {
        let output = run(folder.path(), &[], mistake);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(hint), "{}", text(&output.stderr));
    }
}

#[test]
fn the_examples_of_run_work_as_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("script.sh"), "echo $2 $1\n").expect("written");
    let help = text(&run(folder.path(), &[], &["run", "--help"]).stdout);
    let path = format!("{}:/usr/bin:/bin", binary().parent().expect("a folder").display());
    let examples: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Examples:")
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .map(str::trim)
        .collect();
    assert!(examples.len() >= 4, "{help}");
    for example in examples {
        let output = Command::new("bash")
            .args(["-c", example])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("SANDSHELL_CONFIG", "/dev/null")
            .output()
            .expect("bash starts");
        assert!(output.status.success() && !output.stdout.is_empty(), "{example}: {}", text(&output.stderr));
    }
}

#[test]
fn completions_manual_and_version_are_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = text(&run(folder.path(), &[], &["completions", shell]).stdout);
        assert!(script.contains("session-ttl") && script.contains("completions"), "{shell}");
    }
    if skip::tool_or_skip("bash's opinion of the completion script", "bash") {
        let script = run(folder.path(), &[], &["completions", "bash"]).stdout;
        let path = folder.path().join("completion");
        std::fs::write(&path, script).expect("written");
        assert!(Command::new("bash").arg("-n").arg(&path).status().expect("bash starts").success());
    }
    assert!(text(&run(folder.path(), &[], &["man"]).stdout).contains(".TH sandshell 1"));
    assert!(text(&run(folder.path(), &[], &["man", "serve"]).stdout).contains("SANDSHELL_SESSION_TTL"));
    assert_eq!(run(folder.path(), &[], &["man", "--dir", "pages"]).status.code(), Some(0));
    for page in ["sandshell.1", "sandshell-serve.1", "sandshell-config-check.1"] {
        assert!(folder.path().join("pages").join(page).is_file(), "{page}");
    }
    let version: Value = serde_json::from_slice(&run(folder.path(), &[], &["version", "--json"]).stdout).expect("JSON");
    assert!(text(&run(folder.path(), &[], &["version"]).stdout).starts_with("sandshell "));
    assert!(
        version["wasmtime"].as_str().is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit())),
        "{version}"
    );
    assert!(version["guests"].as_array().is_some_and(|names| names.contains(&"coreutils".into())), "{version}");
}
