//! `sock_*`: there are no sockets, so every descriptor is "not a socket" and nothing can be accepted.

use base::Errno;
use wasmtime::{Linker, Result};

use super::version::Version;
use crate::call::{Guest, call};
use crate::state::GuestState;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    if version == Version::Preview1 {
        linker.func_wrap(module, "sock_accept", |mut caller: Guest<'_>, fd: u32, _flags: u32, _out: u32| {
            call(&mut caller, |_, state| not_a_socket(state, fd))
        })?;
    }
    linker.func_wrap(
        module,
        "sock_recv",
        |mut caller: Guest<'_>, fd: u32, _iovs: u32, _n: u32, _flags: u32, _len: u32, _out: u32| {
            call(&mut caller, |_, state| not_a_socket(state, fd))
        },
    )?;
    linker.func_wrap(
        module,
        "sock_send",
        |mut caller: Guest<'_>, fd: u32, _iovs: u32, _n: u32, _flags: u32, _out: u32| {
            call(&mut caller, |_, state| not_a_socket(state, fd))
        },
    )?;
    linker.func_wrap(module, "sock_shutdown", |mut caller: Guest<'_>, fd: u32, _how: u32| {
        call(&mut caller, |_, state| not_a_socket(state, fd))
    })?;
    Ok(())
}

/// `ENOTSOCK` for what the program has open. The preopened directory is not such a thing: the ABI has opened it, and to
/// a POSIX program its number is free.
fn not_a_socket(state: &GuestState, fd: u32) -> Result<(), Errno> {
    if state.descriptors.is_preopen(fd) {
        return Err(Errno::EBADF);
    }
    state.process.fd_flags(state.fd(fd))?;
    Err(Errno::ENOTSOCK)
}
