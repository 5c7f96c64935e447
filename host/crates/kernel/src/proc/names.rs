//! Names of /proc: finding one in a directory, listing a directory, attributes, and the path of a node.
//!
//! A process that has ended leaves with its names: what is asked of a node of it is `ENOENT`.

use base::{Errno, Pid};
use vfs::Ino;

use super::node::Node;
use super::table::{Content, PROCESS, Row, SYSTEM};
use crate::state::State;
use crate::types::{DirRow, DirStep, FileStat, FileType};

/// Cookies 1 and 2 are those of `.` and `..`; a table's rows follow, counted from 1.
const DOTS: u64 = 2;
/// Cookies of processes and descriptors are their numbers and this: beyond those of every row.
const NUMBERED: u64 = 1 << 8;
/// What Linux tells of the length of a link to a descriptor.
const LINK_BYTES: u64 = 64;

impl Node {
    fn table(self) -> &'static [Row] {
        if self.pid.is_some() { PROCESS } else { SYSTEM }
    }

    fn row(self) -> Option<&'static Row> {
        self.table().get(usize::from(self.row).checked_sub(1)?)
    }

    /// Its path below /proc or /proc/PID.
    fn path(self) -> &'static str {
        self.row().map_or("", |row| row.path)
    }

    /// What its row is; for what stands in `fd` and `fdinfo`, what that row is.
    pub(crate) fn content(self) -> Content {
        self.row().map_or(Content::Dir, |row| row.content)
    }

    pub(crate) fn kind(self) -> FileType {
        match (self.content(), self.fd) {
            (Content::Descriptors, Some(_)) => FileType::Symlink,
            (Content::DescriptorInfos, Some(_)) => FileType::Regular,
            (content, _) => content.kind(),
        }
    }

    pub(crate) fn is_dir(self) -> bool {
        self.kind() == FileType::Directory
    }

    /// Tells whether it is the link of a descriptor.
    pub(crate) fn is_descriptor(self) -> bool {
        self.fd.is_some() && matches!(self.content(), Content::Descriptors)
    }

    /// The row of that name in this directory, which is one of rows.
    fn row_of(self, name: &[u8]) -> Option<Self> {
        let is_it = |row: &Row| row.parent() == self.path() && row.name().as_bytes() == name;
        let at = self.table().iter().position(is_it)?;
        Some(Self { row: u8::try_from(at + 1).ok()?, ..self })
    }

    fn rows(self) -> impl Iterator<Item = (&'static Row, Self)> {
        let numbered = (1u8..).zip(self.table());
        let here = numbered.filter(move |(_, row)| row.parent() == self.path());
        here.map(move |(n, row)| (row, Self { row: n, ..self }))
    }

    fn parent(self) -> Option<Self> {
        if self.fd.is_some() {
            return Some(Self { fd: None, ..self });
        }
        match self.row() {
            Some(row) if row.parent().is_empty() => Some(Self { row: 0, ..self }),
            Some(row) => {
                let at = self.table().iter().position(|other| other.path == row.parent())?;
                Some(Self { row: u8::try_from(at + 1).ok()?, ..self })
            }
            None => self.pid.map(|_| Self::ROOT),
        }
    }
}

impl State {
    /// Finds a name, which is neither `.` nor `..`, in a directory of /proc.
    pub(crate) fn proc_child(&self, dir: Node, name: &[u8]) -> Result<Node, Errno> {
        self.proc_exists(dir)?;
        if !dir.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        let found = match (dir.content(), dir.pid) {
            (Content::Descriptors | Content::DescriptorInfos, Some(_)) => number(name)
                .filter(|fd| Node::has_room_for(*fd))
                .map(|fd| Node { fd: Some(fd), ..dir })
                .filter(|node| self.proc_exists(*node).is_ok()),
            (_, None) if dir == Node::ROOT => match number(name) {
                Some(pid) => self.view(Pid(pid)).ok().map(|view| Node::process(view.pid)),
                None => dir.row_of(name),
            },
            _ => dir.row_of(name),
        };
        found.ok_or(Errno::ENOENT)
    }

    /// The directory above a node; the one that /proc covers is in, for /proc itself.
    pub(crate) fn proc_parent(&self, node: Node) -> Result<Ino, Errno> {
        match node.parent() {
            Some(parent) => Ok(parent.ino()),
            None => self.tree.parent(self.tree.covered().ok_or(Errno::ENOENT)?),
        }
    }

    /// Says whether what a node tells of is still there.
    pub(crate) fn proc_exists(&self, node: Node) -> Result<(), Errno> {
        let Some(pid) = node.pid else { return Ok(()) };
        let view = self.view(pid)?;
        match node.fd {
            Some(fd) => view.frame().fds.get(fd).map(drop).map_err(|_| Errno::ENOENT),
            None => Ok(()),
        }
    }

