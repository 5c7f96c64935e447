//! Nothing but its manifest: it asks once for every feature that any part of the workspace asks of shared crates, so that
//! the build tool, the server and the tests use one compiled Wasmtime.
