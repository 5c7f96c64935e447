//! What `patch` tells while it works, and the questions that nobody is there to answer.

use std::io::Write;

use super::options::{Options, Verbosity};

/// The messages. They go to stdout, or to stderr when a patched file goes there.
pub(crate) struct Report {
    pub(crate) verbosity: Verbosity,
    to_stderr: bool,
    text: Vec<u8>,
    failed: bool,
}

/// Messages are written when they are this long together, so that a long patch does not gather them all.
const BUFFER_BYTES: usize = 64 * 1024;

impl Report {
    pub(crate) fn new(options: &Options) -> Self {
        let to_stderr = options.output.as_deref() == Some(b"-");
        Self { verbosity: options.verbosity, to_stderr, text: Vec::new(), failed: false }
    }

    /// Tells something whatever the verbosity.
    pub(crate) fn say(&mut self, message: &str) {
        self.text.extend_from_slice(message.as_bytes());
        if self.text.len() > BUFFER_BYTES {
            self.flush();
        }
    }

    /// Tells something unless silence is asked for.
    pub(crate) fn tell(&mut self, message: &str) {
        if self.verbosity != Verbosity::Silent {
            self.say(message);
        }
    }

    /// Tells something when much is to be told.
    pub(crate) fn chat(&mut self, message: &str) {
        if self.verbosity == Verbosity::Verbose {
            self.say(message);
        }
    }

    /// Asks a question. There is no terminal: the answer is the default.
    pub(crate) fn ask(&mut self, question: &str) {
        self.say(question);
        self.say("\n");
    }

    /// Writes what is still to be written; tells whether all was.
    pub(crate) fn flush(&mut self) -> bool {
        let text = std::mem::take(&mut self.text);
        let done = if self.to_stderr {
            std::io::stderr().write_all(&text)
        } else {
            let mut out = std::io::stdout().lock();
            out.write_all(&text).and_then(|()| out.flush())
        };
        self.failed |= done.is_err();
        !self.failed
    }
}
