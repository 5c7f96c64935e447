//! What `bindgen!` makes of the WIT packages: the shell's world, and the world of programs with the WASI packages.
//!
//! Of the shell's world the types and the exports are used. Functions that wait or may end the guest are linked by hand
//! ([`super::interface`]), since generated traits do not hand out the store; the others use the generated traits.

/// The shell's world.
#[expect(missing_docs, reason = "generated; the WIT file has the documentation")]
pub mod shell {
    wasmtime::component::bindgen!({
        path: "../../../wit/shell",
        world: "shell",
        imports: { default: trappable },
        exports: { default: async },
    });
}

/// The world of programs, and in it `wasi`.
#[expect(missing_docs, reason = "generated; the WIT files have the documentation")]
pub mod program {
    wasmtime::component::bindgen!({
        path: [
            "../../../wit/deps/io.wit",
            "../../../wit/deps/clocks.wit",
            "../../../wit/deps/filesystem.wit",
            "../../../wit/deps/random.wit",
            "../../../wit/deps/cli.wit",
            "../../../wit/program",
        ],
        world: "sandshell:program/program",
        imports: { default: trappable },
        exports: { default: async },
        trappable_error_type: { "wasi:filesystem/types.error-code" => crate::component::filesystem::FsError },
        with: {
            "wasi:cli/terminal-input.terminal-input": crate::component::cli::TerminalInput,
            "wasi:cli/terminal-output.terminal-output": crate::component::cli::TerminalOutput,
            "wasi:filesystem/types.descriptor": crate::component::filesystem::Descriptor,
            "wasi:filesystem/types.directory-entry-stream": crate::component::filesystem::DirectoryEntries,
            "wasi:io/error.error": crate::component::io::IoError,
            "wasi:io/poll.pollable": crate::component::io::Pollable,
            "wasi:io/streams.input-stream": crate::component::io::InputStream,
            "wasi:io/streams.output-stream": crate::component::io::OutputStream,
        },
    });
}
