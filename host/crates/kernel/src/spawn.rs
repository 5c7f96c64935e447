//! Starting processes: programs by path, and stages of the shell.
//!
//! Owns the limits on arguments and on the number of processes. The launcher runs the code; it is called after the
//! session's lock is free, and what it refuses is undone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use base::{Errno, Pid, Signal};
use bytes::Bytes;

use crate::exec::Found;
use crate::fdtable::FdTable;
use crate::launch::{Executable, ProcessSpec};
use crate::process::Process;
use crate::signal::{Attention, Dispositions, SignalSet};
use crate::state::{Effects, State};
use crate::sync::Lock;
use crate::table::{Frame, MAX_ZOMBIES, Proc, Shared};
use crate::types::{At, ChildGroup};

/// Bytes of arguments and environment together, each entry with its NUL and its pointer, as Linux counts them.
pub const ARGUMENTS_MAX_BYTES: usize = 2 << 20;

/// What an entry costs beside its bytes: a NUL and a pointer.
const ENTRY_BYTES: usize = 9;

/// What a process costs the ledger beside its arguments and state: its entry, task and bookkeeping in the host.
const PROCESS_BYTES: u64 = 4096;

/// What `spawn` starts.
#[derive(Clone, Debug, Default)]
pub struct SpawnRequest {
    /// Path of the executable file; the search in `PATH` is done ([`Process::search_path`]).
    pub path: Vec<u8>,
    /// Arguments, the name first.
    pub argv: Vec<Vec<u8>>,
    /// `NAME=value` entries.
    pub env: Vec<Vec<u8>>,
    /// All the descriptors the child has: (the child's, the caller's).
    pub fds: Vec<(u32, u32)>,
    /// Signals the child ignores from the start.
    pub ignored: SignalSet,
    /// The child's process group.
    pub group: ChildGroup,
}

/// A new process as `spawn` and `spawn_shell` describe it to the table.
struct Birth {
    executable: Executable,
    argv: Vec<Vec<u8>>,
    env: Vec<Vec<u8>>,
    fds: Vec<(u32, u32)>,
    ignored: SignalSet,
    group: ChildGroup,
    charge: u64,
    name: Vec<u8>,
}

impl Process {
    /// Starts a program as a child with exactly the given descriptors.
    ///
    /// # Errors
    ///
    /// `ENOENT` and other errors of path resolution; `EACCES` for a directory, a device or a file without x bit;
    /// `ENOEXEC` for what is no program; `E2BIG`; `EBADF` for a descriptor the caller has not; `EAGAIN` at the process
    /// limit of the session or host; `ENOMEM` when the footprint has no room; `EINTR` when the run is being stopped.
    pub fn spawn(&self, request: SpawnRequest) -> Result<Pid, Errno> {
        let SpawnRequest { path, argv, env, fds, ignored, group } = request;
        let spec = self.kernel.locked(|state, fx| {
            let cwd = state.frame(self.entry)?.cwd;
            let Found { executable, argv } = state.find_executable(cwd, &path, argv)?;
            let size = arguments_size(&argv, &env)?;
            let name = argv.first().cloned().unwrap_or(path);
            self.add_child(state, Birth { executable, argv, env, fds, ignored, group, charge: size, name }, fx)
        })?;
        self.launch(spec)
    }

    /// Starts a process of the shell that loads `state` and executes `stage`; it ignores what the caller ignores.
    ///
    /// # Errors
    ///
    /// Those of [`Process::spawn`] that do not concern a path.
    pub fn spawn_shell(
        &self,
        state: Bytes,
        stage: Bytes,
        fds: Vec<(u32, u32)>,
        group: ChildGroup,
    ) -> Result<Pid, Errno> {
        let charge = (state.len() + stage.len()) as u64;
        let executable = Executable::ShellStage { state, stage };
        let spec = self.kernel.locked(|table, fx| {
            let ignored = table.table.live(self.entry)?.dispositions.ignored;
            let (argv, env, name) = (vec![b"bash".to_vec()], Vec::new(), b"bash".to_vec());
            self.add_child(table, Birth { executable, argv, env, fds, ignored, group, charge, name }, fx)
        })?;
        self.launch(spec)
    }

    /// Finds a command in the directories of `path_variable` as `execvp` does; a name with a slash is its own answer.
    ///
    /// # Errors
    ///
    /// `ENOENT` when no directory has it; `EACCES` when one has it but it cannot be executed.
    pub fn search_path(&self, name: &[u8], path_variable: &[u8]) -> Result<Vec<u8>, Errno> {
        if name.contains(&b'/') {
            return Ok(name.to_vec());
        }
        let mut failure = Errno::ENOENT;
        if name.is_empty() {
            return Err(failure);
        }
        for directory in path_variable.split(|byte| *byte == b':') {
            let candidate = match directory {
                b"" => [b"./", name].concat(),
                directory => [directory, b"/", name].concat(),
            };
            match self.check_executable(&candidate) {
                Ok(()) => return Ok(candidate),
                Err(Errno::EACCES) => failure = Errno::EACCES,
                Err(_) => {}
            }
        }
        Err(failure)
    }

