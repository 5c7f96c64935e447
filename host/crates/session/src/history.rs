//! Checkpoints, rollback, the difference between two of them, and forks of a session.
//!
//! All take constant time in the host, whatever the session holds. During a run they take the files as they are and the
//! shell's last saved state; background jobs do not travel.

use std::sync::Arc;

use base::SessionKey;
use vfs::{PathDiff, Quota};

use crate::checkpoints::{Checkpoint, CheckpointInfo, check_name};
use crate::driver::{Job, Origin};
use crate::error::Error;
use crate::image::Image;
use crate::lifecycle::Phase;
use crate::record::Record;
use crate::registry::Info;
use crate::sessions::{MayCreate, Sessions, mint};
use crate::settings::Settings;

/// Forks of a session that are made at once.
pub const FORKS_MAX: usize = 16;

/// Paths that a difference lists at most.
pub const DIFF_PATHS_MAX: usize = 10_000;

/// One side of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The session as it is.
    Now,
    /// A checkpoint of this name.
    Checkpoint(String),
}

impl Sessions {
    /// Keeps the session as it is under a name; where sessions are kept, durably.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::CheckpointExists`], [`Error::CheckpointLimit`], [`Error::Settings`] for an unusable
    /// name, [`Error::HostFull`], [`Error::Store`].
    pub async fn checkpoint(self: &Arc<Self>, key: &SessionKey, name: &str) -> Result<CheckpointInfo, Error> {
        check_name(name)?;
        self.read_checkpoints(key).await?;
        let image = self.image(key).await?;
        let (now, bytes) = (self.clock.wall(), image.logical_bytes());
        self.with_registry(|registry| {
            registry.change_checkpoints(key, |all, settings| all.has_room_for(name, bytes, &settings.limits))
        })?;
        let new = match &self.persistence {
            None => Checkpoint::new(image, now, self.workshop.reserve(bytes)?),
            Some(persistence) => {
                let info = self.get_existing(key).ok_or(Error::NotFound)?;
                let aliases_known = image.memory.aliases.is_known(&image.tree);
                let record = Record::of(&info, &image.memory, aliases_known, false);
                persistence.keep_as(key, name, &image, record, now).await?;
                Checkpoint::kept(now, bytes)
            }
        };
        self.with_registry(|registry| {
            registry.change_checkpoints(key, |all, settings| all.add(name, new, &settings.limits))
        })
    }

    /// Lists the session's checkpoints, the oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Store`].
    pub async fn checkpoints(self: &Arc<Self>, key: &SessionKey) -> Result<Vec<CheckpointInfo>, Error> {
        self.read_checkpoints(key).await?;
        self.with_registry(|registry| registry.get(key).map(|entry| entry.checkpoints.list()).ok_or(Error::NotFound))
    }

    /// Removes a checkpoint.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoCheckpoint`], [`Error::Store`].
    pub async fn delete_checkpoint(self: &Arc<Self>, key: &SessionKey, name: &str) -> Result<(), Error> {
        self.read_checkpoints(key).await?;
        let removed = self.with_registry(|registry| registry.change_checkpoints(key, |all, _| Ok(all.remove(name))))?;
        if !removed {
            return Err(Error::NoCheckpoint);
        }
        if let Some(persistence) = &self.persistence {
            persistence.store.delete_ref(key, name, store::Durability::Strict).await?;
        }
        Ok(())
    }

    /// Lists the checkpoints that the store has of a session which came back from it, once.
    async fn read_checkpoints(self: &Arc<Self>, key: &SessionKey) -> Result<(), Error> {
        let unread = self.with_registry(|registry| registry.get(key).is_some_and(|entry| entry.checkpoints_unread));
        let Some(persistence) = self.persistence.as_ref().filter(|_| unread) else { return Ok(()) };
        let named = persistence.named(key).await?;
        self.with_registry(|registry| registry.set_checkpoints(key, named));
        Ok(())
    }

