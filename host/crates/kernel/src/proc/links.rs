//! The links of /proc: to other names of it, to a process's directory, root and executable, and to descriptors.
//!
//! A link to a descriptor leads to what that is open on, whatever its text says, and the text says what Linux would.

use base::{Errno, Pid};
use vfs::{Device, Follow, Ino};

use super::node::Node;
use super::table::Content;
use crate::description::{DescId, Description, Target};
use crate::state::State;

/// Where a link leads.
pub(crate) enum LinkTo {
    /// Where this text leads.
    Text(Vec<u8>),
    /// To this inode or node, whatever its names.
    Place(Ino),
    /// To what has no place: the link itself stands for it (see [`State::proc_description`]).
    Itself,
}

/// What stands after the text of a link to what has no name any more.
const DELETED: &[u8] = b" (deleted)";

/// Flags of `open(2)` as /proc/PID/fdinfo shows them.
const O_WRONLY: u32 = 0o1;
const O_RDWR: u32 = 0o2;
const O_APPEND: u32 = 0o2000;
const O_NONBLOCK: u32 = 0o4000;
const O_LARGEFILE: u32 = 0o100_000;

impl State {
    /// Where a link of /proc leads for the process `entry`; `None` for what is no link.
    ///
    /// # Errors
    ///
    /// `ENOENT` when what it tells of is gone.
    pub(crate) fn proc_link(&self, entry: Pid, node: Node) -> Result<Option<LinkTo>, Errno> {
        let to = match (node.content(), node.pid, node.fd) {
            (Content::Link(text), ..) => LinkTo::Text(text(self.frame(entry)?.pid).into_bytes()),
            (Content::Descriptors, Some(_), Some(_)) => {
                match &self.descriptions.of(self.proc_description(node)?).target {
                    Target::File { ino, .. } | Target::Dir { ino, .. } => LinkTo::Place(*ino),
                    Target::Bytes { generated: Some(of), .. } => LinkTo::Place(of.ino()),
                    _ => LinkTo::Itself,
                }
            }
            (Content::Root, Some(pid), _) => self.directory_of(pid).map(|_| LinkTo::Place(Ino::ROOT))?,
            (Content::Cwd, Some(pid), _) => LinkTo::Place(self.directory_of(pid)?),
            (Content::Exe, Some(pid), _) => LinkTo::Text(self.executable_of(pid)?),
            _ => return Ok(None),
        };
        Ok(Some(to))
    }

    /// The text of a link of /proc.
    ///
    /// # Errors
    ///
    /// `EINVAL` for what is no link; `ENOENT` when what it tells of is gone.
    pub(crate) fn proc_link_text(&self, entry: Pid, node: Node) -> Result<Vec<u8>, Errno> {
        match (node.content(), node.pid) {
            (Content::Descriptors, Some(_)) if node.fd.is_some() => {
                let id = self.proc_description(node)?;
                Ok(self.description_text(entry, self.descriptions.of(id)))
            }
            (Content::Cwd, Some(pid)) => Ok(self.directory_text(self.directory_of(pid)?)),
            (Content::Exe, Some(pid)) => {
                let path = self.executable_of(pid)?;
                let is_there = self.tree.lookup(Ino::ROOT, &path, Follow::Yes).is_ok();
                Ok(if is_there { path } else { [&path, DELETED].concat() })
            }
            (Content::Root, Some(pid)) => self.directory_of(pid).map(|_| b"/".to_vec()),
            _ => match self.proc_link(entry, node)? {
                Some(LinkTo::Text(text)) => Ok(text),
                _ => Err(Errno::EINVAL),
            },
        }
    }

    /// The description behind a link of `fd`.
    ///
    /// # Errors
    ///
    /// `ENOENT` when the process or its descriptor is gone, or `node` is no such link.
    pub(crate) fn proc_description(&self, node: Node) -> Result<DescId, Errno> {
        let (Some(pid), Some(fd)) = (node.pid, node.fd) else { return Err(Errno::ENOENT) };
        self.view(pid)?.frame().fds.get(fd).map_err(|_| Errno::ENOENT)
    }

