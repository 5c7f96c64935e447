//! Where stdout leads, as far as it changes what grep does.
//!
//! Into `/dev/null` nothing but the exit status is worth finding; into a file that is also searched, grep would read what
//! it writes.

use sandshell_sys::{Fd, Kind, Stat, stat, stat_of};

use crate::options::{List, Options};

/// What stdout is.
pub(crate) struct Destination {
    /// A regular file that lines are written to.
    file: Option<Stat>,
    /// `/dev/null`.
    pub(crate) is_null: bool,
}

impl Destination {
    /// Looks at stdout.
    pub(crate) fn find(options: &Options) -> Self {
        let Ok(out) = stat_of(Fd::STDOUT) else { return Self { file: None, is_null: false } };
        let is_null = out.mode.kind() == Kind::CharacterDevice
            && stat(b"/dev/null").is_ok_and(|null| null.device == out.device && null.device != 0);
        let writes_while_reading = options.list == List::Lines && !options.quiet;
        let file = Some(out).filter(|out| out.mode.kind() == Kind::Regular && writes_while_reading);
        Self { file, is_null }
    }

    /// Whether the file `path` is the one that lines are written to; without a path, standard input.
    pub(crate) fn is(&self, path: Option<&[u8]>) -> bool {
        let Some(out) = self.file else { return false };
        let input = match path {
            Some(path) => stat(path),
            None => stat_of(Fd::STDIN),
        };
        input.is_ok_and(|input| input.inode == out.inode && input.mode.kind() == Kind::Regular)
    }
}
