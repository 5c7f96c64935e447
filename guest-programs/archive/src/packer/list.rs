//! `xz -l` and `zstd -l`: what compressed files hold, told from their own tables, unpacking nothing.

mod xz;
mod zstd;

use std::fs::File;
use std::io;

use sandshell_sys::{Kind, path_of, stat};

use super::Family;
use super::options::Options;
use crate::basis::message::{self, reason, text, write};

/// Lists all files; answers the status.
pub(super) fn run(options: &Options) -> i32 {
    let names: Vec<&[u8]> = options.files.iter().map(Vec::as_slice).filter(|name| *name != b"-").collect();
    let program = options.family.program();
    let mut status = 0;
    if names.is_empty() || names.len() < options.files.len() {
        let end = if options.family == Family::Zstd { " \nNo files given " } else { "" };
        write(&format!("{program}: --list does not support reading from standard input{end}\n"));
        status = 1;
    }
    if names.is_empty() {
        return status;
    }
    let (table, failed) = match options.family {
        Family::Zstd => zstd::table(&names),
        Family::Xz | Family::Bzip2 => xz::table(&names, options.robot),
    };
    message::print(program, &table, 1).max(status).max(i32::from(failed))
}

/// Opens a file and tells how long it is.
fn open(name: &[u8]) -> io::Result<(File, u64)> {
    let file = File::open(path_of(name))?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// Tells that a name is not that of a file.
fn is_no_file(name: &[u8]) -> bool {
    !stat(name).is_ok_and(|found| found.mode.kind() == Kind::Regular)
}

/// What xz says of a file that it cannot open.
fn cannot_open(name: &[u8], error: &io::Error) {
    write(&format!("xz: {}: {}\n", text(name), reason(error)));
}
