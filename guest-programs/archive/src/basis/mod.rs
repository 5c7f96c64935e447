//! What all programs here share: options, messages, shell patterns, files.

pub(crate) mod files;
pub(crate) mod getopt;
pub(crate) mod message;
pub(crate) mod pattern;
pub(crate) mod time;
