//! Reading and setting an inode's attributes.

use std::sync::Arc;

use base::{Errno, Timestamp};

use crate::ino::Ino;
use crate::inode::{Inode, Node, SET_GROUP_ID, SET_USER_ID};
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

    /// Sets owner and group; `None` keeps one. As on Linux, what is no directory loses its set-user-ID bit by that, and
    /// the set-group-ID bit if its group may execute it.
    ///
    /// # Errors
    /// EINVAL for a `/dev/fd` link.
    pub fn set_owner(&mut self, ino: Ino, uid: Option<u32>, gid: Option<u32>, now: Timestamp) -> Result<(), Errno> {
        self.set(ino, now, |inode| {
            if !inode.is_dir() {
                let executable = inode.mode & 0o010 != 0;
                inode.mode &= !(SET_USER_ID | if executable { SET_GROUP_ID } else { 0 });
            }
            inode.uid = uid.unwrap_or(inode.uid);
            inode.gid = gid.unwrap_or(inode.gid);
        })
    }

    /// Sets the times of last access and last modification; `None` keeps one. To keep both is no change.
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
        if (atime, mtime) == (None, None) {
            return self.inode(ino).map(drop);
        }
        self.set(ino, now, |inode| {
            inode.atime = atime.unwrap_or(inode.atime);
            inode.mtime = mtime.unwrap_or(inode.mtime);
        })
    }

    /// Notes that an inode's content, entries or target have been read at `now`: its time of last access moves as with
    /// Linux's `relatime` mounts, when it lies before the last change or a day back.
    ///
    /// That is no change: it costs nothing, gives no version and is not dirty. What still is the template's keeps the
    /// template's time. A number that names no stored inode is ignored.
    pub fn note_access(&mut self, ino: Ino, now: Timestamp) {
        let table = if self.inodes.contains_key(&ino) { &mut self.inodes } else { &mut self.unlinked };
        let owned_since = self.template.version;
        let Some(inode) = table.get(&ino) else { return };
        if inode.paid > owned_since
            && inode.access_counts(now)
            && let Some(slot) = table.get_mut(&ino)
        {
            Arc::make_mut(slot).atime = now;
        }
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
