//! Tests of the parser by behaviour: what a source becomes, as a compact dump, and how it is refused.

mod aliases;
mod commands;
mod differential;
mod dump;
mod errors;
mod here_docs;
mod printing;
mod robustness;
mod words;

use super::{Aliases, ParseOpts, Source, next};
use crate::tree::{SyntaxError, Tree};

/// All complete commands of a source.
fn parse_all(text: &[u8], aliases: &Aliases, opts: ParseOpts) -> Result<Vec<Tree>, SyntaxError> {
    let mut source = Source::new(text, 1);
    let mut trees = Vec::new();
    while let Some(tree) = next(&mut source, aliases, opts)? {
        trees.push(tree);
    }
    Ok(trees)
}

/// The dump of a source, one line per complete command, or its error.
fn dumped(text: &str, aliases: &Aliases, opts: ParseOpts) -> String {
    match parse_all(text.as_bytes(), aliases, opts) {
        Ok(trees) => trees.iter().map(|tree| dump::list(&tree.list)).collect::<Vec<_>>().join("\n"),
        Err(error) => format!("error: {error}"),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(dumped(text, &Aliases::new(), ParseOpts::default()), expected, "source: {text}");
}

#[track_caller]
fn check_extglob(text: &str, expected: &str) {
    let opts = ParseOpts { extglob: true, ..ParseOpts::default() };
    assert_eq!(dumped(text, &Aliases::new(), opts), expected, "source: {text}");
}
