//! `path_rename`: to new names, and over what may be replaced.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let rename = |old, new| path_rename(dir, old, dir, new);
    for name in ["source", "target", "full"] {
        path_create_directory(dir, name).unwrap();
    }
    make(dir, "full/file", b"");
    rename("source", "new").unwrap();
    assert!(!exists(dir, "source") && exists(dir, "new"));
    rename("new", "target").unwrap();
    assert!(!exists(dir, "new"), "over an empty directory");
    fails!(rename("target", "full"), ENOTEMPTY);
    fails!(rename("target", "full/file"), ENOTDIR);
    fails!(rename("full", "full/below"), EINVAL);
    fails!(rename("none", "new"), ENOENT);
    make(dir, "one", b"1");
    make(dir, "two", b"2");
    rename("one", "two").unwrap();
    assert!(!exists(dir, "one"));
    assert_eq!(content(dir, "two"), b"1");
    fails!(rename("two", "target"), EISDIR);
    rename("two", "two").unwrap();
    let full = path_open(dir, 0, "full", DIRECTORY, u64::MAX & !FD_WRITE, u64::MAX, 0).unwrap();
    path_rename(dir, "two", full, "moved").unwrap();
    assert_eq!(content(full, "moved"), b"1");
    fails!(path_rename(77, "x", dir, "y"), EBADF);
}
