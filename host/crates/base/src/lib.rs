//! The words every layer shares: error numbers, time, identifiers, limits, usage and outcomes.
//!
//! Plain data only. Nothing here does I/O, and the system clock is read in [`clock`] alone.

pub mod clock;
pub mod errno;
pub mod id;
pub mod limits;
pub mod outcome;
pub mod usage;

pub use clock::{Clock, ManualClock, MonoNanos, SystemClock, Timestamp};
pub use errno::Errno;
pub use id::{InvalidSessionId, InvalidTenantId, Pid, SessionId, SessionKey, Signal, TenantId};
pub use limits::{Limits, RuntimeExceeded, StorageExceeded};
pub use outcome::Outcome;
pub use usage::Usage;
