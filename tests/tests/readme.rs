//! The README's curl lines are run as they stand there, against a server on another port.

use std::process::Command;

use sandshell_tests::server::workspace_root;
use sandshell_tests::{Server, skip};

const README_ADDRESS: &str = "http://127.0.0.1:8080";

/// Returns the `curl` commands of the README's `sh` blocks, continued lines joined.
fn curl_lines() -> Vec<String> {
    let text = std::fs::read_to_string(workspace_root().join("README.md")).expect("README.md");
    let mut lines = Vec::new();
    let mut inside = false;
    let mut command = String::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
            continue;
        }
        if !inside || (command.is_empty() && !line.starts_with("curl ")) {
            continue;
        }
        command.push_str(line.strip_suffix('\\').unwrap_or(line));
        if !line.ends_with('\\') {
            lines.push(std::mem::take(&mut command));
        }
    }
    lines
}

#[test]
fn the_curl_lines_of_the_readme_work_as_printed() {
    if !skip::tool_or_skip("README's curl lines", "curl") {
        return;
    }
    let server = Server::start(&[]);
    let lines = curl_lines();
    assert!(lines.len() >= 3, "the README shows at least three curl lines");
    for line in lines {
        let command = line.replace(README_ADDRESS, server.url());
        let output = Command::new("bash").args(["-c", &command]).output().expect("bash starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{line}\n{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains("\"error\""), "{line}\n{text}");
    }
}

#[test]
fn the_readme_prints_the_table_of_limits_that_serve_help_prints() {
    let (status, help, _) = sandshell_tests::server::run_binary(&["serve", "--help"], b"");
    assert_eq!(status, 0);
    let help = String::from_utf8_lossy(&help).into_owned();
    let readme = std::fs::read_to_string(workspace_root().join("README.md")).expect("README.md");
    let rows: Vec<(&str, &str)> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| limit |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.trim_matches('|').split_once('|'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect();
    assert!(rows.len() >= 10, "the README has the table of limits");
    // A row of the help is indented by two spaces; what a narrow terminal breaks off is not.
    let table = help.lines().skip_while(|line| !line.starts_with("Limits, unless")).skip(1);
    let n_rows = table.filter(|line| line.starts_with("  ")).count();
    assert_eq!(rows.len(), n_rows, "the README has every limit, and the help every one of the README");
    let folded: String = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for (name, value) in rows {
        assert!(folded.contains(name) && folded.contains(value), "serve --help lacks {name}: {value}");
    }
}

#[test]
fn the_settings_of_the_readme_are_accepted() {
    let readme = std::fs::read_to_string(workspace_root().join("README.md")).expect("README.md");
    let block: Vec<&str> =
        readme.lines().skip_while(|line| *line != "```toml").skip(1).take_while(|line| *line != "```").collect();
    assert!(block.len() >= 3, "the README shows a file with settings");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sandshell.toml");
    std::fs::write(&path, block.join("\n")).expect("written");
    let path = path.to_str().expect("text");
    let (status, _, stderr) = sandshell_tests::server::run_binary(&["config", "check", "--config", path], b"");
    assert_eq!(status, 0, "{}", String::from_utf8_lossy(&stderr));
}
