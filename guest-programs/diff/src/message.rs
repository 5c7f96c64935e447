//! What the programs say of themselves: mistakes, diagnostics, the hint at `--help`, help and version.

use std::io::Write;

/// A program as its messages show it.
pub(crate) struct Program {
    /// What messages begin with.
    pub(crate) name: &'static str,
    /// The text of `--help`.
    pub(crate) usage: &'static str,
}

/// What every program here exits with when it fails itself.
pub(crate) const TROUBLE: i32 = 2;

impl Program {
    /// Writes a diagnostic to stderr.
    pub(crate) fn complain(&self, message: &str) {
        // One write, so that lines of several processes do not mix; nobody is left to tell when stderr is closed.
        let _ = std::io::stderr().write_all(format!("{}: {message}\n", self.name).as_bytes());
    }

    /// Writes a diagnostic and answers [`TROUBLE`].
    pub(crate) fn fail(&self, message: &str) -> i32 {
        self.complain(message);
        TROUBLE
    }

    /// Like [`Self::fail`] for a mistake in the command line: the hint at `--help` follows.
    pub(crate) fn misuse(&self, message: &str) -> i32 {
        self.complain(message);
        self.complain(&format!("Try '{} --help' for more information.", self.name));
        TROUBLE
    }

    /// Writes the help.
    pub(crate) fn help(&self) -> i32 {
        self.print(self.usage)
    }

    /// Writes the version.
    pub(crate) fn version(&self) -> i32 {
        self.print(&format!("{} (sandshell) {}\n", self.name, env!("CARGO_PKG_VERSION")))
    }

    fn print(&self, text: &str) -> i32 {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => 0,
            Err(error) => self.fail(&format!("write failed: {}", sandshell_sys::reason(&error))),
        }
    }
}

/// A mistake in the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) message: String,
    /// The hint at `--help` follows it.
    pub(crate) hint: bool,
}

impl From<String> for Mistake {
    fn from(message: String) -> Self {
        Self { message, hint: true }
    }
}

impl Mistake {
    /// One that help would not help with.
    pub(crate) fn bare(message: String) -> Self {
        Self { message, hint: false }
    }
}

/// Bytes as text of a message.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
