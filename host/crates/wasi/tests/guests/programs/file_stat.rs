//! `fd_filestat_get` and `path_filestat_get`: kinds, sizes, links, and numbers that tell files apart.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    make(dir, "one", b"12345");
    make(dir, "two", b"");
    path_create_directory(dir, "sub").unwrap();
    path_symlink("one", dir, "link").unwrap();
    let stat = |follow, path| Stat::of(path_filestat_get(dir, follow, path).unwrap());
    let one = stat(0, "one");
    assert_eq!((one.filetype, one.nlink, one.size), (REGULAR_FILE, 1, 5));
    assert_eq!(one.mtim, one.ctim);
    let two = stat(FOLLOW, "two");
    assert_eq!(one.dev, two.dev);
    assert_ne!(one.ino, two.ino);
    assert_eq!((stat(0, "sub").filetype, stat(0, "sub").nlink), (DIRECTORY_TYPE, 2));
    let link = stat(0, "link");
    assert_eq!((link.filetype, link.size), (SYMBOLIC_LINK, 3));
    assert_eq!(stat(FOLLOW, "link"), one);
    let fd = path_open(dir, 0, "one", 0, FD_FILESTAT_GET, 0, 0).unwrap();
    assert_eq!(Stat::of(fd_filestat_get(fd).unwrap()), one);
    path_unlink_file(dir, "one").unwrap();
    assert_eq!(Stat::of(fd_filestat_get(fd).unwrap()).nlink, 0);
    let null = path_open(ROOT, 0, "dev/null", 0, u64::MAX, 0, 0).unwrap();
    assert_eq!(fd_fdstat_get(null).unwrap().filetype, CHARACTER_DEVICE);
    let [reader, _] = crate::v1::pipe().unwrap();
    assert_eq!(fd_fdstat_get(reader).unwrap().filetype, UNKNOWN);
    fails!(path_filestat_get(dir, 0, "one"), ENOENT);
    fails!(path_filestat_get(dir, 2, "two"), EINVAL);
    fails!(path_filestat_get(fd, 0, "two"), ENOTCAPABLE);
    fails!(fd_filestat_get(77), EBADF);
}
