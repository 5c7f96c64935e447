//! Descriptors: duplicating them, pipes, terminals.

use base::Errno;
use wasmtime::{Linker, Result};

use super::MODULE;
use crate::call::{Guest, call};
use crate::memory::beyond;
use crate::state::GuestState;
use crate::system;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "dup", |mut caller: Guest<'_>, fd: u32, minimum: u32, out: u32| {
        call(&mut caller, |memory, state| {
            memory.check(out, 4)?;
            let copy = state.told(state.process.dup(state.fd(fd), minimum)?);
            state.descriptors.copied(fd, copy);
            memory.put_u32(out, copy)
        })
    })?;
    linker.func_wrap(MODULE, "pipe", |mut caller: Guest<'_>, out: u32| {
        call(&mut caller, |memory, state| {
            memory.check(out, 8)?;
            let (reader, writer) = state.process.pipe(0)?;
            memory.put_u32(out, state.told(reader))?;
            memory.put_u32(beyond(out, 4)?, state.told(writer))
        })
    })?;
    linker.func_wrap(MODULE, "isatty", |mut caller: Guest<'_>, fd: u32, out: u32| {
        call(&mut caller, |memory, state| memory.put_u32(out, system::isatty(state, state.fd(fd))?.into()))
    })?;
    linker.func_wrap(MODULE, "winsize", |mut caller: Guest<'_>, out: u32| {
        call(&mut caller, |memory, state| {
            let size = state.process.window_size().ok_or(Errno::ENOTTY)?;
            memory.put(out, &[size.columns.to_le_bytes(), size.rows.to_le_bytes()].concat())
        })
    })?;
    Ok(())
}
