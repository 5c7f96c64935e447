//! Paths from a directory stay below it as they are written; those from the preopened root lead anywhere, as in POSIX.

use super::*;

pub fn run(scratch: &str) {
    let root = open_scratch(scratch);
    path_create_directory(root, "top").unwrap();
    let dir = path_open(root, 0, "top", DIRECTORY, u64::MAX & !FD_WRITE, u64::MAX, 0).unwrap();
    path_create_directory(dir, "dir").unwrap();
    path_create_directory(dir, "dir/nested").unwrap();
    make(dir, "dir/nested/file", b"here");
    assert_eq!(content(dir, "dir/.//nested/../../dir/nested/../nested///./file"), b"here");
    let open = |path: &str| path_open(dir, FOLLOW, path, 0, 0, 0, 0);
    for path in ["/dir/nested/file", "/", "..", "../top/dir", "dir/../..", "dir/nested/../../../top/dir/nested/file"] {
        fails!(open(path), EPERM);
        fails!(path_filestat_get(dir, 0, path), EPERM);
        fails!(path_create_directory(dir, path), EPERM);
        fails!(path_remove_directory(dir, path), EPERM);
        fails!(path_unlink_file(dir, path), EPERM);
        fails!(path_readlink(dir, path, &mut [0; 8]), EPERM);
        fails!(path_filestat_set_times(dir, 0, path, (0, 0), 0), EPERM);
        fails!(path_symlink("x", dir, path), EPERM);
        fails!(path_link(dir, 0, path, dir, "new"), EPERM);
        fails!(path_link(dir, 0, "dir/nested/file", dir, path), EPERM);
        fails!(path_rename(dir, path, dir, "new"), EPERM);
        fails!(path_rename(dir, "dir", dir, path), EPERM);
    }
    for path in ["dir/nested/file\0", "dir\0/nested", "\0"] {
        fails!(open(path), EINVAL);
        fails!(path_create_directory(dir, path), EINVAL);
    }
    let deep = "d/".repeat(2049);
    fails!(open(&deep), ENAMETOOLONG);
    // Where links lead is the file system's: inside the root.
    path_symlink("../top/dir/nested/file", dir, "up").unwrap();
    assert_eq!(content(dir, "up"), b"here");
    fails!(path_symlink("/tmp", dir, "absolute"), EPERM);

    let scratch = scratch.trim_matches('/');
    path_symlink(&format!("/{scratch}/top"), ROOT, &format!("{scratch}/absolute").trim_start_matches('/')).unwrap();
    for path in ["absolute/dir/nested/file", "top/../top/dir/nested/file"] {
        assert_eq!(content(root, path), b"here");
    }
    for path in ["..", "../..", "/", "/..", "/../tmp/..", "tmp/../../.."] {
        let above = Stat::of(path_filestat_get(ROOT, 0, path).expect(path));
        assert_eq!(above, Stat::of(path_filestat_get(ROOT, 0, ".").unwrap()), "{path}");
    }
    assert_eq!(content(ROOT, &format!("/{scratch}/top/up")), b"here");
}
