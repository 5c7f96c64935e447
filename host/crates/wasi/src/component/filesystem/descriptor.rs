//! The functions of `descriptor` and of a directory's listing.
//!
//! Paths are strings here, as WASI has it; a name that is not UTF-8 is left out of listings and cannot be reached.

use base::Errno;
use kernel::{At, FileType, Interest, OpenFlags};
use vfs::Follow;
use wasmtime::component::Resource;

use super::convert::{self, FsError};
use super::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, MetadataHashValue,
    NewTimestamp, PathFlags,
};
use super::{Descriptor, DirectoryEntries, FilesView, Place};
use crate::component::io::{InputStream, IoError, OutputStream};
use crate::component::owned::OwnedFd;

/// Bytes of one read: what the host allocates at once for it.
const READ_MAX_BYTES: usize = 1 << 20;
/// What files and directories are made with before the umask.
const FILE_MODE: u32 = 0o666;
const DIRECTORY_MODE: u32 = 0o777;

type Fs<T> = Result<T, FsError>;
type Handle = Resource<Descriptor>;

impl FilesView<'_> {
    fn at(&self, handle: &Handle) -> Fs<At> {
        Ok(self.table.get(handle)?.at())
    }

    /// Answers the number of a descriptor that is not the preopened root, which is no file.
    fn fd(&self, handle: &Handle) -> Fs<u32> {
        self.table.get(handle)?.number().ok_or(ErrorCode::IsDirectory.into())
    }

    fn stat_of(&self, handle: &Handle) -> Fs<kernel::FileStat> {
        Ok(match self.table.get(handle)?.number() {
            None => self.process.stat(At::Root, b"/", Follow::Yes)?,
            Some(fd) => self.process.fd_stat(fd)?,
        })
    }

    fn stat_path(&self, handle: &Handle, flags: PathFlags, path: &str) -> Fs<kernel::FileStat> {
        Ok(self.process.stat(self.at(handle)?, relative(path)?, follow(flags))?)
    }

    /// A descriptor of its own for a stream, which thus outlives the one it is made of, and what kind of thing it is.
    fn stream_of(&self, handle: &Handle, interest: Interest) -> Fs<(OwnedFd, FileType)> {
        let fd = self.fd(handle)?;
        let (kind, flags) = (self.process.fd_stat(fd)?.kind, self.process.fd_flags(fd)?);
        let permitted = match interest {
            Interest::Read => flags.read,
            Interest::Write => flags.write,
        };
        match kind {
            FileType::Directory => Err(ErrorCode::IsDirectory.into()),
            _ if !permitted => Err(ErrorCode::BadDescriptor.into()),
            kind => Ok((OwnedFd::duplicate(self.process, fd)?, kind)),
        }
    }

    fn write_stream(
        &mut self,
        handle: &Handle,
        file: impl FnOnce(OwnedFd) -> OutputStream,
    ) -> Fs<Resource<OutputStream>> {
        Ok(self.table.push(match self.stream_of(handle, Interest::Write)? {
            (fd, FileType::Regular) => file(fd),
            // What has no offsets is written as it comes.
            (fd, _) => OutputStream::descriptor(fd),
        })?)
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        match error {
            FsError::Code(code) => Ok(code),
            FsError::Trap(error) => Err(error),
        }
    }

    fn filesystem_error_code(&mut self, error: Resource<IoError>) -> wasmtime::Result<Option<ErrorCode>> {
        Ok(Some(convert::error_code(self.table.get(&error)?.0)))
    }
}

impl types::HostDirectoryEntryStream for FilesView<'_> {
    fn read_directory_entry(&mut self, listing: Resource<DirectoryEntries>) -> Fs<Option<DirectoryEntry>> {
        let entry = self.table.get_mut(&listing)?.next(self.process)?;
        self.fuel.charge_bytes(entry.as_ref().map_or(0, |entry| entry.name.len() as u64));
        Ok(entry)
    }

    fn drop(&mut self, listing: Resource<DirectoryEntries>) -> wasmtime::Result<()> {
        self.table.delete(listing)?;
        Ok(())
    }
}

