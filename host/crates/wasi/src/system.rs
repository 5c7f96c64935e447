//! What a program can ask beyond WASI, free of any ABI: the meaning that `sandshell_v1` and its WIT interface share.
//!
//! Owns the rules the kernel does not know (how a command is searched, what a child inherits, which numbers are no mode or
//! no signal, what starting a process costs). The front ends decode requests and encode answers.

use base::{Errno, Pid, Signal};
use kernel::{At, ChildGroup, Disposition, FileStat, KillTarget, SpawnRequest};
use vfs::Follow;

use crate::call::Fault;
use crate::state::GuestState;
use crate::wait::die_if_doomed;

/// Where a command is searched when the environment has no `PATH`.
const DEFAULT_PATH: &[u8] = b"/usr/local/bin:/usr/bin:/bin";
/// What starting a process costs in fuel beside the call, as if so many bytes were copied: the host's work for it.
const SPAWN_COST_BYTES: u64 = 1 << 20;
/// Permission, set-id and sticky bits.
const MODE_MAX: u32 = 0o7777;
/// What the file system counts in, for programs that insist on blocks.
const BLOCK_BYTES: u64 = 4096;
/// The unit of `st_blocks`.
const STAT_BLOCK_BYTES: u64 = 512;

/// What a program asks to be started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spawn {
    pub(crate) path: Vec<u8>,
    pub(crate) argv: Vec<Vec<u8>>,
    /// `NAME=value` entries.
    pub(crate) env: Vec<Vec<u8>>,
    /// Child's number and own number of each descriptor.
    pub(crate) fds: Vec<(u32, u32)>,
    /// Search `path` in the `PATH` of the given environment.
    pub(crate) search_path: bool,
    /// The child leads a new process group.
    pub(crate) new_group: bool,
    /// Descriptors 0 to 2 are inherited where `fds` does not name them.
    pub(crate) inherit_standard: bool,
    /// All descriptors are, but for the preopened directory.
    pub(crate) inherit_all: bool,
}

impl Spawn {
    fn bytes(&self) -> u64 {
        self.argv.iter().chain(&self.env).map(|entry| entry.len() as u64).sum()
    }

    /// The value of a variable of the given environment.
    fn variable(&self, name: &[u8]) -> Option<&[u8]> {
        let value = |entry: &'_ Vec<u8>| entry.strip_prefix(name).is_some_and(|rest| rest.first() == Some(&b'='));
        let entry = self.env.iter().find(|entry| value(entry))?;
        entry.get(name.len() + 1..)
    }

    /// The descriptors of the child: those named, and those of `open` that are asked for and not named.
    fn descriptors(&self, open: &[u32]) -> Vec<(u32, u32)> {
        let mut fds = self.fds.clone();
        let standard: &[u32] = if self.inherit_standard { &[0, 1, 2] } else { &[] };
        let open = if self.inherit_all { open } else { &[] };
        for fd in standard.iter().chain(open) {
            if !fds.iter().any(|(child, _)| child == fd) {
                fds.push((*fd, *fd));
            }
        }
        fds
    }
}

/// Starts a program, which ignores the signals its parent ignores.
pub(crate) fn spawn(state: &mut GuestState, request: Spawn) -> Result<Pid, Errno> {
    state.fuel.charge_bytes(SPAWN_COST_BYTES + request.bytes());
    let process = &state.process;
    let path = match request.search_path {
        true => process.search_path(&request.path, request.variable(b"PATH").unwrap_or(DEFAULT_PATH))?,
        false => request.path.clone(),
    };
    let mut open = if request.inherit_all { process.open_fds() } else { Vec::new() };
    open.retain(|fd| Some(*fd) != state.descriptors.preopen());
    let fds = request.descriptors(&open);
    process.spawn(SpawnRequest {
        path,
        argv: request.argv,
        env: request.env,
        fds,
        ignored: process.ignored_signals(),
        group: if request.new_group { ChildGroup::New } else { ChildGroup::Inherit },
    })
}

