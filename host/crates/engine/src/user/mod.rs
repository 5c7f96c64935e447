//! Users' own Wasm: vetted and compiled in a process of its own that may do nothing else, then kept for the next time.
//!
//! The server reads none of a user's bytes but to hash and pass them on. The other process runs [`worker`]: it shuts
//! itself in ([`jail`]), vets ([`vetting`]) and compiles. The server's part is who may have something compiled and when
//! ([`queue`], [`programs`]), talking to the process ([`helper`]), and what is kept ([`cache`] in memory, [`shelf`] on disk).
//!
//! Compiled code is shared by all sessions, by the hash of its Wasm: who runs a file can tell from the time it takes
//! whether somebody has run the very same bytes before. He learns nothing about whose they were, and must have them.

mod jail;
mod protocol;
mod vetting;
mod worker;

mod cache;
mod digests;
mod helper;
mod queue;
mod shelf;

mod programs;

pub(crate) use programs::{UserCode, UserPrograms};
pub use shelf::{CodeShelf, ShelfError};
pub use worker::compile_for_server;

/// Why a file cannot be run, in words for its user: what follows "cannot execute: ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit(pub(crate) String);

/// Longest reason that is passed on, in bytes.
const REASON_MAX_BYTES: usize = 400;

impl Unfit {
    /// Makes a reason of text that others have a part in: one line, printable, of bounded length.
    pub(crate) fn new(reason: impl AsRef<str>) -> Self {
        let line = reason.as_ref().lines().next().unwrap_or_default();
        let mut text: String = line.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        if text.len() > REASON_MAX_BYTES {
            let end = (0..=REASON_MAX_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
            text.push_str("...");
        }
        Self(text)
    }

    /// Reads why Wasmtime cannot link or load a program.
    pub(crate) fn of(error: &wasmtime::Error) -> Self {
        if let Some(unknown) = error.downcast_ref::<wasmtime::UnknownImportError>() {
            return Self::new(format!("it imports {}.{}, which is unknown", unknown.module(), unknown.name()));
        }
        let (what, root) = (error.to_string(), error.root_cause().to_string());
        if let Some(import) = what.strip_prefix("incompatible import type for ") {
            let import = import.trim_matches('`').replacen("::", ".", 1);
            return Self::new(format!("it imports {import} with the wrong type: {root}"));
        }
        if what == root {
            return Self::new(what);
        }
        Self::new(format!("{}: {root}", what.lines().next().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_printable_line_of_bounded_length() {
        assert_eq!(Unfit::new("a\x1b[31m\nb"), Unfit("a?[31m".to_owned()));
        let long = Unfit::new("ä".repeat(1000));
        assert_eq!(long.0.len(), REASON_MAX_BYTES + 3);
        assert_eq!(Unfit::new(""), Unfit(String::new()));
    }
}
