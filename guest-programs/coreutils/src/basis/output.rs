//! Standard output and error of a program: whole texts, written at once.
//!
//! What cannot be written to stdout is reported when the program ends, as GNU's programs do.

use std::io::{self, Write};

use super::errors::{complain, reason};

/// Bytes gathered before they are written: a full pipe's worth.
const CHUNK_BYTES: usize = 64 << 10;

/// Writes bytes to stdout, ignoring failure: only for help texts.
pub(crate) fn print(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Writes bytes to stderr. Nobody is left to tell when that fails.
pub(crate) fn warn(bytes: &[u8]) {
    let _ = io::stderr().write_all(bytes);
}

/// Text on its way to stdout.
pub(crate) struct Output {
    program: &'static str,
    buffer: Vec<u8>,
    failed: bool,
}

impl Output {
    /// Starts with nothing gathered.
    pub(crate) fn new(program: &'static str) -> Self {
        Self { program, buffer: Vec::new(), failed: false }
    }

    /// Adds bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK_BYTES {
            self.flush();
        }
    }

    /// Adds text.
    pub(crate) fn text(&mut self, text: &str) {
        self.put(text.as_bytes());
    }

    /// Writes what is gathered. The first failure is reported, the rest is dropped.
    pub(crate) fn flush(&mut self) {
        let bytes = std::mem::take(&mut self.buffer);
        if self.failed || bytes.is_empty() {
            return;
        }
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(&bytes).and_then(|()| out.flush()) {
            self.failed = true;
            complain(self.program, &format!("write error: {}", reason(&error)));
        }
    }

    /// Tells whether something could not be written, so that more need not be made.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Writes what is gathered and answers whether all of it was taken.
    pub(crate) fn finish(mut self) -> bool {
        self.flush();
        !self.failed
    }
}
