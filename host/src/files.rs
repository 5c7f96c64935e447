//! The host files this program reads, each through a cap-std directory: what the machine is, and scripts named on the
//! command line.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};

/// The longest script read from a file or from standard input, in bytes; the same as an HTTP body's.
const SCRIPT_MAX_BYTES: u64 = 16 << 20;
/// A file of settings that is longer is none.
const SETTINGS_MAX_BYTES: u64 = 1 << 20;
/// What the kernel says about itself fits in this.
const SYSTEM_FILE_MAX_BYTES: u64 = 64 << 10;

/// Reads the script at `path`. Its last component may be a link only to something beside or below it.
pub(crate) fn read_script(path: &OsStr) -> io::Result<Vec<u8>> {
    let path = Path::new(path);
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
    let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    let folder = Dir::open_ambient_dir(parent, ambient_authority())?;
    bounded(folder.open(name)?, SCRIPT_MAX_BYTES)
}

/// Reads a script from standard input.
pub(crate) fn read_stdin() -> io::Result<Vec<u8>> {
    bounded(io::stdin().lock(), SCRIPT_MAX_BYTES)
}

/// Reads the text of the settings' file at `path`, wherever its links lead: it is the operator's own.
pub(crate) fn read_settings(path: &Path) -> io::Result<String> {
    let file = File::open_ambient(path, ambient_authority())?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let bytes = bounded(file, SETTINGS_MAX_BYTES)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Writes files into the folder at `path`, which is made if it does not exist.
pub(crate) fn write_all(path: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    Dir::create_ambient_dir_all(path, ambient_authority())?;
    let folder = Dir::open_ambient_dir(path, ambient_authority())?;
    files.iter().try_for_each(|(name, bytes)| folder.write(name, bytes))
}

/// Opens the folder at `path` for this server alone; it is made if it does not exist.
pub(crate) fn private_folder(path: &Path) -> io::Result<Dir> {
    use cap_std::fs::{DirBuilder, DirBuilderExt};

    let parent = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let parent = Dir::open_ambient_dir(parent, ambient_authority())?;
    match parent.create_dir_with(name, DirBuilder::new().mode(0o700)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    Dir::open_ambient_dir(path, ambient_authority())
}

/// Returns the memory this process may use, in bytes: the machine's, or its control group's if that is less.
pub(crate) fn machine_memory() -> Option<u64> {
    let total = read_system("/proc", "meminfo").and_then(|text| meminfo_total(&text));
    let group = read_system("/sys/fs/cgroup", "memory.max").and_then(|text| text.trim().parse::<u64>().ok());
    match (total, group) {
        (Some(total), Some(group)) => Some(group.min(total)),
        (total, group) => total.or(group),
    }
}

fn read_system(folder: &str, name: &str) -> Option<String> {
    let folder = Dir::open_ambient_dir(folder, ambient_authority()).ok()?;
    let bytes = bounded(folder.open(name).ok()?, SYSTEM_FILE_MAX_BYTES).ok()?;
    String::from_utf8(bytes).ok()
}

fn meminfo_total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

fn bounded(reader: impl Read, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {max} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_the_total_line() {
        assert_eq!(meminfo_total("MemTotal:       16384 kB\nMemFree: 1 kB\n"), Some(16_777_216));
        assert_eq!(meminfo_total("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn what_is_longer_than_allowed_is_refused() {
        assert_eq!(bounded(&b"abc"[..], 3).expect("fits"), b"abc");
        assert!(bounded(&b"abcd"[..], 3).is_err());
    }
}
