//! The kernel's behaviour as its processes see it, in one test binary: a file for each group of system calls.

extern crate sandshell_kernel as kernel;

mod common;

mod descriptors;
mod directories;
mod model;
mod output;
mod pipes;
mod proc_changes;
mod proc_files;
mod proc_paths;
mod processes;
mod reservations;
mod runs;
mod stopping;
mod subshells;
mod threads;
