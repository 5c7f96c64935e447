//! Editing in place: the output goes to a file beside the original and takes its name when it is complete.

use std::fs::{self, File};
use std::path::PathBuf;

use sandshell_sys::{change_mode, change_owner, path_of, reason, stat};

use crate::output::Output;

/// A file that is being edited.
pub(crate) struct Editing {
    /// Where the result goes.
    target: Vec<u8>,
    temporary: Vec<u8>,
}

/// How many names are tried for the temporary file.
const MOST_TRIES: u32 = 100;

impl Editing {
    /// Creates the file that takes the output, with the permissions of the original.
    ///
    /// # Errors
    ///
    /// The message of a failure, which ends the run.
    pub(crate) fn start(name: &[u8], follow_symlinks: bool) -> Result<(Self, Output), String> {
        let mut target = name.to_vec();
        if follow_symlinks && let Ok(path) = fs::canonicalize(path_of(name)) {
            target = sandshell_sys::bytes_of(path.as_os_str()).to_vec();
        }
        let slash = target.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let own = sandshell_sys::own().map_or(0, |pid| pid.0);
        for attempt in 0..MOST_TRIES {
            let mut temporary = target[..slash].to_vec();
            temporary.extend_from_slice(format!("sed{own:04}{attempt:02}").as_bytes());
            match File::options().write(true).create_new(true).open(path_of(&temporary)) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let shown = String::from_utf8_lossy(&temporary);
                    return Err(format!("couldn't open temporary file {shown}: {}", reason(&error)));
                }
                Ok(file) => {
                    if let Ok(original) = stat(&target) {
                        // Without them the result is still the user's own file.
                        let _ = change_owner(&temporary, Some(original.uid), Some(original.gid), true);
                        let _ = change_mode(&temporary, original.mode.0 & 0o7777, true);
                    }
                    let output = Output::file(file, &String::from_utf8_lossy(&temporary));
                    return Ok((Self { target, temporary }, output));
                }
            }
        }
        Err(format!("couldn't open temporary file {}: File exists", String::from_utf8_lossy(&target)))
    }

    /// Keeps a backup if a suffix is given, and puts the result in the place of the original.
    ///
    /// # Errors
    ///
    /// The message of a failure, which ends the run.
    pub(crate) fn finish(self, suffix: &[u8]) -> Result<(), String> {
        let moved = |from: &[u8], to: &[u8]| {
            fs::rename(path_of(from), path_of(to)).map_err(|error| {
                let from = String::from_utf8_lossy(from).into_owned();
                format!("cannot rename {from}: {}", reason(&error))
            })
        };
        if !suffix.is_empty() {
            moved(&self.target, &backup_name(&self.target, suffix))?;
        }
        moved(&self.temporary, &self.target)
    }

    /// Removes the unfinished result.
    pub(crate) fn abandon(self) {
        // What cannot be removed is left to the user, who is told of the failure itself.
        let _ = fs::remove_file(PathBuf::from(path_of(&self.temporary)));
    }
}

/// The name of the backup: each `*` of the suffix is the file's name; without one the suffix follows the name. A suffix
/// with a slash leads into another directory.
fn backup_name(target: &[u8], suffix: &[u8]) -> Vec<u8> {
    let slash = target.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let (directory, name) = target.split_at(slash);
    if !suffix.contains(&b'*') {
        return [target, suffix].concat();
    }
    let base: Vec<u8> =
        suffix.iter().flat_map(|byte| if *byte == b'*' { name.to_vec() } else { vec![*byte] }).collect();
    if base.contains(&b'/') { base } else { [directory, &base].concat() }
}

#[cfg(test)]
mod tests {
    use super::backup_name;

    #[test]
    fn stars_of_the_suffix_are_the_name() {
        let check = |target: &str, suffix: &str, expected: &str| {
            assert_eq!(String::from_utf8_lossy(&backup_name(target.as_bytes(), suffix.as_bytes())), expected)
        };
        check("d/f", ".bak", "d/f.bak");
        check("d/f", "old_*", "d/old_f");
        check("d/f", "bak/*.o", "bak/f.o");
    }
}
