//! From a program's text to code, and what is wrong with it.

use std::rc::Rc;

use crate::compile::{Code, Compiler, Library, located};
use crate::lang;
use crate::value::Value;

/// Folders that modules are looked for in without `-L`.
pub(crate) fn default_folders() -> Vec<String> {
    ["~/.jq", "$ORIGIN/../lib/jq", "$ORIGIN/../lib"].map(expand).to_vec()
}

/// Replaces `~` and `$ORIGIN`.
pub(super) fn expand(folder: impl AsRef<str>) -> String {
    let folder = folder.as_ref();
    if let Some(rest) = folder.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        return format!("{}{rest}", std::env::var("HOME").unwrap_or_default());
    }
    if let Some(rest) = folder.strip_prefix("$ORIGIN") {
        return format!("/bin{rest}");
    }
    folder.to_owned()
}

/// Compiles a program with its global variables.
///
/// # Errors
///
/// The lines for standard error; the status is 3.
pub(crate) fn compile_program(
    text: &str,
    variables: &[(String, Value)],
    library: &Rc<Library>,
) -> Result<Code, String> {
    let report = |message: &str, spot: Option<usize>| {
        let messages: Vec<String> = message
            .split('\n')
            .filter(|line| !line.is_empty())
            .map(|line| match spot {
                Some(spot) => located(line, "<top-level>", text, spot),
                None => line.to_owned(),
            })
            .collect();
        let count = if spot.is_some() { messages.len() } else { 1 };
        let lines = if spot.is_some() {
            messages.iter().map(|message| format!("jq: error: {message}\n")).collect()
        } else {
            format!("jq: error: {}\n", message)
        };
        let plural = if count == 1 { "" } else { "s" };
        format!("{lines}jq: {count} compile error{plural}\n")
    };
    let program = lang::parse(text).map_err(|error| report(&error.message, Some(error.spot)))?;
    Compiler::compile(&program, variables, library).map_err(|error| report(&error.message, error.spot))
}
