//! The programs and what they share: opening the directory to work in, and making files there.

use crate::p1::preview1::*;
use crate::p1::*;

macro_rules! declare {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        /// Runs the program of this name.
        pub fn run(name: &str, scratch: &str) {
            match name {
                $(stringify!($name) => $name::run(scratch),)*
                _ => panic!("no program {name}"),
            }
        }
    };
}

foreach_program!(declare);

/// Asserts that a call fails with this errno.
macro_rules! fails {
    ($call:expr, $errno:expr) => {
        assert_eq!($call.map(drop), Err($errno), "{}", stringify!($call))
    };
}
use fails;

/// Opens the directory to work in through the preopened one, with all its rights.
fn open_scratch(scratch: &str) -> Fd {
    let rights = fd_fdstat_get(ROOT).expect("the preopened directory");
    let relative = match scratch.trim_start_matches('/') {
        "" => ".",
        below => below,
    };
    path_open(ROOT, 0, relative, DIRECTORY, rights.base, rights.inheriting, 0).expect("the scratch directory")
}

/// Makes a file with this content.
fn make(dir: Fd, path: &str, content: &[u8]) {
    let fd = path_open(dir, 0, path, CREAT | TRUNC, FD_WRITE, 0, 0).expect(path);
    assert_eq!(fd_write(fd, &[content]), Ok(content.len()));
    fd_close(fd).expect(path);
}

/// Reads a whole small file.
fn content(dir: Fd, path: &str) -> Vec<u8> {
    let fd = path_open(dir, FOLLOW, path, 0, FD_READ, 0, 0).expect(path);
    let mut bytes = vec![0; 4096];
    let n = fd_read(fd, &mut [&mut bytes]).expect(path);
    fd_close(fd).expect(path);
    bytes.truncate(n);
    bytes
}

/// Opens a file for reading and writing with every right, made when it is not there.
fn open_all(dir: Fd, path: &str) -> Fd {
    path_open(dir, 0, path, CREAT, u64::MAX, u64::MAX, 0).expect(path)
}

fn exists(dir: Fd, path: &str) -> bool {
    path_filestat_get(dir, 0, path).is_ok()
}
