//! What all programs here share: messages, shell patterns, files.

pub(crate) mod files;
pub(crate) mod message;
pub(crate) mod pattern;
pub(crate) mod time;
