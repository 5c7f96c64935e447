//! `path_open`: what its flags ask for, and what it opens paths relative to.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let open = |path, oflags| path_open(dir, 0, path, oflags, 0, 0, 0);
    fails!(open("file", 0), ENOENT);
    fails!(open("", 0), ENOENT);
    fails!(open("sub/file", CREAT), ENOENT);
    let file = open("file", CREAT).unwrap();
    assert!(file > 2 && file < 1 << 31);
    open("file", CREAT).unwrap();
    fails!(open("file", CREAT | EXCL), EEXIST);
    fails!(open("file", DIRECTORY), ENOTDIR);
    fails!(open("file", 16), EINVAL);
    fails!(path_open(dir, 2, "file", 0, 0, 0, 0), EINVAL);
    fails!(open("file/x", 0), ENOTDIR);
    // Below a file there is nothing.
    let with_all = open_all(dir, "file");
    fails!(path_open(with_all, 0, "x", CREAT, 0, 0, 0), ENOTDIR);
    fails!(path_open(file, 0, "x", CREAT, 0, 0, 0), ENOTCAPABLE);
    fails!(path_open(77, 0, "x", 0, 0, 0, 0), EBADF);
    // A directory is opened with or without saying so, but not for writing.
    path_create_directory(dir, "sub").unwrap();
    open("sub", 0).unwrap();
    let sub = path_open(dir, 0, "sub", DIRECTORY, u64::MAX & !FD_WRITE, u64::MAX, NONBLOCK).unwrap();
    fails!(path_open(dir, 0, "sub", 0, FD_WRITE, 0, 0), EISDIR);
    fails!(path_open(dir, 0, "sub", DIRECTORY, FD_READ | FD_WRITE, 0, 0), EISDIR);
    fails!(open("sub", TRUNC), EISDIR);
    fails!(open("sub", CREAT), EISDIR);
    open_all(sub, "below");
    assert!(exists(dir, "sub/below"));
    // The lowest number that is free.
    fd_close(file).unwrap();
    assert_eq!(open("file", 0), Ok(file));
    let too_many = (0..5000).find_map(|_| open("file", 0).err());
    assert_eq!(too_many, Some(33), "EMFILE");
}
