//! What `bindgen!` makes of the WIT packages: the shell's world and `wasi:filesystem`.
//!
//! The shell's imports are linked by hand ([`super::kernel`]), since blocking ones need the store that generated traits
//! do not hand out; of its world the types and the exports are used. `wasi:filesystem` uses the generated traits, all
//! synchronous: an in-memory file system never waits.

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

/// `wasi:filesystem`, its streams and clocks being those of `wasmtime-wasi`.
#[expect(missing_docs, reason = "generated; the WIT file has the documentation")]
pub mod filesystem {
    wasmtime::component::bindgen!({
        path: ["../../../wit/deps/io.wit", "../../../wit/deps/clocks.wit", "../../../wit/deps/filesystem.wit"],
        world: "wasi:filesystem/imports",
        imports: { default: trappable },
        require_store_data_send: true,
        trappable_error_type: { "wasi:filesystem/types.error-code" => crate::component::filesystem::FsError },
        with: {
            "wasi:io/poll": wasmtime_wasi_io::bindings::wasi::io::poll,
            "wasi:io/streams": wasmtime_wasi_io::bindings::wasi::io::streams,
            "wasi:io/error": wasmtime_wasi_io::bindings::wasi::io::error,
            "wasi:clocks/wall-clock": wasmtime_wasi::p2::bindings::clocks::wall_clock,
            "wasi:filesystem/types.descriptor": crate::component::filesystem::Descriptor,
            "wasi:filesystem/types.directory-entry-stream": crate::component::filesystem::DirectoryEntries,
        },
    });
}
