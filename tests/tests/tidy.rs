//! Tidy: the layers, the headers, the sizes and the words that the architecture promises.
//!
//! Reads the sources as text. What a tool can check better (lints, licences) is not repeated here.

use std::collections::BTreeMap;
use std::path::Path;

use sandshell_tests::server::workspace_root;
use sandshell_tests::sources::{files, relative};

/// The layers, lowest first, and the layers each may name. A crate not listed may not be named by a layer at all.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("meter", &["base"]),
    ("vfs", &["base"]),
    ("crontab", &[]),
    ("store", &["base"]),
    ("records", &["base", "vfs", "store"]),
    ("kernel", &["base", "vfs"]),
    ("wasi", &["base", "vfs", "kernel"]),
    ("engine", &["base", "meter", "vfs", "kernel", "wasi"]),
    ("guests", &["base", "vfs", "kernel", "engine"]),
    ("session", &["base", "meter", "vfs", "crontab", "store", "records", "kernel", "engine"]),
    ("api", &["base", "meter", "vfs", "kernel", "session"]),
    ("precompile", &["engine"]),
];

/// Outside crates that belong to some layers alone.
const CONFINED: &[(&str, &[&str])] = &[
    ("wasmtime", &["wasi", "engine"]),
    ("wasmtime-wasi", &["wasi", "engine"]),
    ("axum", &["api"]),
    ("hyper", &["api"]),
    ("serde_json", &["api"]),
    ("rusqlite", &["store"]),
    ("prometheus", &["meter"]),
    ("cron", &["crontab"]),
];

const LONGEST_FILE: usize = 700;

/// Returns the names on the left of `=` or `.workspace` in the `[dependencies]` table of a manifest.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(manifest).expect("a manifest");
    let mut names = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside
            && !line.starts_with('#')
            && let Some((name, _)) = line.split_once(['=', '.'])
        {
            names.push(name.trim().to_owned());
        }
    }
    names
}

fn layer_dependencies() -> BTreeMap<String, Vec<String>> {
    let folder = workspace_root().join("host/crates");
    std::fs::read_dir(folder)
        .expect("the layers")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            (path.file_name().expect("a name").to_string_lossy().into_owned(), dependencies(&path.join("Cargo.toml")))
        })
        .collect()
}

#[test]
fn calls_go_down() {
    let all = layer_dependencies();
    let known: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    for (layer, names) in &all {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| name == layer) else {
            panic!("host/crates/{layer} is not in the table of layers")
        };
        for name in names.iter().filter(|name| known.contains(&name.as_str())) {
            assert!(allowed.contains(&name.as_str()), "{layer} names {name}, which is not below it");
        }
    }
    assert_eq!(all.len(), LAYERS.len(), "every layer of the table exists");
}

#[test]
fn outside_crates_stay_in_their_layers() {
    for (layer, names) in layer_dependencies() {
        for (outside, layers) in CONFINED {
            let confined = !names.iter().any(|name| name == outside) || layers.contains(&layer.as_str());
            assert!(confined, "{layer} names {outside}, which belongs to {layers:?}");
        }
    }
}

#[test]
fn every_source_file_opens_with_what_it_is() {
    for path in files("rs") {
        let text = std::fs::read_to_string(&path).expect("a source");
        assert!(text.starts_with("//!"), "{} does not open with //!", relative(&path));
    }
}

#[test]
fn no_source_file_is_longer_than_its_limit() {
    for path in files("rs") {
        let lines = std::fs::read_to_string(&path).expect("a source").lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines: split it", relative(&path));
    }
}

#[test]
fn lib_files_are_tables_of_contents() {
    for path in files("rs") {
        if path.file_name().is_some_and(|name| name == "lib.rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            let logic = text
                .lines()
                .find(|line| line.starts_with("fn ") || line.starts_with("pub fn ") || line.starts_with("impl"));
            assert!(logic.is_none(), "{} has logic: {logic:?}", relative(&path));
        }
    }
}

#[test]
fn nothing_is_left_to_do_in_the_code() {
    // Spelled apart, so that this file does not find itself.
    let words = [concat!("TO", "DO"), concat!("XX", "X:"), concat!("HA", "CK"), concat!("#[", "ignore")];
    for path in files("rs") {
        let text = std::fs::read_to_string(&path).expect("a source");
        for word in words {
            assert!(!text.contains(word), "{} says {word}", relative(&path));
        }
    }
}

#[test]
fn tests_do_not_sleep() {
    let call = concat!("thread::", "sleep(");
    for path in files("rs").into_iter().filter(|path| is_test(&relative(path))) {
        let text = std::fs::read_to_string(&path).expect("a source");
        assert!(!text.contains(call), "{} sleeps: wait for an event", relative(&path));
    }
}

/// A test, and not a guest program that a test runs: those may sleep, since that is what is tested.
fn is_test(path: &str) -> bool {
    path.contains("tests/") && !path.contains("/guests/")
}

#[test]
fn the_architecture_fits_on_two_hundred_lines() {
    let text = std::fs::read_to_string(workspace_root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    assert!(text.lines().count() < 200);
    for (layer, _) in LAYERS {
        assert!(text.contains(&format!("`{layer}`")), "ARCHITECTURE.md does not name {layer}");
    }
}
