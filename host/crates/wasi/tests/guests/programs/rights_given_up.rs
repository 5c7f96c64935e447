//! `fd_fdstat_set_rights`: rights can be given up, are missed then, and do not come back.

use super::*;

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    make(dir, "file", b"text");
    let fd = path_open(dir, 0, "file", 0, FD_READ | FD_WRITE | FD_SEEK | FD_TELL, 0, 0).unwrap();
    let all = fd_fdstat_get(fd).unwrap();
    assert_eq!(all.base, FD_READ | FD_WRITE | FD_SEEK | FD_TELL);
    fd_fdstat_set_rights(fd, all.base, all.inheriting).unwrap();
    fd_fdstat_set_rights(fd, FD_SEEK | FD_TELL, 0).unwrap();
    assert_eq!(fd_fdstat_get(fd).unwrap().base, FD_SEEK | FD_TELL);
    fails!(fd_read(fd, &mut [&mut [0; 4]]), ENOTCAPABLE);
    fails!(fd_pread(fd, &mut [&mut [0; 4]], 0), ENOTCAPABLE);
    fails!(fd_write(fd, &[b"x"]), ENOTCAPABLE);
    fails!(fd_pwrite(fd, &[b"x"], 0), ENOTCAPABLE);
    for base in [all.base, FD_READ, u64::MAX, 1 << 60] {
        fails!(fd_fdstat_set_rights(fd, base, 0), ENOTCAPABLE);
    }
    fails!(fd_fdstat_set_rights(fd, 0, 1), ENOTCAPABLE);
    fd_fdstat_set_rights(fd, FD_TELL, 0).unwrap();
    assert_eq!(fd_tell(fd), Ok(0));
    assert_eq!(fd_seek(fd, 0, 1), Ok(0), "to ask is no more than to tell");
    fails!(fd_seek(fd, 1, 1), ENOTCAPABLE);
    fd_fdstat_set_rights(fd, 0, 0).unwrap();
    fails!(fd_tell(fd), ENOTCAPABLE);
    fails!(fd_filestat_get(fd), ENOTCAPABLE);
    fails!(fd_fdstat_set_flags(fd, 0), ENOTCAPABLE);
    fails!(fd_advise(fd, 0, 0, 0), ENOTCAPABLE);
    fails!(fd_allocate(fd, 0, 1), ENOTCAPABLE);
    fails!(fd_filestat_set_size(fd, 0), ENOTCAPABLE);
    fails!(fd_filestat_set_times(fd, 0, 0, 0), ENOTCAPABLE);
    fails!(fd_sync(fd), ENOTCAPABLE);
    fd_fdstat_get(fd).unwrap();
    fd_close(fd).unwrap();
    fails!(fd_fdstat_set_rights(fd, 0, 0), EBADF);
    assert_eq!(content(dir, "file"), b"text");

    // A directory without rights opens, makes and removes nothing.
    path_create_directory(dir, "sub").unwrap();
    fd_fdstat_set_rights(dir, 0, 0).unwrap();
    fails!(path_open(dir, 0, "file", 0, 0, 0, 0), ENOTCAPABLE);
    fails!(path_filestat_get(dir, 0, "file"), ENOTCAPABLE);
    fails!(path_filestat_set_times(dir, 0, "file", (0, 0), 0), ENOTCAPABLE);
    fails!(path_create_directory(dir, "x"), ENOTCAPABLE);
    fails!(path_remove_directory(dir, "sub"), ENOTCAPABLE);
    fails!(path_unlink_file(dir, "file"), ENOTCAPABLE);
    fails!(path_readlink(dir, "file", &mut [0; 4]), ENOTCAPABLE);
    fails!(path_symlink("x", dir, "y"), ENOTCAPABLE);
    fails!(path_link(dir, 0, "file", ROOT, "new"), ENOTCAPABLE);
    fails!(path_link(ROOT, 0, "bin/true", dir, "new"), ENOTCAPABLE);
    fails!(path_rename(dir, "file", ROOT, "new"), ENOTCAPABLE);
    fails!(path_rename(ROOT, "bin/true", dir, "new"), ENOTCAPABLE);
    fails!(fd_readdir(dir, &mut [0; 64], 0), ENOTCAPABLE);
    // The preopened directory itself can be narrowed, too.
    fd_fdstat_set_rights(ROOT, PATH_OPEN, FD_READ).unwrap();
    fails!(path_create_directory(ROOT, "x"), ENOTCAPABLE);
    let fd = path_open(ROOT, 0, "bin/true", 0, u64::MAX, u64::MAX, 0).unwrap();
    assert_eq!(fd_fdstat_get(fd).unwrap().base, FD_READ);
}
