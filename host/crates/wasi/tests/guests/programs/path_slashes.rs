//! Trailing slashes: a directory may be written with them, and what is none may not.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    let open = |path| path_open(dir, 0, path, 0, 0, 0, 0);
    path_create_directory(dir, "dir/").unwrap();
    make(dir, "file", b"");
    open("dir/").unwrap();
    open("dir///").unwrap();
    for path in ["file/", "file///", "file/."] {
        fails!(open(path), ENOTDIR);
    }
    fails!(path_open(dir, 0, "new/", CREAT, 0, 0, 0), EISDIR);
    fails!(path_unlink_file(dir, "file/"), ENOTDIR);
    fails!(path_unlink_file(dir, "dir/"), EISDIR);
    fails!(path_remove_directory(dir, "file/"), ENOTDIR);
    fails!(path_symlink("x", dir, "new/"), ENOENT);
    fails!(path_symlink("x", dir, "dir/"), EEXIST);
    fails!(path_symlink("x", dir, "file/"), EEXIST);
    path_rename(dir, "dir/", dir, "moved").unwrap();
    path_rename(dir, "moved", dir, "dir/").unwrap();
    path_rename(dir, "dir/", dir, "moved/").unwrap();
    fails!(path_rename(dir, "file/", dir, "other"), ENOTDIR);
    fails!(path_rename(dir, "file", dir, "other/"), ENOTDIR);
    path_remove_directory(dir, "moved/").unwrap();
    assert!(!exists(dir, "moved"));
    // A slash follows a link to a directory.
    path_create_directory(dir, "real").unwrap();
    path_symlink("real", dir, "link").unwrap();
    assert_eq!(Stat::of(path_filestat_get(dir, 0, "link/").unwrap()).filetype, DIRECTORY_TYPE);
}