    /// What `fdinfo` tells of a descriptor.
    pub(super) fn descriptor_info(&self, node: Node) -> Result<String, Errno> {
        let description = self.descriptions.of(self.proc_description(node)?);
        let (position, ino) = match &description.target {
            Target::File { ino, offset } => (*offset, ino.0),
            Target::Bytes { offset, .. } => (*offset, description.number),
            Target::Dir { ino, .. } => (0, ino.0),
            _ => (0, description.number),
        };
        let is = description.flags;
        let access = match (is.read, is.write) {
            (_, false) => 0,
            (false, true) => O_WRONLY,
            (true, true) => O_RDWR,
        };
        let flag = |is_set: bool, bit: u32| if is_set { bit } else { 0 };
        let flags = access | flag(is.append, O_APPEND) | flag(is.nonblock, O_NONBLOCK) | O_LARGEFILE;
        Ok(format!("pos:\t{position}\nflags:\t0{flags:o}\nmnt_id:\t1\nino:\t{ino}\n"))
    }

    /// The working directory of a process that has one; one that has ended has not.
    fn directory_of(&self, pid: Pid) -> Result<Ino, Errno> {
        let view = self.view(pid)?;
        if view.is_alive() { Ok(view.frame().cwd) } else { Err(Errno::ENOENT) }
    }

    fn executable_of(&self, pid: Pid) -> Result<Vec<u8>, Errno> {
        let view = self.view(pid)?;
        let path = &view.proc.started_as.executable;
        if view.is_alive() && !path.is_empty() { Ok(path.to_vec()) } else { Err(Errno::ENOENT) }
    }

    fn directory_text(&self, dir: Ino) -> Vec<u8> {
        self.path_of(dir).unwrap_or_else(|_| [b"/", &DELETED[1..]].concat())
    }

    /// The text of /dev/fd/N for the process `entry`.
    pub(crate) fn fd_link_text(&self, entry: Pid, fd: u32) -> Result<Vec<u8>, Errno> {
        let id = self.frame(entry)?.fds.get(fd).map_err(|_| Errno::ENOENT)?;
        Ok(self.description_text(entry, self.descriptions.of(id)))
    }

    fn description_text(&self, entry: Pid, description: &Description) -> Vec<u8> {
        match &description.target {
            Target::File { ino, .. } => {
                let path = description.opened_as.as_deref().unwrap_or(b"/");
                if !self.tree.stat(*ino).is_ok_and(|stat| stat.nlink > 0) {
                    return [path, DELETED].concat();
                }
                // It may have been renamed since; then the old name is all that is known.
                let is_there = self.tree.lookup(Ino::ROOT, path, Follow::Yes) == Ok(*ino);
                let real = if is_there { self.real_path(entry, Ino::ROOT, path).ok() } else { None };
                real.unwrap_or_else(|| path.to_vec())
            }
            Target::Dir { ino, .. } => self.directory_text(*ino),
            Target::Bytes { generated: Some(node), .. } => {
                self.proc_path(*node).unwrap_or_else(|_| [b"/proc", DELETED].concat())
            }
            Target::Bytes { .. } => [b"/memfd:here-document", DELETED].concat(),
            Target::Device(device) => device_path(*device).to_vec(),
            Target::Gone => [b"/", &DELETED[1..]].concat(),
            Target::PipeReader(pipe) | Target::PipeWriter(pipe) => pipe_text(pipe.number(), description),
            Target::Capture { .. } | Target::Output { .. } => pipe_text(0, description),
        }
    }
}

/// How a pipe is shown: by a number that both its ends have.
fn pipe_text(number: u64, description: &Description) -> Vec<u8> {
    let number = if number == 0 { description.number } else { number };
    format!("pipe:[{number}]").into_bytes()
}

fn device_path(device: Device) -> &'static [u8] {
    match device {
        Device::Null => b"/dev/null",
        Device::Zero => b"/dev/zero",
        Device::Full => b"/dev/full",
        Device::Random => b"/dev/random",
        Device::Urandom => b"/dev/urandom",
        _ => b"/dev/tty",
    }
}
