//! Input of programs that read files or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use sandshell_sys::path_of;

/// Bytes that are asked for at once: a pipe's capacity.
const BUFFER_BYTES: usize = 64 * 1024;

/// Opens a file, or standard input for `-`.
///
/// # Errors
///
/// The system's; a directory is refused here, since WASI opens it and fails to read it.
pub(crate) fn open(path: &[u8]) -> io::Result<Box<dyn BufRead>> {
    if path == b"-" { Ok(standard()) } else { open_file(path) }
}

/// Opens a file whatever its name.
///
/// # Errors
///
/// See [`open`].
pub(crate) fn open_file(path: &[u8]) -> io::Result<Box<dyn BufRead>> {
    let file = File::open(path_of(path))?;
    if file.metadata()?.is_dir() {
        return Err(sandshell_sys::Errno::EISDIR.into());
    }
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, file)))
}

/// Returns standard input.
pub(crate) fn standard() -> Box<dyn BufRead> {
    Box::new(BufReader::with_capacity(BUFFER_BYTES, io::stdin()))
}

/// Reads a file, or standard input for `-`, whole.
///
/// # Errors
///
/// The system's.
pub(crate) fn read(path: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Fills `buffer` as far as the input goes; returns the length.
///
/// # Errors
///
/// The system's.
pub(crate) fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Reads on without keeping anything; returns how much there was of the wanted length.
///
/// # Errors
///
/// The system's.
pub(crate) fn skip(input: &mut dyn Read, length: u64) -> io::Result<u64> {
    io::copy(&mut input.take(length), &mut io::sink())
}
