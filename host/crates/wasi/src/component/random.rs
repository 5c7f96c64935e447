//! `wasi:random` over the session's random numbers; what may be insecure is no different.

use wasmtime::component::Linker;

use super::bindings::program::wasi::random::{insecure, insecure_seed, random};
use super::cli::Guest;
use crate::state::GuestState;

/// Most bytes of one call; runtimes ask for a few KiB.
const MAX_BYTES: u64 = 1 << 20;
/// Bytes made while the stream's lock is held.
const CHUNK_BYTES: usize = 16 << 10;

pub(super) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    random::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    insecure::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    insecure_seed::add_to_linker::<GuestState, Guest>(linker, Guest::called)
}

fn bytes(state: &mut GuestState, len: u64) -> wasmtime::Result<Vec<u8>> {
    if len > MAX_BYTES {
        // The interface has no way to answer less or to fail.
        return Err(wasmtime::Error::msg("more than 1 MiB of random bytes asked for at once"));
    }
    state.fuel.charge_bytes(len);
    let mut bytes = vec![0; usize::try_from(len)?];
    bytes.chunks_mut(CHUNK_BYTES).for_each(|chunk| state.process.fill_random(chunk));
    Ok(bytes)
}

impl random::Host for GuestState {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        bytes(self, len)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        Ok(self.process.random_u64())
    }
}

impl insecure::Host for GuestState {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        bytes(self, len)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        Ok(self.process.random_u64())
    }
}

impl insecure_seed::Host for GuestState {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        Ok((self.process.random_u64(), self.process.random_u64()))
    }
}
