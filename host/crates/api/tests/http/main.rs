//! The HTTP layer over sessions that only pretend to execute. One test program, so that it is linked once.

mod common;

mod routes;
mod serving;
mod snapshots;
mod v1;
mod v1_refusals;
