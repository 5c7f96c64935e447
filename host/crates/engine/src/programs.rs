//! The program registry: shipped Wasm and its compiled code, loaded on first use.
//!
//! Compiled code that does not fit (another processor, version or metering) is compiled again from its Wasm, with a line
//! in the log. The registry's bytes are trusted: they come from the binary, never from a guest.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use tokio::sync::OnceCell;
use vfs::ProgramTag;
use wasi::GuestState;
use wasi::component::{CommandPre, ShellPre, unlinked_import};
use wasmtime::component::{Component, Linker as ComponentLinker};
use wasmtime::{InstancePre as ModulePre, Linker, Module};

use crate::compiler::WasmKind;
use crate::error::EngineError;

/// What instances of a program are made of: code whose imports are found.
#[derive(Clone)]
pub(crate) enum Program {
    /// A core module over preview 1 and the program module.
    Module(ModulePre<GuestState>),
    /// A `wasi:cli` command.
    Component(CommandPre<GuestState>),
}

/// A program's bytes and, once used, what instances are made of.
struct Entry<T> {
    name: String,
    wasm: Bytes,
    code: Option<Bytes>,
    loaded: OnceCell<T>,
}

/// What a guest may import, by its kind.
pub(crate) struct Linkers {
    modules: Linker<GuestState>,
    commands: ComponentLinker<GuestState>,
    shell: ComponentLinker<GuestState>,
}

/// Links all a core module may import.
pub(crate) fn module_linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    wasi::p1::add_to_linker(&mut linker)?;
    wasi::program::add_to_linker(&mut linker)?;
    Ok(linker)
}

impl Linkers {
    pub(crate) fn new(engine: &wasmtime::Engine) -> wasmtime::Result<Self> {
        Ok(Self {
            modules: module_linker(engine)?,
            commands: wasi::component::command_linker(engine)?,
            shell: wasi::component::shell_linker(engine)?,
        })
    }

    /// Finds the imports of a module.
    pub(crate) fn module(&self, module: &Module) -> wasmtime::Result<Program> {
        self.modules.instantiate_pre(module).map(Program::Module)
    }

    /// The same for a component.
    pub(crate) fn component(&self, component: &Component) -> wasmtime::Result<Program> {
        // Wasmtime's words for an import that is not there are about a linker, of which a user knows nothing.
        let linked = self.commands.instantiate_pre(component);
        let linked = linked.map_err(|error| unlinked(component).map_or(error, wasmtime::Error::msg))?;
        CommandPre::new(linked).map(Program::Component)
    }
}

/// Why a component cannot be linked, if that is for an import of its.
fn unlinked(component: &Component) -> Option<String> {
    let ty = component.component_type();
    ty.imports(component.engine()).find_map(|(name, _)| unlinked_import(name))
}

/// All programs of one engine.
pub(crate) struct Programs {
    engine: wasmtime::Engine,
    linkers: Arc<Linkers>,
    // Protects the table alone; entries are shared out of it.
    programs: RwLock<HashMap<ProgramTag, Arc<Entry<Program>>>>,
    shell: RwLock<Option<Arc<Entry<ShellPre<GuestState>>>>>,
}

impl Programs {
    pub(crate) fn new(engine: &wasmtime::Engine) -> wasmtime::Result<Self> {
        Ok(Self {
            engine: engine.clone(),
            linkers: Arc::new(Linkers::new(engine)?),
            programs: RwLock::new(HashMap::new()),
            shell: RwLock::new(None),
        })
    }

    /// What its programs may import.
    pub(crate) fn linkers(&self) -> &Arc<Linkers> {
        &self.linkers
    }

    pub(crate) fn add(&self, tag: ProgramTag, name: &str, wasm: Bytes, code: Option<Bytes>) {
        let entry = Arc::new(Entry { name: name.to_owned(), wasm, code, loaded: OnceCell::new() });
        self.programs.write().unwrap_or_else(PoisonError::into_inner).insert(tag, entry);
    }

