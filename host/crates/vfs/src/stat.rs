//! What a caller sees of an inode: its kind, its attributes, and a directory's entries.

use std::sync::Arc;

use base::Timestamp;

use crate::ino::Ino;

/// The name of a directory entry: 1 to 255 bytes without `/` and NUL, never `.` or `..`.
pub type Name = Arc<[u8]>;

/// A special file. The tree only names it; `kernel` gives it its behaviour when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Device {
    /// `/dev/null`
    Null,
    /// `/dev/zero`
    Zero,
    /// `/dev/full`
    Full,
    /// `/dev/random`
    Random,
    /// `/dev/urandom`
    Urandom,
    /// `/dev/tty`
    Tty,
    /// `/dev/stdin`
    Stdin,
    /// `/dev/stdout`
    Stdout,
    /// `/dev/stderr`
    Stderr,
}

impl Device {
    /// Returns the number that stands for the device in what is kept durably; it never changes.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Null => 1,
            Self::Zero => 2,
            Self::Full => 3,
            Self::Random => 4,
            Self::Urandom => 5,
            Self::Tty => 6,
            Self::Stdin => 7,
            Self::Stdout => 8,
            Self::Stderr => 9,
        }
    }

    /// Returns the device of a [`Device::number`].
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        const ALL: [Device; 9] = [
            Device::Null,
            Device::Zero,
            Device::Full,
            Device::Random,
            Device::Urandom,
            Device::Tty,
            Device::Stdin,
            Device::Stdout,
            Device::Stderr,
        ];
        ALL.into_iter().find(|device| device.number() == number)
    }
}

/// What an inode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A special file.
    Device(Device),
    /// `/dev/fd/N`: the opening process's own descriptor N. Not a stored inode; only `kernel` can open it.
    FdLink(u32),
}

/// A shipped program's number in the engine's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgramTag(pub u32);

/// The attributes of an inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Its number.
    pub ino: Ino,
    /// What it is.
    pub kind: Kind,
    /// Permission bits, 0 to 0o7777.
    pub mode: u32,
    /// Directory entries that name it; for a directory 2 and its subdirectories; 0 once removed.
    pub nlink: u32,
    /// Owner, as data.
    pub uid: u32,
    /// Group, as data.
    pub gid: u32,
    /// Length of a file or of a symbolic link's target, in bytes; 0 for a directory and a device.
    pub size: u64,
    /// Last access: when it was made, what `set_times` says, or a reading that [`crate::Tree::note_access`] counts.
    pub atime: Timestamp,
    /// Last change of content.
    pub mtime: Timestamp,
    /// Last change of content or attributes.
    pub ctime: Timestamp,
    /// Memory its content occupies, in bytes; a hole occupies none.
    pub blocks_bytes: u64,
    /// The tree's version at its last change (see [`crate::Tree::version`]); for ETags.
    pub version: u64,
}

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// Its name; also the cookie to read on from.
    pub name: Name,
    /// The inode it names.
    pub ino: Ino,
    /// What that inode is.
    pub kind: Kind,
}
