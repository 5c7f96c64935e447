//! Files as the programs here open, make and restore them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::time::Duration;

use sandshell_sys::{Fd, Kind, SetTime, Stat, change_mode, is_terminal, lstat, path_of, set_times};

/// Bytes that are read or written at once: large, since each call of the host costs about a microsecond.
pub(crate) const BUFFER_BYTES: usize = 128 << 10;

/// Opens a file for reading with a large buffer.
///
/// # Errors
///
/// Those of `open(2)`.
pub(crate) fn open(path: &[u8]) -> io::Result<BufReader<File>> {
    Ok(BufReader::with_capacity(BUFFER_BYTES, File::open(path_of(path))?))
}

/// Makes a file that must not be there.
///
/// # Errors
///
/// Those of `open(2)` with `O_EXCL`.
pub(crate) fn create_new(path: &[u8]) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path_of(path))
}

/// Standard input with a large buffer.
pub(crate) fn standard_input() -> BufReader<io::StdinLock<'static>> {
    BufReader::with_capacity(BUFFER_BYTES, io::stdin().lock())
}

/// Tells whether an open file is a terminal; what cannot be asked is none.
pub(crate) fn is_tty(fd: &impl AsRawFd) -> bool {
    is_terminal(Fd(fd.as_raw_fd().unsigned_abs())).unwrap_or(false)
}

/// Removes a file that is no directory.
///
/// # Errors
///
/// Those of `unlink(2)`.
pub(crate) fn unlink(path: &[u8]) -> io::Result<()> {
    fs::remove_file(path_of(path))
}

/// Copies all of `input` to `output`; answers how many bytes.
///
/// # Errors
///
/// Those of either side.
pub(crate) fn copy(input: &mut dyn Read, output: &mut dyn Write) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut total = 0;
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(length) => {
                output.write_all(buffer.get(..length).unwrap_or_default())?;
                total += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Gives a compressor's output the permissions and times of its input.
pub(crate) fn restore_from(stat: &Stat, output: &[u8]) {
    // What cannot be restored is no reason to lose the content; GNU's programs only warn.
    let _ = change_mode(output, stat.mode.permissions(), true);
    let _ = set_times(output, SetTime::At(stat.accessed), SetTime::At(stat.modified), true);
}

/// Sets the time of last change of a file or link, in seconds since 1970.
pub(crate) fn set_modified(path: &[u8], modified: Duration, follow: bool) -> sandshell_sys::Result<()> {
    set_times(path, SetTime::Leave, SetTime::At(modified), follow)
}

/// Tells whether a path is a directory, a symbolic link being none.
pub(crate) fn is_directory(path: &[u8]) -> bool {
    lstat(path).is_ok_and(|stat| stat.mode.kind() == Kind::Directory)
}

/// Returns a directory's names, ascending, without `.` and `..`.
///
/// # Errors
///
/// Those of `opendir(3)` and `readdir(3)`.
pub(crate) fn names_in(path: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path_of(path))? {
        names.push(sandshell_sys::bytes_of(&entry?.file_name()).to_vec());
    }
    names.sort_unstable();
    Ok(names)
}

/// Returns the path of `name` in a directory; an absolute name and one in no directory stay as they are.
pub(crate) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    match directory {
        _ if name.first() == Some(&b'/') => name.to_vec(),
        [] => name.to_vec(),
        [.., b'/'] => [directory, name].concat(),
        _ => [directory, b"/", name].concat(),
    }
}

/// Makes the directories that a path needs above its last component.
///
/// # Errors
///
/// Those of `mkdir(2)`.
pub(crate) fn make_parents(path: &[u8]) -> io::Result<()> {
    match path.iter().rposition(|byte| *byte == b'/') {
        None | Some(0) => Ok(()),
        Some(end) => fs::create_dir_all(path_of(path.get(..end).unwrap_or_default())),
    }
}

/// Makes a symbolic link. Rust's own function for it is unstable on WASI.
///
/// # Errors
///
/// Those of `symlink(2)`.
pub(crate) fn make_symlink(target: &[u8], path: &[u8]) -> io::Result<()> {
    rustix::fs::symlink(target, path).map_err(io::Error::from)
}
