//! Syntax errors and parse warnings as values, in bash's wording. Owns no printing: the executor puts the shell's
//! name and line before each message.

use serde::{Deserialize, Serialize};

use super::text::Text;

/// Why a source is not a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxError {
    /// The line bash names: printed as `NAME: line N: ` before every message.
    pub line: u32,
    /// The messages, in order, without the prefix: the complaint, then (for most) the offending source line as
    /// `` `text' ``.
    pub messages: Vec<Text>,
    /// The source ended too early; more input could complete the command.
    pub incomplete: bool,
    /// What becomes of the rest.
    pub after: AfterError,
}

/// How a shell that reads a script goes on behind a syntax error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AfterError {
    /// It gives up with status 2.
    #[default]
    GiveUp,
    /// It gives up with status 1: the error is within `a=( )`.
    GiveUpWithOne,
    /// It takes the rest for read and ends with the status it had, as bash does after a wrong `[[ ]]`.
    EndOfInput,
}

impl SyntaxError {
    /// An error that gives up.
    pub fn new(line: u32, messages: Vec<Text>, incomplete: bool) -> SyntaxError {
        SyntaxError { line, messages, incomplete, after: AfterError::default() }
    }

    /// The same with another aftermath.
    pub fn then(mut self, after: AfterError) -> SyntaxError {
        self.after = after;
        self
    }
}

/// A remark of the parser that does not stop the command (a here-document ended by the end of the file).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The line to name: `NAME: line N: warning: `.
    pub line: u32,
    /// The text after `warning: `.
    pub message: Text,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, message) in self.messages.iter().enumerate() {
            let separator = if n == 0 { "" } else { "\n" };
            write!(f, "{separator}line {}: {}", self.line, String::from_utf8_lossy(message))?;
        }
        Ok(())
    }
}

impl std::error::Error for SyntaxError {}
