//! Backups of files that are about to be replaced (`--backup`).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::bytes::{OsStrExt, OsStringExt, last_component};
use super::options::Grammar;

/// How backups are named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// `NAME.~1~`, `NAME.~2~`, ...
    Numbered,
    /// Numbered where there are numbered ones, else simple.
    Existing,
    /// `NAME~`.
    Simple,
}

/// Whether and how backups are made.
#[derive(Clone, Default)]
pub(crate) struct Backups {
    control: Option<Control>,
    suffix: Option<OsString>,
}

impl Backups {
    /// Sets the suffix; asks for backups as `-S` does.
    pub(crate) fn set_suffix(&mut self, suffix: OsString) {
        self.suffix = Some(suffix);
        self.control = self.control.or(Some(Control::Existing));
    }

    /// Sets the control by its word; without one, that of `VERSION_CONTROL`.
    ///
    /// # Errors
    ///
    /// The exit status after a message.
    pub(crate) fn set(&mut self, grammar: &Grammar, word: Option<String>) -> Result<(), i32> {
        const WORDS: &[&[&str]] = &[&["none", "off"], &["simple", "never"], &["existing", "nil"], &["numbered", "t"]];
        let word = word.or_else(|| std::env::var("VERSION_CONTROL").ok()).unwrap_or_else(|| "existing".to_owned());
        self.control = match grammar.choose("backup type", &word, WORDS)? {
            0 => None,
            1 => Some(Control::Simple),
            2 => Some(Control::Existing),
            _ => Some(Control::Numbered),
        };
        Ok(())
    }

    /// Returns whether backups are made.
    pub(crate) fn wanted(&self) -> bool {
        self.control.is_some()
    }

    /// Moves a file out of the way; answers its new name. `None`: no backups are wanted.
    ///
    /// # Errors
    ///
    /// Those of `rename`.
    pub(crate) fn make(&self, path: &Path) -> std::io::Result<Option<PathBuf>> {
        let Some(control) = self.control else { return Ok(None) };
        let last = last_number(path);
        let numbered = control == Control::Numbered || (control == Control::Existing && last > 0);
        let backup = if numbered {
            with_suffix(path, OsStr::new(&format!(".~{}~", last + 1)))
        } else {
            with_suffix(path, self.suffix.as_deref().unwrap_or(OsStr::new("~")))
        };
        std::fs::rename(path, &backup)?;
        Ok(Some(backup))
    }
}

fn with_suffix(path: &Path, suffix: &OsStr) -> PathBuf {
    let bytes = [path.as_os_str().as_bytes(), suffix.as_bytes()].concat();
    PathBuf::from(OsString::from_vec(bytes))
}

/// Returns the highest number of a numbered backup of a file, or 0.
fn last_number(path: &Path) -> u64 {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = [last_component(path.as_os_str()).as_bytes(), b".~"].concat();
    let Ok(entries) = std::fs::read_dir(parent) else { return 0 };
    let numbers = entries.flatten().filter_map(|entry| {
        let name = entry.file_name();
        let digits = name.as_bytes().strip_prefix(prefix.as_slice())?.strip_suffix(b"~")?;
        std::str::from_utf8(digits).ok()?.parse::<u64>().ok()
    });
    numbers.max().unwrap_or(0)
}
