//! The in-memory file system of a session: a tree of inodes, its ledger, and images of it.
//!
//! Plain data: nothing here reads a clock, awaits, logs, or knows a process. Names and paths are bytes. Cloning a
//! [`Tree`] takes constant time, and a change copies only what it touches.

mod ino;
mod stat;

mod content;
mod inode;
mod ledger;

mod attributes;
mod check;
mod cover;
mod depth;
mod difference;
mod entries;
mod file_io;
mod frozen;
mod history;
mod image;
mod listing;
mod path;
mod record;
mod rename;
mod restore;
mod tree;

pub use content::{CHUNK_BYTES, ChunkRef, MAX_FILE_BYTES};
pub use depth::DEPTH_MAX;
pub use difference::PathDiff;
pub use frozen::{Edition, FrozenContent};
pub use history::Changes;
pub use ino::Ino;
pub use ledger::{DIRECTORY_BYTES, INODE_BYTES, NAME_BYTES, Quota, TreeUsage};
pub use listing::Walk;
pub use path::{Follow, LINKS_MAX, NAME_MAX, PATH_MAX};
pub use record::{ChunkChanges, EntryChanges, EntryRecord, InodeRecord, RecordKind, TreeHead};
pub use restore::{Inconsistent, Restore};
pub use stat::{Device, DirEntry, Kind, Name, ProgramTag, Stat};
pub use tree::Tree;
