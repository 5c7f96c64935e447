//! Reading and writing regular files by inode and offset.

use std::ops::Range;

use base::{Errno, Timestamp};

use crate::content::{ChunkRef, MAX_FILE_BYTES};
use crate::ino::Ino;
use crate::inode::Node;
use crate::ledger::{Amount, Bill, signed};
use crate::stat::ProgramTag;
use crate::tree::{Touch, Tree};

impl Tree {
    /// Copies from `offset` on into `buf` and returns how many bytes there were; 0 at or beyond the end.
    ///
    /// # Errors
    /// EISDIR for a directory, EINVAL for what has no content.
    pub fn read_at(&self, ino: Ino, offset: u64, buf: &mut [u8]) -> Result<usize, Errno> {
        Ok(self.inode(ino)?.file()?.content.read(offset, buf))
    }

    /// Returns the whole content of a file of at most `max` bytes.
    ///
    /// # Errors
    /// EFBIG if it is longer; EISDIR for a directory, EINVAL for what has no content.
    pub fn read_all(&self, ino: Ino, max: usize) -> Result<Vec<u8>, Errno> {
        let content = &self.inode(ino)?.file()?.content;
        let len = usize::try_from(content.size()).ok().filter(|len| *len <= max).ok_or(Errno::EFBIG)?;
        let mut bytes = vec![0; len];
        content.read(0, &mut bytes);
        Ok(bytes)
    }

    /// Writes `data` at `offset` and returns how many bytes of it were written. Fewer than all is what fits into the
    /// quota or below [`MAX_FILE_BYTES`], and more than none unless `data` is empty.
    ///
    /// # Errors
    /// EDQUOT or ENOSPC if not one byte fits into the quota, EFBIG at [`MAX_FILE_BYTES`]; EISDIR for a directory,
    /// EINVAL for what has no content.
    pub fn write_at(&mut self, ino: Ino, offset: u64, data: &[u8], now: Timestamp) -> Result<usize, Errno> {
        let inode = self.inode(ino)?;
        let content = &inode.file()?.content;
        if data.is_empty() {
            return Ok(0);
        }
        let room = MAX_FILE_BYTES.checked_sub(offset).filter(|room| *room > 0).ok_or(Errno::EFBIG)?;
        let wanted = data.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let bill = self.bill_edit(ino, inode, content.write_growth(offset, wanted));
        let n = match self.ledger.pay(&bill) {
            Ok(()) => wanted,
            Err(_) => self.pay_shorter(ino, offset, wanted)?,
        };
        let inode = self.edit(ino, Touch::Own);
        (inode.mtime, inode.ctime) = (now, now);
        let version = inode.version;
        let file = inode.file_mut();
        file.program = None;
        file.content.write(offset, &data[..n], version);
        Ok(n)
    }

    /// Writes `data` at the end, as [`Tree::write_at`] does; returns the offset it begins at, too.
    ///
    /// # Errors
    /// Those of [`Tree::write_at`].
    pub fn append(&mut self, ino: Ino, data: &[u8], now: Timestamp) -> Result<(u64, usize), Errno> {
        let end = self.inode(ino)?.file()?.content.size();
        Ok((end, self.write_at(ino, end, data, now)?))
    }

    /// Sets a file's length. What is added is a hole.
    ///
    /// # Errors
    /// EFBIG beyond [`MAX_FILE_BYTES`]; EISDIR for a directory, EINVAL for what has no content.
    pub fn truncate(&mut self, ino: Ino, len: u64, now: Timestamp) -> Result<(), Errno> {
        let content = &self.inode(ino)?.file()?.content;
        if len > MAX_FILE_BYTES {
            return Err(Errno::EFBIG);
        }
        let same = content.size() == len;
        let growth = content.truncate_growth(len);
        self.pay_edit(ino, growth)?;
        let inode = self.edit(ino, Touch::Own);
        (inode.mtime, inode.ctime) = (now, now);
        if !same {
            let version = inode.version;
            let file = inode.file_mut();
            file.program = None;
            file.content.truncate(len, version);
        }
        Ok(())
    }

