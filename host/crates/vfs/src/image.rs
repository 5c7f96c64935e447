//! Putting whole files and special files into a tree: for templates, and for what the host itself writes.

use base::{Errno, Timestamp};
use bytes::Bytes;

use crate::content::{Content, MAX_FILE_BYTES};
use crate::ino::Ino;
use crate::inode::{Directory, File, Inode, Node};
use crate::ledger::Amount;
use crate::path::{FollowLast, Last};
use crate::stat::{Device, Name};
use crate::tree::Tree;

impl Tree {
    /// Puts a new regular file at `path` whose content is `content` itself, not a copy, until it is written.
    /// What is said of [`Tree::put_file`] holds.
    ///
    /// # Errors
    /// Those of [`Tree::put_file`].
    pub fn insert_static(
        &mut self,
        base: Ino,
        path: &[u8],
        content: Bytes,
        mode: u32,
        now: Timestamp,
    ) -> Result<Ino, Errno> {
        check_len(content.len())?;
        self.put(base, path, Content::of_static(&content), mode, now)
    }

    /// Puts a new regular file with this content at `path`, in place of what is no directory there: all of it or,
    /// on an error, nothing. Who has the old inode open keeps it. A symbolic link at `path` is replaced, not followed.
    ///
    /// # Errors
    /// EISDIR for a directory or a trailing slash, EFBIG beyond [`MAX_FILE_BYTES`].
    pub fn put_file(
        &mut self,
        base: Ino,
        path: &[u8],
        content: &[u8],
        mode: u32,
        now: Timestamp,
    ) -> Result<Ino, Errno> {
        check_len(content.len())?;
        self.put(base, path, Content::copy_of(content), mode, now)
    }

    /// Makes a special file.
    ///
    /// # Errors
    /// EEXIST if anything is there, ENOENT for a trailing slash.
    pub fn insert_device(
        &mut self,
        base: Ino,
        path: &[u8],
        device: Device,
        mode: u32,
        now: Timestamp,
    ) -> Result<Ino, Errno> {
        let place = self.place(base, path, FollowLast::Never)?;
        let name = crate::entries::vacant(&place)?;
        if place.slash {
            return Err(Errno::ENOENT);
        }
        self.add_named(place.dir, name, Node::Device(device), mode, now)
    }

    /// Makes a directory in which every number N is found as `FdLink(N)` and nothing can be made: `/dev/fd`.
    ///
    /// # Errors
    /// EEXIST if anything is there.
    pub fn insert_fd_dir(&mut self, base: Ino, path: &[u8], now: Timestamp) -> Result<Ino, Errno> {
        let place = self.place(base, path, FollowLast::Never)?;
        let name = crate::entries::vacant(&place)?;
        let mut dir = Directory::new(place.dir, Name::from(name));
        dir.lists_fds = true;
        self.add_named(place.dir, name, Node::Dir(dir), 0o555, now)
    }

    fn put(&mut self, base: Ino, path: &[u8], content: Content, mode: u32, now: Timestamp) -> Result<Ino, Errno> {
        let node = Node::File(File { content, program: None });
        let place = self.place(base, path, FollowLast::Never)?;
        let Last::Name(name) = &place.last else { return Err(Errno::EISDIR) };
        if place.slash {
            return Err(Errno::EISDIR);
        }
        let Some(old) = place.ino else { return self.add_named(place.dir, name, node, mode, now) };
        if self.inode(old).map_err(|_| Errno::EPERM)?.is_dir() {
            return Err(Errno::EISDIR);
        }
        let mut inode = Inode::new(node, mode, now);
        self.inherit_group(place.dir, &mut inode)?;
        let mut bill = self.bill_edit(place.dir, self.inode(place.dir)?, Amount::default());
        bill.image += inode.cost();
        self.bill_dropped_name(&mut bill, old)?;
        self.ledger.pay(&bill)?;
        let ino = self.add(inode);
        self.enter(place.dir, Name::from(&**name), ino, now);
        self.drop_name(old, now);
        Ok(ino)
    }
}

fn check_len(len: usize) -> Result<(), Errno> {
    if len as u64 > MAX_FILE_BYTES { Err(Errno::EFBIG) } else { Ok(()) }
}
