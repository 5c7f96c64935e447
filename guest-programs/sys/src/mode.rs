//! File modes: type and permission bits with Linux's numbers.

/// What kind of file a mode names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A pipe.
    Fifo,
    /// A character device.
    CharacterDevice,
    /// A directory.
    Directory,
    /// A block device.
    BlockDevice,
    /// A regular file.
    Regular,
    /// A symbolic link.
    Symlink,
    /// A socket.
    Socket,
    /// A number that names no kind.
    Unknown,
}

impl Kind {
    /// Returns the letter of `find -type` and of the first column of `ls -l` (`f` for a regular file).
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Fifo => 'p',
            Self::CharacterDevice => 'c',
            Self::Directory => 'd',
            Self::BlockDevice => 'b',
            Self::Regular => 'f',
            Self::Symlink => 'l',
            Self::Socket => 's',
            Self::Unknown => 'U',
        }
    }
}

/// `st_mode`: any value is fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(pub u32);

impl Mode {
    /// Bits that tell the kind.
    pub const KIND_MASK: u32 = 0o170_000;
    /// Bits that can be changed.
    pub const PERMISSION_MASK: u32 = 0o7777;

    /// Returns the kind.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.0 & Self::KIND_MASK {
            0o010_000 => Kind::Fifo,
            0o020_000 => Kind::CharacterDevice,
            0o040_000 => Kind::Directory,
            0o060_000 => Kind::BlockDevice,
            0o100_000 => Kind::Regular,
            0o120_000 => Kind::Symlink,
            0o140_000 => Kind::Socket,
            _ => Kind::Unknown,
        }
    }

    /// Returns the permission, set-id and sticky bits, 0 to 0o7777.
    #[must_use]
    pub fn permissions(self) -> u32 {
        self.0 & Self::PERMISSION_MASK
    }

    /// Returns the ten characters of `ls -l`, for example `drwxr-xr-x`.
    #[must_use]
    pub fn symbolic(self) -> String {
        let kind = match self.kind() {
            Kind::Regular => '-',
            Kind::Unknown => '?',
            kind => kind.letter(),
        };
        let mut text = String::from(kind);
        // Shift of the class, its special bit, the special's letter.
        for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
            let bits = self.0 >> shift;
            text.push(if bits & 4 == 0 { '-' } else { 'r' });
            text.push(if bits & 2 == 0 { '-' } else { 'w' });
            text.push(match (self.0 & special != 0, bits & 1 != 0) {
                (true, true) => letter,
                (true, false) => letter.to_ascii_uppercase(),
                (false, true) => 'x',
                (false, false) => '-',
            });
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_written_as_ls_writes_it() {
        let check = |mode: u32, text: &str| assert_eq!(Mode(mode).symbolic(), text);
        check(0o100_644, "-rw-r--r--");
        check(0o040_755, "drwxr-xr-x");
        check(0o041_777, "drwxrwxrwt");
        check(0o104_711, "-rws--x--x");
        check(0o106_644, "-rwSr-Sr--");
        check(0o120_777, "lrwxrwxrwx");
        check(0o020_666, "crw-rw-rw-");
        check(0o001_000, "?--------T");
    }
}
