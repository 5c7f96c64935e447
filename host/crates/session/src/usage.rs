//! What a session uses at a moment, against its limits.

use std::time::Duration;

use base::{Limits, SessionKey};
use vfs::TreeUsage;

use crate::error::Error;
use crate::registry::NetworkUsage;
use crate::sessions::Sessions;

/// The sums that a session's limits bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionUsage {
    /// Wall-clock time of its runs together.
    pub runtime: Duration,
    /// What it has used of the network.
    pub network: NetworkUsage,
    /// What its files take beyond its template.
    pub files: TreeUsage,
    /// Its checkpoints.
    pub checkpoints: usize,
    /// What they are charged together.
    pub checkpoint_bytes: u64,
}

impl Sessions {
    /// Returns what a session uses now.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn usage(&self, key: &SessionKey) -> Result<SessionUsage, Error> {
        let (info, handle, checkpoints, checkpoint_bytes) = self.with_registry(|registry| {
            let entry = registry.get(key).ok_or(Error::NotFound)?;
            let info = registry.info(key).ok_or(Error::NotFound)?;
            Ok::<_, Error>((info, entry.handle.clone(), entry.checkpoints.list().len(), entry.checkpoints.bytes()))
        })?;
        let mut files = TreeUsage::default();
        if let Some(view) = handle.view() {
            view.look(&mut |tree| files = tree.usage());
        }
        Ok(SessionUsage { runtime: info.runtime, network: info.network, files, checkpoints, checkpoint_bytes })
    }

    /// Returns what a session may use.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn limits(&self, key: &SessionKey) -> Result<Limits, Error> {
        self.get_existing(key).map(|info| info.settings.limits.clone()).ok_or(Error::NotFound)
    }
}
