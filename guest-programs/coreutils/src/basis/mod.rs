//! What the file programs share: options, messages, quoting, sizes, times.
//!
//! No program's own rules live here. The system is reached through `std` and `sandshell_sys` alone.

pub(crate) mod backup;
pub(crate) mod bytes;
pub(crate) mod errors;
pub(crate) mod human;
pub(crate) mod options;
pub(crate) mod output;
pub(crate) mod pattern;
pub(crate) mod prompt;
pub(crate) mod quoting;
pub(crate) mod target;
pub(crate) mod times;
pub(crate) mod versions;
