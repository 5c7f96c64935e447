//! Sessions that outlive the server: how those of a store come back, and how one is kept and forgotten.

use std::sync::Arc;

use base::{Clock, SessionKey};
use tokio::sync::oneshot;
use vfs::Tree;

use crate::config::SessionConfig;
use crate::driver::{Driver, Handle, Job, Origin};
use crate::error::Error;
use crate::persistence::Persistence;
use crate::record::Record;
use crate::sandbox::Workshop;
use crate::sessions::{MayCreate, Sessions};

impl Sessions {
    /// Creates a set of sessions that are kept in a store, with those it has: they are read when they are used.
    ///
    /// With `only`, no other session of the store is touched, and this one counts as used now.
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot be read. A session whose row is damaged is left out and said in the log.
    pub fn start_persistent(
        config: SessionConfig,
        clock: Arc<dyn Clock>,
        workshop: Arc<dyn Workshop>,
        template: Tree,
        persistence: Persistence,
        only: Option<&SessionKey>,
    ) -> Result<Arc<Self>, Error> {
        let store = Arc::clone(&persistence.store);
        let sessions = Self::begin(config, clock, workshop, template, Some(persistence));
        let mut heads = Vec::new();
        store.heads(&mut |head| {
            match head.map_err(Error::from).and_then(|head| Ok((Record::decode(&head.record)?, head))) {
                Ok((record, head)) => heads.push((head.key, record, head.version)),
                Err(error) => tracing::error!("a session of the store is left out: {error}"),
            }
            Ok(())
        })?;
        for (key, mut record, version) in heads {
            if only.is_some_and(|only| *only != key) {
                continue;
            }
            if only.is_some() {
                // Being asked for is use: it does not expire before.
                record.last_use = sessions.clock.wall();
            }
            sessions.resume(key, record, version);
        }
        sessions.timers_changed.notify_one();
        Ok(sessions)
    }

    /// Makes the entry and the driver of a session that the store has.
    fn resume(self: &Arc<Self>, key: SessionKey, record: Record, version: u64) {
        let (handle, jobs) = Handle::new(self.config.queue_per_session);
        let has_cron = record.has_cron;
        let now = self.now();
        let serial = self.with_registry(|registry| registry.restore(key.clone(), handle.clone(), record, version, now));
        let driver = Driver::new(Arc::clone(self), key.clone(), serial, (&handle, jobs), Origin::Store);
        self.spawn(driver.drive());
        if has_cron {
            let (answer, _) = oneshot::channel();
            // Its table is read with its content.
            if let Err(error) = self.submit_internal(&key, Job::Show { answer }) {
                tracing::warn!(session = key.id.tag(), "the cron jobs of a session are not read: {error}");
            }
        }
    }

    /// Removes what the store has of a session that is gone. One of the same key that was created meanwhile is not committed
    /// before.
    pub(crate) async fn forget(&self, key: &SessionKey) {
        let Some(persistence) = &self.persistence else { return };
        if let Err(error) = persistence.store.delete(key).await {
            tracing::error!(session = key.id.tag(), "the session is not removed from the store: {error}");
        }
        self.with_registry(|registry| registry.finish_ending(key));
    }

    /// Commits a session that was just made; takes it back when that fails.
    pub(crate) async fn keep_new(self: &Arc<Self>, key: &SessionKey) -> Result<(), Error> {
        if self.persistence.is_none() {
            return Ok(());
        }
        let kept = self.ask(key, MayCreate::No, |answer| Job::Keep { answer }).await;
        if kept.is_err() {
            self.delete(key).await;
        }
        kept
    }

    /// Says why nothing is acknowledged any more; `None` while all is well.
    #[must_use]
    pub fn store_failure(&self) -> Option<String> {
        self.persistence.as_ref().and_then(Persistence::failure)
    }
}
