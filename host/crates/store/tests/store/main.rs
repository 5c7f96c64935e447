//! The stores from outside: one suite for both, a model, damage, faults of the disk, and what only the one on disk does.

mod conformance;
mod support;
