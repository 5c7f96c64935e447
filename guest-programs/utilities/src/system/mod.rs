//! Processes, memory and time of the session: what procps, psmisc and lsof tell of a system.
//!
//! `table` reads `/proc`, which the kernel makes of the session; each other file is one program.

pub(crate) mod free;
pub(crate) mod kill;
pub(crate) mod lsof;
pub(crate) mod pgrep;
pub(crate) mod ps;
pub(crate) mod ps_columns;
pub(crate) mod ps_options;
pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod uptime;
pub(crate) mod watch;
