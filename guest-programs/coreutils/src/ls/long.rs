//! The fields of `ls -l`, `-i` and `-s`, each as wide as the widest of its listing.

use std::time::Duration;

use sandshell_sys::{Accounts, Stat};

use super::config::{Config, Format};
use super::entry::Entry;
use super::layout::is_device;
use crate::basis::times::{Zone, now};

#[derive(Default)]
struct Widths {
    inode: usize,
    blocks: usize,
    links: usize,
    owner: usize,
    group: usize,
    size: usize,
    major: usize,
    minor: usize,
}

/// Writes the fields of a listing.
pub(crate) struct Long<'a> {
    config: &'a Config,
    accounts: Option<Accounts>,
    zone: Zone,
    now: Duration,
    widths: Widths,
}

impl<'a> Long<'a> {
    pub(crate) fn new(config: &'a Config) -> Self {
        let long = config.format == Format::Long;
        Self {
            config,
            accounts: (long && !config.numeric_ids).then(Accounts::load),
            zone: if long { Zone::of_environment() } else { Zone::Utc },
            now: if long { now() } else { Duration::ZERO },
            widths: Widths::default(),
        }
    }

    fn owner(&self, status: &Stat) -> String {
        let name = self.accounts.as_ref().and_then(|accounts| accounts.user_name(status.uid));
        name.map_or_else(|| status.uid.to_string(), str::to_owned)
    }

    fn group(&self, status: &Stat) -> String {
        let name = self.accounts.as_ref().and_then(|accounts| accounts.group_name(status.gid));
        name.map_or_else(|| status.gid.to_string(), str::to_owned)
    }

    fn blocks(&self, entry: &Entry) -> String {
        let bytes = |status: Stat| self.config.block_unit.show(status.blocks.saturating_mul(512));
        entry.status.map_or_else(|| "?".to_owned(), bytes)
    }

    fn inode(entry: &Entry) -> String {
        entry.status.map_or_else(|| "?".to_owned(), |status| status.inode.to_string())
    }

    /// Finds the widths for these files.
    pub(crate) fn measure(&mut self, files: &[Entry]) {
        let config = self.config;
        let mut widths = Widths::default();
        if !(config.inodes || config.blocks || config.format == Format::Long) {
            return;
        }
        for entry in files {
            if config.inodes {
                widths.inode = widths.inode.max(Self::inode(entry).len());
            }
            if config.blocks {
                widths.blocks = widths.blocks.max(self.blocks(entry).len());
            }
            let Some(status) = entry.status else { continue };
            if config.format != Format::Long {
                continue;
            }
            widths.links = widths.links.max(status.links.to_string().len());
            widths.owner = widths.owner.max(self.owner(&status).chars().count());
            widths.group = widths.group.max(self.group(&status).chars().count());
            if is_device(entry.kind) {
                widths.major = widths.major.max(major(status.device).to_string().len());
                widths.minor = widths.minor.max(minor(status.device).to_string().len());
                widths.size = widths.size.max(widths.major + 2 + widths.minor);
            } else {
                widths.size = widths.size.max(config.sizes.show(status.size).len());
            }
        }
        self.widths = widths;
    }

    /// Returns inode and blocks, where they are asked for, as they stand before a name.
    pub(crate) fn frills(&self, entry: &Entry) -> String {
        let mut text = String::new();
        let padded = self.config.format != Format::Commas;
        if self.config.inodes {
            let width = if padded { self.widths.inode } else { 0 };
            text.push_str(&format!("{:>width$} ", Self::inode(entry)));
        }
        if self.config.blocks {
            let width = if padded { self.widths.blocks } else { 0 };
            text.push_str(&format!("{:>width$} ", self.blocks(entry)));
        }
        text
    }

    /// Returns the fields from the mode to the time, with the space before the name.
    pub(crate) fn fields(&self, entry: &Entry) -> String {
        let widths = &self.widths;
        let Some(status) = entry.status else { return self.unknown(entry) };
        let mut text = format!("{} {:>width$} ", status.mode.symbolic(), status.links, width = widths.links);
        let (owner, group) = (self.owner(&status), self.group(&status));
        if self.config.owner {
            self.push_account(&mut text, &owner, widths.owner);
        }
        if self.config.group {
            self.push_account(&mut text, &group, widths.group);
        }
        if self.config.author {
            self.push_account(&mut text, &owner, widths.owner);
        }
        if is_device(entry.kind) {
            let numbers = (major(status.device), minor(status.device));
            let blank = widths.size.saturating_sub(widths.major + 2 + widths.minor);
            let (major_width, minor_width) = (widths.major + blank, widths.minor);
            text.push_str(&format!("{:>major_width$}, {:>minor_width$} ", numbers.0, numbers.1));
        } else {
            text.push_str(&format!("{:>width$} ", self.config.sizes.show(status.size), width = widths.size));
        }
        text.push_str(&self.config.time_style.show(entry.time(self.config.time), self.now, &self.zone));
        text.push(' ');
        text
    }

    /// Numbers stand right, names left.
    fn push_account(&self, text: &mut String, name: &str, width: usize) {
        if self.config.numeric_ids {
            text.push_str(&format!("{name:>width$} "));
        } else {
            text.push_str(&format!("{name:<width$} "));
        }
    }

    /// The fields of a file nothing is known of.
    fn unknown(&self, entry: &Entry) -> String {
        let widths = &self.widths;
        let kind = match entry.kind {
            sandshell_sys::Kind::Unknown | sandshell_sys::Kind::Regular => '-',
            kind => kind.letter(),
        };
        let mut text = format!("{kind}????????? {:>width$} ", '?', width = widths.links);
        for (shown, width) in
            [(self.config.owner, widths.owner), (self.config.group, widths.group), (self.config.author, widths.owner)]
        {
            if shown {
                self.push_account(&mut text, "?", width);
            }
        }
        let date = self.config.time_style.show(self.now, self.now, &self.zone).len();
        text.push_str(&format!("{:>width$} {:>date$} ", '?', '?', width = widths.size));
        text
    }
}

/// Major number of a device, as Linux packs it.
pub(crate) fn major(device: u64) -> u64 {
    ((device >> 32) & 0xffff_f000) | ((device >> 8) & 0xfff)
}

/// Minor number of a device, as Linux packs it.
pub(crate) fn minor(device: u64) -> u64 {
    ((device >> 12) & 0xffff_ff00) | (device & 0xff)
}
