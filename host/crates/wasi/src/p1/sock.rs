//! `sock_*`: there are no sockets, so every descriptor is "not a socket" and nothing can be accepted.

use base::Errno;
use wasmtime::{Linker, Result};

use super::abi::MODULE;
use crate::call::{Guest, call};
use crate::state::GuestState;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "sock_accept", |mut caller: Guest<'_>, fd: u32, _flags: u32, _out: u32| {
        call(&mut caller, |_, state| not_a_socket(state, fd))
    })?;
    linker.func_wrap(
        MODULE,
        "sock_recv",
        |mut caller: Guest<'_>, fd: u32, _iovs: u32, _n: u32, _flags: u32, _len: u32, _out: u32| {
            call(&mut caller, |_, state| not_a_socket(state, fd))
        },
    )?;
    linker.func_wrap(
        MODULE,
        "sock_send",
        |mut caller: Guest<'_>, fd: u32, _iovs: u32, _n: u32, _flags: u32, _out: u32| {
            call(&mut caller, |_, state| not_a_socket(state, fd))
        },
    )?;
    linker.func_wrap(MODULE, "sock_shutdown", |mut caller: Guest<'_>, fd: u32, _how: u32| {
        call(&mut caller, |_, state| not_a_socket(state, fd))
    })?;
    Ok(())
}

fn not_a_socket(state: &GuestState, fd: u32) -> Result<(), Errno> {
    state.process.fd_stat(fd)?;
    Err(Errno::ENOTSOCK)
}
