//! What the server counts and times, and how it is read: the one interface between the layers and a Prometheus scrape.
//!
//! A [`Meter`] is made once by the binary and handed to the layers, which only ever add to it; nothing decides anything by
//! what it says. There is no global registry, and no label takes a value that a client chose.

mod meter;
mod names;
mod registry;

pub use meter::{Code, Host, Meter, Processes, Runs};
pub use names::{CodeLoad, ProcessKind, Refusal};
