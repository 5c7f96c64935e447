//! `wasi:cli`: what a component was started with, its standard streams, and its exit.
//!
//! A program's standard streams are its descriptors 0 to 2. The shell's lead nowhere: it reads and writes through its own
//! world, and only a panic of its runtime is printed, which goes to the log.

use wasmtime::component::{HasData, Linker, Resource};

use super::bindings::program::wasi::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr, terminal_stdin,
    terminal_stdout,
};
use super::io::{InputStream, OutputStream};
use crate::exit::GuestExit;
use crate::state::{GuestState, Stdio};

/// The terminal a component reads.
#[derive(Debug)]
pub struct TerminalInput;

/// The terminal a component writes.
#[derive(Debug)]
pub struct TerminalOutput;

/// A guest's whole state, charged for the call.
pub(super) struct Guest;

impl Guest {
    pub(super) fn called(state: &mut GuestState) -> &mut GuestState {
        state.fuel.charge_call();
        state
    }
}

impl HasData for Guest {
    type Data<'a> = &'a mut GuestState;
}

/// Links the interfaces of `wasi:cli` but `run`, which is the component's.
pub(super) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    environment::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    exit::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    stdin::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    stdout::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    stderr::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    terminal_input::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    terminal_output::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    terminal_stdin::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    terminal_stdout::add_to_linker::<GuestState, Guest>(linker, Guest::called)?;
    terminal_stderr::add_to_linker::<GuestState, Guest>(linker, Guest::called)
}

/// Strings are UTF-8 in WASI 0.2: what is not is shown with replacement characters.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl environment::Host for GuestState {
    fn get_environment(&mut self) -> wasmtime::Result<Vec<(String, String)>> {
        let variable = |entry: &Vec<u8>| {
            let at = entry.iter().position(|byte| *byte == b'=')?;
            let (name, value) = entry.split_at(at);
            Some((text(name), text(value.get(1..).unwrap_or_default())))
        };
        self.fuel.charge_bytes(self.env.iter().map(|entry| entry.len() as u64).sum());
        Ok(self.env.iter().filter_map(variable).collect())
    }

    fn get_arguments(&mut self) -> wasmtime::Result<Vec<String>> {
        self.fuel.charge_bytes(self.argv.iter().map(|entry| entry.len() as u64).sum());
        Ok(self.argv.iter().map(|argument| text(argument)).collect())
    }

    fn initial_cwd(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(self.process.getcwd().ok().map(|cwd| text(&cwd)))
    }
}

impl exit::Host for GuestState {
    fn exit(&mut self, status: Result<(), ()>) -> wasmtime::Result<()> {
        Err(GuestExit::Exited(u8::from(status.is_err())).into())
    }

    fn exit_with_code(&mut self, code: u8) -> wasmtime::Result<()> {
        Err(GuestExit::Exited(code).into())
    }
}

impl GuestState {
    fn output(&mut self, fd: u32) -> wasmtime::Result<Resource<OutputStream>> {
        Ok(self.table.push(match self.stdio {
            Stdio::Log => OutputStream::log(),
            Stdio::Descriptors => OutputStream::number(fd),
        })?)
    }

    fn output_terminal(&mut self, fd: u32) -> wasmtime::Result<Option<Resource<TerminalOutput>>> {
        let is_one = self.stdio == Stdio::Descriptors && self.process.is_terminal(fd);
        Ok(if is_one { Some(self.table.push(TerminalOutput)?) } else { None })
    }
}

impl stdin::Host for GuestState {
    fn get_stdin(&mut self) -> wasmtime::Result<Resource<InputStream>> {
        Ok(self.table.push(match self.stdio {
            Stdio::Log => InputStream::nothing(),
            Stdio::Descriptors => InputStream::number(0),
        })?)
    }
}

impl stdout::Host for GuestState {
    fn get_stdout(&mut self) -> wasmtime::Result<Resource<OutputStream>> {
        self.output(1)
    }
}

impl stderr::Host for GuestState {
    fn get_stderr(&mut self) -> wasmtime::Result<Resource<OutputStream>> {
        self.output(2)
    }
}

impl terminal_input::Host for GuestState {}

impl terminal_input::HostTerminalInput for GuestState {
    fn drop(&mut self, terminal: Resource<TerminalInput>) -> wasmtime::Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_output::Host for GuestState {}

impl terminal_output::HostTerminalOutput for GuestState {
    fn drop(&mut self, terminal: Resource<TerminalOutput>) -> wasmtime::Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_stdin::Host for GuestState {
    fn get_terminal_stdin(&mut self) -> wasmtime::Result<Option<Resource<TerminalInput>>> {
        let is_one = self.stdio == Stdio::Descriptors && self.process.is_terminal(0);
        Ok(if is_one { Some(self.table.push(TerminalInput)?) } else { None })
    }
}

impl terminal_stdout::Host for GuestState {
    fn get_terminal_stdout(&mut self) -> wasmtime::Result<Option<Resource<TerminalOutput>>> {
        self.output_terminal(1)
    }
}

impl terminal_stderr::Host for GuestState {
    fn get_terminal_stderr(&mut self) -> wasmtime::Result<Option<Resource<TerminalOutput>>> {
        self.output_terminal(2)
    }
}
