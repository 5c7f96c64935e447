//! HTTP: a translation between requests and sessions. JSON, status codes and the older server's texts live here alone.
//!
//! A handler parses, makes one call down and converts the answer. No guest code and no lock of a session is ever held by
//! a handler.

mod config;
mod serve;

mod access;
mod app;
mod body;
mod errors;
mod guard;
mod problem;
mod reply;
mod router;

mod complete;
mod health;
mod metrics;
mod page;
mod run;
mod sessions;
mod snapshot;
mod snapshot_export;
mod snapshot_import;
mod snapshot_read;

mod v1;

mod go_json;
mod go_text;
mod slow;

pub use app::App;
pub use config::{ApiConfig, Hosts};
pub use go_text::duration_text;
pub use router::router;
pub use serve::{ServeConfig, serve};
