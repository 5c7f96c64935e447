//! The commands that clients of the older server know: the list of them is true, and `docs/COMMANDS.md` is made of it.
//!
//! `UPDATE_DOCS=1` writes the file anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sandshell_tests::Server;
use sandshell_tests::case::{Case, read_all};
use sandshell_tests::server::workspace_root;
use serde::Deserialize;

/// Commands of the older server.
const N_COMMANDS: usize = 104;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum State {
    Works,
    Later,
    Refused,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    command: String,
    group: String,
    #[serde(default)]
    flags: String,
    state: State,
    /// `file.yaml: name` of the case that checks it.
    case: Option<String>,
    /// What to use in place of what is refused.
    instead: Option<String>,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(workspace_root().join("guest-programs/commands.yaml")).expect("a list");
    serde_norway::from_str(&text).expect("rows")
}

fn cases() -> BTreeMap<String, Case> {
    let files = read_all(&workspace_root().join("tests/cases"));
    files
        .into_iter()
        .flat_map(|(file, cases)| cases.into_iter().map(move |case| (format!("{file}.yaml: {}", case.name), case)))
        .collect()
}

/// Tells whether a script has a word that is this flag, or for one letter a cluster with it.
fn mentions(script: &str, flag: &str) -> bool {
    let words = script.split(|character: char| character.is_whitespace() || ";|()\"'".contains(character));
    let letter = flag.strip_prefix('-').filter(|name| name.chars().count() == 1);
    words.filter(|word| word.starts_with('-')).any(|word| match letter {
        Some(letter) => !word.starts_with("--") && word.contains(letter),
        None => word == flag || word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')),
    })
}

fn has_word(script: &str, command: &str) -> bool {
    script
        .split(|character: char| character.is_whitespace() || ";|(){}\"'$".contains(character))
        .any(|word| word == command)
}

#[test]
fn every_flag_of_a_command_that_works_is_in_the_case_it_names() {
    let (rows, cases) = (rows(), cases());
    assert_eq!(rows.len(), N_COMMANDS);
    let mut wrong = Vec::new();
    for row in &rows {
        let is_right = match row.state {
            State::Works => row.case.is_some() && row.instead.is_none(),
            State::Later => row.case.is_none() && row.instead.is_none(),
            State::Refused => row.case.is_none() && row.instead.is_some(),
        };
        if !is_right {
            wrong.push(format!("{}: the fields do not fit the state", row.command));
        }
        let Some(name) = &row.case else { continue };
        let Some(case) = cases.get(name) else {
            wrong.push(format!("{}: there is no case {name:?}", row.command));
            continue;
        };
        let script = format!("{}\n{}", case.script, case.files.values().cloned().collect::<String>());
        if !has_word(&script, &row.command) {
            wrong.push(format!("{}: {name:?} does not run it", row.command));
        }
        let missing = row.flags.split(' ').filter(|flag| !flag.is_empty() && !mentions(&script, flag));
        wrong.extend(missing.map(|flag| format!("{}: {name:?} does not use {flag}", row.command)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands_that_work_are_there_and_the_others_say_so() {
    let server = Server::start(&[]);
    let client = server.client();
    let rows = rows();
    let of = |works: bool| {
        let names = rows.iter().filter(move |row| (row.state == State::Works) == works);
        names.map(|row| row.command.as_str()).collect::<Vec<_>>().join(" ")
    };
    let script = format!("for c in {}; do type -t \"$c\" >/dev/null || echo \"$c\"; done", of(true));
    assert_eq!(client.run(&script)["stdout"], "", "these are not there");
    let script = format!("for c in {}; do \"$c\" </dev/null >/dev/null 2>&1; echo $?; done | sort -u", of(false));
    assert_eq!(client.run(&script)["stdout"], "127\n", "these are there");
    let told = client.run(&format!("for c in {}; do \"$c\"; done", of(false)))["stderr"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for line in told.lines() {
        let hint = line.split_once(": command not found: ").map(|(_, hint)| hint);
        assert!(hint.is_some_and(|hint| !hint.is_empty()), "{line:?} does not say what to use");
    }
}

/// The text of `docs/COMMANDS.md`.
fn document(rows: &[Row]) -> String {
    let count = |state: State| rows.iter().filter(|row| row.state == state).count();
    let mut text = String::from("# Commands of the older server\n\n");
    let _infallible = write!(
        text,
        "The {} commands that clients of the older server know, with the flags it had. {} work as in GNU/Linux, with all other \
flags their `--help` names; {} come later; {} are refused with a line that says what to use instead. Flags are checked by the \
case that is named, a script of `tests/cases`.\n\nThis file is made of `guest-programs/commands.yaml`: \
`UPDATE_DOCS=1 cargo test --release --locked --test commands` writes it.\n",
        rows.len(),
        count(State::Works),
        count(State::Later),
        count(State::Refused),
    );
    let mut group = "";
    for row in rows {
        if row.group != group {
            group = &row.group;
            let _infallible =
                write!(text, "\n## {group}\n\n| command | flags | state | checked by |\n|---|---|---|---|\n");
        }
        let flags: Vec<String> =
            row.flags.split(' ').filter(|flag| !flag.is_empty()).map(|flag| format!("`{flag}`")).collect();
        let (state, checked) = match row.state {
            State::Works => ("*works*", format!("`{}`", row.case.clone().unwrap_or_default())),
            State::Later => ("*later*", String::new()),
            State::Refused => ("*refused*", format!("use {}", row.instead.clone().unwrap_or_default())),
        };
        let _infallible = writeln!(text, "| `{}` | {} | {state} | {checked} |", row.command, flags.join(" "));
    }
    text
}

#[test]
fn the_document_is_up_to_date() {
    let path = workspace_root().join("docs/COMMANDS.md");
    let text = document(&rows());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, &text).expect("written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/COMMANDS.md is not what guest-programs/commands.yaml says: UPDATE_DOCS=1 writes it anew"
    );
}
