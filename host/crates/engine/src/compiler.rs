//! Ahead-of-time compilation of guests with exactly the engine's settings; what the build tool uses.
//!
//! Knows nothing of files: bytes in, bytes out.

use std::hash::{Hash, Hasher};

use crate::config::{EngineConfig, Metering};
use crate::error::EngineError;

/// Whether Wasm bytes are a core module or a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WasmKind {
    Module,
    Component,
}

impl WasmKind {
    /// Reads the preamble; `None` for what is no Wasm binary.
    pub(crate) fn of(wasm: &[u8]) -> Option<Self> {
        let (magic, rest) = wasm.split_first_chunk::<4>()?;
        let layer = rest.get(2..4)?;
        match (magic, layer) {
            (b"\0asm", [0, 0]) => Some(Self::Module),
            (b"\0asm", [1, 0]) => Some(Self::Component),
            _ => None,
        }
    }
}

/// Compiles guests for engines with the same metering on this kind of machine.
pub struct Compiler {
    engine: wasmtime::Engine,
}

impl Compiler {
    /// Makes a compiler whose code engines with `metering` accept.
    ///
    /// # Errors
    ///
    /// [`EngineError::Setup`] when Wasmtime does not support this machine.
    pub fn new(metering: Metering) -> Result<Self, EngineError> {
        // The pool's settings shape the code; its size does not.
        let config = EngineConfig { metering, max_live: 1, ..EngineConfig::default() };
        let engine =
            wasmtime::Engine::new(&config.wasmtime()).map_err(|error| EngineError::Setup(format!("{error:#}")))?;
        Ok(Self { engine })
    }

    /// Returns a name for everything beside the Wasm itself that compiled code depends on: Wasmtime's version, the
    /// settings, the processor's features. Code compiled under another name must be compiled again.
    #[must_use]
    pub fn compatibility(&self) -> String {
        compatibility(&self.engine)
    }

    /// Compiles a core module or a component.
    ///
    /// # Errors
    ///
    /// [`EngineError::Compile`] with `name` when the bytes are no valid Wasm or use a feature that is off.
    pub fn compile(&self, name: &str, wasm: &[u8]) -> Result<Vec<u8>, EngineError> {
        let code = match WasmKind::of(wasm) {
            Some(WasmKind::Module) => self.engine.precompile_module(wasm),
            Some(WasmKind::Component) => self.engine.precompile_component(wasm),
            None => return Err(EngineError::Compile { name: name.to_owned(), reason: "not a Wasm binary".to_owned() }),
        };
        code.map_err(|error| EngineError::Compile { name: name.to_owned(), reason: format!("{error:#}") })
    }
}

/// See [`Compiler::compatibility`].
pub(crate) fn compatibility(engine: &wasmtime::Engine) -> String {
    let mut hasher = Blake(blake3::Hasher::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().to_hex().to_string()
}

/// Lets what implements `Hash` be hashed the same in every process.
struct Blake(blake3::Hasher);

impl Hasher for Blake {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        hash.as_bytes().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_wasm_is_refused_by_name() {
        let compiler = Compiler::new(Metering::FuelAndEpoch).expect("a compiler");
        let error = compiler.compile("garbage", b"#!/bin/sh\n").expect_err("no Wasm");
        assert_eq!(error.to_string(), "cannot compile garbage: not a Wasm binary");
        let error = compiler.compile("broken", b"\0asm\x01\0\0\0\x05").expect_err("cut off");
        assert!(error.to_string().starts_with("cannot compile broken: "), "{error}");
    }

    #[test]
    fn metering_is_part_of_the_compatibility() {
        let with = Compiler::new(Metering::FuelAndEpoch).expect("a compiler");
        let without = Compiler::new(Metering::Epoch).expect("a compiler");
        assert_ne!(with.compatibility(), without.compatibility());
        let again = Compiler::new(Metering::FuelAndEpoch).expect("a compiler");
        assert_eq!(with.compatibility(), again.compatibility());
    }

    #[test]
    fn modules_and_components_are_told_apart() {
        assert_eq!(WasmKind::of(b"\0asm\x01\0\0\0"), Some(WasmKind::Module));
        assert_eq!(WasmKind::of(b"\0asm\x0d\0\x01\0"), Some(WasmKind::Component));
        assert_eq!(WasmKind::of(b"\x7fELF\x02\x01\x01\0"), None);
        assert_eq!(WasmKind::of(b"\0asm"), None);
    }
}
