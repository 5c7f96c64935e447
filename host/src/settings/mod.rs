//! The settings: one table, and the three ways to give them, each stronger than the one before: file, environment, flag.
//!
//! A new setting is one row of `table` and one line where `config` hands it to its layer; flag, variable, key, help,
//! man page, completion, example file and `config check` follow from the row. Nothing here knows what a setting does.

mod table;
mod values;

mod environment;
mod file;
mod flags;
mod load;
mod nearest;

mod example;
mod show;

pub(crate) use environment::Environment;
pub(crate) use example::example;
pub(crate) use flags::{Flags, RunFlags, ServeFlags};
pub(crate) use load::{Loaded, load};
pub(crate) use show::{Format, show};
pub(crate) use table::{Defaults, Raw, Sourced};
pub(crate) use values::{Filter, LogFormat, Metering, Value};
