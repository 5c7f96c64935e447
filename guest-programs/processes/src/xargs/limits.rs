//! How long a command line may be.

use sandshell_sys::{ARGUMENTS_MAX_BYTES, environment};

use super::options::Options;
use crate::message::write;

/// What POSIX wants to be left for the program itself.
const HEADROOM_BYTES: usize = 2048;

/// What is used unless told otherwise.
const USUAL_BYTES: usize = 128 << 10;

/// Every system allows at least so much (POSIX, `_POSIX_ARG_MAX`).
const POSIX_BYTES: usize = 4096;

/// Bytes that the environment takes of a program's arguments.
fn environment_bytes() -> usize {
    environment().iter().map(|entry| entry.len() + 1).sum()
}

/// The longest command line, in bytes.
pub(crate) fn most_bytes() -> usize {
    ARGUMENTS_MAX_BYTES.saturating_sub(HEADROOM_BYTES + environment_bytes())
}

/// The longest command line unless told otherwise, in bytes.
pub(crate) fn usual_bytes() -> usize {
    most_bytes().min(USUAL_BYTES)
}

/// Tells the limits on stderr (`--show-limits`).
pub(crate) fn show(options: &Options) {
    let (taken, most) = (environment_bytes(), most_bytes());
    write(&format!("Your environment variables take up {taken} bytes"));
    write(&format!("POSIX upper limit on argument length (this system): {most}"));
    write(&format!("POSIX smallest allowable upper limit on argument length (all systems): {POSIX_BYTES}"));
    write(&format!("Maximum length of command we could actually use: {}", most.saturating_sub(taken)));
    write(&format!("Size of command buffer we are actually using: {}", options.max_chars));
    write(&format!("Maximum parallelism (--max-procs must be no greater): {}", i32::MAX));
}
