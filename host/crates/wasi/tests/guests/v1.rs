//! `sandshell_v1` as a guest imports it: the raw functions and thin wrappers that answer `Result`s.

use crate::p1::{Errno, Fd, half, word};

mod raw {
    #[link(wasm_import_module = "sandshell_v1")]
    unsafe extern "C" {
        pub fn access(path: *const u8, len: usize, mode: u32) -> u32;
        pub fn chdir(path: *const u8, len: usize) -> u32;
        pub fn chmod(path: *const u8, len: usize, mode: u32, follow: u32) -> u32;
        pub fn chown(path: *const u8, len: usize, uid: u32, gid: u32, follow: u32) -> u32;
        pub fn dup(fd: u32, minimum: u32, out: *mut u32) -> u32;
        pub fn fchdir(fd: u32) -> u32;
        pub fn fchmod(fd: u32, mode: u32) -> u32;
        pub fn fchown(fd: u32, uid: u32, gid: u32) -> u32;
        pub fn fstat(fd: u32, out: *mut u8) -> u32;
        pub fn getcwd(buffer: *mut u8, len: usize, out: *mut u32) -> u32;
        pub fn getpid(out: *mut [u32; 3]) -> u32;
        pub fn isatty(fd: u32, out: *mut u32) -> u32;
        pub fn kill(target: i32, signal: u32) -> u32;
        pub fn pipe(out: *mut [u32; 2]) -> u32;
        pub fn priority(increment: i32, out: *mut i32) -> u32;
        pub fn processes(buffer: *mut u8, len: usize, out: *mut u32) -> u32;
        pub fn sigaction(signal: u32, disposition: u32) -> u32;
        pub fn sigpending(out: *mut u32) -> u32;
        pub fn sigstate(signal: u32, out: *mut u32) -> u32;
        pub fn spawn(request: *const u8, len: usize, out: *mut u32) -> u32;
        pub fn stat(path: *const u8, len: usize, follow: u32, out: *mut u8) -> u32;
        pub fn statfs(out: *mut [u64; 6]) -> u32;
        pub fn times(out: *mut [u64; 2]) -> u32;
        pub fn umask(mask: u32, out: *mut u32) -> u32;
        pub fn utimens(path: *const u8, len: usize, follow: u32, accessed: u64, modified: u64) -> u32;
        pub fn wait(pid: u32, flags: u32, out: *mut [u32; 3]) -> u32;
        pub fn wait_for(target: i32, flags: u32, timeout: u64, out: *mut [u32; 3]) -> u32;
        pub fn winsize(out: *mut [u16; 2]) -> u32;
    }
}

/// Keep one, or only read.
pub const UNCHANGED: u32 = u32::MAX;
pub const NO_HANG: u32 = 1;
pub const SEARCH_PATH: u32 = 1;
pub const NEW_GROUP: u32 = 2;
pub const INHERIT_STANDARD: u32 = 4;
pub const INHERIT_ALL: u32 = 8;
/// Nanoseconds that stand for "leave it" and "now", and for no time limit.
pub const TIME_UNCHANGED: u64 = u64::MAX;
pub const TIME_NOW: u64 = u64::MAX - 1;
pub const FOR_EVER: u64 = u64::MAX;

/// The 80 bytes of `stat`, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullStat {
    pub ino: u64,
    pub mode: u32,
    pub links: u32,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    pub accessed: u64,
    pub modified: u64,
    pub changed: u64,
    pub device: u64,
    pub blocks: u64,
}

impl FullStat {
    fn of(bytes: [u8; 80]) -> Self {
        assert_eq!(word(&bytes, 72), 0, "reserved");
        let [mode, links, uid, gid] = [8, 12, 16, 20].map(|at| half(&bytes, at));
        let [ino, size, accessed, modified, changed, device, blocks] =
            [0, 24, 32, 40, 48, 56, 64].map(|at| word(&bytes, at));
        Self { ino, mode, links, uid, gid, size, accessed, modified, changed, device, blocks }
    }
}

fn done(errno: u32) -> Result<(), Errno> {
    if errno == 0 { Ok(()) } else { Err(errno) }
}

macro_rules! answer {
    ($function:ident($($arg:expr),*)) => {{
        let mut out = Default::default();
        done(unsafe { raw::$function($($arg,)* &mut out) }).map(|()| out)
    }};
}

