//! The compiling process: shuts itself in, reads one request, vets and compiles, answers, ends.
//!
//! Knows no file and no clock: its limits are the kernel's, its time is the server's to end.

use std::io::{self, Read, Write};
use std::panic::AssertUnwindSafe;

use super::protocol::{Reply, Request};
use super::{Unfit, jail, vetting};
use crate::compiler::WasmKind;
use crate::config::{Metering, code_config};
use crate::programs::module_linker;

/// Serves as a server's compiling process: what the command in [`crate::UserCodeConfig`] is to run.
///
/// Takes the process's rights away first, for good: call it from a process that does nothing else.
///
/// # Errors
///
/// Those of `input` and `output`, and a request that is none; the server takes a missing reply for a failure.
pub fn compile_for_server(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let sandbox = jail::enter();
    let request = Request::read(&mut input)?;
    let mut wasm = Vec::new();
    if input.take(request.wasm_bytes).read_to_end(&mut wasm)? as u64 != request.wasm_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let made = std::panic::catch_unwind(AssertUnwindSafe(|| compile(request.metering, &wasm)));
    let made = made.unwrap_or_else(|_panic| Err(Unfit::new("the compiler failed on it")));
    let (compiled, payload) = match made {
        Ok(code) => (true, code),
        Err(Unfit(reason)) => (false, reason.into_bytes()),
    };
    Reply { compiled, sandbox, bytes: payload.len() as u64 }.write(&mut output)?;
    output.write_all(&payload)?;
    output.flush()
}

fn compile(metering: Metering, wasm: &[u8]) -> Result<Vec<u8>, Unfit> {
    let unusable = |error: wasmtime::Error| Unfit::new(format!("the compiler does not start: {error:#}"));
    let engine = wasmtime::Engine::new(&code_config(metering)).map_err(unusable)?;
    let linker = module_linker(&engine).map_err(unusable)?;
    vetting::vet(&engine, &linker, wasm)?;
    let code = match WasmKind::of(wasm) {
        Some(WasmKind::Component) => engine.precompile_component(wasm),
        _ => engine.precompile_module(wasm),
    };
    code.map_err(|error| vetting::invalid(&error))
}
