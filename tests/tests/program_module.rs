//! The program module has one table: its reference, the host's linker, the Rust crate and the C header name the same
//! functions with the same parameters.
//!
//! Reads all four as text, so that none of them can be changed alone.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use sandshell_tests::server::workspace_root;
use sandshell_tests::skip;

/// A function's parameters as Wasm has them: `i` for 32 bits, `I` for 64.
type Signatures = BTreeMap<String, String>;

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace_root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Splits at commas that are in no parentheses.
fn parameters(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut found = vec![String::new()];
    for character in list.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found.last_mut().expect("there is one").push(character);
    }
    found.retain(|parameter| !parameter.trim().is_empty());
    found
}

fn signature(list: &str, is_long: impl Fn(&str) -> bool) -> String {
    parameters(list).iter().map(|parameter| if is_long(parameter) { 'I' } else { 'i' }).collect()
}

/// The rows of the table in `wit/program.md`.
fn of_reference() -> Signatures {
    let text = read("wit/program.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| {
        let (name, rest) = row.split_once("` | `")?;
        let (list, _) = rest.split_once("` |")?;
        Some((name.to_owned(), signature(list, |parameter| parameter.contains("u64"))))
    })
    .collect()
}

/// The table of imports of the Rust crate.
fn of_crate() -> Signatures {
    let text = read("guest-programs/sys/src/imports.rs");
    let (_, table) = text.split_once("\nimports! {").expect("the table of imports");
    let (table, _) = table.split_once("\n}").expect("its end");
    let functions = table.split(';').filter_map(|line| line.trim().strip_prefix("fn "));
    functions
        .map(|function| {
            let (name, list) = function.split_once('(').expect("parameters");
            let list = list.trim_end_matches(')');
            (name.to_owned(), signature(list, |parameter| parameter.trim().ends_with(": u64")))
        })
        .collect()
}

/// The declarations of the C header.
fn of_header() -> Signatures {
    let text = read("guest-programs/sys/include/sandshell.h");
    let declarations = text.split("SANDSHELL_ANSWER sandshell_").skip(1);
    declarations
        .map(|declaration| {
            let (name, rest) = declaration.split_once('(').expect("parameters");
            let (list, rest) = rest.split_once(')').expect("their end");
            let import = rest.trim_start().strip_prefix("SANDSHELL_IMPORT(\"").and_then(|rest| rest.split('"').next());
            assert_eq!(import, Some(name), "a function is imported by its name");
            let is_long = |parameter: &str| parameter.contains("uint64_t") && !parameter.contains('*');
            (name.to_owned(), signature(list, is_long))
        })
        .collect()
}

/// The names the host links.
fn of_host() -> Vec<String> {
    let text = read("host/crates/wasi/src/program/mod.rs");
    let (_, list) = text.split_once("FUNCTIONS: &[&str] = &[").expect("the list of functions");
    let (list, _) = list.split_once("];").expect("its end");
    list.split(',').map(|name| name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn reference_crate_header_and_host_name_the_same_functions() {
    let reference = of_reference();
    assert!(reference.len() >= 19, "only {} functions are found", reference.len());
    assert_eq!(of_crate(), reference, "the Rust crate");
    assert_eq!(of_header(), reference, "the C header");
    assert_eq!(of_host(), reference.into_keys().collect::<Vec<_>>(), "the host");
}

#[test]
fn the_header_is_c_without_a_warning() {
    if !skip::tool_or_skip("the C header", "cc") {
        return;
    }
    let header = workspace_root().join("guest-programs/sys/include/sandshell.h");
    let output = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-x", "c"])
        .arg(header)
        .stdin(Stdio::null())
        .output()
        .expect("cc starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
