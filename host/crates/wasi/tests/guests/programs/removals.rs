//! `path_unlink_file`, `path_remove_directory`: names go, and what is open stays until it is closed.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    path_create_directory(dir, "dir").unwrap();
    path_create_directory(dir, "dir/nested").unwrap();
    make(dir, "file", b"still here");
    fails!(path_remove_directory(dir, "dir"), ENOTEMPTY);
    fails!(path_remove_directory(dir, "file"), ENOTDIR);
    fails!(path_remove_directory(dir, "none"), ENOENT);
    fails!(path_unlink_file(dir, "dir"), EISDIR);
    fails!(path_unlink_file(dir, "none"), ENOENT);
    path_remove_directory(dir, "dir/nested").unwrap();

    let fd = open_all(dir, "file");
    path_unlink_file(dir, "file").unwrap();
    fails!(path_open(dir, 0, "file", 0, 0, 0, 0), ENOENT);
    let mut buffer = [0; 10];
    assert_eq!((fd_read(fd, &mut [&mut buffer]), &buffer), (Ok(10), b"still here"));
    make(dir, "file", b"another");
    assert_ne!(fd_filestat_get(fd), path_filestat_get(dir, 0, "file"));
    fd_close(fd).unwrap();

    let gone = path_open(dir, 0, "dir", DIRECTORY, u64::MAX & !FD_WRITE, u64::MAX, 0).unwrap();
    path_remove_directory(dir, "dir").unwrap();
    fails!(path_open(gone, 0, "new", CREAT, 0, 0, 0), ENOENT);
    fails!(path_create_directory(gone, "new"), ENOENT);
    path_create_directory(dir, "dir").unwrap();
    fails!(path_create_directory(dir, "dir"), EEXIST);
    fails!(path_create_directory(dir, "file"), EEXIST);
}
