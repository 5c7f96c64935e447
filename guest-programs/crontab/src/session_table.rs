//! The session's table as a file: read, replaced whole, removed.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};

use sandshell_sys::{Errno, path_of};

/// Only its owner reads and writes the table.
const MASK: u32 = 0o177;

/// Reads the table; `None` if there is none.
///
/// # Errors
///
/// The system's.
pub(crate) fn read() -> io::Result<Option<Vec<u8>>> {
    match fs::read(crontab::PATH) {
        Ok(table) => Ok(Some(table)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes the table; tells whether there was one.
///
/// # Errors
///
/// The system's.
pub(crate) fn remove() -> io::Result<bool> {
    match fs::remove_file(crontab::PATH) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads a file, or standard input for `-`: as much as a table may have and a byte more.
///
/// # Errors
///
/// The system's; a directory is refused here, since WASI opens it and fails to read it.
pub(crate) fn read_input(file: &[u8]) -> io::Result<Vec<u8>> {
    let enough = u64::try_from(crontab::FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = Vec::new();
    if file == b"-" {
        io::stdin().lock().take(enough).read_to_end(&mut text)?;
        return Ok(text);
    }
    let file = File::open(path_of(file))?;
    if file.metadata()?.is_dir() {
        return Err(Errno::EISDIR.into());
    }
    file.take(enough).read_to_end(&mut text)?;
    Ok(text)
}

/// Puts a table in the place of the old one. A reader finds the one or the other, and on an error the old one stays.
///
/// # Errors
///
/// The system's.
pub(crate) fn replace(table: &[u8]) -> io::Result<()> {
    let process = sandshell_sys::own().map_err(io::Error::from)?;
    let temporary = format!("{}.{}", crontab::PATH, process.0);
    let written = write_new(&temporary, table).and_then(|()| fs::rename(&temporary, crontab::PATH));
    if written.is_err() {
        // What is left of it helps nobody; the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_new(path: &str, table: &[u8]) -> io::Result<()> {
    sandshell_sys::set_mask(MASK).map_err(io::Error::from)?;
    File::options().write(true).create_new(true).open(path)?.write_all(table)
}

/// Asks whether the table shall go; anything but a yes is a no.
pub(crate) fn is_confirmed() -> bool {
    let mut answer = String::new();
    // Nobody to ask, or no answer, is a no.
    let _ = io::stderr().write_all(b"crontab: really delete root's crontab? (y/n) ");
    let _ = io::stdin().read_line(&mut answer);
    matches!(answer.trim(), "y" | "Y" | "yes")
}
