//! The ABIs of core modules as guests call them, one file a group of functions. One binary, so Wasmtime is linked once.

#[macro_use]
#[path = "../guests/list.rs"]
mod list;

mod fixture;

mod args;
mod descriptors;
mod hostile;
mod io;
mod paths;
mod poll;
mod program;
mod programs;
mod readdir;
mod rust_std;
mod system;
mod wait;
