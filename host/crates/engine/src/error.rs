//! Failures of the host itself. How a guest ended is an `Outcome`, never one of these.

/// Why the engine could not do its part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Wasmtime refused the configuration, or the machine lacks what it needs (address space, maps).
    #[error("cannot set up the engine: {0}")]
    Setup(String),
    /// The guest runtime's threads could not be started.
    #[error("cannot start the guest runtime: {0}")]
    Runtime(#[from] std::io::Error),
    /// Code handed to the engine is no valid program or component.
    #[error("cannot compile {name}: {reason}")]
    Compile {
        /// What the code was registered as.
        name: String,
        /// Wasmtime's explanation.
        reason: String,
    },
    /// No shell component was registered before a session was used.
    #[error("no shell component is registered")]
    NoShell,
    /// The pool has no room for another instance; a later attempt may succeed.
    #[error("no free instance: {0}")]
    Busy(String),
    /// The host has no memory left for the files a session is to begin with; a later attempt may succeed.
    #[error("no memory for the session's files")]
    NoMemory,
    /// The shell could not be created from its saved state.
    #[error("the shell does not start: {0}")]
    Shell(String),
}
