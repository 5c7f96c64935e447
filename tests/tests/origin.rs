//! docs/ORIGIN.md: each item of the origin's session package has a counterpart that exists, and a test that exists.

use sandshell_tests::server::workspace_root;

/// What the origin's package exports.
const ITEMS: usize = 39;

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace_root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns what stands between backquotes.
fn quoted(cell: &str) -> &str {
    cell.split('`').nth(1).unwrap_or_else(|| panic!("{cell:?} names nothing"))
}

/// Tells whether a word stands in a text with nothing of a name around it.
fn has_word(text: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

#[test]
fn every_item_of_the_origin_has_its_counterpart_and_its_test() {
    let text = read("docs/ORIGIN.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), ITEMS);
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (item, path, test) = (quoted(cells[2]), cells[3], cells[4]);
        assert!(has_word(&read(path), item), "{item} is not in {path}");
        let file = test.rsplit(' ').next().expect("the test's file is named");
        let function = format!("fn {}()", quoted(test));
        assert!(read(file).contains(&function), "{function} is not in {file}");
    }
}