    fn check_executable(&self, path: &[u8]) -> Result<(), Errno> {
        let stat = self.stat(At::Cwd, path, vfs::Follow::Yes)?;
        let is_executable = stat.kind == crate::types::FileType::Regular && stat.mode & 0o111 != 0;
        if is_executable { Ok(()) } else { Err(Errno::EACCES) }
    }

    /// Hands a process that is in the table to the launcher; what that refuses is removed again.
    fn launch(&self, spec: ProcessSpec) -> Result<Pid, Errno> {
        let (process, run) = (spec.process.clone(), spec.process.run());
        let pid = process.own_pid();
        match self.kernel.launcher().start(spec) {
            Ok(()) => {
                run.note_process();
                Ok(pid)
            }
            Err(error) => {
                process.unspawn();
                Err(error)
            }
        }
    }

    /// Enters a new process into the table, with all it inherits.
    fn add_child(&self, state: &mut State, birth: Birth, fx: &mut Effects) -> Result<ProcessSpec, Errno> {
        let run = self.run();
        if run.stopped_by().is_some() {
            return Err(Errno::EINTR);
        }
        let limits = self.limits();
        let is_full = state.table.n_live() >= limits.processes as usize || state.table.n_zombies() >= MAX_ZOMBIES;
        if is_full {
            return Err(Errno::EAGAIN);
        }
        let permit = self.kernel.budget().process_permit().ok_or(Errno::EAGAIN)?;
        let proc = state.table.live(self.entry)?;
        let (parent, outer_group) = (proc.frame().pid, proc.group);
        let (cwd, umask) = (proc.frame().cwd, proc.frame().umask);
        if let ChildGroup::Join(group) = birth.group
            && !state.table.has_group(group)
        {
            return Err(Errno::EPERM);
        }
        let fds = self.child_fds(state, &birth.fds)?;
        let charged = PROCESS_BYTES + birth.charge;
        if state.tree.charge(charged).is_err() {
            fds.iter().for_each(|(_, id)| state.release(id, fx));
            return Err(Errno::ENOMEM);
        }
        let pid = state.table.fresh_pid();
        let executable = match birth.executable {
            Executable::Wasm { ino, .. } => Some(ino),
            _ => None,
        };
        state.tree.retain(cwd);
        executable.iter().for_each(|ino| state.tree.retain(*ino));
        let shared =
            Arc::new(Shared { attention: Attention::default(), cpu_ns: AtomicU64::new(0), run: Lock::new(run) });
        let dispositions = Dispositions { ignored: birth.ignored, handled: SignalSet::EMPTY };
        let children = BTreeSet::new();
        let frame = Frame { pid, fds, cwd, umask, children, outer_dispositions: dispositions, charged: 0 };
        let group = match birth.group {
            ChildGroup::Inherit => outer_group,
            ChildGroup::New => pid,
            ChildGroup::Join(group) => group,
        };
        let is_shell = matches!(birth.executable, Executable::Shell | Executable::ShellStage { .. });
        let proc = Proc {
            parent,
            group,
            is_shell,
            frames: vec![frame],
            dispositions,
            ended: None,
            orphan: false,
            shared: Arc::clone(&shared),
            name: birth.name,
            children_cpu_ns: 0,
            charged,
            executable,
            permit: Some(permit),
        };
        state.table.add_child(self.entry, pid, proc);
        let process = Self::new(Arc::clone(&self.kernel), pid, shared);
        Ok(ProcessSpec { process, executable: birth.executable, argv: birth.argv, env: birth.env })
    }

    /// Builds the child's table of descriptors, or changes nothing.
    fn child_fds(&self, state: &mut State, map: &[(u32, u32)]) -> Result<FdTable, Errno> {
        let limit = self.limits().fds_per_process;
        let own = &state.frame(self.entry)?.fds;
        let mut ids = Vec::with_capacity(map.len());
        for (child, parent) in map {
            let id = own.get(*parent)?;
            if *child >= limit {
                return Err(Errno::EBADF);
            }
            ids.push((*child, id));
        }
        let mut fds = FdTable::default();
        for (child, id) in ids {
            // A number given twice means the later one, as a sequence of dup2 would.
            if fds
                .put(child, state.descriptions.share(id))
                .is_some_and(|before| state.descriptions.unshare(before).is_some())
            {
                debug_assert!(false, "the caller still names the description");
            }
        }
        Ok(fds)
    }
}

/// Answers what arguments and environment occupy.
fn arguments_size(argv: &[Vec<u8>], env: &[Vec<u8>]) -> Result<u64, Errno> {
    let size: usize = argv.iter().chain(env).map(|entry| entry.len() + ENTRY_BYTES).sum();
    if size > ARGUMENTS_MAX_BYTES { Err(Errno::E2BIG) } else { Ok(size as u64) }
}

/// The signals that a list of raw numbers names; numbers that are no signals are left out.
#[must_use]
pub fn signal_set(raw: &[u8]) -> SignalSet {
    raw.iter().map(|signal| Signal(*signal)).collect()
}
