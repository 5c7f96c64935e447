//! The programs that pack: `tar`, `zip`, `unzip` and the compressors, one program under many names.
//!
//! The last component of `argv[0]` selects one; `archive NAME ARG...` does, too. [`codec`] has the formats of compressed
//! streams; each other module is a program or a family of them. Files are reached through `std` and `sandshell-sys`.

mod basis;
mod codec;
mod gzip;
mod packer;
mod tar;
mod zip;

use std::process::exit;

use basis::message;

/// A program of this one: its name, and its entry point, which gets that name and the arguments behind it.
type Entry = (&'static str, fn(&str, Vec<Vec<u8>>) -> i32);

const PROGRAMS: &[Entry] = &[
    ("bunzip2", packer::main),
    ("bzcat", packer::main),
    ("bzip2", packer::main),
    ("gunzip", gzip::main),
    ("gzip", gzip::main),
    ("lzcat", packer::main),
    ("lzma", packer::main),
    ("tar", tar::main),
    ("unlzma", packer::main),
    ("unxz", packer::main),
    ("unzip", zip::unzip),
    ("unzstd", packer::main),
    ("xz", packer::main),
    ("xzcat", packer::main),
    ("zcat", gzip::main),
    ("zip", zip::zip),
    ("zipinfo", zip::unzip),
    ("zstd", packer::main),
    ("zstdcat", packer::main),
];

/// Status of a program that cannot begin.
const CANNOT_BEGIN: i32 = 2;

fn main() {
    let mut argv = sandshell_sys::arguments();
    let entry = selected(&argv).or_else(|| {
        argv.drain(..argv.len().min(1));
        selected(&argv)
    });
    let Some((name, main)) = entry else {
        let names: Vec<&str> = PROGRAMS.iter().map(|(name, _)| *name).collect();
        message::write(&format!("archive: usage: archive {} [ARGUMENT]...\n", names.join("|")));
        exit(1)
    };
    if let Err(error) = sandshell_sys::enter_working_directory() {
        message::complain(name, &format!("cannot enter the working directory: {}", message::reason(&error)));
        exit(CANNOT_BEGIN)
    }
    argv.drain(..argv.len().min(1));
    exit(main(name, argv))
}

/// The program that the first argument names.
fn selected(argv: &[Vec<u8>]) -> Option<&'static Entry> {
    let called_as = argv.first()?.rsplit(|byte| *byte == b'/').next()?;
    PROGRAMS.iter().find(|(name, _)| name.as_bytes() == called_as)
}
