//! The times of a file, and which of them an operation has moved.

use std::time::Duration;

use crate::sys;
use crate::world::Errno;

/// Longer than the step of the clock a file system stamps with: a tick of Linux's, nothing in a guest.
const STEP: Duration = if cfg!(target_arch = "wasm32") { Duration::from_micros(50) } else { Duration::from_millis(11) };

/// Access, modification, change: in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Times([u128; 3]);

impl Times {
    /// Looks at a file, and lets the clock go on.
    pub fn mark(path: &[u8]) -> Result<Self, Errno> {
        let times = Self::of(path)?;
        std::thread::sleep(STEP);
        Ok(times)
    }

    pub fn of(path: &[u8]) -> Result<Self, Errno> {
        let stat = sys::stat(path, false)?;
        Ok(Self([stat.atime, stat.mtime, stat.ctime]))
    }

    /// Says which times differ from those at the mark: some of `amc`, or `none`.
    pub fn moved(self, since: Self) -> Vec<u8> {
        let moved = (0..3).filter(|time| self.0[*time] != since.0[*time]);
        let letters: Vec<u8> = moved.map(|time| b"amc"[time]).collect();
        if letters.is_empty() { b"none".to_vec() } else { letters }
    }
}
