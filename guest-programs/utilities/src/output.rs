//! Standard output through a large buffer. The first failure is kept and told at the end.

use std::io::Write;

use crate::program::Program;

/// Bytes that are collected before they are written: a pipe's capacity.
const BUFFER_BYTES: usize = 64 * 1024;

/// Standard output, or a file in its place.
pub(crate) struct Output {
    buffer: Vec<u8>,
    sink: Box<dyn Write>,
    failure: Option<std::io::Error>,
}

impl Output {
    /// Returns standard output.
    pub(crate) fn new() -> Self {
        Self::to(Box::new(std::io::stdout()))
    }

    /// Returns an output to something else.
    pub(crate) fn to(sink: Box<dyn Write>) -> Self {
        Self { buffer: Vec::with_capacity(BUFFER_BYTES), sink, failure: None }
    }

    /// Writes bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush();
        }
    }

    /// Writes text.
    pub(crate) fn text(&mut self, text: &str) {
        self.put(text.as_bytes());
    }

    /// Hands on what is collected.
    pub(crate) fn flush(&mut self) {
        if self.failure.is_none() {
            self.failure = self.sink.write_all(&self.buffer).and_then(|()| self.sink.flush()).err();
        }
        self.buffer.clear();
    }

    /// Tells whether nobody takes what is written any more.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Writes what is left; answers `status`, or the program's own failure when something was not taken.
    pub(crate) fn finish(mut self, program: &Program, status: i32) -> i32 {
        self.flush();
        match self.failure {
            None => status,
            Some(error) => program.fail(&format!("write error: {}", sandshell_sys::reason(&error))),
        }
    }
}
