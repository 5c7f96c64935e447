//! What a process sees, free of any ABI: descriptors, pipes, process table, signals, accounting.
//!
//! One [`Kernel`] is one session; [`Process`] is the handle through which all system calls are made; a [`Run`] holds
//! what is summed over a run's processes. Code is run by whoever implements [`Launcher`].

mod sync;
mod types;

mod account;
mod budget;
mod capture;
mod input;
mod launch;
mod output;
mod pipe;
mod random;
mod run;
mod signal;

mod check;
mod cursor;
mod description;
mod fdtable;
mod kernel;
mod machine;
mod rlimits;
mod rollback;
mod started;
mod state;
mod table;
mod transfer;
mod volume;

mod crossing;
mod proc;
mod walk;

mod birth;
mod dirs;
mod exec;
mod fds;
mod files;
mod io;
mod open;
mod poll;
mod process;
mod spawn;
mod subshell;
mod wait;

pub use account::ProcessUsage;
pub use budget::{FootprintReservation, HostBudget, MemoryAccount};
pub use capture::{CAPTURE_MAX_BYTES, CaptureEnd};
pub use files::FsStat;
pub use input::{InputReader, InputWriter, Stdin, input_pipe};
pub use kernel::Kernel;
pub use launch::{CpuSlot, Executable, Launcher, ProcessSpec, SHELL_TAG};
pub use machine::{DEFAULT_HOST_NAME, MACHINE, OS_RELEASE, OS_TYPE, OS_VERSION};
pub use output::{OutputLog, OutputRecord, Stream, StreamView};
pub use pipe::{PIPE_BUF, PIPE_CAPACITY};
pub use poll::Readiness;
pub use process::Process;
pub use random::RandomStream;
pub use rlimits::{Resource, UNLIMITED};
pub use run::{Meter, Run, RunSpec};
pub use signal::{Disposition, Interruption, SignalSet};
pub use spawn::{ARGUMENTS_MAX_BYTES, SpawnRequest, signal_set};
pub use types::{
    At, ChildEvent, ChildGroup, DirRow, DirStep, FdFlags, FileStat, FileType, Interest, KillTarget, OpenFlags,
    ProcessInfo, TryIo, WaitEvents, WaitFor, WaitStatus, Whence, WindowSize, exec_failure_status,
};