/// `kill(2)`; does not return to a program that has ended itself by it.
pub(crate) fn kill(state: &GuestState, target: i32, signal: u32) -> Result<(), Fault> {
    let signal = match u8::try_from(signal).map_err(|_| Errno::EINVAL)? {
        0 => None,
        number => Some(Signal(number)),
    };
    state.process.kill(KillTarget::from_raw(target), signal)?;
    die_if_doomed(state).map_err(Fault::from)
}

/// Sets what a signal does to the process. A program has no handlers: what is "handled" is held until it asks.
pub(crate) fn set_disposition(state: &GuestState, signal: u32, disposition: Disposition) -> Result<(), Errno> {
    state.process.set_disposition(Signal(u8::try_from(signal).map_err(|_| Errno::EINVAL)?), disposition)
}

/// The same for who only ignores a signal or does not.
pub(crate) fn sigaction(state: &GuestState, signal: u32, ignore: bool) -> Result<(), Errno> {
    set_disposition(state, signal, if ignore { Disposition::Ignore } else { Disposition::Default })
}

/// `fchmod(2)`; what is no mode is refused.
pub(crate) fn fchmod(state: &GuestState, fd: u32, mode: u32) -> Result<(), Errno> {
    if mode > MODE_MAX {
        return Err(Errno::EINVAL);
    }
    state.process.fd_chmod(fd, mode)
}

/// `chmod(2)`; what is no mode is refused.
pub(crate) fn chmod(state: &GuestState, path: &[u8], mode: u32, follow: Follow) -> Result<(), Errno> {
    if mode > MODE_MAX {
        return Err(Errno::EINVAL);
    }
    state.process.chmod(At::Cwd, path, mode, follow)
}

/// `access(2)`; what is no mode is refused.
pub(crate) fn access(state: &GuestState, path: &[u8], mode: u32) -> Result<(), Errno> {
    state.process.access(At::Cwd, path, u8::try_from(mode).map_err(|_| Errno::EINVAL)?)
}

/// Tells whether a descriptor is a terminal.
pub(crate) fn isatty(state: &GuestState, fd: u32) -> Result<bool, Errno> {
    state.process.fd_flags(fd)?;
    Ok(state.process.is_terminal(fd))
}

/// `st_blocks`: what a file occupies in units of 512 bytes.
pub(crate) fn stat_blocks(stat: &FileStat) -> u64 {
    stat.allocated_bytes.div_ceil(STAT_BLOCK_BYTES)
}

/// The session's file system, counted in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(crate) block_size: u64,
    pub(crate) blocks: u64,
    pub(crate) free_blocks: u64,
    pub(crate) inodes: u64,
    pub(crate) free_inodes: u64,
    pub(crate) name_max: u64,
}

/// `statvfs(3)` of the session's file system.
pub(crate) fn statfs(state: &GuestState) -> Blocks {
    let stat = state.process.statfs();
    Blocks {
        block_size: BLOCK_BYTES,
        blocks: stat.total_bytes / BLOCK_BYTES,
        free_blocks: stat.free_bytes / BLOCK_BYTES,
        inodes: stat.total_inodes,
        free_inodes: stat.free_inodes,
        name_max: vfs::NAME_MAX as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_gets_the_named_descriptors_and_the_standard_ones_that_are_not_named() {
        let fds = vec![(1, 5)];
        let request = Spawn { fds: fds.clone(), inherit_standard: true, ..Spawn::default() };
        assert_eq!(request.descriptors(&[7]), [(1, 5), (0, 0), (2, 2)]);
        assert_eq!(Spawn { fds: fds.clone(), ..Spawn::default() }.descriptors(&[7]), fds);
        let all = Spawn { fds: fds.clone(), inherit_all: true, ..Spawn::default() };
        assert_eq!(all.descriptors(&[0, 1, 7]), [(1, 5), (0, 0), (7, 7)]);
    }

    #[test]
    fn a_variable_is_found_by_its_whole_name() {
        let env = vec![b"PATHS=no".to_vec(), b"PATH=/bin".to_vec(), b"PATH=/later".to_vec()];
        let request = Spawn { env, ..Spawn::default() };
        assert_eq!(request.variable(b"PATH"), Some(&b"/bin"[..]));
        assert_eq!(request.variable(b"HOME"), None);
    }
}
