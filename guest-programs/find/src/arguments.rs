//! The command line up to the expression: how links are followed, and where to begin.

use std::collections::VecDeque;
use std::time::SystemTime;

use sandshell_sys::{path_of, quote, reason};

use crate::context::Settings;
use crate::entry::Follow;
use crate::expression::Expression;
use crate::parse::Parser;
use crate::sinks::Sinks;
use crate::time::{Nanos, nanos};
use crate::usage::USAGE;

/// A search, ready to begin.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) starts: Vec<Vec<u8>>,
    pub(crate) expression: Expression,
    pub(crate) settings: Settings,
    pub(crate) sinks: Sinks,
}

/// What a command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Search(Box<Search>),
    Print(String),
}

/// Reads the command line.
///
/// # Errors
///
/// The diagnostic.
pub(crate) fn read(argv: Vec<Vec<u8>>) -> Result<Request, String> {
    if let Some(text) = asked_text(&argv) {
        return Ok(Request::Print(text));
    }
    let mut words: VecDeque<Vec<u8>> = argv.into();
    let follow = leading_options(&mut words)?;
    let mut starts = Vec::new();
    while let Some(word) = words.pop_front_if(|word| !begins_expression(word, true)) {
        starts.push(word);
    }
    let settings =
        Settings { follow, min_depth: 0, max_depth: usize::MAX, depth_first: false, ignore_races: false, now: now() };
    let parsed = Parser::new(words, settings).parse()?;
    if let Some(list) = parsed.starts_file {
        if let Some(operand) = starts.first() {
            return Err(format!(
                "extra operand {}\nfind: file operands cannot be combined with -files0-from",
                quote(operand)
            ));
        }
        starts = read_starts(&list)?;
    } else if starts.is_empty() {
        starts.push(b".".to_vec());
    }
    let (expression, settings, sinks) = (parsed.expression, parsed.settings, parsed.sinks);
    Ok(Request::Search(Box::new(Search { starts, expression, settings, sinks })))
}

/// The text of `--help` or `--version`, wherever on the command line it is asked for.
fn asked_text(argv: &[Vec<u8>]) -> Option<String> {
    argv.iter().find_map(|word| match word.as_slice() {
        b"-help" | b"--help" => Some(USAGE.to_owned()),
        b"-version" | b"--version" => Some(format!("find (sandshell) {}\n", env!("CARGO_PKG_VERSION"))),
        _ => None,
    })
}

fn leading_options(words: &mut VecDeque<Vec<u8>>) -> Result<Follow, String> {
    let mut follow = Follow::Never;
    while let Some(word) = words.front() {
        match word.as_slice() {
            b"-H" => follow = Follow::StartingPoints,
            b"-L" => follow = Follow::Always,
            b"-P" => follow = Follow::Never,
            b"--" => {
                words.pop_front();
                break;
            }
            b"-D" => {
                words.pop_front();
                if words.is_empty() {
                    return Err("Missing argument after the -D option.".to_owned());
                }
            }
            [b'-', b'O', level @ ..] => {
                // Expressions are evaluated as they stand whatever the level.
                if level.is_empty() || !level.iter().all(u8::is_ascii_digit) {
                    return Err("The -O option must be immediately followed by a decimal integer".to_owned());
                }
            }
            _ => break,
        }
        words.pop_front();
    }
    Ok(follow)
}

/// Whether a word belongs to the expression; `leading`: none of it has been read.
pub(crate) fn begins_expression(word: &[u8], leading: bool) -> bool {
    match word {
        [b'-', _, ..] | b"(" | b"!" => true,
        b")" | b"," => !leading,
        _ => false,
    }
}

/// Reads starting points, each ended by a NUL, from a file or (`-`) standard input.
fn read_starts(list: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let read = match list {
        b"-" => {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
        }
        path => std::fs::read(path_of(path)),
    };
    let bytes = read.map_err(|error| format!("cannot open {} for reading: {}", quote(list), reason(&error)))?;
    Ok(bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
}

/// The session's time.
fn now() -> Nanos {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map(nanos).unwrap_or(0)
}
