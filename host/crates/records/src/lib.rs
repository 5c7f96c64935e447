//! A session's file tree as the store keeps it: what of it a commit writes, and the tree made again of what was kept.
//!
//! The store knows nodes and items, the tree inodes, entries and chunks; what a node's bytes mean is said here alone.
//! What makes a tree of them, and refuses what is none, is `vfs::Restore`. Nothing here touches a disk or waits.
//!
//! An image of a session is whole, and made by changing its template's image, with which it shares what is the same.

mod error;

mod bytes_form;
mod items;
mod meta;
mod programs;

mod edit;
mod load;

pub use edit::{Stored, edit};
pub use error::RecordError;
pub use load::{Loader, load};
pub use programs::Programs;
