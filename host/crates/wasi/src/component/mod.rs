//! WASI 0.2 and the shell's world for components: an explicit list of what a component may import.
//!
//! `wasi:io`, `wasi:clocks`, `wasi:random` and `wasi:cli` come from `wasmtime-wasi`, over a context that grants nothing;
//! `wasi:filesystem` is ours, over the session's kernel, with the one preopen `/`; there are no sockets. What is not in
//! [`linker`] does not exist for a guest.

pub mod bindings;
pub mod filesystem;

mod context;
mod kernel;
mod poll;
mod stdio;

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::cli::{WasiCli, WasiCliCtxView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtxView};
use wasmtime_wasi::p2::bindings::{cli, clocks, random};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi_io::bindings::wasi::io;

pub use bindings::shell::{CompletionReply, RunReply, Section, Shell, ShellPre};
pub(crate) use context::context;

use crate::state::GuestState;

/// Handles of one component at once: descriptors, streams, pollables.
pub const RESOURCES_MAX: usize = 4096;

/// Bytes a component may pass in one call, and return from an export. The largest is a shell's state on its way to a
/// stage: 16 MiB in one list, with as much again for what goes with it.
pub const HOSTCALL_BYTES: usize = 32 << 20;

/// Links all a component may import.
///
/// # Errors
///
/// Those of Wasmtime's linker: a name given twice.
pub fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<GuestState>> {
    let mut linker = Linker::new(engine);
    link_io(&mut linker)?;
    link_clocks_and_random(&mut linker)?;
    link_cli(&mut linker)?;
    filesystem::link(&mut linker)?;
    kernel::link(&mut linker)?;
    Ok(linker)
}

/// Finds the exit code of a component that called `wasi:cli/exit` in the error of the guest call.
#[must_use]
pub fn exit_code(error: &wasmtime::Error) -> Option<u8> {
    let code = error.downcast_ref::<I32Exit>()?.0;
    Some(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}

/// The resource table as `wasi:io` wants it.
struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

fn link_io(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    io::error::add_to_linker::<GuestState, Table>(linker, |state| &mut state.table)?;
    io::streams::add_to_linker::<GuestState, Table>(linker, |state| &mut state.table)?;
    poll::link(linker)
}

fn link_clocks_and_random(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    fn view(state: &mut GuestState) -> WasiClocksCtxView<'_> {
        let (wasi, table) = state.wasi_parts();
        WasiClocksCtxView { ctx: wasi.clocks(), table }
    }
    clocks::wall_clock::add_to_linker::<GuestState, WasiClocks>(linker, view)?;
    clocks::monotonic_clock::add_to_linker::<GuestState, WasiClocks>(linker, view)?;
    random::random::add_to_linker::<GuestState, WasiRandom>(linker, |state| state.wasi().random())?;
    random::insecure::add_to_linker::<GuestState, WasiRandom>(linker, |state| state.wasi().random())?;
    random::insecure_seed::add_to_linker::<GuestState, WasiRandom>(linker, |state| state.wasi().random())
}

fn link_cli(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    fn view(state: &mut GuestState) -> WasiCliCtxView<'_> {
        let (wasi, table) = state.wasi_parts();
        WasiCliCtxView { ctx: wasi.cli(), table }
    }
    cli::exit::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::environment::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::stdin::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::stdout::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::stderr::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::terminal_input::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::terminal_output::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::terminal_stdin::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::terminal_stdout::add_to_linker::<GuestState, WasiCli>(linker, view)?;
    cli::terminal_stderr::add_to_linker::<GuestState, WasiCli>(linker, view)
}