    /// Lists a directory, `.` and `..` first, in the order of the cookies: one stays the same name's, so that processes
    /// and descriptors that come and go neither hide nor repeat others.
    pub(crate) fn proc_list(&self, dir: Node) -> Result<Vec<DirStep>, Errno> {
        self.proc_exists(dir)?;
        if !dir.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        let step =
            |next: u64, name: Vec<u8>, ino: Ino, kind: FileType| DirStep { next, row: DirRow { name, ino, kind } };
        let parent = self.proc_parent(dir).unwrap_or(Ino::ROOT);
        let mut steps = vec![
            step(1, b".".to_vec(), dir.ino(), FileType::Directory),
            step(DOTS, b"..".to_vec(), parent, FileType::Directory),
        ];
        if let (Content::Descriptors | Content::DescriptorInfos, Some(pid)) = (dir.content(), dir.pid) {
            let fds = self.view(pid)?.frame().fds.iter().map(|(fd, _)| fd).filter(|fd| Node::has_room_for(*fd));
            steps.extend(fds.map(|fd| {
                let node = Node { fd: Some(fd), ..dir };
                step(NUMBERED + u64::from(fd), fd.to_string().into_bytes(), node.ino(), node.kind())
            }));
            return Ok(steps);
        }
        steps.extend(dir.rows().map(|(row, node)| {
            step(DOTS + u64::from(node.row), row.name().as_bytes().to_vec(), node.ino(), node.kind())
        }));
        if dir == Node::ROOT {
            let processes = self.all_pids().into_iter().map(|pid| {
                let ino = Node::process(pid).ino();
                step(NUMBERED + u64::from(pid.0), pid.to_string().into_bytes(), ino, FileType::Directory)
            });
            steps.extend(processes);
        }
        Ok(steps)
    }

    /// What `stat(2)` tells of a node; times are those of the boot or of the process's start.
    pub(crate) fn proc_stat(&self, node: Node) -> Result<FileStat, Errno> {
        self.proc_exists(node)?;
        let time = match node.pid {
            Some(pid) => self.machine.wall_at(self.view(pid)?.proc.started),
            None => self.machine.booted_wall,
        };
        let kind = node.kind();
        let subdirs = node.rows().filter(|(_, child)| child.is_dir()).count();
        let processes = if node == Node::ROOT { self.all_pids().len() } else { 0 };
        let nlink = if kind == FileType::Directory { 2 + subdirs + processes } else { 1 };
        Ok(FileStat {
            ino: node.ino(),
            kind,
            mode: self.proc_mode(node),
            nlink: u32::try_from(nlink).unwrap_or(u32::MAX),
            uid: 0,
            gid: 0,
            size: if kind == FileType::Symlink && node.fd.is_some() { LINK_BYTES } else { 0 },
            allocated_bytes: 0,
            atime: time,
            mtime: time,
            ctime: time,
            device: 0,
        })
    }

    /// What `fstat(2)` tells of an open file, whose process may have gone since.
    pub(crate) fn proc_stat_of_open(&self, node: Node) -> FileStat {
        let time = self.machine.booted_wall;
        self.proc_stat(node).unwrap_or(FileStat {
            ino: node.ino(),
            kind: FileType::Regular,
            mode: node.row().map_or(0o444, |row| row.mode),
            nlink: 1,
            uid: 0,
            gid: 0,
            size: 0,
            allocated_bytes: 0,
            atime: time,
            mtime: time,
            ctime: time,
            device: 0,
        })
    }

    fn proc_mode(&self, node: Node) -> u32 {
        let (Some(pid), Some(fd)) = (node.pid, node.fd) else { return node.row().map_or(0o555, |row| row.mode) };
        if !matches!(node.content(), Content::Descriptors) {
            return 0o444;
        }
        // A link to a descriptor shows what that may be used for.
        let id = self.view(pid).and_then(|view| view.frame().fds.get(fd));
        let flags = id.map(|id| self.descriptions.of(id).flags).unwrap_or_default();
        (if flags.read { 0o500 } else { 0 }) | (if flags.write { 0o300 } else { 0 })
    }

    /// The absolute path of a node.
    ///
    /// # Errors
    ///
    /// `ENOENT` when it is gone.
    pub(crate) fn proc_path(&self, node: Node) -> Result<Vec<u8>, Errno> {
        self.proc_exists(node)?;
        let mut path = self.tree.path_of(self.tree.covered().ok_or(Errno::ENOENT)?)?;
        let parts = [
            node.pid.map(|pid| pid.to_string()),
            node.row().map(|row| row.path.to_owned()),
            node.fd.map(|fd| fd.to_string()),
        ];
        for part in parts.into_iter().flatten() {
            path.push(b'/');
            path.extend_from_slice(part.as_bytes());
        }
        Ok(path)
    }
}

/// A number as /proc writes it: no sign, no leading zero.
fn number(name: &[u8]) -> Option<u32> {
    let is_plain = name == b"0" || name.first().is_some_and(|digit| (b'1'..=b'9').contains(digit));
    if !is_plain || !name.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(name).ok()?.parse().ok()
}
