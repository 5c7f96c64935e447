//! Where log lines go: standard error, in a person's format, quiet unless asked. Script bodies are never logged.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::Failure;

/// Starts logging with `filter`.
pub(crate) fn start(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|error| Failure::new(format!("--log-level: {error}")))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .try_init()
        .map_err(|error| Failure::new(format!("cannot start logging: {error}")))
}
