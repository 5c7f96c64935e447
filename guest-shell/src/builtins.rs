//! Builtins: one file each; this file is the table that finds them.

/// What single builtins remember.
#[derive(Clone, Default)]
pub(crate) struct BuiltinState {}