impl types::HostDescriptor for FilesView<'_> {
    fn read_via_stream(&mut self, handle: Handle, offset: u64) -> Fs<Resource<InputStream>> {
        Ok(self.table.push(match self.stream_of(&handle, Interest::Read)? {
            (fd, FileType::Regular) => InputStream::file(fd, offset),
            // What has no offsets is read as it comes.
            (fd, _) => InputStream::descriptor(fd),
        })?)
    }

    fn write_via_stream(&mut self, handle: Handle, offset: u64) -> Fs<Resource<OutputStream>> {
        self.write_stream(&handle, |fd| OutputStream::file(fd, offset))
    }

    fn append_via_stream(&mut self, handle: Handle) -> Fs<Resource<OutputStream>> {
        self.write_stream(&handle, OutputStream::end)
    }

    fn advise(&mut self, handle: Handle, _offset: u64, _length: u64, _advice: Advice) -> Fs<()> {
        match self.stat_of(&handle)?.kind {
            FileType::Fifo => Err(Errno::ESPIPE.into()),
            _ => Ok(()),
        }
    }

    // Files live in memory: there is nothing to write through.
    fn sync_data(&mut self, handle: Handle) -> Fs<()> {
        self.stat_of(&handle).map(drop)
    }

    fn get_flags(&mut self, handle: Handle) -> Fs<DescriptorFlags> {
        let Some(fd) = self.table.get(&handle)?.number() else {
            return Ok(DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY);
        };
        let flags = self.process.fd_flags(fd)?;
        let is_directory = self.process.fd_stat(fd)?.kind == FileType::Directory;
        let given = [
            (flags.read, DescriptorFlags::READ),
            (flags.write, DescriptorFlags::WRITE),
            (is_directory, DescriptorFlags::MUTATE_DIRECTORY),
        ];
        let given = given.into_iter().filter_map(|(is_set, flag)| is_set.then_some(flag));
        Ok(given.fold(DescriptorFlags::empty(), |all, flag| all | flag))
    }

    fn get_type(&mut self, handle: Handle) -> Fs<DescriptorType> {
        Ok(convert::descriptor_type(self.stat_of(&handle)?.kind))
    }

    fn set_size(&mut self, handle: Handle, size: u64) -> Fs<()> {
        Ok(self.process.fd_truncate(self.fd(&handle)?, size)?)
    }

    fn set_times(&mut self, handle: Handle, accessed: NewTimestamp, modified: NewTimestamp) -> Fs<()> {
        let now = self.process.kernel().clock().wall();
        let times = (convert::new_time(&accessed, now)?, convert::new_time(&modified, now)?);
        match self.table.get(&handle)?.number() {
            None => self.process.set_times(At::Root, b"/", times, Follow::Yes)?,
            Some(fd) => self.process.fd_set_times(fd, times)?,
        }
        Ok(())
    }

    fn read(&mut self, handle: Handle, length: u64, offset: u64) -> Fs<(Vec<u8>, bool)> {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(READ_MAX_BYTES);
        let mut buffer = vec![0; length];
        let n = self.process.pread(self.fd(&handle)?, &mut buffer, offset)?;
        buffer.truncate(n);
        self.fuel.charge_bytes(n as u64);
        Ok((buffer, n == 0 && length > 0))
    }

    fn write(&mut self, handle: Handle, data: Vec<u8>, offset: u64) -> Fs<u64> {
        let n = self.process.pwrite(self.fd(&handle)?, &data, offset)?;
        self.fuel.charge_bytes(n as u64);
        Ok(n as u64)
    }

    fn read_directory(&mut self, handle: Handle) -> Fs<Resource<DirectoryEntries>> {
        let entries = DirectoryEntries::of(self.process, self.at(&handle)?)?;
        Ok(self.table.push(entries)?)
    }

    fn sync(&mut self, handle: Handle) -> Fs<()> {
        self.sync_data(handle)
    }

    fn create_directory_at(&mut self, handle: Handle, path: String) -> Fs<()> {
        Ok(self.process.mkdir(self.at(&handle)?, relative(&path)?, DIRECTORY_MODE)?)
    }

    fn stat(&mut self, handle: Handle) -> Fs<DescriptorStat> {
        Ok(convert::descriptor_stat(&self.stat_of(&handle)?))
    }

    fn stat_at(&mut self, handle: Handle, flags: PathFlags, path: String) -> Fs<DescriptorStat> {
        Ok(convert::descriptor_stat(&self.stat_path(&handle, flags, &path)?))
    }

    fn set_times_at(
        &mut self,
        handle: Handle,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Fs<()> {
        let now = self.process.kernel().clock().wall();
        let times = (convert::new_time(&accessed, now)?, convert::new_time(&modified, now)?);
        Ok(self.process.set_times(self.at(&handle)?, relative(&path)?, times, follow(flags))?)
    }

    fn link_at(&mut self, handle: Handle, flags: PathFlags, old: String, other: Handle, new: String) -> Fs<()> {
        let new = (self.at(&other)?, relative(&new)?);
        Ok(self.process.link((self.at(&handle)?, relative(&old)?), follow(flags), new)?)
    }

    fn open_at(
        &mut self,
        handle: Handle,
        path_flags: PathFlags,
        path: String,
        open: types::OpenFlags,
        flags: DescriptorFlags,
    ) -> Fs<Handle> {
        let directory = open.contains(types::OpenFlags::DIRECTORY);
        let create = open.contains(types::OpenFlags::CREATE);
        if directory && create {
            // As `open(2)` has it: a directory is made by other means.
            return Err(ErrorCode::Invalid.into());
        }
        let flags = OpenFlags {
            read: flags.contains(DescriptorFlags::READ),
            write: flags.contains(DescriptorFlags::WRITE),
            create,
            exclusive: open.contains(types::OpenFlags::EXCLUSIVE),
            truncate: open.contains(types::OpenFlags::TRUNCATE),
            directory,
            no_follow: !path_flags.contains(PathFlags::SYMLINK_FOLLOW),
            append: false,
            nonblock: false,
        };
        let fd = OwnedFd::open(self.process, self.at(&handle)?, relative(&path)?, flags, FILE_MODE)?;
        Ok(self.table.push(Descriptor(Place::Fd(fd)))?)
    }

    fn readlink_at(&mut self, handle: Handle, path: String) -> Fs<String> {
        let target = self.process.read_link(self.at(&handle)?, relative(&path)?)?;
        String::from_utf8(target).map_err(|_| ErrorCode::IllegalByteSequence.into())
    }

    fn remove_directory_at(&mut self, handle: Handle, path: String) -> Fs<()> {
        Ok(self.process.rmdir(self.at(&handle)?, relative(&path)?)?)
    }

    fn rename_at(&mut self, handle: Handle, old: String, other: Handle, new: String) -> Fs<()> {
        let new = (self.at(&other)?, relative(&new)?);
        Ok(self.process.rename((self.at(&handle)?, relative(&old)?), new)?)
    }

    fn symlink_at(&mut self, handle: Handle, target: String, path: String) -> Fs<()> {
        Ok(self.process.symlink(target.as_bytes(), self.at(&handle)?, relative(&path)?)?)
    }

    fn unlink_file_at(&mut self, handle: Handle, path: String) -> Fs<()> {
        Ok(self.process.unlink(self.at(&handle)?, relative(&path)?)?)
    }

    fn is_same_object(&mut self, one: Handle, other: Handle) -> wasmtime::Result<bool> {
        let stats = (self.stat_of(&one), self.stat_of(&other));
        Ok(matches!(stats, (Ok(one), Ok(other)) if one.ino == other.ino))
    }

    fn metadata_hash(&mut self, handle: Handle) -> Fs<MetadataHashValue> {
        Ok(convert::metadata_hash(&self.stat_of(&handle)?))
    }

    fn metadata_hash_at(&mut self, handle: Handle, flags: PathFlags, path: String) -> Fs<MetadataHashValue> {
        Ok(convert::metadata_hash(&self.stat_path(&handle, flags, &path)?))
    }

    fn drop(&mut self, handle: Handle) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

fn follow(flags: PathFlags) -> Follow {
    if flags.contains(PathFlags::SYMLINK_FOLLOW) { Follow::Yes } else { Follow::No }
}

/// Checks what WASI asks of a path: relative to its descriptor, and a C string.
fn relative(path: &str) -> Fs<&[u8]> {
    if path.starts_with('/') {
        return Err(ErrorCode::NotPermitted.into());
    }
    if path.contains('\0') {
        return Err(ErrorCode::Invalid.into());
    }
    Ok(path.as_bytes())
}
