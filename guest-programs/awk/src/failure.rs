//! Why a program stops before its end.

use crate::ast::Location;

/// A message for standard error. The place is that of the program's text, if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) location: Option<Location>,
    /// The program's text is wrong; it was not run.
    pub(crate) syntax: bool,
}

impl Failure {
    /// A failure of the running program; the machine adds the place.
    pub(crate) fn fatal(message: impl Into<String>) -> Self {
        Self { message: message.into(), location: None, syntax: false }
    }

    /// A failure of the parser or compiler.
    pub(crate) fn syntax(location: Location, message: impl Into<String>) -> Self {
        Self { message: message.into(), location: Some(location), syntax: true }
    }
}

/// The result of whatever can stop a program.
pub(crate) type Result<T> = std::result::Result<T, Failure>;
