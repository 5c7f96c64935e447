//! The checkpoints of one session: named images of it, bounded in number and in bytes.
//!
//! Plain data. What a checkpoint holds is shared with the session until that changes it; what it is charged is all of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Limits, Timestamp};

use crate::error::Error;
use crate::image::Image;
use crate::sandbox::Reservation;

/// The longest name of a checkpoint, in bytes.
const NAME_MAX_BYTES: usize = 128;

/// A session at an instant, kept inside it.
pub(crate) struct Checkpoint {
    /// The image, where sessions live in memory; otherwise the store has it under the checkpoint's name.
    pub(crate) image: Option<Image>,
    created: Timestamp,
    bytes: u64,
    // The host's memory that is kept for it.
    _reserved: Option<Reservation>,
}

/// One row of the list of checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointInfo {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it is charged.
    pub bytes: u64,
}

impl Checkpoint {
    /// Makes one that lives in memory.
    pub(crate) fn new(image: Image, created: Timestamp, reserved: Reservation) -> Self {
        Self { bytes: image.logical_bytes(), image: Some(image), created, _reserved: Some(reserved) }
    }

    /// Makes one whose image the store has.
    pub(crate) fn kept(created: Timestamp, bytes: u64) -> Self {
        Self { bytes, image: None, created, _reserved: None }
    }

    fn info(&self, name: &str) -> CheckpointInfo {
        CheckpointInfo { name: name.to_owned(), created: self.created, bytes: self.bytes }
    }
}

/// A session's checkpoints by name.
#[derive(Default)]
pub(crate) struct Checkpoints {
    by_name: BTreeMap<String, Arc<Checkpoint>>,
    // Sum over all.
    bytes: u64,
}

impl Checkpoints {
    /// Adds one.
    ///
    /// # Errors
    /// [`Error::CheckpointExists`], [`Error::Settings`] for an unusable name, [`Error::CheckpointLimit`].
    pub(crate) fn add(&mut self, name: &str, new: Checkpoint, limits: &Limits) -> Result<CheckpointInfo, Error> {
        self.has_room_for(name, new.bytes, limits)?;
        let info = new.info(name);
        self.put(name, new);
        Ok(info)
    }

    /// Tells whether one of this name and so many bytes may be added.
    ///
    /// # Errors
    /// As [`Checkpoints::add`].
    pub(crate) fn has_room_for(&self, name: &str, bytes: u64, limits: &Limits) -> Result<(), Error> {
        check_name(name)?;
        if self.by_name.contains_key(name) {
            return Err(Error::CheckpointExists);
        }
        let count = self.by_name.len() as u64 + 1;
        if count > u64::from(limits.checkpoints) {
            let max = u64::from(limits.checkpoints);
            return Err(Error::CheckpointLimit { name: "checkpoints", used: count, max });
        }
        let bytes = self.bytes.saturating_add(bytes);
        if bytes > limits.checkpoint_bytes {
            return Err(Error::CheckpointLimit { name: "checkpoint_bytes", used: bytes, max: limits.checkpoint_bytes });
        }
        Ok(())
    }

    /// Adds one that was there before, whatever the limits.
    pub(crate) fn put(&mut self, name: &str, one: Checkpoint) {
        self.bytes = self.bytes.saturating_add(one.bytes);
        self.by_name.insert(name.to_owned(), Arc::new(one));
    }

    /// Returns one.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Checkpoint>> {
        self.by_name.get(name).cloned()
    }

    /// Removes one; tells whether it was there.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let removed = self.by_name.remove(name);
        self.bytes -= removed.as_ref().map_or(0, |checkpoint| checkpoint.bytes);
        removed.is_some()
    }

    /// Lists them, the oldest first.
    pub(crate) fn list(&self) -> Vec<CheckpointInfo> {
        let mut list: Vec<CheckpointInfo> = self.by_name.iter().map(|(name, one)| one.info(name)).collect();
        list.sort_by(|a, b| a.created.cmp(&b.created).then_with(|| a.name.cmp(&b.name)));
        list
    }

    /// Returns what all are charged.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Checks a checkpoint's name: 1 to 128 bytes of letters, digits, `.`, `_` and `-`.
///
/// # Errors
/// [`Error::Settings`].
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=NAME_MAX_BYTES).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(Error::Settings(format!("a checkpoint's name has 1 to {NAME_MAX_BYTES} letters, digits, '.', '_' or '-'")))
}

#[cfg(test)]
mod tests {
    use vfs::{Ino, Quota, Tree};

    use super::*;

    fn checkpoint(bytes: usize, at: u64) -> Checkpoint {
        let mut tree = Tree::new(Quota::UNLIMITED, Timestamp(0));
        tree.put_file(Ino::ROOT, b"/f", &vec![1; bytes], 0o644, Timestamp(0)).expect("no quota");
        Checkpoint::new(Image::new(tree, b"/".to_vec()), Timestamp(at), Box::new(()))
    }

    #[test]
    fn they_are_bounded_in_number_and_bytes_and_a_name_is_used_once() {
        let one = checkpoint(10_000, 0).bytes;
        let limits = Limits { checkpoints: 3, checkpoint_bytes: one * 2, ..Limits::default() };
        let mut all = Checkpoints::default();
        all.add("b", checkpoint(10_000, 1), &limits).expect("room");
        assert_eq!(all.add("b", checkpoint(1, 1), &limits), Err(Error::CheckpointExists));
        all.add("a", checkpoint(10_000, 2), &limits).expect("room");
        let over = Error::CheckpointLimit { name: "checkpoint_bytes", used: one * 3, max: one * 2 };
        assert_eq!(all.add("c", checkpoint(10_000, 3), &limits), Err(over));
        assert_eq!(all.bytes(), one * 2);
        assert_eq!(all.list().iter().map(|info| info.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert!(all.remove("b") && !all.remove("b"));
        assert_eq!(all.bytes(), one);
        let limits = Limits { checkpoints: 1, ..limits };
        let over = Error::CheckpointLimit { name: "checkpoints", used: 2, max: 1 };
        assert_eq!(all.add("c", checkpoint(1, 3), &limits), Err(over));
    }

    #[test]
    fn a_name_is_plain() {
        for name in ["", "a/b", "a b", "\u{e9}", &"x".repeat(129)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        for name in ["before-upgrade", "v1.2_3", &"x".repeat(128)] {
            assert_eq!(check_name(name), Ok(()));
        }
    }
}
