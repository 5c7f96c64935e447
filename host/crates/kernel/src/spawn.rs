//! Starting processes: programs by path, and stages of the shell.
//!
//! Owns the limit on arguments. The child's entry is made in [`crate::birth`]; the launcher runs the code; it is called after the
//! session's lock is free, and what it refuses is undone.

use base::{Errno, Pid, Signal};
use bytes::Bytes;
use vfs::Follow;

use crate::birth::Birth;
use crate::exec::Found;
use crate::launch::{Executable, ProcessSpec};
use crate::process::Process;
use crate::signal::SignalSet;
use crate::started::StartedAs;
use crate::types::{At, ChildGroup, FileType};

/// Bytes of arguments and environment together, each entry with its NUL and its pointer, as Linux counts them.
pub const ARGUMENTS_MAX_BYTES: usize = 2 << 20;

/// What an entry costs beside its bytes: a NUL and a pointer.
const ENTRY_BYTES: usize = 9;

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
            let Found { executable, argv, path: found } = state.find_executable(self.entry, &path, argv)?;
            let size = arguments_size(&argv, &env)?;
            let cwd = state.frame(self.entry)?.cwd;
            let real = state.real_path(self.entry, cwd, &found)?;
            let started_as = StartedAs::new(&path, real, &argv, &env);
            let name = argv.first().cloned().unwrap_or(path);
            let birth = Birth { executable, argv, env, fds, ignored, group, charge: size, name, started_as };
            self.add_child(state, birth, fx)
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
            let parent = table.table.live(self.entry)?;
            let (ignored, started_as) = (parent.dispositions.ignored, parent.started_as.clone());
            let (argv, env, name) = (vec![b"bash".to_vec()], Vec::new(), b"bash".to_vec());
            self.add_child(table, Birth { executable, argv, env, fds, ignored, group, charge, name, started_as }, fx)
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
        let stat = self.stat(At::Cwd, path, Follow::Yes)?;
        let is_executable = stat.kind == FileType::Regular && stat.mode & 0o111 != 0;
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
