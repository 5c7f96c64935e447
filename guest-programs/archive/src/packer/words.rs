//! What the families say, each in its own words.

use std::io;

use super::Family;
use crate::basis::message::{reason, text};
use crate::codec::{self, Format};

/// Something that is said of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    Missing(sandshell_sys::Errno),
    IsDirectory,
    HasSuffix,
    UnknownSuffix,
    OutputExists,
}

/// The words for a finding, and the status it makes.
pub(super) fn finding(family: Family, finding: Finding, name: &[u8], format: Format) -> (String, i32) {
    let name = text(name);
    match (family, finding) {
        (Family::Bzip2, Finding::Missing(errno)) => (format!("bzip2: Can't open input file {name}: {errno}.\n"), 1),
        (Family::Bzip2, Finding::IsDirectory) => (format!("bzip2: Input file {name} is a directory.\n"), 1),
        (Family::Bzip2, Finding::HasSuffix) => (format!("bzip2: Input file {name} already has .bz2 suffix.\n"), 1),
        (Family::Bzip2, Finding::UnknownSuffix) => {
            (format!("bzip2: Can't guess original name for {name} -- using {name}.out\n"), 0)
        }
        (Family::Bzip2, Finding::OutputExists) => (format!("bzip2: Output file {name} already exists.\n"), 1),
        (Family::Xz, Finding::Missing(errno)) => (format!("xz: {name}: {errno}\n"), 1),
        (Family::Xz, Finding::IsDirectory) => (format!("xz: {name}: Is a directory, skipping\n"), 2),
        (Family::Xz, Finding::HasSuffix) => {
            let suffix = if format == Format::Lzma { ".lzma" } else { ".xz" };
            (format!("xz: {name}: File already has `{suffix}' suffix, skipping\n"), 2)
        }
        (Family::Xz, Finding::UnknownSuffix) => (format!("xz: {name}: Filename has an unknown suffix, skipping\n"), 2),
        (Family::Xz, Finding::OutputExists) => (format!("xz: {name}: File exists\n"), 1),
        (Family::Zstd, Finding::Missing(errno)) => (format!("zstd: can't stat {name} : {errno} -- ignored \n"), 1),
        (Family::Zstd, Finding::IsDirectory) => (format!("zstd: {name} is a directory -- ignored \n"), 1),
        (Family::Zstd, Finding::HasSuffix) => (String::new(), 0),
        (Family::Zstd, Finding::UnknownSuffix) => (
            format!(
                "zstd: {name}: unknown suffix (.zst/.tzst/.gz/.tgz/.lzma/.xz/.txz/.bz2 expected). Can't derive the output \
                 file name. Specify it with -o dstFileName. Ignoring.\n"
            ),
            1,
        ),
        (Family::Zstd, Finding::OutputExists) => {
            (format!("zstd: {name} already exists; overwrite (y/n) ? Not overwritten  \n"), 1)
        }
    }
}

/// The words for a stream that does not begin as it should, and the status.
pub(super) fn not_of_the_format(family: Family, name: &str) -> (String, i32) {
    match family {
        Family::Bzip2 => (format!("bzip2: {name} is not a bzip2 file.\n"), 2),
        Family::Xz => (format!("xz: {name}: File format not recognized\n"), 1),
        Family::Zstd => (format!("zstd: {name}: unsupported format \n"), 1),
    }
}

