//! Where the lines of `sort` come from: files and standard input, whole or line by line.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use super::GRAMMAR;
use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::quoting::{name, name_maybe};

/// Bytes read at once of each file of a merge, of which there may be many.
const MERGE_BUFFER_BYTES: usize = 16 << 10;

/// A file that is being read line by line, and its current line.
pub(crate) struct Source {
    path: OsString,
    input: Box<dyn BufRead>,
    /// The current line, without its end.
    pub(crate) line: Vec<u8>,
}

impl Source {
    /// Opens a file; `whole` reads all of it at once, because it is about to be written. `failure` is what is said when it
    /// cannot be opened.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn open(path: &OsStr, whole: bool, failure: &str) -> Result<Self, i32> {
        let input: Box<dyn BufRead> = if whole {
            let mut bytes = Vec::new();
            read_all(path, &mut bytes)?;
            Box::new(Cursor::new(bytes))
        } else if path == "-" {
            Box::new(io::stdin().lock())
        } else {
            let file = File::open(Path::new(path)).map_err(|error| failed(failure, path, &error))?;
            Box::new(BufReader::with_capacity(MERGE_BUFFER_BYTES, file))
        };
        Ok(Self { path: path.to_owned(), input, line: Vec::new() })
    }

    /// Goes to the next line. Answers whether there is one.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn advance(&mut self, end: u8) -> Result<bool, i32> {
        self.line.clear();
        let count = self.input.read_until(end, &mut self.line);
        let count = count.map_err(|error| failed("read failed", &self.path, &error))?;
        if self.line.last() == Some(&end) {
            self.line.pop();
        }
        Ok(count > 0)
    }
}

/// Appends all of a file.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn read_all(path: &OsStr, bytes: &mut Vec<u8>) -> Result<(), i32> {
    let result = if path == "-" {
        io::stdin().lock().read_to_end(bytes)
    } else {
        let mut file = File::open(Path::new(path)).map_err(|error| failed("cannot read", path, &error))?;
        file.read_to_end(bytes)
    };
    result.map(|_| ()).map_err(|error| failed("read failed", path, &error))
}

/// Returns the files that a list of names, each ended by NUL, tells.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn listed(list: &OsStr, operands: &[OsString]) -> Result<Vec<OsString>, i32> {
    if let Some(extra) = operands.first() {
        complain(GRAMMAR.program, &format!("extra operand {}", name(extra)));
        crate::basis::output::warn(b"file operands cannot be combined with --files0-from\n");
        return Err(GRAMMAR.hint());
    }
    let mut bytes = Vec::new();
    if list != "-" && !Path::new(list).exists() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        return Err(failed("open failed", list, &missing));
    }
    read_all(list, &mut bytes)?;
    let body = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
    if bytes.is_empty() {
        complain(GRAMMAR.program, &format!("no input from {}", name(list)));
        return Err(2);
    }
    let mut names = Vec::new();
    for (index, name) in body.split(|&byte| byte == 0).enumerate() {
        if name.is_empty() {
            let place = format!("{}:{}", list.to_string_lossy(), index + 1);
            complain(GRAMMAR.program, &format!("{place}: invalid zero-length file name"));
            return Err(2);
        }
        if list == "-" && name == b"-" {
            complain(GRAMMAR.program, "when reading file names from stdin, no file name of '-' allowed");
            return Err(2);
        }
        names.push(OsStr::from_bytes(name).to_owned());
    }
    Ok(names)
}

/// Tells of a failure and answers the exit status.
pub(crate) fn failed(what: &str, path: &OsStr, error: &io::Error) -> i32 {
    complain(GRAMMAR.program, &format!("{what}: {}: {}", name_maybe(path), error.words()));
    2
}
