//! What is known of a file that is listed.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use sandshell_sys::{Kind, Mode, Stat, stat};

use super::config::{Config, Format, Indicator, Time};
use crate::basis::bytes::OsStrExt;

/// A file of a listing.
pub(crate) struct Entry {
    /// Its name, as it was given or found.
    pub(crate) name: OsString,
    /// Its status, where it was asked for and there.
    pub(crate) status: Option<Stat>,
    /// Its kind, as far as known.
    pub(crate) kind: Kind,
    /// Of a symbolic link: the path in it.
    pub(crate) target: Option<OsString>,
    /// Of a symbolic link: the mode of the file it leads to.
    pub(crate) target_mode: Option<Mode>,
    /// Its name as it is shown.
    pub(crate) shown: Vec<u8>,
    /// Whether the shown name begins with a quotation mark.
    pub(crate) quoted: bool,
}

impl Entry {
    pub(crate) fn new(name: OsString, status: Option<Stat>, kind: Kind) -> Self {
        Self { name, status, kind, target: None, target_mode: None, shown: Vec::new(), quoted: false }
    }

    /// Learns where a link leads, where the listing shows or needs it.
    pub(crate) fn read_link(&mut self, path: &OsStr, config: &Config) {
        if config.format == Format::Long {
            self.target = std::fs::read_link(Path::new(path)).ok().map(Into::into);
        }
        let needs_target = config.directories_first
            || config.palette.as_ref().is_some_and(super::color::Palette::looks_behind_links)
            || (config.format == Format::Long && config.indicator != Indicator::Nothing);
        if needs_target {
            self.target_mode = stat(path.as_bytes()).ok().map(|status| status.mode);
        }
    }

    /// Returns the time that is shown and ordered by.
    pub(crate) fn time(&self, time: Time) -> Duration {
        self.status.map_or(Duration::ZERO, |status| match time {
            Time::Modified => status.modified,
            Time::Accessed => status.accessed,
            Time::Changed => status.changed,
        })
    }

    /// Returns the length in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.status.map_or(0, |status| status.size)
    }

    /// Returns whether it is a directory or a link to one.
    pub(crate) fn leads_to_directory(&self) -> bool {
        self.kind == Kind::Directory || self.target_mode.is_some_and(|mode| mode.kind() == Kind::Directory)
    }

    /// Returns the mark after the name, if there is one.
    pub(crate) fn mark(&self, indicator: Indicator, long: bool) -> Option<char> {
        // The long form shows where a link leads, and marks that.
        if long && self.target.is_some() {
            return None;
        }
        mark(self.kind, self.status.map(|status| status.mode), indicator)
    }

    /// Returns the mark after the path a link leads to.
    pub(crate) fn target_mark(&self, indicator: Indicator) -> Option<char> {
        let mode = self.target_mode?;
        mark(mode.kind(), Some(mode), indicator)
    }
}

fn mark(kind: Kind, mode: Option<Mode>, indicator: Indicator) -> Option<char> {
    match (indicator, kind) {
        (Indicator::Nothing, _) => None,
        (_, Kind::Directory) => Some('/'),
        (Indicator::Slash, _) => None,
        (_, Kind::Symlink) => Some('@'),
        (_, Kind::Fifo) => Some('|'),
        (_, Kind::Socket) => Some('='),
        (Indicator::Classify, Kind::Regular) if mode.is_some_and(|mode| mode.permissions() & 0o111 != 0) => Some('*'),
        _ => None,
    }
}
