//! The names of shipped programs: what is kept of a program's file, since every build numbers the programs anew.

use vfs::ProgramTag;

/// How programs are called, both ways.
#[derive(Clone, Copy)]
pub struct Programs<'p> {
    /// Returns the name of a program of this server, at most 255 bytes.
    pub name: &'p (dyn Fn(ProgramTag) -> Option<String> + Send + Sync),
    /// Returns the program of this server that has a name. A file whose program is gone is an ordinary one.
    pub tag: &'p (dyn Fn(&str) -> Option<ProgramTag> + Send + Sync),
}

impl Programs<'static> {
    /// No programs: every file is an ordinary one.
    pub const NONE: Self = Self { name: &|_| None, tag: &|_| None };
}
