//! What the programs say: diagnostics on stderr, help and version on stdout.

use std::io::{self, Write};

/// Writes a line to stderr behind the program's name.
pub(crate) fn complain(program: &str, message: &str) {
    write(&format!("{program}: {message}\n"));
}

/// Writes text to stderr as it is.
pub(crate) fn write(text: &str) {
    // One write, so that lines of several processes do not mix; nobody is left to tell when stderr is closed.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Writes to stdout; answers 0, or `failure` when nobody takes it.
pub(crate) fn print(program: &str, text: &str, failure: i32) -> i32 {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(error) => {
            complain(program, &format!("write error: {}", reason(&error)));
            failure
        }
    }
}

/// Writes the version to stdout.
pub(crate) fn version(program: &str, failure: i32) -> i32 {
    print(program, &format!("{program} (sandshell) {}\n", env!("CARGO_PKG_VERSION")), failure)
}

/// Returns why something failed, in `strerror`'s words.
pub(crate) fn reason(error: &io::Error) -> String {
    sandshell_sys::reason(error).into_owned()
}

/// Returns bytes as text for a message.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
