//! Two directories: their names in order, each pair compared, and what only one of them has.

use std::cmp::Ordering;
use std::io;

use sandshell_sys::{bytes_of, path_of, reason};

use super::pair::{Comparison, Kind, Side};
use crate::files::join;
use crate::message::{TROUBLE, text};

/// Directories are compared to this depth: a file system whose links make a circle would have no end.
const DEPTH_MAX: usize = 500;

impl Comparison<'_> {
    /// Compares the entries of two directories, one of which may be absent.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub(crate) fn directories(&mut self, sides: &[Side; 2]) -> io::Result<i32> {
        if sides.iter().any(|side| side.name.split(|byte| *byte == b'/').count() > DEPTH_MAX) {
            return Ok(self.program.fail(&format!("{}: recursive directory loop", text(&sides[0].name))));
        }
        let mut status = 0;
        let mut lists = Vec::new();
        for side in sides {
            match self.names(side) {
                Ok(names) => lists.push(names),
                Err(message) => {
                    self.program.complain(&format!("{}: {message}", text(&side.name)));
                    status = TROUBLE;
                }
            }
        }
        let Ok([old, new]) = <[Vec<Vec<u8>>; 2]>::try_from(lists) else { return Ok(status) };
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Ok(status),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => self.order(one, other),
            };
            let found = match order {
                Ordering::Less => self.one_sided(sides, 0, &old.next().unwrap_or_default())?,
                Ordering::Greater => self.one_sided(sides, 1, &new.next().unwrap_or_default())?,
                Ordering::Equal => {
                    let (one, other) = (old.next().unwrap_or_default(), new.next().unwrap_or_default());
                    self.pair([join(&sides[0].name, &one), join(&sides[1].name, &other)], true)?
                }
            };
            status = status.max(found);
        }
    }

    /// The names of a directory that are to be compared, in order.
    fn names(&self, side: &Side) -> Result<Vec<Vec<u8>>, String> {
        if matches!(side.kind, Kind::Absent) {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        let entries = std::fs::read_dir(path_of(&side.name)).map_err(|error| reason(&error).into_owned())?;
        for entry in entries {
            let name = bytes_of(&entry.map_err(|error| reason(&error).into_owned())?.file_name()).to_vec();
            let early = self.options.starting_file.as_ref().is_some_and(|start| self.order(&name, start).is_lt());
            if !early && !self.options.excluded.match_name(&name) {
                names.push(name);
            }
        }
        names.sort_by(|one, other| self.order(one, other).then_with(|| one.cmp(other)));
        Ok(names)
    }

    fn order(&self, one: &[u8], other: &[u8]) -> Ordering {
        if self.options.ignore_file_name_case {
            one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase())
        } else {
            one.cmp(other)
        }
    }

    /// Tells of a name that only one side has, or compares it with nothing.
    fn one_sided(&mut self, sides: &[Side; 2], at: usize, name: &[u8]) -> io::Result<i32> {
        let path = join(&sides[at].name, name);
        let is_directory = path_of(&path).is_dir();
        if self.options.new_file[1 - at] && (self.options.recursive || !is_directory) {
            let mut paths = [join(&sides[0].name, name), join(&sides[1].name, name)];
            paths[at] = path;
            return self.pair(paths, true);
        }
        let line = format!("Only in {}: {}\n", text(&sides[at].name), text(name));
        self.out.write_all(line.as_bytes()).map(|()| 1)
    }
}
