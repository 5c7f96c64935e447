//! The text of a script as it is read: the expressions and files of the command line in one, with places for messages.
//!
//! Fragments are joined by newlines, so that `-e 'a\' -e text` is one command.

use crate::PANIC;
use crate::options::Fragment;

/// Why a script cannot be run.
#[derive(Debug, PartialEq)]
pub(crate) struct ScriptError {
    /// The exit status.
    pub(crate) status: i32,
    /// The message, without `sed: `.
    pub(crate) message: String,
}

/// Where a fragment starts in the joined text.
struct Start {
    at: usize,
    /// The number of the expression, or the name of the file.
    origin: Origin,
}

enum Origin {
    Expression(usize),
    File(String),
}

/// The text, and how far it is read.
pub(crate) struct Source {
    text: Vec<u8>,
    starts: Vec<Start>,
    at: usize,
}

impl Source {
    /// Reads the fragments.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub(crate) fn new(fragments: &[Fragment]) -> Result<Self, ScriptError> {
        let mut source = Self { text: Vec::new(), starts: Vec::new(), at: 0 };
        let mut expressions = 0;
        for (index, fragment) in fragments.iter().enumerate() {
            if index > 0 {
                source.text.push(b'\n');
            }
            let at = source.text.len();
            let origin = match fragment {
                Fragment::Expression(text) => {
                    expressions += 1;
                    source.text.extend_from_slice(text);
                    Origin::Expression(expressions)
                }
                Fragment::File(path) => {
                    let text = read(path)?;
                    source.text.extend_from_slice(text.strip_suffix(b"\n").unwrap_or(&text));
                    Origin::File(String::from_utf8_lossy(path).into_owned())
                }
            };
            source.starts.push(Start { at, origin });
        }
        Ok(source)
    }

    /// Takes the next byte.
    pub(crate) fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    /// Looks at the next byte.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Takes the next byte that is no blank.
    pub(crate) fn next_nonblank(&mut self) -> Option<u8> {
        while self.peek().is_some_and(|byte| byte == b' ' || byte == b'\t') {
            self.at += 1;
        }
        self.next()
    }

    /// Gives back what [`Self::next`] has answered.
    pub(crate) fn back(&mut self, byte: Option<u8>) {
        self.at -= usize::from(byte.is_some());
    }

    /// Returns how much is read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// A mistake at the byte that was read last.
    pub(crate) fn error(&self, message: &str) -> ScriptError {
        self.error_at(self.at, message)
    }

    fn error_at(&self, at: usize, message: &str) -> ScriptError {
        // The newline that joins belongs to the fragment before it.
        let last = at.saturating_sub(1);
        let start = self.starts.iter().rev().find(|start| start.at <= last).or(self.starts.first());
        let message = match start {
            Some(Start { at: start, origin: Origin::Expression(number) }) => {
                format!("-e expression #{number}, char {}: {message}", at.saturating_sub(*start))
            }
            Some(Start { at: start, origin: Origin::File(name) }) => {
                let lines = self.text[*start..last.max(*start)].iter().filter(|byte| **byte == b'\n').count();
                format!("file {name} line {}: {message}", lines + 1)
            }
            None => message.to_owned(),
        };
        ScriptError { status: crate::MISUSE, message }
    }

    /// A mistake that has no place in the script.
    pub(crate) fn error_nowhere(&self, message: &str) -> ScriptError {
        self.error_at(0, message)
    }
}

fn read(path: &[u8]) -> Result<Vec<u8>, ScriptError> {
    use std::io::Read;
    let mut text = Vec::new();
    let result = if path == b"-" {
        std::io::stdin().lock().read_to_end(&mut text).map(|_| ())
    } else {
        std::fs::read(sandshell_sys::path_of(path)).map(|bytes| text = bytes)
    };
    result.map(|()| text).map_err(|error| {
        let name = String::from_utf8_lossy(path);
        ScriptError { status: PANIC, message: format!("couldn't open file {name}: {}", sandshell_sys::reason(&error)) }
    })
}
