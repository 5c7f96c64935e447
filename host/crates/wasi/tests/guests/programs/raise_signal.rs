//! `proc_raise`: nothing, ignored, or the end.

use super::*;

pub fn run(_: &str) {
    const CHLD: u32 = 16;
    const USR1: u32 = 10;
    const TERM: u32 = 15;
    proc_raise(0).unwrap();
    proc_raise(CHLD).unwrap();
    crate::v1::sigaction(USR1, 1).unwrap();
    proc_raise(USR1).unwrap();
    fails!(proc_raise(31), EINVAL);
    panic!("it went on: {:?}", proc_raise(TERM));
}
