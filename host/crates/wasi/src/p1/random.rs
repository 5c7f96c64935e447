//! `random_get`: bytes of the session's own random stream.

use base::Errno;
use wasmtime::{Linker, Result};

use super::abi::MODULE;
use crate::call::{Guest, call};
use crate::memory::{GuestMemory, beyond};
use crate::state::GuestState;

/// Most bytes of one call; `getentropy` asks for 256, language runtimes for a few KiB.
const MAX_BYTES: u32 = 1 << 20;
/// Bytes made while the stream's lock is held.
const CHUNK_BYTES: u32 = 16 << 10;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "random_get", |mut caller: Guest<'_>, buffer: u32, len: u32| {
        call(&mut caller, |memory, state| get(memory, state, buffer, len))
    })?;
    Ok(())
}

fn get(memory: &mut GuestMemory<'_>, state: &mut GuestState, buffer: u32, len: u32) -> Result<(), Errno> {
    if len > MAX_BYTES {
        return Err(Errno::EINVAL);
    }
    memory.check(buffer, len)?;
    state.fuel.charge_bytes(u64::from(len));
    let mut done = 0;
    while done < len {
        let n = CHUNK_BYTES.min(len - done);
        state.process.fill_random(memory.slice_mut(beyond(buffer, u64::from(done))?, n)?);
        done += n;
    }
    Ok(())
}
