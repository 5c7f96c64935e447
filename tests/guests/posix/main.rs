//! The interpreter of the POSIX table: carries out the operations of case files and compares what they answer.
//!
//! One program for two systems: a guest, where it calls preview 1 and the program module, and Linux, where it calls the
//! C library, so that a case file's expectations can be checked against a kernel. `cases/README.md` describes the files.

mod case;
mod directory;
mod ops;
#[cfg_attr(target_arch = "wasm32", path = "wasi.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "linux.rs")]
mod sys;
mod table;
mod times;
mod world;

use std::process::ExitCode;

/// `posix DIRECTORY FILE...`: runs each block of each file in a directory of its own below DIRECTORY.
fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(base) = args.next() else {
        eprintln!("usage: posix DIRECTORY FILE...");
        return ExitCode::from(2);
    };
    let mut report = table::Report::default();
    // All are read before the first block leaves this directory.
    let texts: Vec<_> = args.map(|file| (std::fs::read_to_string(&file), file)).collect();
    for (text, file) in &texts {
        match text {
            Ok(text) => table::run_file(&base, file, text, &mut report),
            Err(error) => report.fail(&format!("{file}: {error}")),
        }
    }
    println!("{} assertions, {} failed", report.assertions, report.failed);
    if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
