//! What controls a terminal: capabilities, clearing, settings. A session has none, so most of it answers without one.

pub(crate) mod clear;
pub(crate) mod parameters;
pub(crate) mod stty;
pub(crate) mod terminfo;
pub(crate) mod tput;
