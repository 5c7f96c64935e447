//! What both systems' calls take and answer.

use crate::world::Errno;

/// Flags of `open`.
#[derive(Clone, Copy, Default)]
pub struct Flags {
    pub read: bool,
    pub write: bool,
    pub create: bool,
    pub exclusive: bool,
    pub truncate: bool,
    pub append: bool,
    pub directory: bool,
    pub no_follow: bool,
}

/// To make a file, or cut it to nothing.
pub const CREATE: Flags = Flags {
    read: false,
    write: true,
    create: true,
    exclusive: false,
    truncate: true,
    append: false,
    directory: false,
    no_follow: false,
};

#[derive(Clone, Copy)]
pub enum Whence {
    Set = 0,
    Current = 1,
    End = 2,
}

#[derive(Clone, Copy)]
pub enum Time {
    Now,
    Omit,
    /// Nanoseconds since 1970.
    At(u64),
}

pub struct Stat {
    pub ino: u64,
    pub mode: u32,
    pub nlink: u64,
    pub uid: u32,
    pub gid: u32,
    pub size: u64,
    pub blocks: u64,
    pub atime: u128,
    pub mtime: u128,
    pub ctime: u128,
}

impl Stat {
    /// One field in words.
    pub fn field(&self, name: &[u8]) -> Result<Vec<u8>, Errno> {
        let text = match name {
            b"type" => match self.mode & 0o170_000 {
                0o100_000 => "file",
                0o040_000 => "dir",
                0o120_000 => "symlink",
                0o020_000 => "char",
                0o010_000 => "fifo",
                _ => "other",
            }
            .to_owned(),
            b"mode" => format!("{:04o}", self.mode & 0o7777),
            b"nlink" => self.nlink.to_string(),
            b"uid" => self.uid.to_string(),
            b"gid" => self.gid.to_string(),
            b"size" => self.size.to_string(),
            b"sparse" => if self.blocks * 512 < self.size { "yes" } else { "no" }.to_owned(),
            b"atime" => self.atime.to_string(),
            b"mtime" => self.mtime.to_string(),
            // Whether the file was modified since it was read, as `test -N` asks.
            b"unread" => if self.mtime > self.atime { "yes" } else { "no" }.to_owned(),
            _ => return Err(Errno("no such field")),
        };
        Ok(text.into_bytes())
    }
}
