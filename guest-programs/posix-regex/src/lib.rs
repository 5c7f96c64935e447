//! Regular expressions of POSIX and Emacs, with GNU's extensions, translated into the syntax of the `regex` crates.
//!
//! Nothing is matched here: a program compiles the translation with the crate that suits it.

mod bracket;
mod translate;

pub use translate::{Syntax, Translated, translate};
