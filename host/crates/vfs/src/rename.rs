//! Rename, with every error POSIX names.

use base::{Errno, Timestamp};

use crate::ino::Ino;
use crate::inode::name_cost;
use crate::ledger::{Amount, Bill};
use crate::path::{FollowLast, Last, Place};
use crate::stat::Name;
use crate::tree::{Touch, Tree};

/// A rename whose ends are resolved and may be carried out.
struct Move<'m> {
    ino: Ino,
    /// Levels of directories below it, if it is one.
    height: Option<u32>,
    old_dir: Ino,
    old_name: &'m [u8],
    new_dir: Ino,
    new_name: &'m [u8],
    replaced: Option<Ino>,
}

impl Tree {
    /// Moves what is at `old` to `new`, in place of what is there. Nothing happens if both name the same inode.
    ///
    /// # Errors
    /// EINVAL for a directory into its own subtree; over something: EISDIR for a file over a directory, ENOTDIR for a
    /// directory over a file, ENOTEMPTY over a directory that is not empty; ENOTDIR for a trailing slash where no
    /// directory is meant; ENAMETOOLONG for a directory that would reach beyond [`crate::DEPTH_MAX`]; EBUSY for `.`,
    /// `..` and the root; EPERM for a `/dev/fd` link.
    pub fn rename(
        &mut self,
        base_old: Ino,
        old: &[u8],
        base_new: Ino,
        new: &[u8],
        now: Timestamp,
    ) -> Result<(), Errno> {
        let from = self.place(base_old, old, FollowLast::Never)?;
        let to = self.place(base_new, new, FollowLast::Never)?;
        let (Last::Name(old_name), Last::Name(new_name)) = (&from.last, &to.last) else { return Err(Errno::EBUSY) };
        let ino = from.ino.ok_or(Errno::ENOENT)?;
        if self.is_covered(ino) || to.ino.is_some_and(|ino| self.is_covered(ino)) {
            return Err(Errno::EBUSY);
        }
        let height = self.inode(ino).map_err(|_| Errno::EPERM)?.dir().ok().map(|dir| dir.height);
        let is_dir = height.is_some();
        if !is_dir && (from.slash || to.slash) {
            return Err(Errno::ENOTDIR);
        }
        if is_dir && self.is_within(to.dir, ino)? {
            return Err(Errno::EINVAL);
        }
        if let Some(replaced) = to.ino {
            if replaced == ino {
                return Ok(());
            }
            self.check_replaceable(replaced, &from, is_dir)?;
        }
        self.open_for_names(to.dir)?;
        if let Some(height) = height.filter(|_| from.dir != to.dir) {
            self.check_depth(to.dir, height)?;
        }
        let (old_dir, new_dir) = (from.dir, to.dir);
        self.carry_out(&Move { ino, height, old_dir, old_name, new_dir, new_name, replaced: to.ino }, now)
    }

    fn check_replaceable(&self, replaced: Ino, from: &Place<'_>, is_dir: bool) -> Result<(), Errno> {
        let target = self.inode(replaced).map_err(|_| Errno::EPERM)?;
        match target.dir() {
            Ok(_) if self.is_within(from.dir, replaced)? => Err(Errno::ENOTEMPTY),
            Ok(_) if !is_dir => Err(Errno::EISDIR),
            Ok(dir) if !dir.entries.is_empty() => Err(Errno::ENOTEMPTY),
            Err(_) if is_dir => Err(Errno::ENOTDIR),
            _ => Ok(()),
        }
    }

    /// Tells whether `dir` is `ancestor` or below it.
    fn is_within(&self, dir: Ino, ancestor: Ino) -> Result<bool, Errno> {
        let mut at = dir;
        loop {
            if at == ancestor {
                return Ok(true);
            }
            if at == Ino::ROOT {
                return Ok(false);
            }
            at = match self.dir(at) {
                Ok(dir) => dir.parent,
                // Above a directory that was removed there may be nothing any more.
                Err(_) if at != dir => return Ok(false),
                Err(errno) => return Err(errno),
            };
        }
    }

    fn carry_out(&mut self, it: &Move<'_>, now: Timestamp) -> Result<(), Errno> {
        let bill = self.bill_move(it)?;
        self.ledger.pay(&bill)?;
        let name = Name::from(it.new_name);
        self.leave(it.old_dir, it.old_name, now);
        self.enter(it.new_dir, name.clone(), it.ino, now);
        if let Some(height) = it.height {
            // A directory that is replaced hands its place in the count over.
            if it.replaced.is_none() {
                self.edit(it.new_dir, Touch::Own).nlink += 1;
            }
            self.edit(it.old_dir, Touch::Own).lose_subdir();
            self.raise_height(it.new_dir, height);
        }
        let moved = self.edit(it.ino, Touch::Links);
        moved.ctime = now;
        if it.height.is_some() {
            let dir = moved.dir_mut();
            (dir.parent, dir.name) = (it.new_dir, name);
        }
        if let Some(replaced) = it.replaced {
            self.drop_name(replaced, now);
        }
        Ok(())
    }

    fn bill_move(&self, it: &Move<'_>) -> Result<Bill, Errno> {
        let gone = Amount::footprint(name_cost(it.old_name));
        let come = if it.replaced.is_some() { Amount::default() } else { Amount::footprint(name_cost(it.new_name)) };
        let mut bill = if it.old_dir == it.new_dir {
            self.bill_edit(it.old_dir, self.inode(it.old_dir)?, come - gone)
        } else {
            let mut bill = self.bill_edit(it.old_dir, self.inode(it.old_dir)?, -gone);
            bill.image += self.bill_edit(it.new_dir, self.inode(it.new_dir)?, come).image;
            bill
        };
        if let Some(replaced) = it.replaced {
            self.bill_dropped_name(&mut bill, replaced)?;
        }
        Ok(bill)
    }
}
