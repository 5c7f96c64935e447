//! `path_link`: one inode under several names.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    make(dir, "file", b"text");
    path_create_directory(dir, "sub").unwrap();
    let sub = path_open(dir, 0, "sub", DIRECTORY, PATH_OPEN | PATH_FILESTAT_GET | 1 << 12, u64::MAX, 0).unwrap();
    path_link(dir, 0, "file", sub, "link").unwrap();
    let stat = |dir, path| Stat::of(path_filestat_get(dir, 0, path).unwrap());
    assert_eq!(stat(dir, "file"), stat(sub, "link"));
    assert_eq!(stat(dir, "file").nlink, 2);
    let rights = FD_READ | FD_FILESTAT_GET | PATH_OPEN;
    let (one, other) =
        (path_open(dir, 0, "file", 0, rights, rights, 0), path_open(sub, 0, "link", 0, rights, rights, 0));
    assert_eq!(fd_fdstat_get(one.unwrap()), fd_fdstat_get(other.unwrap()));
    for taken in ["file", "sub"] {
        fails!(path_link(dir, 0, "file", dir, taken), EEXIST);
    }
    fails!(path_link(dir, 0, "file", dir, "new/"), ENOENT);
    fails!(path_link(dir, 0, "sub", dir, "new"), EPERM);
    fails!(path_link(dir, 0, "none", dir, "new"), ENOENT);
    fails!(path_link(dir, 2, "file", dir, "new"), EINVAL);
    // A link to a symbolic link, unless that is to be followed.
    path_symlink("nowhere", dir, "dangling").unwrap();
    path_link(dir, 0, "dangling", dir, "same").unwrap();
    assert_eq!(stat(dir, "dangling"), stat(dir, "same"));
    fails!(path_link(dir, FOLLOW, "dangling", dir, "new"), ENOENT);
    fails!(path_link(dir, 0, "file", dir, "dangling"), EEXIST);
    path_symlink("file", dir, "good").unwrap();
    path_link(dir, FOLLOW, "good", dir, "third").unwrap();
    assert_eq!(stat(dir, "third").nlink, 3);
    path_unlink_file(dir, "file").unwrap();
    assert_eq!(content(dir, "third"), b"text");
    fails!(path_link(77, 0, "x", dir, "y"), EBADF);
}
