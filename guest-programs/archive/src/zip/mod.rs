//! `zip`, `unzip` and `zipinfo`, as Info-ZIP does them.
//!
//! [`format`] has the records of archives. [`pack`] is `zip`; [`unpack`] and [`list`] are what `unzip` does.

mod entries;
mod format;
mod list;
mod pack;
mod pack_options;
mod unpack;
mod unpack_options;

pub(crate) use pack::main as zip;
pub(crate) use unpack::main as unzip;
