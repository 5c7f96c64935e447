//! What a program of this collection is, and what it says of itself: diagnostics, hints, help, version.

use std::io::Write;

use crate::options::Grammar;

/// A program ends with a status: `Err` when everything is said and nothing more is done.
pub(crate) type Outcome<T = i32> = Result<T, i32>;

/// A program.
#[derive(Debug)]
pub(crate) struct Program {
    /// Its name, and what its messages begin with.
    pub(crate) name: &'static str,
    /// Its exit status for a mistake in the command line or a failure of its own.
    pub(crate) failure: i32,
    /// The text of `--help`.
    pub(crate) help: &'static str,
    /// Its options.
    pub(crate) grammar: Grammar,
    /// Runs it with the arguments behind its name.
    pub(crate) main: fn(&Program, Vec<Vec<u8>>) -> Outcome,
}

impl Program {
    /// Writes a diagnostic to stderr.
    pub(crate) fn complain(&self, message: &str) {
        say(&format!("{}: {message}", self.name));
    }

    /// Writes a diagnostic and answers the status of a failure.
    pub(crate) fn fail(&self, message: &str) -> i32 {
        self.complain(message);
        self.failure
    }

    /// Like [`Self::fail`] for a mistake in the command line: the hint at `--help` follows.
    pub(crate) fn misuse(&self, message: &str) -> i32 {
        self.complain(message);
        say(&format!("Try '{} --help' for more information.", self.name));
        self.failure
    }

    /// Writes the version.
    pub(crate) fn version(&self) -> i32 {
        self.print(format!("{} (sandshell) {}\n", self.name, env!("CARGO_PKG_VERSION")))
    }

    /// Writes to stdout; answers 0, or the status of a failure when nobody takes it.
    pub(crate) fn print(&self, text: impl AsRef<[u8]>) -> i32 {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
            Ok(()) => 0,
            Err(error) => self.fail(&format!("write error: {}", sandshell_sys::reason(&error))),
        }
    }

    /// Reads a number of an option.
    ///
    /// # Errors
    ///
    /// The exit status after the message `what: 'text'`.
    pub(crate) fn number<T: std::str::FromStr>(&self, what: &str, text: &str) -> Result<T, i32> {
        text.trim().parse().map_err(|_| self.fail(&format!("{what}: '{text}'")))
    }
}

/// Writes a line to stderr.
pub(crate) fn say(line: &str) {
    // One write, so that lines of several processes do not mix; nobody is left to tell when stderr is closed.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
