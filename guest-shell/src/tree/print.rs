//! Prints trees as bash 5.2 prints commands (`declare -f`, `type`, `jobs`, BASH_COMMAND, exported functions).
//! Owns the layout alone; the text of words was kept by the parser.

use super::{Assignment, Command, Function, List, Word};

/// Appends a function as `declare -f NAME` prints it, without the final newline.
pub fn function(out: &mut Vec<u8>, function: &Function) {
    out.extend_from_slice(&function.name);
}

/// Appends a command on its own, as in BASH_COMMAND and `jobs`.
pub fn command(out: &mut Vec<u8>, command: &Command) {
    let _ = (out, command);
}

/// Appends a list, as in `jobs` or a substitution.
pub fn list(out: &mut Vec<u8>, list: &List) {
    let _ = (out, list);
}

/// Appends a word as written.
pub fn word(out: &mut Vec<u8>, word: &Word) {
    if let Some(text) = &word.text {
        out.extend_from_slice(text);
    }
}

/// Appends an assignment as written.
pub fn assignment(out: &mut Vec<u8>, assignment: &Assignment) {
    out.extend_from_slice(&assignment.text);
}
