//! `wasi_snapshot_preview1` for core modules, directly on the kernel, and `wasi_unstable`, as it was called before.
//!
//! One file a group of functions. They check every guest value, copy once between guest memory and kernel, and know
//! nothing of files beyond what [`kernel::Process`] answers.

mod abi;
mod args;
mod clock;
mod fd;
mod filestat;
mod io;
mod iovec;
mod path;
mod place;
mod poll;
mod proc;
mod random;
mod readdir;
mod rights;
mod sock;
mod version;

use wasmtime::{Linker, Result};

use crate::state::GuestState;
use version::Version;

/// Name of the module.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The name under which programs of 2019 import it, with some records and numbers of their own.
pub const UNSTABLE_MODULE: &str = "wasi_unstable";

/// The one of [`FUNCTIONS`] that [`UNSTABLE_MODULE`] has not.
pub const NOT_IN_UNSTABLE: &str = "sock_accept";

/// All functions of the module, in alphabetical order.
pub const FUNCTIONS: &[&str] = &[
    "args_get",
    "args_sizes_get",
    "clock_res_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_pread",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_pwrite",
    "fd_read",
    "fd_readdir",
    "fd_renumber",
    "fd_seek",
    "fd_sync",
    "fd_tell",
    "fd_write",
    "path_create_directory",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_open",
    "path_readlink",
    "path_remove_directory",
    "path_rename",
    "path_symlink",
    "path_unlink_file",
    "poll_oneoff",
    "proc_exit",
    "proc_raise",
    "random_get",
    "sched_yield",
    "sock_accept",
    "sock_recv",
    "sock_send",
    "sock_shutdown",
];

/// Adds all of [`FUNCTIONS`] to the linker, under both names.
///
/// # Errors
///
/// When one of them is there already.
pub fn add_to_linker(linker: &mut Linker<GuestState>) -> Result<()> {
    for version in [Version::Preview1, Version::Unstable] {
        args::add(linker, version)?;
        clock::add(linker, version)?;
        fd::add(linker, version)?;
        filestat::add(linker, version)?;
        io::add(linker, version)?;
        path::add(linker, version)?;
        poll::add(linker, version)?;
        proc::add(linker, version)?;
        random::add(linker, version)?;
        readdir::add(linker, version)?;
        rights::add(linker, version)?;
        sock::add(linker, version)?;
    }
    Ok(())
}
