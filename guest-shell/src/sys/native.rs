//! `Sys` over the real system, for tests and profiling.
