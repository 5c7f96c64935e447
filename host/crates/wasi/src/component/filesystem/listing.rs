//! `directory-entry-stream`: a directory read in steps, so that a large one needs no memory of the host's.
//!
//! It reads an open file description of its own and goes on by name, whatever is added or removed meanwhile.

use std::collections::VecDeque;

use base::Errno;
use kernel::{At, DirStep, OpenFlags, Process};

use super::convert;
use super::types::DirectoryEntry;
use crate::component::owned::OwnedFd;

/// Entries asked of the kernel at once.
const STEP: usize = 128;

/// A directory being listed.
#[derive(Debug)]
pub struct DirectoryEntries {
    fd: OwnedFd,
    /// Where the next step begins.
    cookie: u64,
    read: VecDeque<DirectoryEntry>,
    at_end: bool,
}

impl DirectoryEntries {
    pub(super) fn of(process: &Process, at: At) -> Result<Self, Errno> {
        let flags = OpenFlags { read: true, directory: true, ..OpenFlags::default() };
        let fd = OwnedFd::open(process, at, b".", flags, 0)?;
        Ok(Self { fd, cookie: 0, read: VecDeque::new(), at_end: false })
    }

    /// Answers the next entry; none at the end.
    pub(super) fn next(&mut self, process: &Process) -> Result<Option<DirectoryEntry>, Errno> {
        while self.read.is_empty() && !self.at_end {
            let steps = process.read_dir_after(self.fd.number(), self.cookie, STEP)?;
            self.at_end = steps.is_empty();
            self.cookie = steps.last().map_or(self.cookie, |step| step.next);
            self.read.extend(steps.into_iter().filter_map(entry));
        }
        Ok(self.read.pop_front())
    }
}

/// Neither the directory itself nor its parent is listed, nor a name that is not UTF-8: it could not be used.
fn entry(step: DirStep) -> Option<DirectoryEntry> {
    let name = String::from_utf8(step.row.name).ok().filter(|name| name != "." && name != "..")?;
    Some(DirectoryEntry { type_: convert::descriptor_type(step.row.kind), name })
}