    /// Returns the first part of a file at or after `offset` that is stored and no hole, up to the next hole
    /// (`SEEK_DATA` and `SEEK_HOLE`); `None` when nothing but holes follows. Zeros may be stored, too.
    ///
    /// # Errors
    /// EISDIR for a directory, EINVAL for what has no content.
    pub fn next_data(&self, ino: Ino, offset: u64) -> Result<Option<Range<u64>>, Errno> {
        Ok(self.inode(ino)?.file()?.content.next_data(offset))
    }

    /// Returns the stored chunks of a file in their order, each with the version at which it last changed. What is not
    /// among them is a hole. With the versions a commit writes only what has changed since the one before.
    ///
    /// # Errors
    /// EISDIR for a directory, EINVAL for what has no content.
    pub fn chunks(&self, ino: Ino) -> Result<impl Iterator<Item = ChunkRef<'_>>, Errno> {
        Ok(self.inode(ino)?.file()?.content.chunks())
    }

    /// Gives memory to the `len` bytes at `offset` (`posix_fallocate`): holes there are paid for and read as zeros still,
    /// and the file grows to the end of the range. It never shrinks.
    ///
    /// # Errors
    /// EINVAL if `len` is 0; EDQUOT or ENOSPC if the whole does not fit into the quota, EFBIG beyond
    /// [`MAX_FILE_BYTES`]; EISDIR for a directory, EINVAL for what has no content.
    pub fn allocate(&mut self, ino: Ino, offset: u64, len: u64, now: Timestamp) -> Result<(), Errno> {
        let content = &self.inode(ino)?.file()?.content;
        let end = offset.checked_add(len).filter(|end| *end <= MAX_FILE_BYTES).ok_or(Errno::EFBIG)?;
        let len = usize::try_from(len).map_err(|_| Errno::EFBIG)?;
        if len == 0 {
            return Err(Errno::EINVAL);
        }
        let grows = end > content.size();
        // A range of many chunks that is beyond any quota is refused before they are counted.
        let len_signed = signed(len as u64);
        let (bytes, footprint) = (len_signed - signed(content.stored()), len_signed - signed(content.footprint()));
        let least = Amount { files: 0, bytes, footprint };
        let least = self.bill_edit(ino, self.inode(ino)?, least);
        self.ledger.must_pay(&least)?;
        let growth = self.inode(ino)?.file()?.content.write_growth(offset, len);
        self.pay_edit(ino, growth)?;
        let inode = self.edit(ino, Touch::Own);
        (inode.mtime, inode.ctime) = (now, now);
        let version = inode.version;
        let file = inode.file_mut();
        if grows {
            file.program = None;
        }
        file.content.allocate(offset, len, version);
        Ok(())
    }

    /// Says that a file is shipped program `tag`; for building templates. Any change of the content ends that.
    ///
    /// # Errors
    /// EISDIR for a directory, EINVAL for what has no content.
    pub fn set_program(&mut self, ino: Ino, tag: ProgramTag) -> Result<(), Errno> {
        self.inode(ino)?.file()?;
        self.pay_edit(ino, Amount::default())?;
        self.edit(ino, Touch::Own).file_mut().program = Some(tag);
        Ok(())
    }

    /// Returns which shipped program a file is, under whatever name.
    #[must_use]
    pub fn program(&self, ino: Ino) -> Option<ProgramTag> {
        match &self.inode(ino).ok()?.node {
            Node::File(file) => file.program,
            _ => None,
        }
    }

    /// Pays for writing as many as possible of `wanted` bytes, whose whole cannot be paid.
    fn pay_shorter(&mut self, ino: Ino, offset: u64, wanted: usize) -> Result<usize, Errno> {
        let least = self.bill_write(ino, offset, 1)?;
        self.ledger.must_pay(&least)?;
        // The cost grows with the length, so the longest payable prefix is found by halving.
        let (mut fits, mut exceeds) = (1, wanted);
        while exceeds - fits > 1 {
            let middle = fits + (exceeds - fits) / 2;
            match self.ledger.can_pay(&self.bill_write(ino, offset, middle)?) {
                Ok(()) => fits = middle,
                Err(_) => exceeds = middle,
            }
        }
        let bill = self.bill_write(ino, offset, fits)?;
        self.ledger.pay(&bill)?;
        Ok(fits)
    }

    fn bill_write(&self, ino: Ino, offset: u64, len: usize) -> Result<Bill, Errno> {
        let inode = self.inode(ino)?;
        Ok(self.bill_edit(ino, inode, inode.file()?.content.write_growth(offset, len)))
    }
}
