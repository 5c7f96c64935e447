//! Making and removing names: create, mkdir, symlink, link, unlink, rmdir.

use std::sync::Arc;

use base::{Errno, Timestamp};

use crate::ino::Ino;
use crate::inode::{Directory, File, Inode, Link, Node, SET_GROUP_ID, name_cost};
use crate::ledger::{Amount, Bill};
use crate::path::{Follow, FollowLast, Last, PATH_MAX, Place};
use crate::stat::Name;
use crate::tree::{Touch, Tree};

/// Most names of one inode; what a link costs keeps real counts far below it.
const NLINK_MAX: u32 = u32::MAX / 2;

impl Tree {
    /// Returns the regular file at `path`, made with `mode` if nothing is there (`open` with `O_CREAT`).
    ///
    /// What is there may also be a device or a `/dev/fd` link. A symbolic link is followed, even to make its missing
    /// target, unless `exclusive`.
    ///
    /// # Errors
    /// EEXIST if `exclusive` and anything is there, EISDIR for a directory or a trailing slash, EACCES in `/dev/fd`.
    pub fn create(&mut self, base: Ino, path: &[u8], mode: u32, exclusive: bool, now: Timestamp) -> Result<Ino, Errno> {
        let last_as_it_is = exclusive || path.ends_with(b"/");
        let follow = if last_as_it_is { FollowLast::Never } else { FollowLast::Always };
        let place = self.place(base, path, follow)?;
        if place.slash {
            return Err(Errno::EISDIR);
        }
        match (place.ino, &place.last) {
            (Some(_), _) if exclusive => Err(Errno::EEXIST),
            (Some(ino), _) if self.is_dir(ino) => Err(Errno::EISDIR),
            (Some(ino), _) => Ok(ino),
            (None, Last::Name(name)) => self.add_named(place.dir, name, Node::File(File::default()), mode, now),
            (None, _) => Err(Errno::EISDIR),
        }
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// EEXIST if anything is there, a dangling symbolic link too; ENAMETOOLONG beyond [`crate::DEPTH_MAX`].
    pub fn mkdir(&mut self, base: Ino, path: &[u8], mode: u32, now: Timestamp) -> Result<Ino, Errno> {
        let place = self.place(base, path, FollowLast::Never)?;
        let name = vacant(&place)?;
        self.check_depth(place.dir, 0)?;
        let node = Node::Dir(Directory::new(place.dir, Name::from(name)));
        self.add_named(place.dir, name, node, mode, now)
    }

    /// Makes a symbolic link that holds `target`, which need not lead anywhere.
    ///
    /// # Errors
    /// EEXIST if anything is there; ENOENT for an empty target or a trailing slash, ENAMETOOLONG for a target beyond
    /// [`PATH_MAX`].
    pub fn symlink(&mut self, target: &[u8], base: Ino, path: &[u8], now: Timestamp) -> Result<Ino, Errno> {
        match target.len() {
            0 => return Err(Errno::ENOENT),
            len if len > PATH_MAX => return Err(Errno::ENAMETOOLONG),
            _ => {}
        }
        let place = self.place(base, path, FollowLast::Never)?;
        let name = vacant_without_slash(&place)?;
        self.add_named(place.dir, name, Node::Symlink(Arc::from(target)), 0o777, now)
    }

    /// Gives the inode at `old` one more name, `new`.
    ///
    /// # Errors
    /// EEXIST if anything is at `new`; EPERM for a directory or a `/dev/fd` link; EMLINK.
    pub fn link(
        &mut self,
        base_old: Ino,
        old: &[u8],
        follow: Follow,
        base_new: Ino,
        new: &[u8],
        now: Timestamp,
    ) -> Result<(), Errno> {
        let ino = self.lookup(base_old, old, follow)?;
        let place = self.place(base_new, new, FollowLast::Never)?;
        let name = vacant_without_slash(&place)?;
        let inode = self.inode(ino).map_err(|_| Errno::EPERM)?;
        if inode.is_dir() {
            return Err(Errno::EPERM);
        }
        if inode.nlink >= NLINK_MAX {
            return Err(Errno::EMLINK);
        }
        self.pay_new_name(place.dir, name, Amount::default())?;
        let inode = self.edit(ino, Touch::Links);
        inode.nlink += 1;
        inode.ctime = now;
        self.enter(place.dir, Name::from(name), ino, now);
        Ok(())
    }

    /// Removes the name of what is no directory. The inode lives on under its other names and while it is open.
    ///
    /// # Errors
    /// EISDIR for a directory; EPERM for a `/dev/fd` link.
    pub fn unlink(&mut self, base: Ino, path: &[u8], now: Timestamp) -> Result<(), Errno> {
        let place = self.place(base, path, FollowLast::Never)?;
        let Last::Name(name) = &place.last else { return Err(Errno::EISDIR) };
        let ino = place.ino.ok_or(Errno::ENOENT)?;
        let is_dir = self.inode(ino).map_err(|_| Errno::EPERM)?.is_dir();
        match (is_dir, place.slash) {
            (true, _) => Err(Errno::EISDIR),
            (false, true) => Err(Errno::ENOTDIR),
            (false, false) => self.remove_entry(place.dir, name, ino, now),
        }
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// ENOTDIR, ENOTEMPTY (also for `..`), EINVAL for `.`, EBUSY for the root and a covered directory.
    pub fn rmdir(&mut self, base: Ino, path: &[u8], now: Timestamp) -> Result<(), Errno> {
        let place = self.place(base, path, FollowLast::Never)?;
        let name = match &place.last {
            Last::Name(name) => name,
            Last::Dot => return Err(Errno::EINVAL),
            Last::DotDot => return Err(Errno::ENOTEMPTY),
            Last::Root => return Err(Errno::EBUSY),
        };
        let ino = place.ino.ok_or(Errno::ENOENT)?;
        if self.is_covered(ino) {
            return Err(Errno::EBUSY);
        }
        if !self.dir(ino)?.entries.is_empty() {
            return Err(Errno::ENOTEMPTY);
        }
        self.remove_entry(place.dir, name, ino, now)
    }

    /// Makes an inode with one name in `dir`, where that name is free.
    pub(crate) fn add_named(
        &mut self,
        dir: Ino,
        name: &[u8],
        node: Node,
        mode: u32,
        now: Timestamp,
    ) -> Result<Ino, Errno> {
        let mut inode = Inode::new(node, mode, now);
        let is_dir = inode.is_dir();
        self.inherit_group(dir, &mut inode)?;
        self.pay_new_name(dir, name, inode.cost())?;
        let ino = self.add(inode);
        self.enter(dir, Name::from(name), ino, now);
        if is_dir {
            self.edit(dir, Touch::Own).nlink += 1;
            self.raise_height(dir, 0);
        }
        Ok(ino)
    }

    /// What is made in a directory with the set-group-ID bit belongs to its group, and a directory passes the bit on.
    pub(crate) fn inherit_group(&self, dir: Ino, inode: &mut Inode) -> Result<(), Errno> {
        let parent = self.inode(dir)?;
        if parent.mode & SET_GROUP_ID != 0 {
            inode.gid = parent.gid;
            if inode.is_dir() {
                inode.mode |= SET_GROUP_ID;
            }
        }
        Ok(())
    }

    /// Pays for a new entry in `dir` and for `more`; ENOENT if `dir` has been removed.
    fn pay_new_name(&mut self, dir: Ino, name: &[u8], more: Amount) -> Result<(), Errno> {
        let inode = self.open_for_names(dir)?;
        let mut bill = self.bill_edit(dir, inode, Amount::footprint(name_cost(name)));
        bill.image += more;
        self.ledger.pay(&bill)
    }

    /// Returns the directory's inode if names can be made in it.
    pub(crate) fn open_for_names(&self, dir: Ino) -> Result<&Inode, Errno> {
        let inode = self.inode(dir)?;
        match inode.dir()?.lists_fds {
            true => Err(Errno::EACCES),
            false if inode.nlink == 0 => Err(Errno::ENOENT),
            false => Ok(inode),
        }
    }

    /// Puts an entry into a directory, in place of one of the same name. The bill has been paid.
    pub(crate) fn enter(&mut self, dir: Ino, name: Name, ino: Ino, now: Timestamp) {
        let inode = self.edit(dir, Touch::Own);
        (inode.mtime, inode.ctime) = (now, now);
        let since = inode.version;
        inode.dir_mut().insert(name, Link { ino, since });
    }

    /// Takes an entry out of a directory. The bill has been paid.
    pub(crate) fn leave(&mut self, dir: Ino, name: &[u8], now: Timestamp) {
        let inode = self.edit(dir, Touch::Own);
        (inode.mtime, inode.ctime) = (now, now);
        inode.dir_mut().remove(name);
    }

    fn remove_entry(&mut self, dir: Ino, name: &[u8], ino: Ino, now: Timestamp) -> Result<(), Errno> {
        let was_dir = self.is_dir(ino);
        let mut bill = self.bill_edit(dir, self.inode(dir)?, -Amount::footprint(name_cost(name)));
        self.bill_dropped_name(&mut bill, ino)?;
        self.ledger.pay(&bill)?;
        self.leave(dir, name, now);
        if was_dir {
            self.edit(dir, Touch::Own).lose_subdir();
        }
        self.drop_name(ino, now);
        Ok(())
    }

    /// Adds to a bill what [`Tree::drop_name`] changes.
    pub(crate) fn bill_dropped_name(&self, bill: &mut Bill, ino: Ino) -> Result<(), Errno> {
        let inode = self.inode(ino)?;
        if inode.is_dir() || inode.nlink <= 1 {
            let cost = self.owned_cost(ino, inode);
            bill.image -= cost;
            if self.is_open(ino) {
                bill.unlinked += cost;
            }
        }
        Ok(())
    }

    /// Takes one name from an inode, for a directory its only one. Without any it leaves the image: while it is
    /// open, what is owed for it stays as it was, so its removal costs nobody anything.
    pub(crate) fn drop_name(&mut self, ino: Ino, now: Timestamp) {
        let inode = self.edit(ino, Touch::Links);
        inode.ctime = now;
        inode.nlink = if inode.is_dir() { 0 } else { inode.nlink.saturating_sub(1) };
        if inode.nlink > 0 {
            return;
        }
        let version = inode.version;
        self.history.note_removal(ino, version);
        self.commit.note_removal(ino);
        if let Some(inode) = self.inodes.remove(&ino).filter(|_| self.opens.contains_key(&ino)) {
            self.unlinked.insert(ino, inode);
        }
    }
}

/// Returns the name to be made; EEXIST if something is there.
pub(crate) fn vacant<'a>(place: &'a Place<'_>) -> Result<&'a [u8], Errno> {
    match (&place.last, place.ino) {
        (Last::Name(name), None) => Ok(name),
        _ => Err(Errno::EEXIST),
    }
}

/// The same for what is no directory and so may have no trailing slash.
fn vacant_without_slash<'a>(place: &'a Place<'_>) -> Result<&'a [u8], Errno> {
    let name = vacant(place)?;
    if place.slash { Err(Errno::ENOENT) } else { Ok(name) }
}
