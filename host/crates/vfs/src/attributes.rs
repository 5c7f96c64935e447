//! Reading and setting an inode's attributes.

use std::sync::Arc;

use base::{Errno, Timestamp};

use crate::ino::Ino;
use crate::inode::{Inode, Node};
use crate::ledger::Amount;
use crate::stat::{Kind, Stat};
use crate::tree::{Touch, Tree};

impl Tree {
    /// Returns the attributes of an inode.
    ///
    /// # Errors
    /// ENOENT for a number that names nothing.
    pub fn stat(&self, ino: Ino) -> Result<Stat, Errno> {
        match ino.fd() {
            Some(fd) => Ok(fd_link_stat(ino, fd)),
            None => Ok(self.inode(ino)?.stat(ino)),
        }
    }

    /// Returns the target of a symbolic link.
    ///
    /// # Errors
    /// EINVAL for anything else.
    pub fn read_link(&self, ino: Ino) -> Result<Arc<[u8]>, Errno> {
        match &self.inode(ino)?.node {
            Node::Symlink(target) => Ok(target.clone()),
            _ => Err(Errno::EINVAL),
        }
    }

    /// Sets the permission bits; bits beyond 0o7777 are ignored.
    ///
    /// # Errors
    /// ENOTSUP for a symbolic link, EINVAL for a `/dev/fd` link.
    pub fn set_mode(&mut self, ino: Ino, mode: u32, now: Timestamp) -> Result<(), Errno> {
        if matches!(self.inode(ino)?.node, Node::Symlink(_)) {
            return Err(Errno::ENOTSUP);
        }
        self.set(ino, now, |inode| inode.mode = mode & 0o7777)
    }

    /// Sets owner and group; `None` keeps one.
    ///
    /// # Errors
    /// EINVAL for a `/dev/fd` link.
    pub fn set_owner(&mut self, ino: Ino, uid: Option<u32>, gid: Option<u32>, now: Timestamp) -> Result<(), Errno> {
        self.set(ino, now, |inode| {
            inode.uid = uid.unwrap_or(inode.uid);
            inode.gid = gid.unwrap_or(inode.gid);
        })
    }

    /// Sets the times of last access and last modification; `None` keeps one.
    ///
    /// # Errors
    /// EINVAL for a `/dev/fd` link.
    pub fn set_times(
        &mut self,
        ino: Ino,
        atime: Option<Timestamp>,
        mtime: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Errno> {
        self.set(ino, now, |inode| {
            inode.atime = atime.unwrap_or(inode.atime);
            inode.mtime = mtime.unwrap_or(inode.mtime);
        })
    }

    fn set(&mut self, ino: Ino, now: Timestamp, change: impl FnOnce(&mut Inode)) -> Result<(), Errno> {
        self.pay_edit(ino, Amount::default())?;
        let inode = self.edit(ino, Touch::Own);
        inode.ctime = now;
        change(inode);
        Ok(())
    }
}

/// A descriptor's link looks as in Linux: a symbolic link of 64 bytes that its owner may use.
fn fd_link_stat(ino: Ino, fd: u32) -> Stat {
    let never = Timestamp::default();
    Stat {
        ino,
        kind: Kind::FdLink(fd),
        mode: 0o700,
        nlink: 1,
        uid: 0,
        gid: 0,
        size: 64,
        atime: never,
        mtime: never,
        ctime: never,
        blocks_bytes: 0,
        version: 0,
    }
}
