//! Niceness: told, added to, inherited.

use wasmtime::{Linker, Result};

use super::MODULE;
use crate::call::{Guest, call};
use crate::state::GuestState;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "priority", |mut caller: Guest<'_>, increment: i32, out: u32| {
        call(&mut caller, |memory, state| {
            memory.check(out, 4)?;
            let niceness = i32::from(state.process.add_niceness(increment)?);
            memory.put(out, &niceness.to_le_bytes())
        })
    })?;
    Ok(())
}
