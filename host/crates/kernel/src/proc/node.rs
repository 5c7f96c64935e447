//! The names of /proc as numbers: what stands in a descriptor, a working directory and `st_ino`.
//!
//! Owns the layout of the number. That a node of that number is there is found out when it is used.

use base::Pid;
use vfs::Ino;

/// Marks the numbers: below them are the tree's, above them the links of /dev/fd and what has no name.
const NODES: u64 = 1 << 62;
/// Bits above the marks of [`NODES`] and the tree's own.
const MARKS: u32 = 62;
const PID_SHIFT: u32 = 31;
const ROW_SHIFT: u32 = 23;
const PID_MASK: u64 = (1 << (MARKS - PID_SHIFT)) - 1;
const ROW_MASK: u64 = 0xff;
const FD_MASK: u64 = (1 << ROW_SHIFT) - 1;

/// A file, directory or link of /proc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// The process it tells of; none for the session as a whole.
    pub(crate) pid: Option<Pid>,
    /// Its place in the table of names, counted from 1; 0 is the directory above them all.
    pub(crate) row: u8,
    /// The descriptor, for what stands in `fd` and `fdinfo`.
    pub(crate) fd: Option<u32>,
}

impl Node {
    /// `/proc` itself.
    pub(crate) const ROOT: Self = Self { pid: None, row: 0, fd: None };

    /// `/proc/PID`.
    pub(crate) fn process(pid: Pid) -> Self {
        Self { pid: Some(pid), row: 0, fd: None }
    }

    /// The node behind a number.
    pub(crate) fn of(ino: Ino) -> Option<Self> {
        if ino.0 >> MARKS != NODES >> MARKS {
            return None;
        }
        let field = |shift: u32, mask: u64| u32::try_from(ino.0 >> shift & mask).unwrap_or(0);
        let pid = field(PID_SHIFT, PID_MASK);
        let row = u8::try_from(field(ROW_SHIFT, ROW_MASK)).unwrap_or(0);
        Some(Self { pid: (pid != 0).then_some(Pid(pid)), row, fd: field(0, FD_MASK).checked_sub(1) })
    }

    /// Its number; the same for the same name as long as the process lives.
    pub(crate) fn ino(self) -> Ino {
        let pid = u64::from(self.pid.map_or(0, |pid| pid.0)) & PID_MASK;
        let fd = self.fd.map_or(0, |fd| u64::from(fd) + 1) & FD_MASK;
        Ino(NODES | pid << PID_SHIFT | u64::from(self.row) << ROW_SHIFT | fd)
    }

    /// Tells whether a descriptor has a number that a node can hold.
    pub(crate) fn has_room_for(fd: u32) -> bool {
        u64::from(fd) < FD_MASK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_found_again_by_its_number() {
        let nodes = [
            Node::ROOT,
            Node { row: 255, ..Node::ROOT },
            Node::process(Pid(1)),
            Node::process(Pid(i32::MAX.unsigned_abs())),
            Node { pid: Some(Pid(7)), row: 4, fd: Some(0) },
            Node { pid: Some(Pid(7)), row: 4, fd: Some(8_000_000) },
        ];
        for node in nodes {
            assert_eq!(Node::of(node.ino()), Some(node));
        }
        for ino in [Ino::ROOT, Ino(u64::MAX), Ino::of_fd(3), Ino(NODES - 1)] {
            assert_eq!(Node::of(ino), None);
        }
    }
}
