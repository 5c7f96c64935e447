//! Checkpoints, rollback, the difference between two of them, and forks of a session.
//!
//! All take constant time in the host, whatever the session holds. During a run they take the files as they are and the
//! shell's last saved state; background jobs do not travel.

use std::sync::Arc;

use base::SessionKey;
use vfs::PathDiff;

use crate::checkpoints::{Checkpoint, CheckpointInfo, check_name};
use crate::driver::Job;
use crate::error::Error;
use crate::image::Image;
use crate::lifecycle::Phase;
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
    /// Keeps the session as it is under a name.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::CheckpointExists`], [`Error::CheckpointLimit`], [`Error::Settings`] for an unusable
    /// name, [`Error::HostFull`].
    pub fn checkpoint(&self, key: &SessionKey, name: &str) -> Result<CheckpointInfo, Error> {
        check_name(name)?;
        let image = self.image(key)?;
        let reserved = self.workshop.reserve(image.logical_bytes())?;
        let new = Checkpoint::new(image, self.clock.wall(), reserved);
        self.with_registry(|registry| {
            registry.change_checkpoints(key, |checkpoints, settings| checkpoints.add(name, new, &settings.limits))
        })
    }

    /// Lists the session's checkpoints, the oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn checkpoints(&self, key: &SessionKey) -> Result<Vec<CheckpointInfo>, Error> {
        self.with_registry(|registry| registry.get(key).map(|entry| entry.checkpoints.list()).ok_or(Error::NotFound))
    }

    /// Removes a checkpoint.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoCheckpoint`].
    pub fn delete_checkpoint(&self, key: &SessionKey, name: &str) -> Result<(), Error> {
        let removed = self.with_registry(|registry| {
            registry.change_checkpoints(key, |checkpoints, _| Ok(checkpoints.remove(name)))
        })?;
        if removed { Ok(()) } else { Err(Error::NoCheckpoint) }
    }

    /// Makes the session what it was at a checkpoint: files, working directory and shell. Its background jobs end; usage and
    /// limits stay. Waits for the run in progress.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoCheckpoint`]; [`Error::HostFull`] changes nothing.
    pub async fn rollback(self: &Arc<Self>, key: &SessionKey, name: &str) -> Result<(), Error> {
        let image = self.image_at(key, &Moment::Checkpoint(name.to_owned()))?;
        self.ask(key, MayCreate::No, |answer| Job::Replace { image: Box::new(image), answer }).await
    }

    /// Tells which paths differ between two moments of a session; at most [`DIFF_PATHS_MAX`] of each kind.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoCheckpoint`].
    pub fn diff(&self, key: &SessionKey, from: &Moment, to: &Moment) -> Result<PathDiff, Error> {
        let (from, to) = (self.image_at(key, from)?, self.image_at(key, to)?);
        Ok(to.tree.path_diff(&from.tree, DIFF_PATHS_MAX))
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
        let image = self.image_at(key, at)?;
        let settings = self.with_registry(|registry| {
            registry.has_room_for(count)?;
            registry.get(key).map(|entry| Arc::clone(&entry.settings)).ok_or(Error::NotFound)
        })?;
        let mut forks = Vec::with_capacity(count);
        for _ in 0..count {
            match self.fork_one(key, &settings, image.clone()) {
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

    fn fork_one(self: &Arc<Self>, of: &SessionKey, settings: &Arc<Settings>, image: Image) -> Result<Info, Error> {
        let reserved = self.workshop.reserve(image.tree.usage().footprint)?;
        let key = SessionKey { tenant: of.tenant.clone(), id: mint()? };
        self.begin_session(&key, Arc::clone(settings), Some((image, Some(reserved))), Phase::Hibernated)?;
        self.get_existing(&key).ok_or(Error::NotFound)
    }

    fn image_at(&self, key: &SessionKey, moment: &Moment) -> Result<Image, Error> {
        match moment {
            Moment::Now => self.image(key),
            Moment::Checkpoint(name) => {
                let found = self.with_registry(|registry| {
                    registry.get(key).map(|entry| entry.checkpoints.get(name)).ok_or(Error::NotFound)
                })?;
                Ok(found.ok_or(Error::NoCheckpoint)?.image.clone())
            }
        }
    }
}
