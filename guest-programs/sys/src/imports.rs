//! The imports themselves: the only unsafe code of the programs.
#![expect(
    unsafe_code,
    reason = "foreign functions of the program module; each wrapper states why its pointers are valid"
)]

use std::io;

#[link(wasm_import_module = "sandshell_v1")]
unsafe extern "C" {
    fn getcwd(buf: *mut u8, len: u32, out_len: *mut u32) -> i32;
}

/// Writes the process's working directory into `buf` and returns its length.
pub(crate) fn working_directory(buf: &mut [u8]) -> io::Result<usize> {
    let mut length = 0u32;
    let capacity = u32::try_from(buf.len()).unwrap_or(u32::MAX);
    // SAFETY: `buf` and `length` are live for the call, and the host writes at most `capacity` bytes to the former.
    let errno = unsafe { getcwd(buf.as_mut_ptr(), capacity, &raw mut length) };
    if errno == 0 { Ok(buf.len().min(length as usize)) } else { Err(io::Error::from_raw_os_error(errno)) }
}
