//! `proc_exit`: the parent sees the low eight bits.

use super::*;

pub fn run(_: &str) {
    proc_exit(256 + 33)
}
