//! `kill`, `sigaction`, `sigstate`, `sigpending`: signals to others and to oneself, ignored, held, and not.

use super::*;
use crate::v1::{getpid, kill, pipe, sigaction, sigpending, sigstate};

pub fn run(_: &str) {
    const USR1: u32 = 10;
    const USR2: u32 = 12;
    const KILL: u32 = 9;
    let own = getpid().unwrap()[0] as i32;
    kill(own, 0).unwrap();
    fails!(kill(99_999, 0), ESRCH);
    fails!(kill(own, 65), EINVAL);
    sigaction(USR1, 1).unwrap();
    kill(own, USR1).unwrap();
    sigaction(USR2, 2).unwrap();
    assert_eq!([KILL, USR1, USR2].map(|signal| sigstate(signal).unwrap()), [0, 1, 2]);
    fails!(sigstate(0), EINVAL);
    fails!(sigstate(65), EINVAL);
    assert_eq!(sigpending(), Ok(0));
    kill(own, USR2).unwrap();
    kill(own, USR2).unwrap();
    // A call that would wait does not while one is held; one that need not wait goes on.
    let [reader, writer] = pipe().unwrap();
    fails!(fd_read(reader, &mut [&mut [0; 4]]), EINTR);
    assert_eq!(fd_write(writer, &[b"data"]), Ok(4));
    assert_eq!(fd_read(reader, &mut [&mut [0; 4]]), Ok(4));
    assert_eq!((sigpending(), sigpending()), (Ok(USR2), Ok(0)));
    kill(own, USR2).unwrap();
    sigaction(USR2, 1).unwrap();
    assert_eq!(sigpending(), Ok(0), "what is ignored is not held any more");
    fails!(sigaction(KILL, 1), EINVAL);
    fails!(sigaction(KILL, 2), EINVAL);
    fails!(sigaction(65, 0), EINVAL);
    fails!(sigaction(USR1, 9), EINVAL);
    sigaction(USR1, 0).unwrap();
    panic!("it went on: {:?}", kill(own, USR1));
}
