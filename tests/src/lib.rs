//! What the end-to-end tests share: the built server as a child process, an HTTP client, and cases as data.
//!
//! The tests know the product from outside only: its binary, its HTTP interface and its sources as text.

pub mod case;
pub mod client;
pub mod program;
pub mod server;
pub mod skip;
pub mod sources;
pub mod watched;

pub use case::Case;
pub use client::{Client, Reply};
pub use server::Server;
pub use watched::Watched;