/// The words for a stream that cannot be read on, and the status.
pub(super) fn damage(family: Family, name: &str, error: &io::Error) -> (String, i32) {
    let is_cut = codec::is_cut(error);
    let is_system = error.raw_os_error().is_some();
    match family {
        _ if is_system => (format!("{}: {name}: {}\n", family.program(), reason(error)), 1),
        Family::Bzip2 if is_cut => {
            (format!("bzip2: {name}: Compressed file ends unexpectedly;\n\tperhaps it is corrupted?\n"), 2)
        }
        Family::Bzip2 => (format!("bzip2: {name}: Data integrity error when decompressing.\n"), 2),
        Family::Xz if codec::is_too_large(error) => (format!("xz: {name}: Memory usage limit reached\n"), 1),
        Family::Xz if is_cut => (format!("xz: {name}: Unexpected end of input\n"), 1),
        Family::Xz => (format!("xz: {name}: Compressed data is corrupt\n"), 1),
        Family::Zstd if codec::is_too_large(error) => {
            (format!("{name} : Decoding error (36) : Frame requires too much memory for decoding \n"), 1)
        }
        Family::Zstd if is_cut => (format!("{name} : Read error (39) : premature end \n"), 1),
        Family::Zstd => (format!("{name} : Decoding error (36) : Data corruption detected \n"), 1),
    }
}

/// The name of standard input in messages.
pub(super) fn standard_input(family: Family) -> &'static str {
    if family == Family::Zstd { "/*stdin*\\" } else { "(stdin)" }
}

/// What follows a mistake of the command line.
pub(super) fn hint(family: Family) -> &'static str {
    match family {
        Family::Bzip2 => "Try `bzip2 --help' for more information.\n",
        Family::Xz => "xz: Try `xz --help' for more information.\n",
        Family::Zstd => "Try 'zstd --help' for more information.\n",
    }
}

/// The help.
pub(super) fn help(family: Family) -> &'static str {
    match family {
        Family::Bzip2 => BZIP2_HELP,
        Family::Xz => XZ_HELP,
        Family::Zstd => ZSTD_HELP,
    }
}

const BZIP2_HELP: &str = "\
Usage: bzip2 [OPTION]... [FILE]...
Compress or (as bunzip2 and bzcat) decompress files by block sorting.

  -d, --decompress   decompress
  -z, --compress     compress
  -k, --keep         keep the input files
  -f, --force        overwrite existing output files
  -t, --test         test compressed files
  -c, --stdout       write to standard output
  -q, --quiet        suppress messages that are no errors
  -v, --verbose      tell how much was saved
  -s, --small        accepted
  -1 .. -9           block size of 100k .. 900k; --fast is -1, --best is -9

With no FILE, or when FILE is -, read standard input.
";

const XZ_HELP: &str = "\
Usage: xz [OPTION]... [FILE]...
Compress or (as unxz, xzcat, unlzma, lzcat) decompress files in the .xz or .lzma format.

  -z, --compress     compress
  -d, --decompress   decompress
  -t, --test         test compressed files
  -l, --list         tell what .xz files hold; --robot: for programs
  -k, --keep         keep the input files
  -f, --force        overwrite existing output files; copy what is not compressed with -dc
  -c, --stdout       write to standard output
  -F, --format=FMT   auto, xz or lzma
  -S, --suffix=.SUF  use the suffix .SUF
  -0 .. -9           compression level (6); --fast is -1, --best is -9; dictionaries have at most 16 MiB
  -C, --check=CHECK  none, crc32, crc64 (the default) or sha256
  -e, -T, -M         accepted: extreme, threads, memory limit
  -q, --quiet        suppress warnings
  -v, --verbose      tell how much was saved

With no FILE, or when FILE is -, read standard input.
";

const ZSTD_HELP: &str = "\
Usage: zstd [OPTION]... [FILE]...
Compress or (as unzstd and zstdcat) decompress files in the .zst format. Input files are kept.

  -d, --decompress   decompress (.gz, .xz, .lzma and .bz2, too)
  -z, --compress     compress
  -t, --test         test compressed files
  -l, --list         tell what .zst files hold
  -o FILE            write to FILE
  -k, --keep         keep the input files (default)
      --rm           remove the input files
  -f, --force        overwrite existing output files; copy what is not compressed with -dc
  -c, --stdout       write to standard output
  -r                 operate on what is in directories
  -1 .. -19          compression level (3); --fast is -1
  -q, --quiet        suppress messages
  -T, --long, --check, --adapt, --sparse   accepted

With no FILE, or when FILE is -, read standard input.
";
