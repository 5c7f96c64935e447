//! Why a variable could not be read or changed, in bash's words.

use std::fmt;

use crate::flow::Unwind;

/// The failure of an assignment, a subscript or an arithmetic expression. Nobody has printed it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VarError {
    /// The variable is readonly.
    Readonly(Vec<u8>),
    /// `set -u` and the variable is unset.
    Unbound(Vec<u8>),
    /// Anything else; the whole message without the shell's prefix.
    Message(Vec<u8>),
    /// A wrong arithmetic expression; the whole message. Where it stands for a value, the command line is given up.
    Expression(Vec<u8>),
    /// Something below was unwound (a signal's trap, the deadline); it has been printed already.
    Unwound(Unwind),
}

impl VarError {
    /// An error with this text.
    pub fn message(text: impl Into<Vec<u8>>) -> VarError {
        VarError::Message(text.into())
    }

    /// `TEXT: bad array subscript`.
    pub fn subscript(text: &[u8]) -> VarError {
        VarError::Message([text, b": bad array subscript"].concat())
    }

    /// `NAME: invalid variable name` style errors.
    pub fn identifier(text: &[u8]) -> VarError {
        VarError::Message([b"`", text, b"': not a valid identifier"].concat())
    }

    /// The message as bash prints it behind its prefix; empty when there is nothing left to print.
    pub fn text(&self) -> Vec<u8> {
        match self {
            VarError::Readonly(name) => [name.as_slice(), b": readonly variable"].concat(),
            VarError::Unbound(name) => [name.as_slice(), b": unbound variable"].concat(),
            VarError::Message(text) | VarError::Expression(text) => text.clone(),
            VarError::Unwound(_) => Vec::new(),
        }
    }
}

impl fmt::Display for VarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text()))
    }
}

impl From<Unwind> for VarError {
    fn from(unwind: Unwind) -> VarError {
        VarError::Unwound(unwind)
    }
}
