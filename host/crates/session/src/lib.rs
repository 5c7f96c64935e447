//! Sessions: who exists, what each may do next, when it ends, and the one task that drives it.
//!
//! The core (`registry`, `lifecycle`, `import`, `image`) is plain data that takes the time as an argument; `driver`, `expiry` and
//! `sessions` are the thin edge with tasks and channels. Nothing here knows
//! HTTP, JSON or Wasmtime.

mod config;
mod error;
mod run;

mod sessions;

mod admission;
mod driver;
mod ephemeral;
mod expiry;
mod lifecycle;
mod registry;

mod engine_sandbox;
mod export;
mod image;
mod import;
mod sandbox;
mod sync;

pub use config::SessionConfig;
pub use engine_sandbox::EngineWorkshop;
pub use error::Error;
pub use export::{Export, ExportedContent, ExportedEntry};
pub use image::{Image, ImageBuilder};
pub use import::{ImageError, ImportContent, ImportEntry, Inspection};
pub use registry::{Info, NetworkUsage};
pub use run::{Candidate, Completion, RunReply, RunSpec, Target};
pub use sandbox::{BoxFuture, Cancel, Fault, Sandbox, SandboxReport, SandboxRun, View, Workshop};
pub use sessions::Sessions;
