//! `/proc`: a generated, read-only file system over the session's own process table, limits and clock.
//!
//! A file of it is a [`Node`], which has a number no inode of the tree can have, so that descriptors and working
//! directories hold it like one. Its content is made when it is opened, in Linux's formats (`proc(5)`), out of nothing
//! but the session: no value is the host's. Walking paths into and out of it is [`crate::walk`]'s.

mod links;
mod load;
mod mounts;
mod names;
mod node;
mod process;
mod scene;
mod status;
mod sys;
mod system;
mod table;
mod view;

pub(crate) use links::LinkTo;
pub(crate) use load::Load;
pub(crate) use node::Node;
