//! `args_get`, `args_sizes_get`, `environ_get`, `environ_sizes_get`: the two string vectors a process starts with.

use base::Errno;
use wasmtime::{Linker, Result};

use super::version::Version;
use crate::call::{Guest, call};
use crate::memory::{GuestMemory, beyond};
use crate::state::GuestState;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    linker.func_wrap(module, "args_get", |mut caller: Guest<'_>, pointers: u32, buffer: u32| {
        call(&mut caller, |memory, state| put_strings(memory, &state.argv, pointers, buffer))
    })?;
    linker.func_wrap(module, "args_sizes_get", |mut caller: Guest<'_>, count: u32, size: u32| {
        call(&mut caller, |memory, state| put_sizes(memory, &state.argv, count, size))
    })?;
    linker.func_wrap(module, "environ_get", |mut caller: Guest<'_>, pointers: u32, buffer: u32| {
        call(&mut caller, |memory, state| put_strings(memory, &state.env, pointers, buffer))
    })?;
    linker.func_wrap(module, "environ_sizes_get", |mut caller: Guest<'_>, count: u32, size: u32| {
        call(&mut caller, |memory, state| put_sizes(memory, &state.env, count, size))
    })?;
    Ok(())
}

/// Writes each string with its NUL one after the other into `buffer`, and their addresses into `pointers`.
fn put_strings(memory: &mut GuestMemory<'_>, strings: &[Vec<u8>], pointers: u32, buffer: u32) -> Result<(), Errno> {
    let (mut pointer, mut at) = (pointers, buffer);
    for string in strings {
        memory.put_u32(pointer, at)?;
        memory.put(at, string)?;
        at = beyond(at, string.len() as u64)?;
        memory.put(at, &[0])?;
        at = beyond(at, 1)?;
        pointer = beyond(pointer, 4)?;
    }
    Ok(())
}

fn put_sizes(memory: &mut GuestMemory<'_>, strings: &[Vec<u8>], count: u32, size: u32) -> Result<(), Errno> {
    let bytes: u64 = strings.iter().map(|string| string.len() as u64 + 1).sum();
    memory.put_u32(count, u32::try_from(strings.len()).map_err(|_| Errno::EOVERFLOW)?)?;
    memory.put_u32(size, u32::try_from(bytes).map_err(|_| Errno::EOVERFLOW)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_laid_out_with_their_nul_and_addresses() {
        let mut bytes = [0xffu8; 32];
        let mut memory = GuestMemory::new(&mut bytes);
        let strings = [b"ls".to_vec(), Vec::new()];
        assert_eq!(put_strings(&mut memory, &strings, 0, 8), Ok(()));
        assert_eq!(put_sizes(&mut memory, &strings, 16, 20), Ok(()));
        assert_eq!(&bytes[..12], &[8, 0, 0, 0, 11, 0, 0, 0, b'l', b's', 0, 0]);
        assert_eq!(&bytes[16..24], &[2, 0, 0, 0, 4, 0, 0, 0]);
    }

    #[test]
    fn a_buffer_at_the_end_of_memory_is_a_bad_address() {
        let mut bytes = [0u8; 8];
        let mut memory = GuestMemory::new(&mut bytes);
        assert_eq!(put_strings(&mut memory, &[b"abc".to_vec()], 0, 5), Err(Errno::EFAULT));
    }
}
