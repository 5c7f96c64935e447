//! One run of `tar`: its settings, what it tells, and its status.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::time::SystemTime;

use sandshell_sys::{Accounts, path_of};

use super::header::Member;
use super::listing::Listing;
use super::options::{Operation, Settings};
use crate::basis::message::{complain, reason, text, write};

/// Statuses: something differs; something failed.
pub(super) const DIFFERS: i32 = 1;
pub(super) const FATAL: i32 = 2;

/// Why `tar` cannot go on.
#[derive(Debug)]
pub(super) struct Fatal(pub(super) String);

/// What an operation answers.
pub(super) type Done = Result<(), Fatal>;

/// Settings, and what has happened so far.
pub(super) struct Session {
    pub(super) settings: Settings,
    pub(super) accounts: Accounts,
    status: i32,
    listing: Listing,
    /// Prefixes whose removal was told, of members and of link targets.
    told: BTreeSet<(Vec<u8>, bool)>,
    index: Option<File>,
    began: SystemTime,
}

impl Session {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            accounts: Accounts::load(),
            status: 0,
            listing: Listing::new(),
            told: BTreeSet::new(),
            index: None,
            began: SystemTime::now(),
        }
    }

    /// Checks that the directories of all `-C` are there.
    pub(super) fn check_directories(&self) -> Done {
        let named = self.settings.names.iter().map(|named| &named.directory);
        for directory in named.chain([&self.settings.directory]).filter(|directory| !directory.is_empty()) {
            let why = match sandshell_sys::stat(directory) {
                Ok(found) if found.mode.kind() == sandshell_sys::Kind::Directory => continue,
                Ok(_) => sandshell_sys::Errno::ENOTDIR,
                Err(errno) => errno,
            };
            return Err(Fatal(format!("{}: Cannot open: {why}", text(directory))));
        }
        Ok(())
    }

    /// Tells of something that failed; the run goes on.
    pub(super) fn error(&mut self, message: &str) {
        complain("tar", message);
        self.status = FATAL;
    }

    /// Tells of something that is no failure.
    pub(super) fn warn(&mut self, message: &str) {
        complain("tar", message);
    }

    /// Remembers that something differs.
    pub(super) fn differs(&mut self) {
        self.status = self.status.max(DIFFERS);
    }

    /// Tells, once for each prefix, that it is removed.
    pub(super) fn tell_removal(&mut self, prefix: &[u8], of_link: bool) {
        if self.told.insert((prefix.to_vec(), of_link)) {
            let what = if of_link { "hard link targets" } else { "member names" };
            complain("tar", &format!("Removing leading `{}' from {what}", text(prefix)));
        }
    }

    /// Shows a member if `-v` asks for that; a list always does.
    pub(super) fn show(&mut self, member: &Member, name: &[u8], start: u64) {
        let lists = self.settings.operation == Operation::List;
        let level = self.settings.verbose + u8::from(lists);
        if level == 0 {
            return;
        }
        let mut line = self.listing.line(member, name, &self.settings, level > 1);
        if self.settings.block_numbers {
            line.splice(0..0, format!("block {}: ", start / super::header::BLOCK as u64).into_bytes());
        }
        self.tell(&line);
    }

    /// Writes lines of the listing: to stdout, unless content goes there.
    pub(super) fn tell(&mut self, lines: &[u8]) {
        if let Some(path) = self.settings.index_file.take() {
            match File::create(path_of(&path)) {
                Ok(file) => self.index = Some(file),
                Err(error) => self.error(&format!("{}: Cannot open: {}", text(&path), reason(&error))),
            }
        }
        let result = if let Some(index) = &mut self.index {
            index.write_all(lines)
        } else if self.stdout_is_content() {
            io::stderr().write_all(lines)
        } else {
            io::stdout().write_all(lines)
        };
        if let Err(error) = result {
            self.error(&format!("stdout: Cannot write: {}", reason(&error)));
        }
    }

    fn stdout_is_content(&self) -> bool {
        let settings = &self.settings;
        let writes_there = settings.operation == Operation::Create && settings.archives.iter().any(|name| name == b"-");
        writes_there || settings.to_stdout
    }

    /// Tells how many bytes there were.
    pub(super) fn totals(&self, verb: &str, bytes: u64) {
        if self.settings.totals {
            let seconds = self.began.elapsed().map_or(0.001, |elapsed| elapsed.as_secs_f64().max(0.001));
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate of three digits"
            )]
            let rate = (bytes as f64 / seconds) as u64;
            write(&format!("Total bytes {verb}: {bytes} ({}, {}/s)\n", human(bytes), human(rate)));
        }
    }

    /// Says what is left to say; answers the status.
    pub(super) fn finish(self, done: Done) -> i32 {
        let flushed = io::stdout().flush();
        if let Err(Fatal(message)) = done {
            if !message.is_empty() {
                complain("tar", &message);
            }
            complain("tar", "Error is not recoverable: exiting now");
            return FATAL;
        }
        if let Err(error) = flushed {
            complain("tar", &format!("stdout: Cannot write: {}", reason(&error)));
            return FATAL;
        }
        if self.status == FATAL {
            complain("tar", "Exiting with failure status due to previous errors");
        }
        self.status
    }
}

/// A number of bytes in the largest unit, rounded up: one decimal below ten.
fn human(bytes: u64) -> String {
    let (mut unit, mut size) = ("", 1u64);
    for next in ["Ki", "Mi", "Gi", "Ti"] {
        if bytes / size < 1024 {
            break;
        }
        (unit, size) = (next, size * 1024);
    }
    let tenths = bytes.saturating_mul(10).div_ceil(size);
    if size > 1 && tenths < 100 && tenths % 10 != 0 {
        format!("{}.{}{unit}B", tenths / 10, tenths % 10)
    } else {
        format!("{}{unit}B", bytes.div_ceil(size))
    }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!((human(512), human(10_240), human(1_500)), ("512B".into(), "10KiB".into(), "1.5KiB".into()));
        assert_eq!((human(1 << 20), human((1 << 20) + 1)), ("1MiB".into(), "1.1MiB".into()));
    }
}
