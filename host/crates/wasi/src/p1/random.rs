//! `random_get`: bytes of the session's own random stream.

use base::Errno;
use wasmtime::{Linker, Result};

use super::version::Version;
use crate::call::{Fault, Guest, errno, with_memory};
use crate::fuel;
use crate::memory::beyond;
use crate::state::GuestState;
use crate::wait::host_wait;

/// Bytes made before others get their turn, and before kill, deadline and fuel are looked at.
const TURN_BYTES: u32 = 4 << 20;
/// Bytes made while the stream's lock is held.
const CHUNK_BYTES: u32 = 16 << 10;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    linker.func_wrap_async(version.module(), "random_get", |mut caller: Guest<'_>, args: (u32, u32)| {
        Box::new(async move {
            caller.data_mut().fuel.charge_call();
            let done = fill(&mut caller, args).await;
            fuel::settle_when_due(&mut caller)?;
            errno(done)
        })
    })?;
    Ok(())
}

/// Fills the guest's buffer turn by turn.
async fn fill(caller: &mut Guest<'_>, (buffer, len): (u32, u32)) -> Result<(), Fault> {
    with_memory(caller, |memory, _| memory.check(buffer, len))?;
    let mut done = 0u32;
    loop {
        let end = len.min(done.saturating_add(TURN_BYTES));
        with_memory(caller, |memory, state| {
            state.fuel.charge_bytes(u64::from(end - done));
            while done < end {
                let n = CHUNK_BYTES.min(end - done);
                state.process.fill_random(memory.slice_mut(beyond(buffer, u64::from(done))?, n)?);
                done += n;
            }
            Ok::<(), Errno>(())
        })?;
        if done == len {
            return Ok(());
        }
        match host_wait(&mut *caller, tokio::task::yield_now()).await.map_err(Fault::from) {
            // Nothing is told of how much has come, so a pending signal must not end the call.
            Ok(()) | Err(Fault::Errno(_)) => {}
            Err(end) => return Err(end),
        }
    }
}
