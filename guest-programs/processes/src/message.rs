//! What the programs say of themselves: diagnostics, the hint at `--help`, and help.

use std::io::Write;

/// A program as its messages show it.
pub(crate) struct Program {
    /// What messages begin with.
    pub(crate) name: &'static str,
    /// Its exit status when it fails itself.
    pub(crate) failure: i32,
    /// The text of `--help`.
    pub(crate) usage: &'static str,
}

impl Program {
    /// Writes a diagnostic to stderr.
    pub(crate) fn complain(&self, message: &str) {
        write(&format!("{}: {message}", self.name));
    }

    /// Writes a diagnostic and answers the status of the program's own failure.
    pub(crate) fn fail(&self, message: &str) -> i32 {
        self.complain(message);
        self.failure
    }

    /// Like [`Self::fail`] for a mistake in the command line: the hint at `--help` follows.
    pub(crate) fn misuse(&self, message: &str) -> i32 {
        self.complain(message);
        self.hint()
    }

    /// Writes the hint alone.
    pub(crate) fn hint(&self) -> i32 {
        write(&format!("Try '{} --help' for more information.", self.name));
        self.failure
    }

    /// Writes the help.
    pub(crate) fn help(&self) -> i32 {
        self.print(self.usage)
    }

    /// Writes the version.
    pub(crate) fn version(&self) -> i32 {
        self.print(format!("{} (sandshell) {}\n", self.name, env!("CARGO_PKG_VERSION")))
    }

    /// Writes to stdout; answers 0, or the program's own failure when nobody takes it.
    pub(crate) fn print(&self, text: impl AsRef<[u8]>) -> i32 {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
            Ok(()) => 0,
            Err(error) => self.fail(&format!("write error: {}", sandshell_sys::reason(&error))),
        }
    }
}

/// Writes a line to stderr.
pub(crate) fn write(line: &str) {
    // One write, so that lines of several processes do not mix; nobody is left to tell when stderr is closed.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
