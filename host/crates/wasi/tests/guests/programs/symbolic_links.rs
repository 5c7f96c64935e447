//! `path_symlink`, `path_readlink`: links that are followed, or not, that dangle, loop, or start at the root.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    path_create_directory(dir, "target").unwrap();
    make(dir, "target/file", b"text");
    path_symlink("target", dir, "link").unwrap();
    path_symlink("target/file", dir, "file").unwrap();
    path_symlink("nowhere", dir, "dangling").unwrap();
    path_symlink("loop", dir, "loop").unwrap();
    let open = |lookup, path, oflags| path_open(dir, lookup, path, oflags, 0, 0, 0);
    open(FOLLOW, "link", DIRECTORY).unwrap();
    open(FOLLOW, "link", 0).unwrap();
    assert_eq!(content(dir, "link/file"), b"text");
    assert_eq!(content(dir, "file"), b"text");
    for path in ["link", "file", "dangling", "loop"] {
        fails!(open(0, path, 0), ELOOP);
        fails!(open(0, path, DIRECTORY), ENOTDIR);
        assert_eq!(Stat::of(path_filestat_get(dir, 0, path).unwrap()).filetype, SYMBOLIC_LINK);
    }
    fails!(open(FOLLOW, "file", DIRECTORY), ENOTDIR);
    fails!(open(FOLLOW, "dangling", 0), ENOENT);
    fails!(open(FOLLOW, "loop", 0), ELOOP);
    fails!(open(0, "loop/x", 0), ELOOP);
    fails!(open(0, "link", CREAT | EXCL), EEXIST);
    // What is made through a link is made where it leads.
    open(FOLLOW, "dangling", CREAT).unwrap();
    assert!(exists(dir, "nowhere"));

    let mut buffer = [1; 10];
    assert_eq!(path_readlink(dir, "link", &mut buffer), Ok(6));
    assert_eq!(&buffer, b"target\x01\x01\x01\x01");
    assert_eq!((path_readlink(dir, "link", &mut buffer[..4]), &buffer[..5]), (Ok(4), &b"targe"[..]));
    assert_eq!(path_readlink(dir, "link", &mut []), Ok(0));
    fails!(path_readlink(dir, "target", &mut buffer), EINVAL);
    fails!(path_readlink(dir, "none", &mut buffer), ENOENT);
    fails!(path_symlink("x", dir, "link"), EEXIST);
    fails!(path_symlink("x", dir, "target"), EEXIST);
    fails!(path_symlink("", dir, "empty"), ENOENT);
    fails!(path_symlink("/", dir, "slash"), EPERM);
    path_unlink_file(dir, "link").unwrap();
    assert!(exists(dir, "target"));
    let at_root = format!("{}/slash", scratch.trim_matches('/'));
    path_symlink("/", ROOT, at_root.trim_start_matches('/')).unwrap();
    assert!(exists(dir, "slash/bin/true"));
}
