//! Preview 1 as a guest imports it, once under each of its names: the raw functions and thin wrappers that answer
//! `Result`s. Records come back as their bytes, since their layout is what is tested.

pub type Fd = u32;
pub type Errno = u32;

/// The preopened directory.
pub const ROOT: Fd = 3;

pub const EBADF: Errno = 8;
pub const EAGAIN: Errno = 6;
pub const EACCES: Errno = 2;
pub const ECHILD: Errno = 12;
pub const EEXIST: Errno = 20;
pub const EFBIG: Errno = 22;
pub const EINTR: Errno = 27;
pub const EINVAL: Errno = 28;
pub const EISDIR: Errno = 31;
pub const ELOOP: Errno = 32;
pub const ENAMETOOLONG: Errno = 37;
pub const ENOENT: Errno = 44;
pub const ENOTDIR: Errno = 54;
pub const ENOTEMPTY: Errno = 55;
pub const ENOTSOCK: Errno = 57;
pub const ENOTTY: Errno = 59;
pub const EPERM: Errno = 63;
pub const ERANGE: Errno = 68;
pub const ESPIPE: Errno = 70;
pub const ESRCH: Errno = 71;
pub const ETIMEDOUT: Errno = 73;
pub const ENOTCAPABLE: Errno = 76;

pub const FOLLOW: u32 = 1;
pub const CREAT: u32 = 1;
pub const DIRECTORY: u32 = 2;
pub const EXCL: u32 = 4;
pub const TRUNC: u32 = 8;
pub const APPEND: u32 = 1;
pub const DSYNC: u32 = 2;
pub const NONBLOCK: u32 = 4;
pub const SYNC: u32 = 16;

pub const FD_READ: u64 = 1 << 1;
pub const FD_SEEK: u64 = 1 << 2;
pub const FD_TELL: u64 = 1 << 5;
pub const FD_WRITE: u64 = 1 << 6;
pub const FD_READDIR: u64 = 1 << 14;
pub const PATH_OPEN: u64 = 1 << 13;
pub const PATH_FILESTAT_GET: u64 = 1 << 18;
pub const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
pub const FD_FILESTAT_GET: u64 = 1 << 21;
pub const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
pub const POLL: u64 = 1 << 27;

pub const UNKNOWN: u8 = 0;
pub const CHARACTER_DEVICE: u8 = 2;
pub const DIRECTORY_TYPE: u8 = 3;
pub const REGULAR_FILE: u8 = 4;
pub const SYMBOLIC_LINK: u8 = 7;

pub const ATIM: u32 = 1;
pub const ATIM_NOW: u32 = 2;
pub const MTIM: u32 = 4;
pub const MTIM_NOW: u32 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fdstat {
    pub filetype: u8,
    pub flags: u32,
    pub base: u64,
    pub inheriting: u64,
}

/// Bytes of room for a `filestat`, more than any version needs: what is not written keeps this pattern.
pub const UNWRITTEN: u8 = 0xa5;
pub type Filestat = [u8; 80];

pub fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

pub fn half(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// A `filestat` of preview 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub dev: u64,
    pub ino: u64,
    pub filetype: u8,
    pub nlink: u64,
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
    pub ctim: u64,
}

impl Stat {
    pub fn of(bytes: Filestat) -> Self {
        assert!(bytes[64..].iter().all(|byte| *byte == UNWRITTEN), "a filestat has 64 bytes");
        let [dev, ino, nlink, size, atim, mtim, ctim] = [0, 8, 24, 32, 40, 48, 56].map(|at| word(&bytes, at));
        Self { dev, ino, filetype: bytes[16], nlink, size, atim, mtim, ctim }
    }
}

fn done(errno: u32) -> Result<(), Errno> {
    if errno == 0 { Ok(()) } else { Err(errno) }
}

/// Calls a function of the module `raw` that answers one value through its last parameter.
macro_rules! answer {
    ($function:ident($($arg:expr),*)) => {{
        let mut out = Default::default();
        done(unsafe { raw::$function($($arg,)* &mut out) }).map(|()| out)
    }};
}

