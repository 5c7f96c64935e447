//! Regular expressions of POSIX and Emacs, with GNU's extensions, and shell patterns, in the syntax of the `regex` crates.
//!
//! Nothing is matched here: a program compiles the translation with the crate that suits it.

mod bracket;
mod glob;
mod translate;

pub use glob::glob;
pub use translate::{Syntax, Translated, translate};
