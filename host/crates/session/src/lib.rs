//! Sessions: who exists, what each may do next, when it ends, and the one task that drives it.
//!
//! The core (`registry`, `lifecycle`, `checkpoints`, `import`, `image`) is plain data that takes the time as an argument;
//! `driver`, `timers`, `cron` and `sessions` are the edge with tasks and channels. Nothing here knows HTTP, JSON or
//! Wasmtime.

mod config;
mod error;
mod run;
mod settings;

mod durable;
mod history;
mod sessions;

mod admission;
mod content;
mod cron;
mod driver;
mod ephemeral;
mod persistence;
mod rc;
mod timers;
mod usage;

mod checkpoints;
mod lifecycle;
mod record;
mod registry;

mod engine_sandbox;
mod export;
mod image;
mod import;
mod sandbox;
mod sync;

pub use checkpoints::CheckpointInfo;
pub use config::SessionConfig;
pub use crontab::{Crontab, Minute};
pub use engine_sandbox::EngineWorkshop;
pub use error::Error;
pub use export::{Export, ExportedContent, ExportedEntry};
pub use history::{DIFF_PATHS_MAX, FORKS_MAX, Moment};
pub use image::{Image, ImageBuilder, Memory};
pub use import::{ImageError, ImportContent, ImportEntry, Inspection};
pub use lifecycle::Phase;
pub use persistence::{NameOf, Persistence, ProgramNames, TagOf};
pub use rc::{ALIASES_FILE, RC_FILE};
pub use registry::{Info, NetworkUsage, Update};
pub use run::{Candidate, Completion, RunReply, RunSpec, Target};
pub use sandbox::{BoxFuture, Cancel, Fault, Reservation, Sandbox, SandboxReport, SandboxRun, View, Workshop};
pub use sessions::{SessionView, Sessions, validate_fs};
pub use settings::{Durability, Settings};
pub use store::StoreError;
pub use usage::SessionUsage;