/// Vectors are passed as slices of slices, whose layout on this target is that of `iovec`: address and length.
macro_rules! preview1 {
    ($name:ident, $module:literal) => {
        pub mod $name {
            use super::{Errno, Fd, Fdstat, Filestat, UNWRITTEN, done, half, word};

            mod raw {
                #[link(wasm_import_module = $module)]
                unsafe extern "C" {
                    pub fn args_get(pointers: *mut *mut u8, buffer: *mut u8) -> u32;
                    pub fn args_sizes_get(count: *mut u32, size: *mut u32) -> u32;
                    pub fn environ_get(pointers: *mut *mut u8, buffer: *mut u8) -> u32;
                    pub fn environ_sizes_get(count: *mut u32, size: *mut u32) -> u32;
                    pub fn clock_res_get(id: u32, out: *mut u64) -> u32;
                    pub fn clock_time_get(id: u32, precision: u64, out: *mut u64) -> u32;
                    pub fn fd_advise(fd: u32, offset: u64, len: u64, advice: u32) -> u32;
                    pub fn fd_allocate(fd: u32, offset: u64, len: u64) -> u32;
                    pub fn fd_close(fd: u32) -> u32;
                    pub fn fd_datasync(fd: u32) -> u32;
                    pub fn fd_fdstat_get(fd: u32, out: *mut u8) -> u32;
                    pub fn fd_fdstat_set_flags(fd: u32, flags: u32) -> u32;
                    pub fn fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) -> u32;
                    pub fn fd_filestat_get(fd: u32, out: *mut u8) -> u32;
                    pub fn fd_filestat_set_size(fd: u32, size: u64) -> u32;
                    pub fn fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, flags: u32) -> u32;
                    pub fn fd_pread(fd: u32, array: *const u8, n: usize, offset: u64, out: *mut usize) -> u32;
                    pub fn fd_prestat_get(fd: u32, out: *mut u8) -> u32;
                    pub fn fd_prestat_dir_name(fd: u32, name: *mut u8, len: usize) -> u32;
                    pub fn fd_pwrite(fd: u32, array: *const u8, n: usize, offset: u64, out: *mut usize) -> u32;
                    pub fn fd_read(fd: u32, array: *const u8, n: usize, out: *mut usize) -> u32;
                    pub fn fd_readdir(fd: u32, buffer: *mut u8, len: usize, cookie: u64, out: *mut usize) -> u32;
                    pub fn fd_renumber(from: u32, to: u32) -> u32;
                    pub fn fd_seek(fd: u32, offset: i64, whence: u32, out: *mut u64) -> u32;
                    pub fn fd_sync(fd: u32) -> u32;
                    pub fn fd_tell(fd: u32, out: *mut u64) -> u32;
                    pub fn fd_write(fd: u32, array: *const u8, n: usize, out: *mut usize) -> u32;
                    pub fn path_create_directory(fd: u32, path: *const u8, len: usize) -> u32;
                    pub fn path_filestat_get(fd: u32, lookup: u32, path: *const u8, len: usize, out: *mut u8) -> u32;
                    pub fn path_filestat_set_times(
                        fd: u32,
                        lookup: u32,
                        path: *const u8,
                        len: usize,
                        atim: u64,
                        mtim: u64,
                        flags: u32,
                    ) -> u32;
                    pub fn path_link(
                        old_fd: u32,
                        lookup: u32,
                        old: *const u8,
                        old_len: usize,
                        new_fd: u32,
                        new: *const u8,
                        new_len: usize,
                    ) -> u32;
                    pub fn path_open(
                        fd: u32,
                        lookup: u32,
                        path: *const u8,
                        len: usize,
                        oflags: u32,
                        base: u64,
                        inheriting: u64,
                        fdflags: u32,
                        out: *mut u32,
                    ) -> u32;
                    pub fn path_readlink(
                        fd: u32,
                        path: *const u8,
                        len: usize,
                        buffer: *mut u8,
                        room: usize,
                        out: *mut usize,
                    ) -> u32;
                    pub fn path_remove_directory(fd: u32, path: *const u8, len: usize) -> u32;
                    pub fn path_rename(
                        old_fd: u32,
                        old: *const u8,
                        old_len: usize,
                        new_fd: u32,
                        new: *const u8,
                        new_len: usize,
                    ) -> u32;
                    pub fn path_symlink(
                        target: *const u8,
                        target_len: usize,
                        fd: u32,
                        path: *const u8,
                        len: usize,
                    ) -> u32;
                    pub fn path_unlink_file(fd: u32, path: *const u8, len: usize) -> u32;
                    pub fn poll_oneoff(subscriptions: *const u8, events: *mut u8, n: usize, out: *mut usize) -> u32;
                    pub fn proc_exit(code: u32) -> !;
                    pub fn proc_raise(signal: u32) -> u32;
                    pub fn sched_yield() -> u32;
                    pub fn random_get(buffer: *mut u8, len: usize) -> u32;
                    pub fn sock_recv(
                        fd: u32,
                        array: *const u8,
                        n: usize,
                        flags: u32,
                        len: *mut usize,
                        out: *mut u16,
                    ) -> u32;
                    pub fn sock_send(fd: u32, array: *const u8, n: usize, flags: u32, out: *mut usize) -> u32;
                    pub fn sock_shutdown(fd: u32, how: u32) -> u32;
                }
            }

            pub fn args() -> Result<Vec<Vec<u8>>, Errno> {
                let (mut n, mut size) = (0, 0);
                done(unsafe { raw::args_sizes_get(&mut n, &mut size) })?;
                strings(n, size, |pointers, buffer| unsafe { raw::args_get(pointers, buffer) })
            }

            pub fn environ() -> Result<Vec<Vec<u8>>, Errno> {
                let (mut n, mut size) = (0, 0);
                done(unsafe { raw::environ_sizes_get(&mut n, &mut size) })?;
                strings(n, size, |pointers, buffer| unsafe { raw::environ_get(pointers, buffer) })
            }

            /// Takes strings with their NULs out of exactly `size` bytes; each pointer must be where its string is.
            fn strings(
                n: u32,
                size: u32,
                get: impl FnOnce(*mut *mut u8, *mut u8) -> u32,
            ) -> Result<Vec<Vec<u8>>, Errno> {
                let (mut pointers, mut buffer) = (vec![std::ptr::null_mut(); n as usize], vec![1; size as usize]);
                done(get(pointers.as_mut_ptr(), buffer.as_mut_ptr()))?;
                let start = buffer.as_ptr() as usize;
                let mut at = 0;
                let mut found = Vec::new();
                for pointer in pointers {
                    assert_eq!(pointer as usize - start, at);
                    let len = buffer[at..].iter().position(|byte| *byte == 0).expect("a NUL");
                    found.push(buffer[at..at + len].to_vec());
                    at += len + 1;
                }
                assert_eq!(at, buffer.len());
                Ok(found)
            }

            pub fn clock_res_get(id: u32) -> Result<u64, Errno> {
                answer!(clock_res_get(id))
            }
            pub fn clock_time_get(id: u32) -> Result<u64, Errno> {
                answer!(clock_time_get(id, 1))
            }
            pub fn fd_advise(fd: Fd, offset: u64, len: u64, advice: u32) -> Result<(), Errno> {
                done(unsafe { raw::fd_advise(fd, offset, len, advice) })
            }
            pub fn fd_allocate(fd: Fd, offset: u64, len: u64) -> Result<(), Errno> {
                done(unsafe { raw::fd_allocate(fd, offset, len) })
            }
            pub fn fd_close(fd: Fd) -> Result<(), Errno> {
                done(unsafe { raw::fd_close(fd) })
            }
            pub fn fd_datasync(fd: Fd) -> Result<(), Errno> {
                done(unsafe { raw::fd_datasync(fd) })
            }
            pub fn fd_fdstat_get(fd: Fd) -> Result<Fdstat, Errno> {
                let mut bytes = [0; 24];
                done(unsafe { raw::fd_fdstat_get(fd, bytes.as_mut_ptr()) })?;
                let flags = u32::from(u16::from_le_bytes([bytes[2], bytes[3]]));
                Ok(Fdstat { filetype: bytes[0], flags, base: word(&bytes, 8), inheriting: word(&bytes, 16) })
            }
            pub fn fd_fdstat_set_flags(fd: Fd, flags: u32) -> Result<(), Errno> {
                done(unsafe { raw::fd_fdstat_set_flags(fd, flags) })
            }
            pub fn fd_fdstat_set_rights(fd: Fd, base: u64, inheriting: u64) -> Result<(), Errno> {
                done(unsafe { raw::fd_fdstat_set_rights(fd, base, inheriting) })
            }
            pub fn fd_filestat_get(fd: Fd) -> Result<Filestat, Errno> {
                let mut bytes = [UNWRITTEN; 80];
                done(unsafe { raw::fd_filestat_get(fd, bytes.as_mut_ptr()) }).map(|()| bytes)
            }
            pub fn fd_filestat_set_size(fd: Fd, size: u64) -> Result<(), Errno> {
                done(unsafe { raw::fd_filestat_set_size(fd, size) })
            }
            pub fn fd_filestat_set_times(fd: Fd, atim: u64, mtim: u64, flags: u32) -> Result<(), Errno> {
                done(unsafe { raw::fd_filestat_set_times(fd, atim, mtim, flags) })
            }
            pub fn fd_pread(fd: Fd, buffers: &mut [&mut [u8]], offset: u64) -> Result<usize, Errno> {
                answer!(fd_pread(fd, buffers.as_ptr().cast(), buffers.len(), offset))
            }
            pub fn fd_pwrite(fd: Fd, buffers: &[&[u8]], offset: u64) -> Result<usize, Errno> {
                answer!(fd_pwrite(fd, buffers.as_ptr().cast(), buffers.len(), offset))
            }
            /// The tag and the length of the name.
            pub fn fd_prestat_get(fd: Fd) -> Result<(u8, u32), Errno> {
                let mut bytes = [0; 8];
                done(unsafe { raw::fd_prestat_get(fd, bytes.as_mut_ptr()) })?;
                Ok((bytes[0], half(&bytes, 4)))
            }
            pub fn fd_prestat_dir_name(fd: Fd, name: &mut [u8]) -> Result<(), Errno> {
                done(unsafe { raw::fd_prestat_dir_name(fd, name.as_mut_ptr(), name.len()) })
            }
            pub fn fd_read(fd: Fd, buffers: &mut [&mut [u8]]) -> Result<usize, Errno> {
                answer!(fd_read(fd, buffers.as_ptr().cast(), buffers.len()))
            }
            pub fn fd_write(fd: Fd, buffers: &[&[u8]]) -> Result<usize, Errno> {
                answer!(fd_write(fd, buffers.as_ptr().cast(), buffers.len()))
            }
            pub fn fd_readdir(fd: Fd, buffer: &mut [u8], cookie: u64) -> Result<usize, Errno> {
                answer!(fd_readdir(fd, buffer.as_mut_ptr(), buffer.len(), cookie))
            }
            pub fn fd_renumber(from: Fd, to: Fd) -> Result<(), Errno> {
                done(unsafe { raw::fd_renumber(from, to) })
            }
            pub fn fd_seek(fd: Fd, offset: i64, whence: u32) -> Result<u64, Errno> {
                answer!(fd_seek(fd, offset, whence))
            }
            pub fn fd_tell(fd: Fd) -> Result<u64, Errno> {
                answer!(fd_tell(fd))
            }
            pub fn fd_sync(fd: Fd) -> Result<(), Errno> {
                done(unsafe { raw::fd_sync(fd) })
            }
            pub fn path_create_directory(fd: Fd, path: &str) -> Result<(), Errno> {
                done(unsafe { raw::path_create_directory(fd, path.as_ptr(), path.len()) })
            }
            pub fn path_filestat_get(fd: Fd, lookup: u32, path: &str) -> Result<Filestat, Errno> {
                let mut bytes = [UNWRITTEN; 80];
                done(unsafe { raw::path_filestat_get(fd, lookup, path.as_ptr(), path.len(), bytes.as_mut_ptr()) })
                    .map(|()| bytes)
            }
            pub fn path_filestat_set_times(
                fd: Fd,
                lookup: u32,
                path: &str,
                (atim, mtim): (u64, u64),
                flags: u32,
            ) -> Result<(), Errno> {
                let (at, len) = (path.as_ptr(), path.len());
                done(unsafe { raw::path_filestat_set_times(fd, lookup, at, len, atim, mtim, flags) })
            }
            pub fn path_link(old_fd: Fd, lookup: u32, old: &str, new_fd: Fd, new: &str) -> Result<(), Errno> {
                let (old, old_len) = (old.as_ptr(), old.len());
                done(unsafe { raw::path_link(old_fd, lookup, old, old_len, new_fd, new.as_ptr(), new.len()) })
            }
            pub fn path_open(
                fd: Fd,
                lookup: u32,
                path: &str,
                oflags: u32,
                base: u64,
                inheriting: u64,
                fdflags: u32,
            ) -> Result<Fd, Errno> {
                answer!(path_open(fd, lookup, path.as_ptr(), path.len(), oflags, base, inheriting, fdflags))
            }
            pub fn path_readlink(fd: Fd, path: &str, buffer: &mut [u8]) -> Result<usize, Errno> {
                answer!(path_readlink(fd, path.as_ptr(), path.len(), buffer.as_mut_ptr(), buffer.len()))
            }
            pub fn path_remove_directory(fd: Fd, path: &str) -> Result<(), Errno> {
                done(unsafe { raw::path_remove_directory(fd, path.as_ptr(), path.len()) })
            }
            pub fn path_rename(old_fd: Fd, old: &str, new_fd: Fd, new: &str) -> Result<(), Errno> {
                let (at, len) = (old.as_ptr(), old.len());
                done(unsafe { raw::path_rename(old_fd, at, len, new_fd, new.as_ptr(), new.len()) })
            }
            pub fn path_symlink(target: &str, fd: Fd, path: &str) -> Result<(), Errno> {
                let (at, len) = (target.as_ptr(), target.len());
                done(unsafe { raw::path_symlink(at, len, fd, path.as_ptr(), path.len()) })
            }
            pub fn path_unlink_file(fd: Fd, path: &str) -> Result<(), Errno> {
                done(unsafe { raw::path_unlink_file(fd, path.as_ptr(), path.len()) })
            }
            /// Polls records of subscriptions and answers the events' bytes.
            pub fn poll_oneoff(subscriptions: &[Vec<u8>]) -> Result<Vec<[u8; 32]>, Errno> {
                let mut events = vec![[0; 32]; subscriptions.len()];
                let (at, n) = (subscriptions.concat(), subscriptions.len());
                let n: usize = answer!(poll_oneoff(at.as_ptr(), events.as_mut_ptr().cast(), n))?;
                events.truncate(n);
                Ok(events)
            }
            pub fn proc_exit(code: u32) -> ! {
                unsafe { raw::proc_exit(code) }
            }
            pub fn proc_raise(signal: u32) -> Result<(), Errno> {
                done(unsafe { raw::proc_raise(signal) })
            }
            pub fn sched_yield() -> Result<(), Errno> {
                done(unsafe { raw::sched_yield() })
            }
            pub fn random_get(buffer: &mut [u8]) -> Result<(), Errno> {
                done(unsafe { raw::random_get(buffer.as_mut_ptr(), buffer.len()) })
            }
            pub fn sock_recv(fd: Fd, buffers: &mut [&mut [u8]]) -> Result<(usize, u16), Errno> {
                let (mut n, mut flags) = (0, 0);
                let (at, count) = (buffers.as_ptr().cast(), buffers.len());
                done(unsafe { raw::sock_recv(fd, at, count, 0, &mut n, &mut flags) }).map(|()| (n, flags))
            }
            pub fn sock_send(fd: Fd, buffers: &[&[u8]]) -> Result<usize, Errno> {
                answer!(sock_send(fd, buffers.as_ptr().cast(), buffers.len(), 0))
            }
            pub fn sock_shutdown(fd: Fd, how: u32) -> Result<(), Errno> {
                done(unsafe { raw::sock_shutdown(fd, how) })
            }
        }
    };
}

preview1!(preview1, "wasi_snapshot_preview1");
preview1!(unstable, "wasi_unstable");

mod raw {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub fn sock_accept(fd: u32, flags: u32, out: *mut u32) -> u32;
    }
}

/// The one function that only preview 1 has.
pub fn sock_accept(fd: Fd) -> Result<Fd, Errno> {
    let mut out = 0;
    done(unsafe { raw::sock_accept(fd, 0, &mut out) }).map(|()| out)
}
