//! The one seam that points up: how a process that the kernel has made gets its code to run.
//!
//! Implemented by the engine and by tests; the kernel knows of Wasm only the first four bytes.

use std::future::Future;
use std::pin::Pin;

use base::Errno;
use bytes::Bytes;
use vfs::{FrozenContent, Ino, ProgramTag};

use crate::process::Process;

/// The tag of the shell's own executables (/bin/bash, /bin/sh): template builders mark them with it.
pub const SHELL_TAG: ProgramTag = ProgramTag(u32::MAX);

/// What a process executes.
#[derive(Clone, Debug)]
pub enum Executable {
    /// A shipped program.
    Program(ProgramTag),
    /// A Wasm module or component of the user: the inode, alive until the process exits, and the path it was found by.
    Wasm {
        /// The file.
        ino: Ino,
        /// Its path, as given.
        path: Vec<u8>,
        /// What was in it when it was executed; later writes do not reach the process.
        content: FrozenContent,
    },
    /// `bash` or `sh` as a program: the shell's `main` with argv.
    Shell,
    /// A shell stage: the shell's `stage` with a saved state and a lowered tree.
    ShellStage {
        /// The shell's state.
        state: Bytes,
        /// What to execute.
        stage: Bytes,
    },
}

/// A process that is in the table and waits for its code.
#[derive(Debug)]
pub struct ProcessSpec {
    /// The process. Whoever runs it calls [`Process::exit`] exactly once, however it ends.
    pub process: Process,
    /// Its code.
    pub executable: Executable,
    /// Its arguments, the name first.
    pub argv: Vec<Vec<u8>>,
    /// Its environment, `NAME=value` each.
    pub env: Vec<Vec<u8>>,
}

/// Starts processes. Called without any lock held.
pub trait Launcher: Send + Sync {
    /// Starts the process and returns before it has ended.
    ///
    /// # Errors
    ///
    /// The errno that `spawn` is to answer, `ENOEXEC` for code that cannot run. The kernel then removes the process.
    fn start(&self, spec: ProcessSpec) -> Result<(), Errno>;
}

/// The right to use a processor, held while guest code runs and given back while it waits.
pub trait CpuSlot: Send {
    /// Gives the slot back; a second call does nothing.
    fn give_back(&mut self);
    /// Completes when the slot is held again.
    fn take_again(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
