//! Timed jobs as data: what a crontab says, when its entries fire, what was missed, and how the log of them is written.
//!
//! Plain functions of their arguments: nothing here opens a file, reads a clock, awaits or runs a command. The host's
//! sessions and the guest program `crontab` read tables with the same code.

mod limits;
mod minute;
mod reason;

mod command;
mod field;
mod schedule;
mod variable;
mod zone;

mod entry;
mod table;

mod due;
#[cfg(feature = "calendar")]
mod missed;
#[cfg(feature = "calendar")]
mod next;

mod log;

pub use entry::Entry;
pub use limits::{BAD_LINES_MAX, ENTRIES_MAX, FILE_BYTES_MAX, LINE_BYTES_MAX, VARIABLES_MAX};
pub use log::{LOG_BYTES_MAX, LOG_OUTPUT_BYTES_MAX, LOG_PATH, ROTATED_LOG_PATH, log_entry, rotate};
pub use minute::Minute;
#[cfg(feature = "calendar")]
pub use missed::{CaughtUp, Firing, LATE_MINUTES_MAX, Skipped};
#[cfg(feature = "calendar")]
pub use next::SEARCH_DAYS;
pub use reason::Reason;
pub use schedule::Schedule;
pub use table::{BadLine, Crontab, PATH};
pub use variable::Variable;
#[cfg(feature = "calendar")]
pub use zone::bundled_zone;
pub use zone::{FindZone, Zone};
