//! Where sorted lines go: standard output, or the file of `-o`.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::{GRAMMAR, source};
use crate::basis::errors::{Reason, complain};
use crate::basis::output::Output;

/// Bytes gathered before they are written to a file.
const CHUNK_BYTES: usize = 64 << 10;

/// An open target.
pub(crate) enum Target {
    Stdout(Output),
    File { file: File, gathered: Vec<u8>, failure: Option<String> },
}

impl Target {
    /// Opens a target. `None` is standard output.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn open(path: Option<&OsStr>) -> Result<Self, i32> {
        let Some(path) = path else { return Ok(Self::Stdout(Output::new(GRAMMAR.program))) };
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(Path::new(path));
        let file = file.map_err(|error| source::failed("open failed", path, &error))?;
        Ok(Self::File { file, gathered: Vec::new(), failure: None })
    }

    /// Tells whether a line could not be written.
    pub(crate) fn has_failed(&self) -> bool {
        match self {
            Self::Stdout(output) => output.has_failed(),
            Self::File { failure, .. } => failure.is_some(),
        }
    }

    /// Writes a line and its end.
    pub(crate) fn line(&mut self, line: &[u8], end: u8) {
        match self {
            Self::Stdout(output) => {
                output.put(line);
                output.put(&[end]);
            }
            Self::File { file, gathered, failure } => {
                gathered.extend_from_slice(line);
                gathered.push(end);
                if gathered.len() >= CHUNK_BYTES {
                    write(file, gathered, failure);
                }
            }
        }
    }

    /// Writes what is gathered and answers the exit status.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn finish(self) -> Result<i32, i32> {
        match self {
            Self::Stdout(output) => Ok(if output.finish() { 0 } else { 2 }),
            Self::File { mut file, mut gathered, mut failure } => {
                write(&mut file, &mut gathered, &mut failure);
                let Some(words) = failure else { return Ok(0) };
                complain(GRAMMAR.program, &format!("write failed: {words}"));
                Err(2)
            }
        }
    }
}

fn write(file: &mut File, gathered: &mut Vec<u8>, failure: &mut Option<String>) {
    if failure.is_none() {
        *failure = file.write_all(gathered).err().map(|error| error.words());
    }
    gathered.clear();
}
