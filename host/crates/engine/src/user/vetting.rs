//! What is checked of a user's Wasm before it is compiled: that it is a command, that it asks for nothing unknown, and
//! that it fits into the pool.
//!
//! Reads the outline only: whether the code in it is valid is the compiler's to say. Runs in the compiling process.

use wasi::GuestState;
use wasmparser::{CompositeInnerType, Export, ExternalKind, Imports, Parser, Payload, TypeRef};
use wasmtime::{Linker, Module};

use super::Unfit;
use crate::compiler::WasmKind;
use crate::config::{MEMORIES, TABLE_ELEMENTS, TABLES};

/// Functions of one module; large ones (compilers built to Wasm) have 60,000.
const FUNCTIONS_MAX: u32 = 200_000;
/// Globals of one module: each takes 16 bytes of an instance, which has 1 MiB for all it is.
const GLOBALS_MAX: u32 = 20_000;
/// Interface that a component exports when it is a command; its version follows.
const COMMAND: &str = "wasi:cli/run@0.2.";

const TYPE_SECTION: u8 = 1;
const IMPORT_SECTION: u8 = 2;

/// Checks Wasm; `linker` says what a module may import.
pub(super) fn vet(engine: &wasmtime::Engine, linker: &Linker<GuestState>, wasm: &[u8]) -> Result<(), Unfit> {
    match WasmKind::of(wasm) {
        Some(WasmKind::Module) => {
            let outline = Outline::read(wasm)?;
            outline.check_exports()?;
            let skeleton = Module::new(engine, outline.skeleton).map_err(|error| invalid(&error))?;
            linker.instantiate_pre(&skeleton).map(drop).map_err(|error| Unfit::of(&error))
        }
        Some(WasmKind::Component) => vet_component(wasm),
        None => Err(Unfit::new("it is no WebAssembly of version 1")),
    }
}

/// A module without its code and data.
#[derive(Default)]
struct Outline<'a> {
    /// For each type whether it is `[] -> []`.
    types: Vec<bool>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    exports: Vec<Export<'a>>,
    n_tables: u32,
    n_memories: u32,
    /// A module that has the same types and imports and nothing else: what the linker is asked about.
    skeleton: Vec<u8>,
}

