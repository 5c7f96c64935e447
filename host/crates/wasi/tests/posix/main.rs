//! The POSIX table (`tests/guests/posix`), run by a guest over the whole of kernel and tree, and by Linux.
//!
//! The cases are data; this compiles their interpreter twice and lets each carry them out. That both agree, but for the
//! differences the cases give a reason for, keeps the expectations from being what this system happens to do.

mod guest;
mod interpreter;

use std::path::Path;

/// The issue of the table is that it is large: losing cases is a failure.
const LEAST_ASSERTIONS: u32 = 1000;

/// Checks what an interpreter printed.
fn check(output: &str) {
    let last = output.lines().last().unwrap_or_default();
    let counted = last.split_once(" assertions, ").map(|(count, failed)| (count.parse(), failed));
    let Some((Ok(count), "0 failed")) = counted else { panic!("\n{output}") };
    let count: u32 = count;
    assert!(count >= LEAST_ASSERTIONS, "only {count} assertions are left");
}

#[test]
fn a_guest_finds_what_posix_promises() {
    check(&guest::run(&interpreter::for_guests(), &interpreter::cases()));
}

#[test]
fn linux_answers_as_the_cases_expect() {
    // As root and on a file system in memory, which is what the session's is.
    match interpreter::on_linux(Path::new("/dev/shm")) {
        Some(output) => check(&output),
        None => interpreter::note_skipped("the POSIX table on Linux", "a /dev/shm for root"),
    }
}
