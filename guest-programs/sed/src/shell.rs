//! Running a command for `e`: its output is taken whole.

use std::io::Read;

use sandshell_sys::{Children, Command, Fd, pipe_files, wait};

/// Runs a command with `sh -c` and returns what it wrote to stdout.
///
/// # Errors
///
/// The message when it cannot be started or read.
pub(crate) fn output_of(command: &[u8]) -> Result<Vec<u8>, String> {
    let failed = |error: sandshell_sys::Errno| format!("couldn't run a command: {}", error.message());
    let (mut reader, writer) = pipe_files().map_err(failed)?;
    let program = Command::new(b"/bin/sh").arguments([b"-c".as_slice(), command]).descriptor(1, Fd::from(&writer));
    let pid = program.spawn().map_err(failed)?;
    drop(writer);
    let mut output = Vec::new();
    let read = reader.read_to_end(&mut output);
    let waited = wait(Children::One(pid));
    read.map_err(|error| format!("read error on a command: {}", sandshell_sys::reason(&error)))?;
    waited.map_err(failed)?;
    Ok(output)
}
