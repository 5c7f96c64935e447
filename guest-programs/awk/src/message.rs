//! Messages on standard error.

use std::io::Write;

use crate::failure::Failure;

/// Writes a message as it is.
pub(crate) fn write(message: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = std::io::stderr().write_all(message.as_bytes());
}

/// Tells of a failure, with the place in the program's text; `sources` are the names of its files.
pub(crate) fn tell(failure: &Failure, sources: &[String]) {
    let kind = if failure.syntax { "" } else { "fatal: " };
    let place = failure.location.map_or(String::new(), |location| {
        let source = sources.get(usize::from(location.source)).map_or("cmd. line", String::as_str);
        format!("{source}:{}: ", location.line)
    });
    write(&format!("awk: {place}{kind}{}\n", failure.message));
}
