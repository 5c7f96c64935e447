//! The stores from outside: one suite for both, a model, damage, faults of the disk, and what only the one on disk
//! does.
#![expect(clippy::disallowed_methods, reason = "tests look at the files as the system has them")]

mod conformance;
mod damage;
mod disk;
mod faults;
mod model;
mod on_disk;
mod support;
