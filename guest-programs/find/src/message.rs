//! What find says of itself.

use std::io::Write;

/// Writes a diagnostic to stderr.
pub(crate) fn complain(message: &str) {
    // One write, so that lines of several processes do not mix; nobody is left to tell when stderr is closed.
    let _ = std::io::stderr().write_all(format!("find: {message}\n").as_bytes());
}

/// Writes text to stdout and returns the exit status.
pub(crate) fn print(text: &str) -> i32 {
    let mut out = std::io::stdout().lock();
    i32::from(out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err())
}
