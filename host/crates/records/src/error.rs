//! Why a tree cannot be made of what the store keeps.

use store::StoreError;

/// Why a tree cannot be made of what the store keeps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A newer server wrote it.
    #[error("node {node} has format {format}, which is newer than this server's {known}: use the newer server")]
    TooNew {
        /// The node.
        node: u64,
        /// Its format.
        format: u8,
        /// The newest format this server knows.
        known: u8,
    },
    /// The bytes of a node are not what this crate writes.
    #[error("the store is damaged: node {node}: {what}")]
    Malformed {
        /// The node.
        node: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The nodes do not make a tree.
    #[error("the store is damaged: {0}")]
    Inconsistent(#[from] vfs::Inconsistent),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RecordError {
    /// Tells whether what is kept is damaged; otherwise it could not be read, or is for a newer server.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        match self {
            Self::Malformed { .. } | Self::Inconsistent(_) => true,
            Self::Store(error) => matches!(error, StoreError::Corrupt { .. }),
            Self::TooNew { .. } => false,
        }
    }
}
