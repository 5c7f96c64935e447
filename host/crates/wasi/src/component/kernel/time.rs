//! Clocks, processor times and chance.

use super::Interface;

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.function("wall-clock", |state, (): ()| state.process.kernel().clock().wall().0)?;
    interface.function("monotonic-clock", |state, (): ()| state.process.kernel().clock().mono().0)?;
    interface.function("cpu-times", |state, (): ()| state.process.cpu_times())?;
    interface.function("random-u64", |state, (): ()| state.process.random_u64())
}
