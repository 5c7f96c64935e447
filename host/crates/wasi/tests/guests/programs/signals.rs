//! `kill` and `sigaction`: signals to others and to oneself.

use super::*;
use crate::v1::{getpid, kill, sigaction};

pub fn run(_: &str) {
    const USR1: u32 = 10;
    const KILL: u32 = 9;
    let own = getpid().unwrap()[0] as i32;
    kill(own, 0).unwrap();
    fails!(kill(99_999, 0), ESRCH);
    fails!(kill(own, 65), EINVAL);
    sigaction(USR1, 1).unwrap();
    kill(own, USR1).unwrap();
    fails!(sigaction(KILL, 1), EINVAL);
    fails!(sigaction(65, 0), EINVAL);
    fails!(sigaction(USR1, 9), EINVAL);
    sigaction(USR1, 0).unwrap();
    panic!("it went on: {:?}", kill(own, USR1));
}
