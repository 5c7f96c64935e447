//! Reading a directory in steps: cookies that resume by name, whatever is added or removed in between.
//!
//! Owns the names behind the latest cookies of one open directory. A cookie is the number of entries before it, `.` and
//! `..` included; those older than the window are found again by counting.

use std::collections::VecDeque;

use base::Errno;
use vfs::{Ino, Tree};

use crate::types::{DirRow, DirStep, FileType};

/// Cookies remembered by name: more than any libc reads in one call (wasi-libc: 4 KiB, at least 24 bytes an entry).
const WINDOW: usize = 1024;

/// Cookies 1 and 2 are those of `.` and `..`.
const DOTS: u64 = 2;

#[derive(Debug, Default)]
pub(crate) struct DirCursor {
    // The entry that cookie `first + i` comes after is `names[i]`.
    names: VecDeque<Vec<u8>>,
    first: u64,
}

impl DirCursor {
    /// Answers up to `max` entries after `cookie`, in the order of their names.
    pub(crate) fn read(&mut self, tree: &Tree, dir: Ino, cookie: u64, max: usize) -> Result<Vec<DirStep>, Errno> {
        let mut steps = Vec::new();
        let mut next = cookie;
        if next < 1 && max > steps.len() {
            next = 1;
            steps.push(dot(b".", dir, next));
        }
        if next < DOTS && max > steps.len() {
            next = DOTS;
            steps.push(dot(b"..", tree.parent(dir).unwrap_or(dir), next));
        }
        let room = max - steps.len();
        if room == 0 {
            return Ok(steps);
        }
        let after = self.name_before(tree, dir, next)?;
        for entry in tree.read_dir(dir, after.as_deref(), room)? {
            next += 1;
            self.remember(next, &entry.name);
            let row = DirRow { name: entry.name.to_vec(), ino: entry.ino, kind: FileType::from(entry.kind) };
            steps.push(DirStep { next, row });
        }
        Ok(steps)
    }

    /// Answers the name of the entry that `cookie` comes after; none at the start.
    fn name_before(&self, tree: &Tree, dir: Ino, cookie: u64) -> Result<Option<Vec<u8>>, Errno> {
        if cookie <= DOTS {
            return Ok(None);
        }
        let at = cookie.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        if let Some(name) = at.and_then(|at| self.names.get(at)) {
            return Ok(Some(name.clone()));
        }
        // An old position (seekdir): counted anew, as exact as the directory has stayed the same.
        let n = usize::try_from(cookie - DOTS - 1).unwrap_or(usize::MAX);
        Ok(tree.nth_name(dir, n)?.map(|name| name.to_vec()))
    }

    fn remember(&mut self, cookie: u64, name: &[u8]) {
        let expected = self.first + self.names.len() as u64;
        if self.names.is_empty() || cookie > expected || cookie < self.first {
            self.names.clear();
            self.first = cookie;
        } else {
            // Read again from an earlier cookie: what follows it is replaced.
            self.names.truncate(usize::try_from(cookie - self.first).unwrap_or(usize::MAX));
        }
        self.names.push_back(name.to_vec());
        if self.names.len() > WINDOW {
            self.names.pop_front();
            self.first += 1;
        }
    }
}

fn dot(name: &[u8], ino: Ino, next: u64) -> DirStep {
    DirStep { next, row: DirRow { name: name.to_vec(), ino, kind: FileType::Directory } }
}
