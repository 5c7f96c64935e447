//! Safe Rust over the `sandshell_v1` program module (see `wit/program.md`), for the programs built to Wasm.
//!
//! WASI preview 1 has no working directory, process, signal, owner or mode bits; the module gives them. What preview 1 and
//! Rust's `std` have (opening, reading, directories, links, clocks) is not repeated here. On other targets, where programs'
//! own logic is tested natively, the module is absent: its functions answer `ENOSYS`.

mod accounts;
mod changes;
mod command;
mod cwd;
mod descriptors;
mod errno;
mod exec;
mod files;
mod imports;
mod mode;
pub mod options;
mod process;
mod quote;
mod request;
mod signal;
mod stat;
mod text;
mod wait;
#[cfg(feature = "zone")]
mod zone;

pub use accounts::Accounts;
pub use changes::ModeChanges;
pub use command::{ARGUMENTS_MAX_BYTES, Command, search_path};
pub use cwd::{change_directory, change_directory_to, enter_working_directory, working_directory};
pub use descriptors::{Fd, WindowSize, duplicate, is_terminal, pipe, pipe_files, window_size};
pub use errno::{Errno, Result, reason};
pub use exec::{end_as, exec_failure_status};
pub use files::{
    Access, FileSystem, SetTime, access, change_mode, change_mode_of, change_owner, change_owner_of, file_system, mask,
    set_mask, set_times,
};
pub use imports::{IMPORTS, MODULE};
pub use mode::{Kind, Mode};
pub use process::{CpuTimes, Pid, Process, Target, cpu_times, group, kill, list, niceness, own, parent};
pub use quote::{quote, quote_if_needed};
pub use request::SpawnRequest;
pub use signal::{Disposition, Signal, disposition, set_disposition, take_pending};
pub use stat::{Stat, lstat, stat, stat_of};
pub use text::{arguments, bytes_of, environment, path_of};
pub use wait::{Children, WaitStatus, try_wait, wait, wait_for};
#[cfg(feature = "zone")]
pub use zone::{find_zone, local_zone};
