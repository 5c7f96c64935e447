//! What the program says, and the statuses with which it does.

use std::io::Write;

/// Writes a line to stderr.
pub(crate) fn say(line: &str) {
    // One write, so that lines of several processes do not mix; nobody is left to tell when stderr is closed.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Writes a diagnostic to stderr.
pub(crate) fn complain(message: &str) {
    say(&format!("crontab: {message}"));
}

/// Writes a diagnostic and answers the status of a failure.
pub(crate) fn fail(message: &str) -> i32 {
    complain(message);
    1
}

/// Like [`fail`] for a mistake in the command line: the hint at `--help` follows.
pub(crate) fn misuse(message: &str) -> i32 {
    complain(&format!("usage error: {message}"));
    say("Try 'crontab --help' for more information.");
    1
}

/// Writes to stdout; answers 0, or the status of a failure when nobody takes it.
pub(crate) fn print(text: &[u8]) -> i32 {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(error) => fail(&format!("write error: {}", sandshell_sys::reason(&error))),
    }
}
