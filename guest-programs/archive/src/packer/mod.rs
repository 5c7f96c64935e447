//! `bzip2`, `xz`, `lzma` and `zstd` with their kin: one set of rules for files, and the words of each family.

mod list;
mod options;
mod words;
mod work;

use crate::basis::message;
use crate::codec::Format;
use options::Mode;

/// A family of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Bzip2,
    Xz,
    Zstd,
}

impl Family {
    /// The family of a program, and the format it writes.
    fn of(name: &str) -> (Self, Format) {
        match name {
            "bzip2" | "bunzip2" | "bzcat" => (Self::Bzip2, Format::Bzip2),
            "lzma" | "unlzma" | "lzcat" => (Self::Xz, Format::Lzma),
            "zstd" | "unzstd" | "zstdcat" => (Self::Zstd, Format::Zstd),
            _ => (Self::Xz, Format::Xz),
        }
    }

    /// The name in messages.
    fn program(self) -> &'static str {
        match self {
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        }
    }
}

/// Runs one of the programs; answers its exit status.
pub(crate) fn main(name: &str, argv: Vec<Vec<u8>>) -> i32 {
    let (family, format) = Family::of(name);
    match options::read(name, family, format, argv) {
        Ok(options::Request::Work(options)) if options.mode == Mode::List => list::run(&options),
        Ok(options::Request::Work(options)) => work::run(*options),
        Ok(options::Request::Help) => message::print(family.program(), words::help(family), 1),
        Ok(options::Request::Version) => message::version(name, 1),
        Err(mistake) => {
            message::complain(family.program(), &mistake);
            message::write(words::hint(family));
            1
        }
    }
}
