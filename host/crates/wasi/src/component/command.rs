//! Running a `wasi:cli/command` component, and telling what keeps one from running.

use wasmtime::Store;

use super::bindings::program::Program;
use crate::state::GuestState;

/// The interfaces of WASI 0.2 a command may import, without versions, beside our own.
const LINKED: &[&str] = &[
    "sandshell:program/system",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Runs a command; answers its exit status: 0, or 1 when `run` returned an error.
///
/// # Errors
///
/// A [`crate::GuestExit`] or a trap in most cases, as for any guest call.
pub async fn call_command(command: &Program, store: &mut Store<GuestState>) -> wasmtime::Result<u8> {
    let ended = command.wasi_cli_run().call_run(store).await?;
    Ok(u8::from(ended.is_err()))
}

/// Why a command cannot import the interface of this name; none when it can.
#[must_use]
pub fn unlinked_import(name: &str) -> Option<String> {
    let (interface, _version) = name.split_once('@').unwrap_or((name, ""));
    if LINKED.contains(&interface) {
        return None;
    }
    Some(match interface.split_once('/').map_or(interface, |(package, _)| package) {
        "wasi:sockets" | "wasi:http" => format!("it imports {name}, and there is no network"),
        _ => format!("it imports {name}, which is not provided"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{command_linker, shell_linker};

    #[test]
    fn an_import_that_is_not_linked_is_refused_with_its_reason() {
        assert_eq!(unlinked_import("wasi:io/streams@0.2.6"), None);
        assert_eq!(
            unlinked_import("wasi:sockets/tcp@0.2.6").expect("a reason"),
            "it imports wasi:sockets/tcp@0.2.6, and there is no network"
        );
        assert_eq!(
            unlinked_import("sandshell:shell/kernel@0.1.0").expect("a reason"),
            "it imports sandshell:shell/kernel@0.1.0, which is not provided"
        );
    }

    #[test]
    fn a_command_reaches_neither_sockets_nor_the_shells_kernel() {
        let engine = wasmtime::Engine::default();
        let imports = |name: &str, function: &str| {
            let import = format!("(import \"{name}\" (instance (export \"{function}\" (func (result u32)))))");
            let wasm = wat::parse_str(format!("(component {import})")).expect("valid text");
            wasmtime::component::Component::new(&engine, wasm).expect("valid")
        };
        let command = command_linker(&engine).expect("a linker");
        let shell = shell_linker(&engine).expect("a linker");
        let kernel = imports("sandshell:shell/kernel@0.1.0", "process-id");
        assert!(command.instantiate_pre(&kernel).is_err());
        assert!(shell.instantiate_pre(&kernel).is_ok());
        let sockets = imports("wasi:sockets/tcp@0.2.0", "anything");
        assert!(command.instantiate_pre(&sockets).is_err());
        assert!(shell.instantiate_pre(&sockets).is_err());
    }
}
