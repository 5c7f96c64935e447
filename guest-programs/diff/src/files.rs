//! Reading operands: files, and `-` for standard input.

use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandshell_sys::path_of;

/// Reads a file whole; `-` is standard input.
///
/// # Errors
///
/// The words for what went wrong.
pub(crate) fn read(name: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let done = if name == b"-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::File::open(path_of(name)).and_then(|mut file| file.read_to_end(&mut bytes)).map(|_| ())
    };
    done.map(|()| bytes).map_err(|error| sandshell_sys::reason(&error).into_owned())
}

/// How much of a file decides whether it is text, in bytes: what GNU diff reads first of one.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Tells that a file's bytes are not text.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(SAMPLE_BYTES)].contains(&0)
}

/// The bytes without the carriage returns at the ends of lines.
pub(crate) fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let mut stripped = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if *byte == b'\n' && stripped.last() == Some(&b'\r') {
            stripped.pop();
        }
        stripped.push(*byte);
    }
    stripped
}

/// When a file was last changed, as nanoseconds since 1970.
pub(crate) fn modified(metadata: &std::fs::Metadata) -> i128 {
    metadata.modified().map_or(0, since_1970)
}

/// The time now, likewise.
pub(crate) fn now() -> i128 {
    since_1970(SystemTime::now())
}

fn since_1970(time: SystemTime) -> i128 {
    let nanos = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanos(after),
        Err(before) => -nanos(before.duration()),
    }
}

/// A path below a directory.
pub(crate) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if directory.ends_with(b"/") { b"" } else { b"/" };
    [directory, slash, name].concat()
}

/// The last component of a path.
pub(crate) fn last_component(path: &[u8]) -> &[u8] {
    let kept = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    path[..kept].rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}
