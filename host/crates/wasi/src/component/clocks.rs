//! `wasi:clocks` over the session's clock.

use std::time::Duration;

use base::MonoNanos;
use wasmtime::component::{Linker, Resource};

use super::bindings::program::wasi::clocks::{monotonic_clock, wall_clock};
use super::cli::Guest;
use super::io::Pollable;
use crate::state::GuestState;

/// What the clocks claim to resolve, in nanoseconds: as those of preview 1.
const RESOLUTION_NANOS: u32 = 1;
const NANOS_PER_SEC: u64 = 1_000_000_000;

pub(super) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    monotonic_clock::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    wall_clock::add_to_linker::<GuestState, Guest>(linker, Guest::called)
}

impl monotonic_clock::Host for GuestState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.process.kernel().clock().mono().0)
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(RESOLUTION_NANOS.into())
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<Pollable>> {
        Ok(self.table.push(Pollable::Due(MonoNanos(when)))?)
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<Pollable>> {
        let now = self.process.kernel().clock().mono();
        Ok(self.table.push(Pollable::Due(now.plus(Duration::from_nanos(duration))))?)
    }
}

impl wall_clock::Host for GuestState {
    fn now(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        let now = self.process.kernel().clock().wall().0;
        let nanoseconds = u32::try_from(now % NANOS_PER_SEC)?;
        Ok(wall_clock::Datetime { seconds: now / NANOS_PER_SEC, nanoseconds })
    }

    fn resolution(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds: RESOLUTION_NANOS })
    }
}