    /// Makes the session what it was at a checkpoint: files, working directory and shell. Its background jobs end; usage and
    /// limits stay. Waits for the run in progress.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoCheckpoint`]; [`Error::HostFull`] changes nothing.
    pub async fn rollback(self: &Arc<Self>, key: &SessionKey, name: &str) -> Result<(), Error> {
        let image = self.image_at(key, &Moment::Checkpoint(name.to_owned())).await?;
        self.ask(key, MayCreate::No, |answer| Job::Replace { image: Box::new(image), answer }).await
    }

    /// Tells which paths differ between two moments of a session; at most [`DIFF_PATHS_MAX`] of each kind.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoCheckpoint`].
    pub async fn diff(self: &Arc<Self>, key: &SessionKey, from: &Moment, to: &Moment) -> Result<PathDiff, Error> {
        let (from, to) = (self.image_at(key, from).await?, self.image_at(key, to).await?);
        let compared = tokio::task::spawn_blocking(move || to.tree.path_diff(&from.tree, DIFF_PATHS_MAX)).await;
        compared.map_err(|error| Error::Host(format!("comparing two trees failed: {error}")))
    }

    /// Makes `count` sessions that go on from where this one, or a checkpoint of it, stands: all or none. They have its
    /// settings and limits, and no usage, checkpoints or jobs.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoCheckpoint`], [`Error::TooManySessions`], [`Error::HostFull`],
    /// [`Error::Settings`] for more than [`FORKS_MAX`] or none.
    pub async fn fork(self: &Arc<Self>, key: &SessionKey, at: &Moment, count: usize) -> Result<Vec<Info>, Error> {
        if !(1..=FORKS_MAX).contains(&count) {
            return Err(Error::Settings(format!("count is 1 to {FORKS_MAX}")));
        }
        let image = self.image_at(key, at).await?;
        let settings = self.with_registry(|registry| {
            registry.has_room_for(count)?;
            registry.get(key).map(|entry| Arc::clone(&entry.settings)).ok_or(Error::NotFound)
        })?;
        let mut forks = Vec::with_capacity(count);
        for _ in 0..count {
            match self.fork_one(key, &settings, image.clone()).await {
                Ok(info) => forks.push(info),
                Err(error) => {
                    // Nobody has learnt their ids.
                    for info in forks {
                        self.delete(&SessionKey { tenant: key.tenant.clone(), id: info.id }).await;
                    }
                    return Err(error);
                }
            }
        }
        Ok(forks)
    }

    async fn fork_one(
        self: &Arc<Self>,
        of: &SessionKey,
        settings: &Arc<Settings>,
        image: Image,
    ) -> Result<Info, Error> {
        let reserved = self.workshop.reserve(image.tree.usage().footprint)?;
        let key = SessionKey { tenant: of.tenant.clone(), id: mint()? };
        let origin = Origin::Image(Box::new(image), Some(reserved));
        self.begin_session(&key, Arc::clone(settings), origin, Phase::Hibernated)?;
        self.keep_new(&key).await?;
        self.get_existing(&key).ok_or(Error::NotFound)
    }

    async fn image_at(self: &Arc<Self>, key: &SessionKey, moment: &Moment) -> Result<Image, Error> {
        let name = match moment {
            Moment::Now => return self.image(key).await,
            Moment::Checkpoint(name) => name,
        };
        self.read_checkpoints(key).await?;
        let (found, limits) = self.with_registry(|registry| {
            let entry = registry.get(key).ok_or(Error::NotFound)?;
            Ok::<_, Error>((entry.checkpoints.get(name).ok_or(Error::NoCheckpoint)?, entry.settings.limits.clone()))
        })?;
        match (&found.image, &self.persistence) {
            (Some(image), _) => Ok(image.clone()),
            (None, Some(persistence)) => persistence.revive_named(key, name, Quota::from(&limits)).await,
            (None, None) => Err(Error::NoCheckpoint),
        }
    }
}
