//! `:`, `true` and `false`.

use super::builtin;

builtin! {
    /// Null command.
    ///
    /// No effect; the command does nothing. Always succeeds.
    COLON = ":", ":", |_, _| Ok(0), special
}
builtin! {
    /// Return a successful result.
    ///
    /// Always succeeds.
    TRUE = "true", "true", |_, _| Ok(0), emits
}
builtin! {
    /// Return an unsuccessful result.
    ///
    /// Always fails.
    FALSE = "false", "false", |_, _| Ok(1), emits
}