impl<'a> Outline<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self, Unfit> {
        let mut outline = Self { skeleton: b"\0asm\x01\0\0\0".to_vec(), ..Self::default() };
        for payload in Parser::new(0).parse_all(wasm) {
            outline.take(wasm, payload.map_err(malformed)?)?;
        }
        Ok(outline)
    }

    fn take(&mut self, wasm: &[u8], payload: Payload<'a>) -> Result<(), Unfit> {
        match payload {
            Payload::TypeSection(types) => {
                self.copy_section(TYPE_SECTION, wasm.get(types.range()));
                for group in types {
                    let shapes = group.map_err(malformed)?.into_types();
                    self.types.extend(shapes.map(|ty| match &ty.composite_type.inner {
                        CompositeInnerType::Func(f) => f.params().is_empty() && f.results().is_empty(),
                        _ => false,
                    }));
                }
                Ok(())
            }
            Payload::ImportSection(imports) => {
                self.copy_section(IMPORT_SECTION, wasm.get(imports.range()));
                imports.into_iter().try_for_each(|group| self.take_imports(&group.map_err(malformed)?))
            }
            Payload::FunctionSection(functions) => {
                at_most("functions", functions.count(), FUNCTIONS_MAX)?;
                for ty in functions {
                    self.functions.push(ty.map_err(malformed)?);
                }
                Ok(())
            }
            Payload::TableSection(tables) => {
                self.n_tables = self.n_tables.saturating_add(tables.count());
                at_most("tables", self.n_tables, TABLES)?;
                tables.into_iter().try_for_each(|table| table_fits(table.map_err(malformed)?.ty.initial))
            }
            Payload::MemorySection(memories) => {
                self.n_memories = self.n_memories.saturating_add(memories.count());
                at_most("memories", self.n_memories, MEMORIES)
            }
            Payload::GlobalSection(globals) => at_most("globals", globals.count(), GLOBALS_MAX),
            Payload::ExportSection(exports) => {
                for export in exports {
                    self.exports.push(export.map_err(malformed)?);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take_imports(&mut self, group: &Imports<'_>) -> Result<(), Unfit> {
        // The compact forms belong to a proposal that is off, and the skeleton is refused for them.
        if let Imports::Single(_, import) = group
            && let TypeRef::Func(ty) | TypeRef::FuncExact(ty) = import.ty
        {
            self.functions.push(ty);
        }
        Ok(())
    }

    fn copy_section(&mut self, id: u8, content: Option<&[u8]>) {
        // The parser has answered a range of these bytes.
        let content = content.unwrap_or_default();
        self.skeleton.push(id);
        let mut length = content.len();
        while length >= 0x80 {
            self.skeleton.push(low_bits(length) | 0x80);
            length >>= 7;
        }
        self.skeleton.push(low_bits(length));
        self.skeleton.extend_from_slice(content);
    }

    fn check_exports(&self) -> Result<(), Unfit> {
        let kind = |name: &str| self.exports.iter().find(|export| export.name == name);
        match kind("_start") {
            Some(Export { kind: ExternalKind::Func, index, .. }) if self.is_command(*index) => {}
            Some(_) => return Err(Unfit::new("its export `_start` is no function without parameters and results")),
            None => return Err(Unfit::new("it exports no function `_start`: it is no command")),
        }
        match kind("memory") {
            Some(Export { kind: ExternalKind::Memory, .. }) => Ok(()),
            _ => Err(Unfit::new("it exports no memory named `memory`")),
        }
    }

    /// Tells whether a function takes and returns nothing; what is not there is the compiler's to refuse.
    fn is_command(&self, function: u32) -> bool {
        let ty = self.functions.get(function as usize).and_then(|ty| self.types.get(*ty as usize));
        ty.copied().unwrap_or(true)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits are kept")]
fn low_bits(length: usize) -> u8 {
    (length & 0x7f) as u8
}

fn at_most(what: &str, n: u32, max: u32) -> Result<(), Unfit> {
    if n > max { Err(Unfit::new(format!("it has {n} {what}, and at most {max} fit"))) } else { Ok(()) }
}

fn table_fits(elements: u64) -> Result<(), Unfit> {
    if elements > TABLE_ELEMENTS as u64 {
        return Err(Unfit::new(format!("it has a table of {elements} elements, and at most {TABLE_ELEMENTS} fit")));
    }
    Ok(())
}

fn vet_component(wasm: &[u8]) -> Result<(), Unfit> {
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(malformed)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    if export.map_err(malformed)?.name.name.starts_with(COMMAND) {
                        return Ok(());
                    }
                }
            }
            _ => {}
        }
    }
    Err(Unfit::new("it does not export wasi:cli/run of WASI 0.2: it is no command"))
}

fn malformed(error: wasmparser::Error) -> Unfit {
    Unfit::new(format!("it is not valid WebAssembly: {error}"))
}

/// Says what the compiler found wrong with a program.
pub(super) fn invalid(error: &wasmtime::Error) -> Unfit {
    Unfit::new(format!("it is not valid WebAssembly: {}", error.root_cause()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Metering, code_config};

    fn check(text: &str, expected: Result<(), &str>) {
        let engine = wasmtime::Engine::new(&code_config(Metering::FuelAndEpoch)).expect("an engine");
        let linker = crate::programs::module_linker(&engine).expect("a linker");
        let wasm = wat::parse_str(text).expect("a text");
        let found = vet(&engine, &linker, &wasm).map_err(|unfit| unfit.0);
        match (found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{text}: {found}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn a_command_that_asks_for_what_there_is_passes() {
        check(
            r#"(module
                (type $unused (struct))
                (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
                (import "sandshell_v1" "umask" (func (param i32 i32) (result i32)))
                (memory (export "memory") 1) (table 20000 funcref)
                (func $main) (export "_start" (func $main)))"#,
            Ok(()),
        );
        check(r#"(module (type $t (func)) (memory (export "memory") 0) (func (export "_start") (type $t)))"#, Ok(()));
    }

    #[test]
    fn what_is_no_command_is_told_why() {
        let memory = r#"(memory (export "memory") 1)"#;
        check(&format!("(module {memory})"), Err("exports no function `_start`"));
        check(&format!(r#"(module {memory} (global (export "_start") i32 (i32.const 0)))"#), Err("is no function"));
        check(
            &format!(r#"(module {memory} (func (export "_start") (result i32) i32.const 0))"#),
            Err("is no function"),
        );
        check(r#"(module (func (export "_start")))"#, Err("exports no memory"));
        check(r#"(module (func (export "_start")) (func (export "memory")))"#, Err("exports no memory"));
        check("(component)", Err("it does not export wasi:cli/run"));
    }

    #[test]
    fn imports_must_be_known_by_name_and_type() {
        let rest = r#"(memory (export "memory") 1) (func (export "_start"))"#;
        let import = |import: &str, expected| check(&format!("(module (import {import}) {rest})"), Err(expected));
        import(r#""env" "foo" (func)"#, "it imports env.foo, which is unknown");
        import(r#""wasi_snapshot_preview1" "fd_wrote" (func)"#, "it imports wasi_snapshot_preview1.fd_wrote, which");
        import(r#""wasi_snapshot_preview1" "proc_exit" (func (param i64))"#, "proc_exit with the wrong type: ");
        import(r#""wasi_snapshot_preview1" "proc_exit" (global i32)"#, "proc_exit with the wrong type: ");
        import(r#""env" "memory" (memory 1)"#, "it imports env.memory, which is unknown");
    }

    #[test]
    fn what_does_not_fit_the_pool_is_told_before_it_is_compiled() {
        let rest = r#"(memory (export "memory") 1) (func (export "_start"))"#;
        let part = |part: &str, expected| check(&format!("(module {part} {rest})"), Err(expected));
        part("(table 20001 funcref)", "a table of 20001 elements, and at most 20000 fit");
        part(&"(table 1 funcref)".repeat(9), "it has 9 tables, and at most 8 fit");
        part("(memory 1) (memory 1)", "it has 3 memories, and at most 2 fit");
        part(&"(global i32 (i32.const 0))".repeat(20_001), "it has 20001 globals");
    }

    #[test]
    fn bytes_that_are_no_wasm_are_refused_without_a_panic() {
        let engine = wasmtime::Engine::new(&code_config(Metering::FuelAndEpoch)).expect("an engine");
        let linker = crate::programs::module_linker(&engine).expect("a linker");
        let whole = wat::parse_str(
            r#"(module (import "env" "foo" (func)) (memory (export "memory") 1) (func (export "_start")))"#,
        );
        let whole = whole.expect("a module");
        for length in 0..whole.len() {
            assert!(vet(&engine, &linker, &whole[..length]).is_err(), "{length} bytes");
        }
        assert!(
            vet(&engine, &linker, b"\0asm\x07\0\0\0").is_err_and(|unfit| unfit.0.contains("not valid WebAssembly"))
        );
    }
}