    pub(crate) fn set_shell(&self, wasm: Bytes, code: Option<Bytes>) {
        let entry = Arc::new(Entry { name: "shell".to_owned(), wasm, code, loaded: OnceCell::new() });
        *self.shell.write().unwrap_or_else(PoisonError::into_inner) = Some(entry);
    }

    pub(crate) fn contains(&self, tag: ProgramTag) -> bool {
        self.programs.read().unwrap_or_else(PoisonError::into_inner).contains_key(&tag)
    }

    /// Answers what instances of a program are made of, loading it first when it was not used yet.
    pub(crate) async fn program(&self, tag: ProgramTag) -> Result<Program, EngineError> {
        let entry = self.programs.read().unwrap_or_else(PoisonError::into_inner).get(&tag).map(Arc::clone);
        let entry = entry.ok_or_else(|| EngineError::Compile {
            name: format!("program {}", tag.0),
            reason: "it is not registered".to_owned(),
        })?;
        let load = || {
            let (engine, linkers, entry) = (self.engine.clone(), Arc::clone(&self.linkers), Arc::clone(&entry));
            off_the_guests_threads(entry.name.clone(), move || match WasmKind::of(&entry.wasm) {
                Some(WasmKind::Component) => linkers.component(&component(&engine, &entry)?),
                // What is no Wasm at all is refused with the compiler's words.
                _ => linkers.module(&module(&engine, &entry)?),
            })
        };
        entry.loaded.get_or_try_init(load).await.cloned()
    }

    /// The same for the shell.
    pub(crate) async fn shell(&self) -> Result<ShellPre<GuestState>, EngineError> {
        let entry = self.shell.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(EngineError::NoShell)?;
        let load = || {
            let (engine, linkers, entry) = (self.engine.clone(), Arc::clone(&self.linkers), Arc::clone(&entry));
            off_the_guests_threads(entry.name.clone(), move || {
                ShellPre::new(linkers.shell.instantiate_pre(&component(&engine, &entry)?)?)
            })
        };
        entry.loaded.get_or_try_init(load).await.cloned()
    }
}

/// Runs `load`, which may compile for seconds, where it keeps no guest from running.
async fn off_the_guests_threads<T: Send + 'static>(
    name: String,
    load: impl FnOnce() -> wasmtime::Result<T> + Send + 'static,
) -> Result<T, EngineError> {
    match tokio::task::spawn_blocking(load).await {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(error)) => Err(EngineError::Compile { name, reason: format!("{error:#}") }),
        Err(stopped) => Err(EngineError::Compile { name, reason: stopped.to_string() }),
    }
}

#[expect(unsafe_code, reason = "loading compiled code is unsafe by nature; see SAFETY")]
fn module<T>(engine: &wasmtime::Engine, entry: &Entry<T>) -> wasmtime::Result<Module> {
    if let Some(code) = &entry.code {
        // SAFETY: the bytes are those our build tool made with `Compiler` and embedded into the binary, or none.
        match unsafe { Module::deserialize(engine, code) } {
            Ok(module) => return Ok(module),
            Err(error) => does_not_fit(&entry.name, &error),
        }
    }
    Module::new(engine, &entry.wasm)
}

#[expect(unsafe_code, reason = "loading compiled code is unsafe by nature; see SAFETY")]
fn component<T>(engine: &wasmtime::Engine, entry: &Entry<T>) -> wasmtime::Result<Component> {
    if let Some(code) = &entry.code {
        // SAFETY: as in `module`.
        match unsafe { Component::deserialize(engine, code) } {
            Ok(component) => return Ok(component),
            Err(error) => does_not_fit(&entry.name, &error),
        }
    }
    if WasmKind::of(&entry.wasm) != Some(WasmKind::Component) {
        return Err(wasmtime::Error::msg("the shell is no component"));
    }
    Component::new(engine, &entry.wasm)
}

fn does_not_fit(name: &str, error: &wasmtime::Error) {
    tracing::warn!("compiling {name} again: its compiled code does not fit this processor or engine ({error:#})");
}