pub fn access(path: &str, mode: u32) -> Result<(), Errno> {
    done(unsafe { raw::access(path.as_ptr(), path.len(), mode) })
}
pub fn chdir(path: &str) -> Result<(), Errno> {
    done(unsafe { raw::chdir(path.as_ptr(), path.len()) })
}
pub fn chmod(path: &str, mode: u32, follow: u32) -> Result<(), Errno> {
    done(unsafe { raw::chmod(path.as_ptr(), path.len(), mode, follow) })
}
pub fn chown(path: &str, uid: u32, gid: u32, follow: u32) -> Result<(), Errno> {
    done(unsafe { raw::chown(path.as_ptr(), path.len(), uid, gid, follow) })
}
pub fn dup(fd: Fd, minimum: u32) -> Result<Fd, Errno> {
    answer!(dup(fd, minimum))
}
pub fn fchdir(fd: Fd) -> Result<(), Errno> {
    done(unsafe { raw::fchdir(fd) })
}
pub fn fchmod(fd: Fd, mode: u32) -> Result<(), Errno> {
    done(unsafe { raw::fchmod(fd, mode) })
}
pub fn fchown(fd: Fd, uid: u32, gid: u32) -> Result<(), Errno> {
    done(unsafe { raw::fchown(fd, uid, gid) })
}
pub fn stat(path: &str, follow: u32) -> Result<FullStat, Errno> {
    let mut bytes = [0; 80];
    done(unsafe { raw::stat(path.as_ptr(), path.len(), follow, bytes.as_mut_ptr()) })?;
    Ok(FullStat::of(bytes))
}
pub fn fstat(fd: Fd) -> Result<FullStat, Errno> {
    let mut bytes = [0; 80];
    done(unsafe { raw::fstat(fd, bytes.as_mut_ptr()) })?;
    Ok(FullStat::of(bytes))
}
/// The working directory in a buffer of `room` bytes, or the errno and the length that is needed.
pub fn getcwd(room: usize) -> Result<Vec<u8>, (Errno, u32)> {
    let (mut buffer, mut len) = (vec![0; room], 0);
    done(unsafe { raw::getcwd(buffer.as_mut_ptr(), room, &mut len) }).map_err(|errno| (errno, len))?;
    buffer.truncate(len as usize);
    Ok(buffer)
}
/// Process, parent and group.
pub fn getpid() -> Result<[u32; 3], Errno> {
    answer!(getpid())
}
pub fn isatty(fd: Fd) -> Result<u32, Errno> {
    answer!(isatty(fd))
}
pub fn kill(target: i32, signal: u32) -> Result<(), Errno> {
    done(unsafe { raw::kill(target, signal) })
}
pub fn pipe() -> Result<[Fd; 2], Errno> {
    answer!(pipe())
}
/// Adds to the niceness and answers the new one.
pub fn priority(increment: i32) -> Result<i32, Errno> {
    answer!(priority(increment))
}
/// The rows of the process list in a buffer of `room` bytes, or the errno and the length that is needed.
pub fn processes(room: usize) -> Result<Vec<u8>, (Errno, u32)> {
    let (mut buffer, mut len) = (vec![0; room], 0);
    done(unsafe { raw::processes(buffer.as_mut_ptr(), room, &mut len) }).map_err(|errno| (errno, len))?;
    buffer.truncate(len as usize);
    Ok(buffer)
}
pub fn sigaction(signal: u32, disposition: u32) -> Result<(), Errno> {
    done(unsafe { raw::sigaction(signal, disposition) })
}
/// The signal that was held and is taken, or 0.
pub fn sigpending() -> Result<u32, Errno> {
    answer!(sigpending())
}
/// 0 default, 1 ignored, 2 held.
pub fn sigstate(signal: u32) -> Result<u32, Errno> {
    answer!(sigstate(signal))
}
pub fn spawn(path: &str, argv: &[&str], env: &[&str], fds: &[(u32, u32)], flags: u32) -> Result<u32, Errno> {
    let mut request = Vec::new();
    let put = |request: &mut Vec<u8>, text: &str| {
        request.extend((text.len() as u32).to_le_bytes());
        request.extend(text.as_bytes());
    };
    put(&mut request, path);
    for list in [argv, env] {
        request.extend((list.len() as u32).to_le_bytes());
        list.iter().for_each(|text| put(&mut request, text));
    }
    request.extend((fds.len() as u32).to_le_bytes());
    for (child, own) in fds {
        request.extend(child.to_le_bytes());
        request.extend(own.to_le_bytes());
    }
    request.extend(flags.to_le_bytes());
    answer!(spawn(request.as_ptr(), request.len()))
}
/// Block size, blocks, free blocks, inodes, free inodes, longest name.
pub fn statfs() -> Result<[u64; 6], Errno> {
    answer!(statfs())
}
pub fn umask(mask: u32) -> Result<u32, Errno> {
    answer!(umask(mask))
}
/// Nanoseconds of computing: its own, and those of children that were waited for.
pub fn times() -> Result<[u64; 2], Errno> {
    answer!(times())
}
pub fn utimens(path: &str, follow: u32, accessed: u64, modified: u64) -> Result<(), Errno> {
    done(unsafe { raw::utimens(path.as_ptr(), path.len(), follow, accessed, modified) })
}
/// The same for groups, too (negative), and with a time limit in nanoseconds.
pub fn wait_for(target: i32, flags: u32, timeout: u64) -> Result<[u32; 3], Errno> {
    answer!(wait_for(target, flags, timeout))
}
/// Process, kind of end, value.
pub fn wait(pid: u32, flags: u32) -> Result<[u32; 3], Errno> {
    answer!(wait(pid, flags))
}
pub fn winsize() -> Result<[u16; 2], Errno> {
    answer!(winsize())
}
