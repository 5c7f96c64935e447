//! Regular expressions of POSIX and Emacs, with GNU's extensions, and shell patterns, in the syntax of the `regex` crates.
//!
//! A program compiles a translation with the crate that suits it, or takes [`Regex`], which matches a text as POSIX wants.

mod bracket;
mod compiled;
mod glob;
mod translate;

pub use compiled::{Regex, Span};
pub use glob::glob;
pub use translate::{Dialect, Syntax, Translated, translate, translate_as};
